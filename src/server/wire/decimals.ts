/**
 * Decimal strings of the wire and whole ticks, lots and micro-dollars: exact, by moving the point in the text.
 * Nothing here goes through a float.
 */
import { Decimal } from 'decimal.js'
import { assert } from '../../core/assert.ts'

/** Micro-dollars: six decimals. */
export const USD_DECIMALS = 6
const CODE_0 = 0x30
const CODE_POINT = 0x2e
const UNSIGNED_PATTERN = /^\d+(?:\.\d+)?$/
/** Longer texts than any price or size; keeps hostile digits from costing time. */
const TEXT_LENGTH_MAX = 64

/** True for what the venue takes as a number: digits, and perhaps a point and digits. */
export function isUnsignedDecimal(text: string): boolean {
  return text.length <= TEXT_LENGTH_MAX && UNSIGNED_PATTERN.test(text)
}

/** Without leading zeros and without zeros after the last decimal: the form that is hashed. @param text an unsigned decimal */
export function normaliseDecimal(text: string): string {
  const isPadded = text.charCodeAt(0) === CODE_0 && text.length > 1 && text.charCodeAt(1) !== CODE_POINT
  const isTrailed = text.charCodeAt(text.length - 1) === CODE_0 && text.includes('.')
  // Clients send the hashed form nearly always.
  if (!isPadded && !isTrailed) return text
  const [whole = '', fraction = ''] = text.split('.')
  const digits = fraction.replace(/0+$/, '')
  const head = whole.replace(/^0+(?=\d)/, '')
  return digits === '' ? head : `${head}.${digits}`
}

/**
 * One scan over the digits, exact: what passes 2^53 on the way is beyond it at the end too.
 * @param text     an unsigned decimal
 * @param decimals of the grid
 * @returns whole units of 10^-decimals; null when the text has more decimals, or is beyond 2^53
 */
export function toWhole(text: string, decimals: number): number | null {
  const pointAt = text.indexOf('.')
  let end = text.length
  if (pointAt >= 0) while (text.charCodeAt(end - 1) === CODE_0) end -= 1
  const fractionLength = pointAt < 0 ? 0 : end - pointAt - 1
  if (fractionLength > decimals) return null
  let units = 0
  for (let index = 0; index < end; index += 1) {
    if (index === pointAt) continue
    units = units * 10 + (text.charCodeAt(index) - CODE_0)
    if (units > Number.MAX_SAFE_INTEGER) return null
  }
  for (let missing = decimals - fractionLength; missing > 0; missing -= 1) units *= 10
  return units > Number.MAX_SAFE_INTEGER ? null : units
}

/**
 * To the nearest whole unit of 10^-decimals, half to even: for prices that need not lie on the grid.
 * @param text an unsigned decimal
 * @returns at most 2^53 − 1, where what is larger ends too
 */
export function toNearestWhole(text: string, decimals: number): number {
  const units = new Decimal(text).times(new Decimal(10).pow(decimals))
  return Math.min(units.toDecimalPlaces(0, Decimal.ROUND_HALF_EVEN).toNumber(), Number.MAX_SAFE_INTEGER)
}

/** Whole units of 10^-decimals as the venue prints them: exact, at least one decimal, no exponent. */
export function fromWhole(units: number, decimals: number): string {
  assert(Number.isSafeInteger(units), 'what goes to the wire is a whole number of units')
  const digits = Math.abs(units)
    .toString()
    .padStart(decimals + 1, '0')
  const point = digits.length - decimals
  const fraction = digits.slice(point).replace(/0+$/, '')
  const text = `${digits.slice(0, point)}.${fraction === '' ? '0' : fraction}`
  return units < 0 ? `-${text}` : text
}

export function fromMicroUsd(microUsd: number): string {
  return fromWhole(microUsd, USD_DECIMALS)
}

/** A ratio or rate, rounded half to even to `decimals`, without exponent. @param value finite */
export function fromRate(value: number, decimals = 10): string {
  assert(Number.isFinite(value), 'a rate on the wire is a finite number')
  return withPoint(new Decimal(value).toDecimalPlaces(decimals, Decimal.ROUND_HALF_EVEN))
}

/** A price that is an average or a threshold, so not a whole tick: two decimals more than the grid has. */
export function fromRealTicks(ticks: number, priceDecimals: number): string {
  assert(Number.isFinite(ticks), 'a price on the wire is a finite number')
  const price = new Decimal(ticks).div(new Decimal(10).pow(priceDecimals))
  return withPoint(price.toDecimalPlaces(priceDecimals + 2, Decimal.ROUND_HALF_EVEN))
}

/** Average price of whole micro-dollars over whole lots, with four decimals more than the grid has. */
export function averagePrice(
  of: { readonly notionalMicroUsd: number; readonly lots: number },
  priceDecimals: number,
): string {
  assert(of.lots !== 0, 'an average is over a size')
  const ticks = new Decimal(of.notionalMicroUsd).div(of.lots).abs()
  const price = ticks.div(new Decimal(10).pow(priceDecimals))
  return withPoint(price.toDecimalPlaces(priceDecimals + 4, Decimal.ROUND_HALF_EVEN))
}

function withPoint(value: Decimal): string {
  const text = value.isZero() ? '0' : value.toFixed()
  return text.includes('.') ? text : `${text}.0`
}
