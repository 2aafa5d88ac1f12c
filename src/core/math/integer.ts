/** Exact integer arithmetic on micro-dollars. Products beyond 2^53 go through BigInt; nothing is ever rounded silently. */
import { assert, isWhole } from '../assert.ts'

/** What a rate of 1 is in parts per billion: 1 bp = 100 000 ppb. */
export const PPB = 1_000_000_000
export const PPB_PER_BP = 100_000

/** a·b/c rounded towards −∞. @param c positive */
export function mulDivFloor(a: number, b: number, c: number): number {
  assert(isWhole(a) && isWhole(b) && isWhole(c) && c > 0, 'mulDiv takes whole numbers and a positive divisor')
  const product = a * b
  if (isWhole(product)) {
    const quotient = Math.floor(product / c)
    // Division of safe integers may round up to the next whole number: settle it by multiplication.
    return correctFloor(product, c, quotient)
  }
  const big = BigInt(a) * BigInt(b)
  const divisor = BigInt(c)
  let quotient = big / divisor
  if (big < 0n && quotient * divisor !== big) quotient -= 1n
  return toWhole(quotient)
}

/** a·b/c rounded towards zero: what the venue does with fees. @param c positive */
export function mulDivTrunc(a: number, b: number, c: number): number {
  const negative = a < 0 !== b < 0
  const magnitude = mulDivFloor(Math.abs(a), Math.abs(b), c)
  return negative && magnitude !== 0 ? -magnitude : magnitude
}

/** a·b/c rounded to the nearest, halves to even. @param c positive */
export function mulDivHalfEven(a: number, b: number, c: number): number {
  assert(isWhole(a) && isWhole(b) && isWhole(c) && c > 0, 'mulDiv takes whole numbers and a positive divisor')
  const floor = mulDivFloor(a, b, c)
  const rest = BigInt(a) * BigInt(b) - BigInt(floor) * BigInt(c)
  const twice = rest * 2n
  const divisor = BigInt(c)
  if (twice < divisor) return floor
  if (twice > divisor) return floor + 1
  return floor % 2 === 0 ? floor : floor + 1
}

function correctFloor(product: number, c: number, quotient: number): number {
  if (quotient * c > product) return quotient - 1
  if ((quotient + 1) * c <= product) return quotient + 1
  return quotient
}

function toWhole(value: bigint): number {
  const result = Number(value)
  assert(isWhole(result), 'the result is a whole number that a float64 holds exactly')
  return result
}
