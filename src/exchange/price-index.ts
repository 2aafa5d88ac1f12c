/**
 * The valid prices of a market, counted: 1, 2, 3 … without gaps, so that a book is an array.
 *
 * in    price in ticks and the market's price decimals
 * out   the rank of the price among valid prices, or −1 when the price is not valid
 * rule  five significant figures, and whole currency units at any length: with k digits dropped the step is
 *       10^k, k ≤ priceDecimals; each full decade holds 90 000 prices, so rank = 90 000·k + price/10^k
 *
 * Written apart from core/units on purpose: the maker snaps, the venue judges, and a test compares the two.
 */
import { PRICE_INDEX_MAX } from './limits.ts'

const FIRST_LONG_PRICE = 100_000
const PRICES_PER_DECADE = 90_000
const POWERS = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000]

/** @returns the rank, ≥ 1 and ≤ PRICE_INDEX_MAX, or −1 when the price is off the grid or out of range */
export function priceIndexOf(priceTicks: number, priceDecimals: number): number {
  if (!(priceTicks >= 1) || !Number.isSafeInteger(priceTicks)) return -1
  let dropped = 0
  for (let limit = FIRST_LONG_PRICE; priceTicks >= limit && dropped < priceDecimals; limit *= 10) dropped += 1
  const step = POWERS[dropped]!
  if (priceTicks % step !== 0) return -1
  const index = PRICES_PER_DECADE * dropped + priceTicks / step
  return index <= PRICE_INDEX_MAX ? index : -1
}

/** The inverse. @param index a rank that `priceIndexOf` returned for the same decimals */
export function priceOfIndex(index: number, priceDecimals: number): number {
  if (index < FIRST_LONG_PRICE) return index
  const decade = Math.floor((index - FIRST_LONG_PRICE / 10) / PRICES_PER_DECADE)
  const dropped = Math.min(decade, priceDecimals)
  return (index - PRICES_PER_DECADE * dropped) * POWERS[dropped]!
}

/** A range of prices with one step, around a given one: in it rank = rankOffset + price/step. */
export interface PriceRange {
  readonly stepTicks: number
  readonly rankOffset: number
  readonly lowTicks: number
  readonly highTicks: number
}

/** @param priceTicks ≥ 1, on the grid or not */
export function rangeAround(priceTicks: number, priceDecimals: number): PriceRange {
  let dropped = 0
  for (let limit = FIRST_LONG_PRICE; priceTicks >= limit && dropped < priceDecimals; limit *= 10) dropped += 1
  const stepTicks = POWERS[dropped]!
  const rankOffset = PRICES_PER_DECADE * dropped
  const top = dropped === priceDecimals ? Infinity : FIRST_LONG_PRICE * stepTicks - 1
  return {
    stepTicks,
    rankOffset,
    lowTicks: dropped === 0 ? 1 : (FIRST_LONG_PRICE / 10) * stepTicks,
    highTicks: Math.min(top, (PRICE_INDEX_MAX - rankOffset) * stepTicks),
  }
}

/** True for a whole positive price within range, on the five-figure grid or not: what `Order has invalid price.` judges. */
export function isPriceNumber(priceTicks: number, priceDecimals: number): boolean {
  if (!Number.isSafeInteger(priceTicks) || priceTicks < 1) return false
  const rankAtMost = PRICES_PER_DECADE * priceDecimals + priceTicks / POWERS[priceDecimals]!
  return priceTicks < FIRST_LONG_PRICE || rankAtMost <= PRICE_INDEX_MAX
}

/** Ticks as a decimal text without trailing zeros, for the venue's error messages. */
export function priceText(priceTicks: number, priceDecimals: number): string {
  if (priceDecimals === 0) return String(priceTicks)
  const padded = String(priceTicks).padStart(priceDecimals + 1, '0')
  const whole = padded.slice(0, -priceDecimals)
  const fraction = padded.slice(-priceDecimals).replace(/0+$/, '')
  return fraction === '' ? whole : `${whole}.${fraction}`
}
