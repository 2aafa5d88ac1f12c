/**
 * How far the mid has moved within a short window: the largest distance between two of its samples. Quotes that stand in a
 * market that jumps are sold to those who saw it first.
 *
 * state   samples of the window, at most `SAMPLES_MAX` (closer ones join the last)
 */

/** Samples kept; with a window of a second one every 15 ms. */
const SAMPLES_MAX = 64

interface Sample {
  readonly tsMs: number
  lowTicks: number
  highTicks: number
}

export interface VelocityState {
  /** Oldest first. */
  samples: Sample[]
}

export function initVelocity(): VelocityState {
  return { samples: [] }
}

/** @returns the range of the mid within the last `windowMs`, bps of its low, ≥ 0 */
export function noteMid(state: VelocityState, windowMs: number, tsMs: number, midTicks: number): number {
  while (state.samples.length > 0 && tsMs - (state.samples[0]?.tsMs ?? tsMs) > windowMs) state.samples.shift()
  const last = state.samples.at(-1)
  if (last !== undefined && tsMs - last.tsMs < windowMs / SAMPLES_MAX) {
    last.lowTicks = Math.min(last.lowTicks, midTicks)
    last.highTicks = Math.max(last.highTicks, midTicks)
  } else state.samples.push({ tsMs, lowTicks: midTicks, highTicks: midTicks })
  let [low, high] = [midTicks, midTicks]
  for (const sample of state.samples) {
    low = Math.min(low, sample.lowTicks)
    high = Math.max(high, sample.highTicks)
  }
  return (high / low - 1) * 10_000
}
