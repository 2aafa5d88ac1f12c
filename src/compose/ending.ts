/** What may end a run, and which of it came first. */
import type { Clock } from '../runtime/clock.ts'
import type { Embedded } from './embedded.ts'

/** Why a run ended. */
export type Ending =
  | { readonly kind: 'signal' | 'duration' | 'tapeEnded' }
  | { readonly kind: 'killed' }
  | { readonly kind: 'failed'; readonly error: unknown }

export interface Endings {
  /** Resolves with the first cause. */
  wait(): Promise<Ending>
  fail(error: unknown): void
  killed(): void
  stopListening(): void
  /** Resolves at the second signal: leave at once. */
  readonly hurry: Promise<void>
}

/**
 * Listens for signals, the clock and the tape.
 * @param durationMs of the session's clock; null: no limit
 */
export function listenForEnd(durationMs: number | null, clock: Clock, embedded: Embedded | null): Endings {
  let settle: (ending: Ending) => void = () => undefined
  const ended = new Promise<Ending>((resolve) => {
    settle = resolve
  })
  let leaveAtOnce: () => void = () => undefined
  const hurry = new Promise<void>((resolve) => {
    leaveAtOnce = resolve
  })
  let signalCount = 0
  const onSignal = (): void => {
    signalCount += 1
    if (signalCount === 1) settle({ kind: 'signal' })
    else leaveAtOnce()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  const timer =
    durationMs === null ? null : setTimeout(() => settle({ kind: 'duration' }), durationMs / clock.speed)
  embedded?.onFinished(() => settle({ kind: 'tapeEnded' }))
  return {
    wait: () => ended,
    fail: (error) => settle({ kind: 'failed', error }),
    killed: () => settle({ kind: 'killed' }),
    stopListening() {
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
      if (timer !== null) clearTimeout(timer)
    },
    hurry,
  }
}
