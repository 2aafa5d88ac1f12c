/** Plays a tape to a maker and looks at its wishes at an even pace. */
import { assert } from '../core/assert.ts'
import type { Approved } from '../core/command.ts'
import type { DesiredLadder } from '../core/contracts.ts'
import { step } from '../core/engine.ts'
import type { Engine } from '../core/engine.ts'
import type { RawInput } from '../core/input.ts'
import type { MarketTape } from './market-tape.ts'
import { answerOf, fillsOf, openPaperAccount } from './paper-account.ts'

export const LOOK_MS = 100
/** An answer may cause a command that is answered at once; a chain longer than this is a loop. */
const ANSWERS_MAX = 10_000

/**
 * @param timerMs period of the maker's timer
 * @param onLook called every `LOOK_MS` with the wished ladder, which is only lent, and with what was sent since the last look
 *   (orders without their names); false ends the playing
 */
export function playTape(
  engine: Engine,
  tape: MarketTape,
  timerMs: number,
  onLook: (ladder: DesiredLadder, sent: string, index: number) => boolean,
): void {
  const account = openPaperAccount(tape)
  let sent: string[] = []

  function feed(first: readonly RawInput[], tsMs: number): void {
    const waiting = [...first]
    for (let index = 0; index < waiting.length; index += 1) {
      assert(index < ANSWERS_MAX, 'commands and answers come to an end')
      const raw = waiting[index]
      assert(raw !== undefined, 'every waiting input is there')
      const commands = step(engine, { ...raw, seq: engine.state.seq + 1, tsMs })
      for (const command of commands) {
        sent.push(textOf(command))
        waiting.push(...answerOf(account, command, tsMs))
      }
    }
  }

  const { market, startTsMs } = tape
  feed(
    [{ kind: 'sessionStarted', market, account: tape.account, epoch: startTsMs, configHash: '' }],
    startTsMs,
  )
  feed([tape.opening], startTsMs)
  let nextTimerTsMs = startTsMs
  let nextLookTsMs = startTsMs + LOOK_MS
  let looks = 0
  for (let next = 0; nextLookTsMs <= tape.endTsMs;) {
    const event = tape.events[next]
    const eventTsMs = event?.tsMs ?? Infinity
    if (event !== undefined && eventTsMs <= nextTimerTsMs && eventTsMs <= nextLookTsMs) {
      const { what } = event
      if (what.kind === 'context') account.markTicks = what.markTicks
      feed(what.kind === 'tapeFill' ? fillsOf(account, what, eventTsMs) : [what], eventTsMs)
      next += 1
    } else if (nextTimerTsMs <= nextLookTsMs) {
      feed([{ kind: 'timer' }], nextTimerTsMs)
      nextTimerTsMs += timerMs
    } else {
      if (!onLook(engine.state.ladder, sent.join(' '), looks)) return
      sent = []
      looks += 1
      nextLookTsMs += LOOK_MS
    }
  }
}

function textOf(command: Approved): string {
  if ('amountMicroUsd' in command) return `${command.kind}:${command.amountMicroUsd}`
  if (command.kind !== 'place' && command.kind !== 'modify') return command.kind
  const { side, priceTicks, sizeLots, reduceOnly } = command.order
  return `${command.kind}:${side}:${priceTicks}:${sizeLots}:${reduceOnly ? 'reduce' : 'any'}`
}
