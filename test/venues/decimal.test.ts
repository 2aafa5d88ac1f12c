import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { gridOf } from '../../src/core/units.ts'
import { VenueError } from '../../src/venues/errors.ts'
import {
  decimalOf,
  lotsOf,
  microUsdOf,
  numberOf,
  ppbOf,
  realTicksOf,
  signedLotsOf,
  signedWholeOf,
  ticksOf,
  wholeOf,
} from '../../src/venues/hyperliquid/decimal.ts'

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (error instanceof VenueError) return error.code
    throw error
  }
  return 'no error'
}

describe('decimal strings to whole units', () => {
  test.each([
    ['110427.0', 1, 1104270],
    ['110427', 1, 1104270],
    ['4.11882', 5, 411882],
    ['0.0', 5, 0],
    ['0.07482', 5, 7482],
    ['8552.3', 1, 85523],
    ['440.0', 0, 440],
    ['0002.5', 1, 25],
    ['12.300000000', 2, 1230],
    ['9007199254.740991', 6, Number.MAX_SAFE_INTEGER],
  ])('%s at %i decimals is %i', (text, decimals, whole) => {
    expect(wholeOf(text, decimals)).toBe(whole)
  })

  test.each([
    ['1.05', 1],
    ['0.000001', 5],
    ['9007199254.740992', 6],
    ['123456789012345678901234567890', 0],
    ['99999999999999', 6],
  ])('%s at %i decimals lies off the grid', (text, decimals) => {
    expect(codeOf(() => wholeOf(text, decimals))).toBe('OFF_GRID')
  })

  test.each([
    [''],
    ['.5'],
    ['5.'],
    ['1.2.3'],
    ['+1'],
    ['-1'],
    ['1e5'],
    ['NaN'],
    ['Infinity'],
    [' 1'],
    ['1,000'],
    ['٣'],
    ['0x10'],
    ['1'.repeat(65)],
    [12.5],
    [null],
    [undefined],
    [{}],
  ])('%j is no decimal number', (value) => {
    expect(codeOf(() => wholeOf(value, 2))).toBe('MALFORMED_MESSAGE')
  })

  test('signed sizes keep their sign and zero has none', () => {
    expect(signedWholeOf('-0.0213', 5)).toBe(-2130)
    expect(signedWholeOf('0.0213', 5)).toBe(2130)
    expect(Object.is(signedWholeOf('-0.0', 5), 0)).toBe(true)
    expect(codeOf(() => signedWholeOf('--1', 5))).toBe('MALFORMED_MESSAGE')
    expect(codeOf(() => signedWholeOf('-', 5))).toBe('MALFORMED_MESSAGE')
  })

  test('prices use the price decimals and sizes the size decimals of the grid', () => {
    const grid = gridOf(4)
    expect(ticksOf('3000.25', grid)).toBe(300025)
    expect(lotsOf('0.0153', grid)).toBe(153)
    expect(signedLotsOf('-0.0153', grid)).toBe(-153)
    expect(codeOf(() => ticksOf('3000.255', grid))).toBe('OFF_GRID')
  })

  test('what is encoded is decoded to the same number, and has no trailing zeros', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: Number.MAX_SAFE_INTEGER }),
        fc.integer({ min: 0, max: 6 }),
        (whole, decimals) => {
          const text = decimalOf(whole, decimals)
          expect(wholeOf(text, decimals)).toBe(whole)
          expect(text).toMatch(/^(0|[1-9][0-9]*)(\.[0-9]*[1-9])?$/)
        },
      ),
    )
  })

  test('agrees with exact decimal arithmetic on every plain number', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 1_000_000_000 }),
        fc.stringMatching(/^[0-9]{0,9}$/),
        fc.integer({ min: 0, max: 6 }),
        (units, fraction, decimals) => {
          const text = fraction === '' ? String(units) : `${units}.${fraction}`
          const exact = numberOf(text).mul(10 ** decimals)
          const isOnGrid = exact.isInteger() && exact.lte(Number.MAX_SAFE_INTEGER)
          if (isOnGrid) expect(wholeOf(text, decimals)).toBe(exact.toNumber())
          else expect(codeOf(() => wholeOf(text, decimals))).toBe('OFF_GRID')
        },
      ),
    )
  })
})

describe('decimal strings with more decimals than our units', () => {
  test.each([
    ['0.009997', 9997],
    ['0.00088689', 887],
    ['0.0000005', 0],
    ['0.0000015', 2],
    ['-0.0000025', -2],
    ['-0.0000001', 0],
    ['1516669192.1953897476', 1516669192195390],
  ])('%s dollars are %i micro-dollars, halves to even', (text, microUsd) => {
    expect(Object.is(microUsdOf(text), microUsd)).toBe(true)
  })

  test('amounts too large to count are refused', () => {
    expect(codeOf(() => microUsdOf('99999999999999999'))).toBe('OFF_GRID')
    expect(codeOf(() => microUsdOf('1e5'))).toBe('MALFORMED_MESSAGE')
  })

  test('rates become parts per billion', () => {
    expect(ppbOf(numberOf('0.00045'))).toBe(450_000)
    expect(ppbOf(numberOf('-0.00002'))).toBe(-20_000)
    expect(ppbOf(numberOf('0.0000000005'))).toBe(0)
    expect(ppbOf(numberOf('0.0000000015'))).toBe(2)
  })

  test('a mark between two ticks is a real number of ticks', () => {
    expect(realTicksOf('77558.25', gridOf(5))).toBe(775582.5)
    expect(realTicksOf('2123.6501', gridOf(4))).toBe(212365.01)
  })
})
