/** How long the event loop stood still, sampled; each sample enters the maker as an input, so that a replay knows it, too. */

/** Between two samples, real ms. */
const LAG_SAMPLE_MS = 1_000
/** The clock is looked at this often, ms. */
const RESOLUTION_MS = 20

/**
 * One timer looks and samples: with the histogram of `node:perf_hooks` a second timer does, and when both are overdue after a stall,
 * or the stall begins right after a reset, the stall is lost.
 * @param onSample the longest stall since the last sample, whole ms ≥ 0
 */
export function watchLoopLag(onSample: (loopLagMs: number) => void): { stop(): void } {
  let lookedMs = performance.now()
  let sampledMs = lookedMs
  let lagMs = 0
  const timer = setInterval(() => {
    const nowMs = performance.now()
    lagMs = Math.max(lagMs, nowMs - lookedMs - RESOLUTION_MS)
    lookedMs = nowMs
    if (nowMs - sampledMs < LAG_SAMPLE_MS) return
    sampledMs = nowMs
    onSample(Math.round(lagMs))
    lagMs = 0
  }, RESOLUTION_MS)
  return {
    stop() {
      clearInterval(timer)
    },
  }
}
