import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  gridOf,
  isValidPrice,
  notionalMicroUsd,
  priceStepTicks,
  snapAskUp,
  snapBidDown,
} from '../../src/core/units.ts'
import { isPriceOnVenueGrid } from '../../src/core/risk/gate.ts'

/** The rule as the venue writes it, on decimal text: at most 5 significant figures and 6 − szDecimals decimals; integers always. */
function isValidByText(priceTicks: number, priceDecimals: number): boolean {
  const text = (priceTicks / 10 ** priceDecimals).toFixed(priceDecimals)
  if (Number.isInteger(Number(text))) return true
  const figures = text.replace('.', '').replace(/^0+/, '').replace(/0+$/, '')
  return figures.length <= 5
}

const grids = fc.integer({ min: 0, max: 6 }).map(gridOf)
const prices = fc.oneof(fc.integer({ min: 1, max: 2_000 }), fc.integer({ min: 1, max: 2_000_000_000 }))

describe('the grid', () => {
  test('prices beyond 32 bits are rounded as those below: by the remainder of the step', () => {
    const wide = fc.oneof(
      prices,
      fc.integer({ min: 2 ** 31 - 20, max: 2 ** 31 + 20 }),
      fc.integer({ min: 1, max: 2 ** 52 }),
    )
    fc.assert(
      fc.property(grids, wide, (grid, ticks) => {
        const over = ticks % priceStepTicks(ticks, grid)
        expect(snapBidDown(ticks, grid)).toBe(ticks - over)
        expect(snapAskUp(ticks, grid)).toBe(over === 0 ? ticks : ticks - over + priceStepTicks(ticks, grid))
      }),
    )
  })

  test('one tick times one lot is one micro-dollar', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9_999_999 }), fc.integer({ min: 1, max: 99_999_999 }), (t, l) => {
        expect(notionalMicroUsd({ priceTicks: t, sizeLots: l })).toBe(t * l)
      }),
    )
    const btc = gridOf(5)
    expect(btc.priceDecimals).toBe(1)
    // 60000.5 dollars × 0.12345 BTC = 7407.061725 dollars, exactly.
    expect(notionalMicroUsd({ priceTicks: 600_005, sizeLots: 12_345 })).toBe(7_407_061_725)
  })

  test('validity is the five-significant-figure rule, by three independent writings of it', () => {
    fc.assert(
      fc.property(prices, grids, (ticks, grid) => {
        const expected = isValidByText(ticks, grid.priceDecimals)
        expect(isValidPrice(ticks, grid)).toBe(expected)
        expect(isPriceOnVenueGrid(ticks, grid.priceDecimals)).toBe(expected)
      }),
      { numRuns: 3_000 },
    )
  })

  test('bids snap down and asks up to the nearest valid price, never past another', () => {
    fc.assert(
      fc.property(prices, grids, fc.double({ min: 0, max: 0.999, noNaN: true }), (ticks, grid, part) => {
        const real = ticks + part
        const bid = snapBidDown(real, grid)
        const ask = snapAskUp(real, grid)
        expect(bid).toBeLessThanOrEqual(real)
        expect(ask).toBeGreaterThanOrEqual(real)
        expect(isValidPrice(ask, grid)).toBe(true)
        if (bid > 0) expect(isValidPrice(bid, grid)).toBe(true)
        expect(ask - bid).toBeLessThanOrEqual(priceStepTicks(Math.ceil(real), grid))
        if (isValidPrice(ticks, grid)) {
          expect(snapBidDown(ticks, grid)).toBe(ticks)
          expect(snapAskUp(ticks, grid)).toBe(ticks)
        }
      }),
      { numRuns: 3_000 },
    )
  })

  test.each([
    // szDecimals, price in ticks, bid, ask
    [5, 618_003.5, 618_000, 618_010],
    [5, 999_999, 999_990, 1_000_000],
    [5, 1_234_567, 1_234_560, 1_234_570],
    [2, 29_985_0, 29_985_0, 29_985_0],
    [2, 299_853, 299_850, 299_860],
    [0, 123_456.5, 123_450, 123_460],
    [0, 1_234.2, 1_234, 1_235],
  ])('szDecimals %i, %f ticks: bid %i, ask %i', (szDecimals, real, bid, ask) => {
    const grid = gridOf(szDecimals)
    expect(snapBidDown(real, grid)).toBe(bid)
    expect(snapAskUp(real, grid)).toBe(ask)
  })
})
