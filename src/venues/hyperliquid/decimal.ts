/**
 * Decimal strings of the venue <-> whole numbers of the grid, exactly. Prices and sizes never pass through a float: digits
 * are accumulated, and a number that does not lie on the grid is refused, not rounded. Rates and fees, which may have more
 * decimals than our unit, go through decimal.js with a rounding that is named.
 */
import { Decimal } from 'decimal.js'
import { assert, isWhole } from '../../core/assert.ts'
import type { Grid } from '../../core/units.ts'
import { VenueError } from '../errors.ts'
import { malformed } from './wire.ts'

const ZERO = 48
const NINE = 57
const POINT = 46
const MINUS = 45
/** Longer numbers are refused unread: no price, size or amount of the venue needs them. */
const TEXT_LENGTH_MAX = 64
const USD_DECIMALS = 6
const PPB_DECIMALS = 9
const NUMBER_PATTERN = /^-?[0-9]+(\.[0-9]+)?$/

export function ticksOf(text: unknown, grid: Grid): number {
  return wholeOf(text, grid.priceDecimals)
}

export function lotsOf(text: unknown, grid: Grid): number {
  return wholeOf(text, grid.szDecimals)
}

export function signedLotsOf(text: unknown, grid: Grid): number {
  return signedWholeOf(text, grid.szDecimals)
}

/**
 * @param text     digits, optionally a point and more digits; no sign, no exponent, no bare `.5`
 * @param decimals places of the grid; further ones must be zeros
 * @returns text × 10^decimals, exactly
 * @throws VenueError MALFORMED_MESSAGE when it is no such text; OFF_GRID when it is between two grid points or too large
 */
export function wholeOf(text: unknown, decimals: number): number {
  if (typeof text !== 'string') throw malformed('a decimal number is a text', text)
  return parseWhole(text, 0, decimals)
}

/** As `wholeOf`, with an optional leading minus. Never returns −0. */
export function signedWholeOf(text: unknown, decimals: number): number {
  if (typeof text !== 'string') throw malformed('a decimal number is a text', text)
  if (text.charCodeAt(0) !== MINUS) return parseWhole(text, 0, decimals)
  const magnitude = parseWhole(text, 1, decimals)
  return magnitude === 0 ? 0 : -magnitude
}

function parseWhole(text: string, start: number, decimals: number): number {
  const end = text.length
  if (end === start || end > TEXT_LENGTH_MAX) throw malformed('a decimal number', text)
  let value = 0
  let pointAt = -1
  for (let index = start; index < end; index += 1) {
    const code = text.charCodeAt(index)
    if (code === POINT) {
      if (pointAt !== -1 || index === start || index === end - 1) throw malformed('a decimal number', text)
      pointAt = index
      continue
    }
    if (code < ZERO || code > NINE) throw malformed('a decimal number', text)
    const digit = code - ZERO
    if (pointAt !== -1 && index - pointAt > decimals) {
      if (digit !== 0) throw new VenueError('OFF_GRID', `${text} is not a multiple of 1e-${decimals}`)
      continue
    }
    value = value * 10 + digit
    if (value > Number.MAX_SAFE_INTEGER) throw tooLarge(text, decimals)
  }
  const given = pointAt === -1 ? 0 : Math.min(end - 1 - pointAt, decimals)
  const scaled = value * 10 ** (decimals - given)
  if (!isWhole(scaled)) throw tooLarge(text, decimals)
  return scaled
}

function tooLarge(text: string, decimals: number): VenueError {
  return new VenueError('OFF_GRID', `${text} is too large to count exactly in units of 1e-${decimals}`)
}

/**
 * The inverse of `wholeOf`: as the venue wants numbers signed, without trailing zeros or a bare point.
 * @param whole not negative
 */
export function decimalOf(whole: number, decimals: number): string {
  assert(isWhole(whole) && whole >= 0, 'what is sent to the venue is a whole number of units, not negative')
  const digits = String(whole).padStart(decimals + 1, '0')
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '')
  const units = digits.slice(0, digits.length - decimals)
  return fraction === '' ? units : `${units}.${fraction}`
}

/** Dollars (or a collateral that counts as dollars) to whole micro-dollars, halves to even. */
export function microUsdOf(text: unknown): number {
  return roundedOf(text, USD_DECIMALS)
}

/** A rate as a fraction of notional (`"0.00045"` is 4.5 bps) to parts per billion, halves to even. */
export function ppbOf(rate: Decimal): number {
  return rate
    .mul(10 ** PPB_DECIMALS)
    .toDecimalPlaces(0, Decimal.ROUND_HALF_EVEN)
    .toNumber()
}

/** For prices that the venue does not keep on the grid (mark, oracle, averages): a real number of ticks. */
export function realTicksOf(text: unknown, grid: Grid): number {
  return numberOf(text)
    .mul(10 ** grid.priceDecimals)
    .toNumber()
}

/** @throws VenueError MALFORMED_MESSAGE when it is no plain decimal number */
export function numberOf(text: unknown): Decimal {
  if (typeof text !== 'string' || text.length > TEXT_LENGTH_MAX || !NUMBER_PATTERN.test(text)) {
    throw malformed('a decimal number is a text of digits', text)
  }
  return new Decimal(text)
}

function roundedOf(text: unknown, decimals: number): number {
  const whole = numberOf(text)
    .mul(10 ** decimals)
    .toDecimalPlaces(0, Decimal.ROUND_HALF_EVEN)
    .toNumber()
  if (!isWhole(whole)) throw tooLarge(String(text), decimals)
  return whole === 0 ? 0 : whole
}
