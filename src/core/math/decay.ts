/**
 * Decay factors over the gaps between events. The same few gaps come again and again, and the power and the exponential are most
 * of what an estimator costs, so the factors are kept by gap.
 *
 * in      gap and memory of a decay
 * out     exactly what the formula gives: a cache of a pure function changes no number
 * state   `SLOTS` factors with what they were computed from; a slot is overwritten by the next gap that falls into it
 */

/** Whole milliseconds up to a quarter of a second have a slot of their own. */
const SLOTS = 256
const MS_PER_SEC = 1_000

/** Gap, memory, factor and one unused: four numbers a slot, so that a slot lies in one cache line. */
export type DecayMemo = Float64Array

export function initDecayMemo(): DecayMemo {
  // NaN equals nothing, so an unused slot answers nothing.
  return new Float64Array(4 * SLOTS).fill(Number.NaN)
}

/** @returns 0.5^(elapsed ÷ half life); one memo serves this function alone */
export function halvedOver(memo: DecayMemo, elapsedSec: number, halfLifeSec: number): number {
  const at = ((elapsedSec * MS_PER_SEC) & (SLOTS - 1)) << 2
  if (memo[at] === elapsedSec && memo[at + 1] === halfLifeSec) return memo[at + 2]!
  const factor = 0.5 ** (elapsedSec / halfLifeSec)
  memo[at] = elapsedSec
  memo[at + 1] = halfLifeSec
  memo[at + 2] = factor
  return factor
}

/** @returns e^(−rate × elapsed); one memo serves this function alone */
export function fadedOver(memo: DecayMemo, elapsedSec: number, ratePerSec: number): number {
  const at = ((elapsedSec * MS_PER_SEC) & (SLOTS - 1)) << 2
  if (memo[at] === elapsedSec && memo[at + 1] === ratePerSec) return memo[at + 2]!
  const factor = Math.exp(-ratePerSec * elapsedSec)
  memo[at] = elapsedSec
  memo[at + 1] = ratePerSec
  memo[at + 2] = factor
  return factor
}
