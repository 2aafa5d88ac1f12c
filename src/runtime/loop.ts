/**
 * The loop: one queue, one writer. It stamps each input, writes it to the journal, steps the engine, writes the commands,
 * and hands them to the outbox, which waits until they are durable. Nothing in here decides anything.
 */
import type { Approved } from '../core/command.ts'
import { engineHash, step } from '../core/engine.ts'
import type { Engine } from '../core/engine.ts'
import { stampInput } from '../core/input.ts'
import type { Input, RawInput } from '../core/input.ts'
import type { JournalWriter } from '../journal/writer.ts'
import type { Clock } from './clock.ts'
import type { Outbox } from './outbox.ts'

/** Inputs that may wait while one is being stepped; the venue's streams come nowhere near it. */
export const QUEUE_MAX = 100_000

export interface LoopOptions {
  readonly engine: Engine
  readonly journal: JournalWriter
  readonly outbox: Outbox
  readonly clock: Clock
  /** A checkpoint with the state hash every so many inputs. */
  readonly checkpointEvery: number
  /** Called once with the first failure; nothing is stepped after it. */
  readonly onFailure: (error: unknown) => void
  /**
   * Called after each step, before its commands can leave. `startedMs`: when the step began, `performance.now()`.
   */
  readonly onStep: (input: Input, commands: readonly Approved[], startedMs: number) => void
}

export interface Loop {
  /** @param input is stamped in place when its turn comes: it is the loop's from here on */
  push(input: RawInput): void
  readonly hasFailed: boolean
}

export function createLoop(options: LoopOptions): Loop {
  const { engine, journal, outbox, clock } = options
  const queue: RawInput[] = []
  let isStepping = false
  let hasFailed = false
  let lastTsMs = 0

  const stepOne = (raw: RawInput): void => {
    const startedMs = performance.now()
    lastTsMs = Math.max(lastTsMs, clock.nowMs())
    const input = stampInput(raw, engine.state.seq + 1, lastTsMs)
    journal.append({ kind: 'input', input })
    const commands = step(engine, input)
    for (const command of commands) journal.append({ kind: 'command', seq: input.seq, command })
    if (input.seq % options.checkpointEvery === 0) {
      journal.append({ kind: 'checkpoint', seq: input.seq, stateHash: engineHash(engine) })
    }
    if (commands.length > 0) outbox.send(commands)
    options.onStep(input, commands, startedMs)
  }

  const fail = (error: unknown): void => {
    if (hasFailed) return
    hasFailed = true
    queue.length = 0
    options.onFailure(error)
  }

  return {
    push(input) {
      if (hasFailed) return
      queue.push(input)
      if (queue.length > QUEUE_MAX) {
        fail(new Error(`more than ${QUEUE_MAX} inputs are waiting`))
        return
      }
      // An input that arrives from within a step waits its turn: one writer.
      if (isStepping) return
      isStepping = true
      try {
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) stepOne(next)
      } catch (error) {
        fail(error)
      } finally {
        isStepping = false
      }
    },
    get hasFailed() {
      return hasFailed
    },
  }
}
