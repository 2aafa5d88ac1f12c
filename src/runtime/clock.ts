/** Time for the outside of the pure folders: monotone, and faster than real time when a tape is played fast. */
import { performance } from 'node:perf_hooks'

export interface Clock {
  /** Milliseconds since 1970, whole, never going back, `speed` times as fast as the wall. */
  nowMs(): number
  readonly speed: number
}

/**
 * @param speed seconds of this clock per real second (> 0); 1 is real time
 * The wall clock is read once: later jumps of it (NTP, suspend) do not reach us.
 */
export function startClock(speed = 1): Clock {
  const startMs = Date.now()
  const startedAt = performance.now()
  return {
    nowMs: () => Math.floor(startMs + (performance.now() - startedAt) * speed),
    speed,
  }
}
