/**
 * Decay factors over the gaps between events. The same few gaps come again and again, and the power is most of what an estimator
 * costs, so the factors are kept by gap.
 *
 * in      gap and half life of a decay
 * out     exactly what the formula gives: a cache of a pure function changes no number
 * state   `SLOTS` factors with what they were computed from; a slot is overwritten by the next gap that falls into it
 */

/** Whole milliseconds up to a quarter of a second have a slot of their own. */
const SLOTS = 256
const MS_PER_SEC = 1_000

export interface DecayMemo {
  readonly elapsedMs: Float64Array
  readonly halfLifeSec: Float64Array
  readonly factors: Float64Array
}

export function initDecayMemo(): DecayMemo {
  return {
    // NaN equals nothing, so an unused slot answers nothing.
    elapsedMs: new Float64Array(SLOTS).fill(Number.NaN),
    halfLifeSec: new Float64Array(SLOTS),
    factors: new Float64Array(SLOTS),
  }
}

/** The slot that a gap falls into. */
export function decaySlot(elapsedMs: number): number {
  return elapsedMs & (SLOTS - 1)
}

/**
 * @returns where `factors` has 0.5^(elapsed ÷ half life). The place and not the factor, because a fraction that a call gives back is
 * an object of its own, at every tick.
 */
export function halvedSlot(memo: DecayMemo, elapsedMs: number, halfLifeSec: number): number {
  const slot = decaySlot(elapsedMs)
  if (memo.elapsedMs[slot] === elapsedMs && memo.halfLifeSec[slot] === halfLifeSec) return slot
  memo.elapsedMs[slot] = elapsedMs
  memo.halfLifeSec[slot] = halfLifeSec
  memo.factors[slot] = 0.5 ** (elapsedMs / MS_PER_SEC / halfLifeSec)
  return slot
}
