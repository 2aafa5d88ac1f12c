/**
 * The fair price inside the touch: mid weighted by the sizes on both sides, trusted by how much rests there.
 *
 * in      touch of the book, whole ticks and lots
 * out     fair price, real number of ticks, within the touch; the imbalance at the touch −1…1
 * state   none
 * source  W = ask·I + bid·(1 − I), I = bidLots/(bidLots + askLots); docs/math/microprice.md
 *
 * A few dollars at the touch cost nothing to show, so below `gateUsdLow` the fair price is the mid, and the weight of
 * the imbalance grows linearly to one at `gateUsdHigh`.
 */
import { assert } from '../src/core/assert.ts'
import { MICRO_USD_PER_USD } from '../src/core/units.ts'

export interface MicropriceConfig {
  readonly gateUsdLow: number
  readonly gateUsdHigh: number
}

export interface Touch {
  readonly bidTicks: number
  readonly bidLots: number
  readonly askTicks: number
  readonly askLots: number
}

export function assertMicropriceConfig(config: MicropriceConfig): void {
  assert(config.gateUsdLow >= 0, 'microprice: gateUsdLow is not negative')
  assert(config.gateUsdHigh > config.gateUsdLow, 'microprice: gateUsdHigh is above gateUsdLow')
}

/** Weighted mid in the unit of the prices; the plain mid when nothing rests. */
export function weightedMid(touch: Touch): number {
  const total = touch.bidLots + touch.askLots
  if (total <= 0) return (touch.bidTicks + touch.askTicks) / 2
  const bidShare = touch.bidLots / total
  return touch.askTicks * bidShare + touch.bidTicks * (1 - bidShare)
}

/** (bid − ask)/(bid + ask) size, −1…1; 0 when nothing rests. */
export function touchImbalance(touch: Touch): number {
  const total = touch.bidLots + touch.askLots
  return total <= 0 ? 0 : (touch.bidLots - touch.askLots) / total
}

/** How far the imbalance is trusted, 0…1, by the thinner side of the touch. */
export function depthGate(touch: Touch, config: MicropriceConfig): number {
  const thinnerMicroUsd = Math.min(touch.bidTicks * touch.bidLots, touch.askTicks * touch.askLots)
  const usd = thinnerMicroUsd / MICRO_USD_PER_USD
  return Math.min(Math.max((usd - config.gateUsdLow) / (config.gateUsdHigh - config.gateUsdLow), 0), 1)
}

/** Fair price in ticks from the weighted mid, never outside the touch. */
export function fairTicks(touch: Touch, config: MicropriceConfig): number {
  const mid = (touch.bidTicks + touch.askTicks) / 2
  return gatedTicks(touch, config, weightedMid(touch) - mid)
}

/** The mid and as much of a lean as the depth at the touch bears out, within the touch. @param leanTicks from the mid */
export function gatedTicks(touch: Touch, config: MicropriceConfig, leanTicks: number): number {
  assert(touch.bidTicks < touch.askTicks, 'microprice: the touch is not crossed')
  const fair = (touch.bidTicks + touch.askTicks) / 2 + depthGate(touch, config) * leanTicks
  return Math.min(Math.max(fair, touch.bidTicks), touch.askTicks)
}
