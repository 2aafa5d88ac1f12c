import { Decimal } from 'decimal.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  averagePrice,
  fromRate,
  fromRealTicks,
  fromWhole,
  isUnsignedDecimal,
  normaliseDecimal,
  toWhole,
} from '../../src/server/wire/decimals.ts'

/** The patterns by which the SDK judges the fields of answers. */
const UNSIGNED = /^[0-9]+(\.[0-9]+)?$/
const SIGNED = /^-?[0-9]+(\.[0-9]+)?$/

const decimals = fc.integer({ min: 0, max: 8 })
const units = fc.maxSafeNat()
const decimalText = fc
  .tuple(fc.stringMatching(/^[0-9]{1,12}$/), fc.option(fc.stringMatching(/^[0-9]{1,10}$/)))
  .map(([whole, fraction]) => (fraction === null ? whole : `${whole}.${fraction}`))

test('what is printed is read back as the same whole number, and looks as the SDK wants it', () => {
  fc.assert(
    fc.property(units, decimals, (value, digits) => {
      const text = fromWhole(value, digits)
      expect(text).toMatch(UNSIGNED)
      expect(text).toMatch(/\./)
      expect(toWhole(text, digits)).toBe(value)
      if (value !== 0) expect(fromWhole(-value, digits)).toBe(`-${text}`)
    }),
  )
  expect(fromWhole(-0, 2)).toBe('0.0')
})

test('reading agrees with decimal.js: whole units, or null when there are more decimals or digits than fit', () => {
  fc.assert(
    fc.property(decimalText, decimals, (text, digits) => {
      const scaled = new Decimal(text).mul(new Decimal(10).pow(digits))
      const fits = scaled.isInteger() && scaled.lte(Number.MAX_SAFE_INTEGER)
      expect(toWhole(text, digits)).toBe(fits ? scaled.toNumber() : null)
    }),
    { numRuns: 500 },
  )
})

test('the normal form is the shortest text of the same number', () => {
  fc.assert(
    fc.property(decimalText, (text) => {
      expect(normaliseDecimal(text)).toBe(new Decimal(text).toFixed())
    }),
    { numRuns: 500 },
  )
})

describe('what is a number on the wire', () => {
  test.each(['0', '1', '007', '1.0', '0.5', '123456.789'])('%s', (text) => {
    expect(isUnsignedDecimal(text)).toBe(true)
  })
  test.each(['', '.5', '1.', '-1', '+1', '1e5', '1,0', ' 1', '1 ', 'NaN', '0x1', '٣', '1'.repeat(65)])(
    'not %j',
    (text) => {
      expect(isUnsignedDecimal(text)).toBe(false)
    },
  )
})

test('rates are printed without an exponent and rounded half to even', () => {
  expect(fromRate(0.0000125)).toBe('0.0000125')
  expect(fromRate(1.25e-9, 10)).toBe('0.0000000012')
  expect(fromRate(-3e-12)).toBe('0.0')
  expect(fromRate(4)).toBe('4.0')
  expect(() => fromRate(Number.NaN)).toThrow(/finite/)
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }), (rate) => {
      const text = fromRate(rate)
      expect(text).toMatch(SIGNED)
      expect(Math.abs(Number(text) - rate)).toBeLessThanOrEqual(0.6e-10 + Math.abs(rate) * 1e-15)
    }),
  )
})

test('averages are exact where the grid allows it, and close to it elsewhere', () => {
  // 3 lots at 60000 and 1 at 60001, one decimal: 60000.25
  const notionalMicroUsd = 3 * 600_000 + 600_010
  expect(averagePrice({ notionalMicroUsd, lots: 4 }, 1)).toBe('60000.25')
  expect(averagePrice({ notionalMicroUsd: 100, lots: -3 }, 2)).toBe('0.333333')
  expect(fromRealTicks(600_002.5, 1)).toBe('60000.25')
})
