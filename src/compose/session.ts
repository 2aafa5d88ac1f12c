/**
 * One session of the maker: engine, loop, outbox and journal joined to a venue. What differs between live, rehearsal and
 * test is only what is handed in here.
 */
import type { Approved } from '../core/command.ts'
import type { Engine } from '../core/engine.ts'
import type { Input } from '../core/input.ts'
import type { JournalWriter } from '../journal/writer.ts'
import type { Clock } from '../runtime/clock.ts'
import type { LatchKeeper } from '../runtime/latch-keeper.ts'
import { createLoop } from '../runtime/loop.ts'
import type { Loop } from '../runtime/loop.ts'
import { createOutbox } from '../runtime/outbox.ts'
import type { VenuePort } from '../venues/port.ts'

export interface SessionOptions {
  readonly engine: Engine
  readonly venue: VenuePort
  readonly journal: JournalWriter
  /** Has the kill switch before the first cancel leaves. */
  readonly latch: Pick<LatchKeeper, 'keep'>
  readonly clock: Clock
  readonly configHash: string
  readonly epoch: number
  /** Period of the timer input, ms of the session's clock. */
  readonly timerMs: number
  readonly checkpointEvery: number
  readonly onFailure: (error: unknown) => void
  /** `startedMs`: when the step began, `performance.now()`. */
  readonly onStep?: (input: Input, commands: readonly Approved[], startedMs: number) => void
}

export interface Session {
  readonly loop: Loop
  /** Resolves true once the condition holds after a step, false when the limit (real ms) passed first. */
  until(condition: () => boolean, limitMs: number): Promise<boolean>
  /** Stops the timer; the outbox empties first. */
  close(): Promise<void>
}

interface Waiter {
  readonly condition: () => boolean
  readonly resolve: (held: boolean) => void
}

/** Starts the session: the first input is journalled and the timer runs. Connecting the venue is the caller's. */
export function startSession(options: SessionOptions): Session {
  const { engine, venue, journal, clock } = options
  const waiters = new Set<Waiter>()
  const latched = watchLatch(options)
  const outbox = createOutbox({ journal, venue, latched, onFailure: options.onFailure })
  const loop = createLoop({
    engine,
    journal,
    outbox,
    clock,
    checkpointEvery: options.checkpointEvery,
    onFailure: options.onFailure,
    onStep: (input, commands, startedMs) => {
      // A switch that trips while nothing rests leads to no command.
      void latched()
      options.onStep?.(input, commands, startedMs)
      for (const waiter of waiters) {
        if (waiter.condition()) waiter.resolve(true)
      }
    },
  })
  loop.push({
    kind: 'sessionStarted',
    market: venue.market,
    account: venue.account,
    epoch: options.epoch,
    configHash: options.configHash,
  })
  const timer = setInterval(() => loop.push({ kind: 'timer' }), options.timerMs / clock.speed)
  return {
    loop,
    until: (condition, limitMs) => waitFor(waiters, condition, limitMs),
    async close() {
      clearInterval(timer)
      await outbox.drained()
    },
  }
}

/**
 * @returns starts to keep a switch that has tripped, and resolves when it is on disk. When it cannot be kept the failure is told, and
 *   it resolves all the same: orders that stay because a file could not be written would be worse
 */
function watchLatch({ engine, latch, onFailure }: SessionOptions): () => Promise<void> {
  const untripped = Promise.resolve()
  let kept: Promise<void> | null = null
  return () => {
    const { killedBecause, tsMs } = engine.state
    if (killedBecause === null) {
      kept = null
      return untripped
    }
    kept ??= latch.keep({ because: killedBecause, tsMs }).catch((cause: unknown) => {
      onFailure(new Error(`the kill switch could not be kept on disk: ${String(cause)}`, { cause }))
    })
    return kept
  }
}

function waitFor(waiters: Set<Waiter>, condition: () => boolean, limitMs: number): Promise<boolean> {
  if (condition()) return Promise.resolve(true)
  return new Promise((resolve) => {
    const waiter: Waiter = {
      condition,
      resolve: (held) => {
        clearTimeout(limit)
        waiters.delete(waiter)
        resolve(held)
      },
    }
    const limit = setTimeout(() => waiter.resolve(false), limitMs)
    waiters.add(waiter)
  })
}
