/**
 * The closed world with distance: what the venue says reaches the maker later, and so do its commands the venue. Between two
 * blocks the maker acts at the time its data arrives; a command joins the first block after it got there.
 *
 *   block N ── feed ms ──> step ── order ms ──> first block at or after
 *
 * state   data and commands on their way, in order of sending; at most `ON_THE_WAY_MAX` of each
 */
import { assert } from '../core/assert.ts'
import type { Approved } from '../core/command.ts'
import { engineHash, step } from '../core/engine.ts'
import { stampInput } from '../core/input.ts'
import type { RawInput } from '../core/input.ts'
import { runUntil } from '../simulation/world.ts'
import type { ClosedWorldOptions } from './closed-world.ts'
import type { LatencyDraws } from './latency.ts'

export interface Delays {
  readonly draws: LatencyDraws
  readonly inputs: OnTheWay<RawInput>[]
  readonly commands: OnTheWay<readonly Approved[]>[]
}

interface OnTheWay<What> {
  readonly arrivesTsMs: number
  readonly what: What
}

export const ON_THE_WAY_MAX = 1_000_000

export function initDelays(draws: LatencyDraws): Delays {
  return { draws, inputs: [], commands: [] }
}

/** As `runClosedWorld`. @returns the engine's state hash */
export function runDelayedWorld(options: ClosedWorldOptions, delays: Delays): string {
  const { engine, venue, world } = options
  const push = (raw: RawInput, tsMs: number): void => {
    const input = stampInput(raw, engine.state.seq + 1, tsMs)
    const commands = step(engine, input)
    if (commands.length > 0) send(delays.commands, [commands], tsMs + delays.draws.orderMs())
    options.onStep?.(input, commands)
  }
  const receive = (): void => {
    // One draw for all that a block says: it comes in one burst.
    const inputs = venue.takeInputs()
    if (inputs.length > 0) send(delays.inputs, inputs, world.nowTsMs + delays.draws.feedMs())
  }
  // Questions that get there at once are answered in the same go, as in the closed world.
  const settle = (): void => {
    receive()
    for (let due = takeUntil(delays.inputs, world.nowTsMs); due.length > 0;) {
      for (const { what, arrivesTsMs } of due) push(what, arrivesTsMs)
      for (const { what } of takeUntil(delays.commands, world.nowTsMs)) venue.send(what)
      receive()
      due = takeUntil(delays.inputs, world.nowTsMs)
    }
  }
  if (engine.state.market === null) {
    const { market, account } = venue
    push({ kind: 'sessionStarted', market, account, epoch: world.nowTsMs, configHash: '' }, world.nowTsMs)
  }
  while (world.nowTsMs < options.untilTsMs) {
    settle()
    push({ kind: 'timer' }, world.nowTsMs)
    const nextTsMs = world.nowTsMs + world.blockMs
    // What arrives with the block itself is taken after it.
    for (const { what, arrivesTsMs } of takeUntil(delays.inputs, nextTsMs - 1)) push(what, arrivesTsMs)
    for (const { what } of takeUntil(delays.commands, nextTsMs)) venue.send(what)
    runUntil(world, nextTsMs)
  }
  receive()
  return engineHash(engine)
}

function send<What>(way: OnTheWay<What>[], items: readonly What[], tsMs: number): void {
  assert(way.length + items.length <= ON_THE_WAY_MAX, 'no more is on its way than the named bound')
  const arrivesTsMs = Math.max(tsMs, way.at(-1)?.arrivesTsMs ?? 0)
  for (const what of items) way.push({ arrivesTsMs, what })
}

function takeUntil<What>(way: OnTheWay<What>[], tsMs: number): OnTheWay<What>[] {
  let count = 0
  while (count < way.length && (way[count]?.arrivesTsMs ?? Infinity) <= tsMs) count += 1
  return way.splice(0, count)
}
