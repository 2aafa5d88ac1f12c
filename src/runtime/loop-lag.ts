/** How long the event loop stood still, sampled; each sample enters the maker as an input, so that a replay knows it, too. */
import { monitorEventLoopDelay } from 'node:perf_hooks'

/** Between two samples, real ms. */
export const LAG_SAMPLE_MS = 1_000
/** The histogram looks this often and counts its own period into each delay, ms. */
const RESOLUTION_MS = 20
const NS_PER_MS = 1e6

/** @param onSample the longest stall since the last sample, whole ms ≥ 0 */
export function watchLoopLag(onSample: (loopLagMs: number) => void): { stop(): void } {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delays.enable()
  const timer = setInterval(() => {
    const lagMs = Math.round(delays.max / NS_PER_MS) - RESOLUTION_MS
    delays.reset()
    onSample(Math.max(0, lagMs))
  }, LAG_SAMPLE_MS)
  return {
    stop() {
      clearInterval(timer)
      delays.disable()
    },
  }
}
