/**
 * The exact bounded-inventory solution as ratios v(q−1)/v(q), in the one number that shapes it: for the running strategy, which
 * needs the depths of one inventory on every tick. `spectral.ts` solves the same problem as a whole and checks this file.
 *
 * in      beta = α/η = (2κ·slope)² with slope = C/2 of the closed form, and the inventory bound Q
 * out     what inventory adds to a depth, in units of 1/κ
 * state   the last solution: a cache of a pure function, which changes no number
 * cost    O(Q) for each of 60 halvings, only when beta or Q has changed; allocates nothing
 * source  GLFT (2013), Prop. 2 and Thm 2; docs/math/glft.md
 *
 * With r(q) = v(q−1)/v(q), row q of (M − λη)v = 0 says r(q) = βq² − λ − 1/r(q+1), started at the bound where v(Q+1) = 0. Row 0 says
 * −λ = 2/r(1), by symmetry. Below the smallest eigenvalue every pivot is positive, above it one is not: λ is found by halving.
 */
import { assert } from '../../src/core/assert.ts'

/** Beyond it the bound is too far away to be felt, and the closed form is as good. */
export const INVENTORY_CLIPS_MAX = 200
const HALVINGS = 60

export interface GroundState {
  beta: number
  inventoryMax: number
  /** ln r(q) at index q, 1…Q. */
  readonly logRatios: Float64Array
}

export function initGroundState(): GroundState {
  return { beta: -1, inventoryMax: 0, logRatios: new Float64Array(INVENTORY_CLIPS_MAX + 1) }
}

/** Brings `state` to these parameters. @param inventoryMax Q, whole, 1…`INVENTORY_CLIPS_MAX` */
export function solveGroundState(state: GroundState, beta: number, inventoryMax: number): void {
  if (state.beta === beta && state.inventoryMax === inventoryMax) return
  assert(Number.isFinite(beta) && beta >= 0, 'ground state: beta is finite and not negative')
  assert(
    Number.isInteger(inventoryMax) && inventoryMax >= 1 && inventoryMax <= INVENTORY_CLIPS_MAX,
    'ground state: the inventory bound is a whole number of clips within the largest',
  )
  // Measured from −2, where the spectrum of the free chain begins: a small eigenvalue keeps its digits.
  let below = 0
  let above = 2
  for (let halving = 0; halving < HALVINGS; halving += 1) {
    const middle = (below + above) / 2
    if (isBelowSpectrum(beta, inventoryMax, middle)) below = middle
    else above = middle
  }
  let ratio = Infinity
  for (let q = inventoryMax; q >= 1; q -= 1) {
    ratio = beta * q * q + 2 - below - 1 / ratio
    state.logRatios[q] = Math.log(ratio)
  }
  state.beta = beta
  state.inventoryMax = inventoryMax
}

/** @param lift λ + 2 */
function isBelowSpectrum(beta: number, inventoryMax: number, lift: number): boolean {
  let ratio = Infinity
  for (let q = inventoryMax; q >= 1; q -= 1) {
    ratio = beta * q * q + 2 - lift - 1 / ratio
    if (ratio <= 0) return false
  }
  return 2 - lift - 2 / ratio > 0
}

/**
 * ln v(q) − ln v(q + 1): what a bid at inventory q is farther away than without inventory, times κ. An ask at q is the bid at −q.
 * Between whole inventories and beyond the bound, where the model forbids the side, the line through the nearest two is taken.
 * @param q inventory in clips, real
 */
export function inventoryDepth(state: GroundState, q: number): number {
  const { inventoryMax } = state
  const lowest = -inventoryMax
  // With Q = 1 there are two depths, −1 and 0; the left of a pair is at most Q − 2.
  const left = Math.min(Math.max(Math.floor(q), lowest), inventoryMax - 2)
  const atLeft = depthAt(state, left)
  return atLeft + (q - left) * (depthAt(state, left + 1) - atLeft)
}

/** At whole q, −Q…Q − 1. */
function depthAt(state: GroundState, q: number): number {
  return (q >= 0 ? state.logRatios[q + 1] : -(state.logRatios[-q] ?? 0)) ?? 0
}
