import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mulDivFloor, mulDivHalfEven, mulDivTrunc } from '../../../src/core/math/integer.ts'

const whole = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -1_000, max: 1_000 }))
const divisor = fc.integer({ min: 1, max: 2_000_000_000 })
const isSafe = (value: bigint): boolean =>
  value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER)

function exactFloor(a: number, b: number, c: number): bigint {
  const product = BigInt(a) * BigInt(b)
  const quotient = product / BigInt(c)
  return product < 0n && quotient * BigInt(c) !== product ? quotient - 1n : quotient
}

describe('exact multiplication and division', () => {
  test('the floor equals arbitrary precision', () => {
    fc.assert(
      fc.property(whole, whole, divisor, (a, b, c) => {
        fc.pre(isSafe(exactFloor(a, b, c)))
        expect(BigInt(mulDivFloor(a, b, c))).toBe(exactFloor(a, b, c))
      }),
      { numRuns: 2_000 },
    )
  })

  test('truncation is the floor of the magnitude with the sign put back', () => {
    fc.assert(
      fc.property(whole, whole, divisor, (a, b, c) => {
        const exact = (BigInt(a) * BigInt(b)) / BigInt(c)
        fc.pre(isSafe(exact))
        expect(BigInt(mulDivTrunc(a, b, c))).toBe(exact)
      }),
      { numRuns: 2_000 },
    )
  })

  test('half to even is never further than half a unit and even in a tie', () => {
    fc.assert(
      fc.property(whole, whole, divisor, (a, b, c) => {
        fc.pre(isSafe(exactFloor(a, b, c)))
        const rounded = BigInt(mulDivHalfEven(a, b, c))
        const twiceError = 2n * (rounded * BigInt(c) - BigInt(a) * BigInt(b))
        const magnitude = twiceError < 0n ? -twiceError : twiceError
        expect(magnitude <= BigInt(c)).toBe(true)
        if (magnitude === BigInt(c)) expect(rounded % 2n).toBe(0n)
      }),
      { numRuns: 2_000 },
    )
  })

  test('a result that a float64 cannot hold is refused', () => {
    expect(() => mulDivFloor(Number.MAX_SAFE_INTEGER, 1_000, 3)).toThrow(/whole number/)
  })
})
