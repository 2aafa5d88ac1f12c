/**
 * The grid: prices are whole ticks of 10^-(6 − szDecimals), sizes whole lots of 10^-szDecimals, so that
 * one tick × one lot is exactly one micro-dollar and money is an integer.
 *
 * Floats meet the grid only here, through functions that name their rounding.
 * @see https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/tick-and-lot-size
 */
import { assert, isWhole } from './assert.ts'

export type Side = 'buy' | 'sell'

/** The decimals of one perp market. `priceDecimals` is always 6 − `szDecimals`. */
export interface Grid {
  readonly szDecimals: number
  readonly priceDecimals: number
}

/** Perps: price decimals plus size decimals. Spot would be 8. */
const PERP_DECIMALS = 6
const SIGNIFICANT_FIGURES_MAX = 5
/** The least price with more figures than these. */
const FIGURES_BOUND = 10 ** SIGNIFICANT_FIGURES_MAX
/** Whole numbers up to this are of 32 bits. */
const SMALL_WHOLE_MAX = 0x7fffffff
export const MICRO_USD_PER_USD = 1_000_000
export const BPS = 1e-4

/** @param szDecimals 0…6, from the venue's `meta` answer */
export function gridOf(szDecimals: number): Grid {
  assert(
    isWhole(szDecimals) && szDecimals >= 0 && szDecimals <= PERP_DECIMALS,
    'szDecimals is a whole number 0…6',
  )
  return { szDecimals, priceDecimals: PERP_DECIMALS - szDecimals }
}

/** @returns +1 for a buy, −1 for a sell */
export function signOf(side: Side): 1 | -1 {
  return side === 'buy' ? 1 : -1
}

export function opposite(side: Side): Side {
  return side === 'buy' ? 'sell' : 'buy'
}

/** The same price in ticks of another market; a real number. */
export function regridTicks(priceTicks: number, source: Grid, target: Grid): number {
  return source.priceDecimals <= target.priceDecimals
    ? priceTicks * 10 ** (target.priceDecimals - source.priceDecimals)
    : priceTicks / 10 ** (source.priceDecimals - target.priceDecimals)
}

/** Exact: one tick × one lot is one micro-dollar. The size may be signed. */
export function notionalMicroUsd(of: { readonly priceTicks: number; readonly sizeLots: number }): number {
  const notional = of.priceTicks * of.sizeLots
  assert(isWhole(notional), 'notional is a whole number of micro-dollars')
  return notional
}

/**
 * The distance between valid prices around `priceTicks`, in ticks: at most five significant figures, and
 * whole currency units are always valid whatever their length.
 */
export function priceStepTicks(priceTicks: number, grid: Grid): number {
  let step = 1
  // One more figure to drop from each of these prices on.
  let bound = FIGURES_BOUND
  for (let dropped = 0; dropped < grid.priceDecimals && priceTicks >= bound; dropped += 1) {
    step *= 10
    bound *= 10
  }
  return step
}

/** True when the venue takes this price: positive, whole, and on the five-significant-figure grid. */
export function isValidPrice(priceTicks: number, grid: Grid): boolean {
  return isWhole(priceTicks) && priceTicks > 0 && priceTicks % priceStepTicks(priceTicks, grid) === 0
}

/** The highest valid price at or below `priceTicks` (a real number ≥ 1 tick). Bids go down: away from the mid. */
export function snapBidDown(priceTicks: number, grid: Grid): number {
  const whole = floorToTicks(priceTicks)
  return whole - beyondStep(whole, priceStepTicks(whole, grid))
}

/** The lowest valid price at or above `priceTicks` (a real number ≥ 1 tick). Asks go up: away from the mid. */
export function snapAskUp(priceTicks: number, grid: Grid): number {
  const whole = ceilToTicks(priceTicks)
  // A step up may cross a power of ten; the power itself is on every coarser grid, so it stays valid.
  const step = priceStepTicks(whole, grid)
  const over = beyondStep(whole, step)
  return over === 0 ? whole : whole + step - over
}

/** The remainder of a whole number of ticks. Of small numbers it is one of integers, which costs a fraction of one of real numbers. */
function beyondStep(whole: number, step: number): number {
  return whole <= SMALL_WHOLE_MAX ? (whole | 0) % (step | 0) : whole % step
}

export function snapAway(side: Side, priceTicks: number, grid: Grid): number {
  return side === 'buy' ? snapBidDown(priceTicks, grid) : snapAskUp(priceTicks, grid)
}

export function floorToTicks(priceTicks: number): number {
  assert(Number.isFinite(priceTicks) && priceTicks >= 1, 'a price is at least one tick')
  return Math.floor(priceTicks)
}

export function ceilToTicks(priceTicks: number): number {
  assert(Number.isFinite(priceTicks) && priceTicks > 0, 'a price is positive')
  return Math.ceil(priceTicks)
}

/** Sizes go down: never more than asked for. */
export function truncToLots(sizeLots: number): number {
  assert(Number.isFinite(sizeLots) && sizeLots >= 0, 'a size is not negative')
  return Math.floor(sizeLots)
}
