import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mulDivHalfEven, mulDivTrunc, PPB } from '../../src/core/math/integer.ts'
import { gridOf, isValidPrice } from '../../src/core/units.ts'
import { deployerShare, rebatePpb, scaledRatePpb, tierRates } from '../../src/exchange/fees.ts'
import { fundingAmount, hourlyRate, rateOf8h } from '../../src/exchange/funding.ts'
import { feeOf, shareOf } from '../../src/exchange/integer-money.ts'
import { liquidationPrice, maintenanceOf } from '../../src/exchange/margin.ts'
import { takeNonce } from '../../src/exchange/nonce.ts'
import { builderPremium, mainPremium, median } from '../../src/exchange/oracle.ts'
import { priceIndexOf, priceOfIndex, priceText } from '../../src/exchange/price-index.ts'
import { SPEC } from '../support/exchange-world.ts'

interface Published {
  readonly id: string
  readonly inputs: Record<string, { readonly value: never }>
  readonly expected: never
  readonly tolerance: { readonly rel: number; readonly abs: number }
}

const published = (
  JSON.parse(readFileSync(new URL('../data/oracles.json', import.meta.url), 'utf8')) as {
    entries: Published[]
  }
).entries
const entries = (prefix: string): Published[] => {
  const found = published.filter((entry) => entry.id.startsWith(prefix))
  expect(found.length, `published values ${prefix}*`).toBeGreaterThan(0)
  return found
}

function near(actual: number | null, expected: number | null, { rel, abs }: Published['tolerance']): void {
  if (expected === null || actual === null) {
    expect(actual).toBe(expected)
    return
  }
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(Math.max(abs, rel * Math.abs(expected)))
}

/** Published values are in dollars; the functions are linear in money, so dollars stand for micro-dollars here. */
const tiersOf = (pairs: [number, number][]): { lowerBoundMicroUsd: number; maxLeverage: number }[] =>
  pairs.map(([lowerBoundMicroUsd, maxLeverage]) => ({ lowerBoundMicroUsd, maxLeverage }))

describe('published values', () => {
  test('funding rate and payment', () => {
    for (const { inputs, expected, tolerance } of entries('funding.p.')) {
      const input = inputs as unknown as Record<string, { value: number }>
      const want = expected as { rate8h: number; hourlyRate: number; cashflow: number }
      const terms = {
        premium: input['averagePremium']?.value ?? NaN,
        interestPer8h: input['interestRate']?.value ?? NaN,
        multiplier: 1,
      }
      near(rateOf8h(terms), want.rate8h, tolerance)
      near(hourlyRate(terms), want.hourlyRate, tolerance)
      // 2.5 BTC at 60 000 $ in lots of 10⁻⁵ and ticks of 0.1 $: exact to the micro-dollar.
      const lots = (input['position']?.value ?? NaN) * 100_000
      const ticks = (input['oraclePrice']?.value ?? NaN) * 10
      expect(fundingAmount(lots, ticks, hourlyRate(terms))).toBe(Math.round(want.cashflow * 1e6))
    }
  })

  test('premium of the main DEX', () => {
    for (const { inputs, expected, tolerance } of entries('funding.premium.public')) {
      const input = inputs as unknown as Record<string, { value: number }>
      const premium = mainPremium({
        impactBidTicks: input['impactBid']?.value ?? null,
        impactAskTicks: input['impactAsk']?.value ?? null,
        oracleTicks: input['oracle']?.value ?? NaN,
      })
      near(premium, expected, tolerance)
    }
  })

  test('maintenance margin with its deductions', () => {
    for (const { inputs, expected, tolerance } of entries('margin.maint')) {
      const tiers = tiersOf(inputs['tiers']?.value as unknown as [number, number][])
      const want = expected as { rate: number; deduction: number; maintenance: number }
      const got = maintenanceOf(tiers, inputs['notional']?.value as unknown as number)
      near(got.rate, want.rate, tolerance)
      near(got.deductionMicroUsd, want.deduction, tolerance)
      near(got.maintenanceMicroUsd, want.maintenance, tolerance)
    }
  })

  test('liquidation price, its root taken in its own tier', () => {
    for (const { inputs, expected, tolerance } of entries('margin.liq')) {
      const input = inputs as unknown as Record<string, { value: number }>
      const size = (input['size']?.value ?? NaN) * (input['side']?.value ?? NaN)
      const got = liquidationPrice({
        tiers: tiersOf(inputs['tiers']?.value as unknown as [number, number][]),
        sizeLots: size,
        priceTicks: input['price']?.value ?? NaN,
        equityMicroUsd: input['equity']?.value ?? NaN,
      })
      near(got, (expected as { exact: number | null }).exact, tolerance)
    }
  })
})

describe('margin', () => {
  test('maintenance is continuous where tiers meet, and at a liquidation price equity equals maintenance', () => {
    const tiers = tiersOf([
      [0, 10],
      [20_000, 5],
      [100_000, 3],
    ])
    for (const bound of [20_000, 100_000]) {
      const below = maintenanceOf(tiers, bound - 1e-9).maintenanceMicroUsd
      expect(maintenanceOf(tiers, bound).maintenanceMicroUsd).toBeCloseTo(below, 6)
    }
    fc.assert(
      fc.property(
        fc.integer({ min: -80, max: 80 }).filter((size) => size !== 0),
        fc.integer({ min: 1_000, max: 3_000 }),
        fc.integer({ min: 1, max: 60_000 }),
        (sizeLots, priceTicks, equityMicroUsd) => {
          const at = liquidationPrice({ tiers, sizeLots, priceTicks, equityMicroUsd })
          if (at === null) return
          const equityThere = equityMicroUsd + sizeLots * (at - priceTicks)
          const maintenance = maintenanceOf(tiers, Math.abs(sizeLots) * at).maintenanceMicroUsd
          // Relative to the notional: both sides are differences of numbers of that size.
          expect(Math.abs(equityThere - maintenance)).toBeLessThan(
            1e-9 * Math.abs(sizeLots) * Math.max(at, priceTicks),
          )
        },
      ),
    )
  })
})

describe('funding', () => {
  test('the hourly rate is capped at 4 % and scaled by the market’s multiplier', () => {
    expect(hourlyRate({ premium: 5, interestPer8h: 0.0001, multiplier: 1 })).toBe(0.04)
    expect(hourlyRate({ premium: -5, interestPer8h: 0.0001, multiplier: 1 })).toBe(-0.04)
    expect(hourlyRate({ premium: 0, interestPer8h: 0.0001, multiplier: 3 })).toBeCloseTo(3.75e-5, 15)
  })

  test('a side too thin for an impact price adds nothing', () => {
    expect(mainPremium({ impactBidTicks: 600, impactAskTicks: null, oracleTicks: 500 })).toBeCloseTo(0.2, 15)
    expect(mainPremium({ impactBidTicks: null, impactAskTicks: null, oracleTicks: 500 })).toBe(0)
    expect(builderPremium({ impactBidTicks: 505, impactAskTicks: 515, oracleTicks: 500 })).toBeCloseTo(
      0.02,
      15,
    )
    expect(builderPremium({ impactBidTicks: null, impactAskTicks: 515, oracleTicks: 500 })).toBe(0)
  })
})

describe('fees', () => {
  test.each([
    [0, 4.5, 1.5],
    [5_000_000, 4.5, 1.5],
    [5_000_001, 4, 1.2],
    [25_000_001, 3.5, 0.8],
    [100_000_001, 3, 0.4],
    [500_000_001, 2.8, 0],
    [2_000_000_001, 2.6, 0],
    [7_000_000_001, 2.4, 0],
  ])('a volume of %d $ pays %d bp as taker and %d bp as maker', (dollars, takerBp, makerBp) => {
    expect(tierRates(dollars * 1e6)).toEqual({ takerPpb: takerBp * 100_000, makerPpb: makerBp * 100_000 })
  })

  test('rebates start above half a percent of all maker volume', () => {
    expect([0.005, 0.006, 0.016, 0.031].map(rebatePpb)).toEqual([null, -10_000, -20_000, -30_000])
  })

  test('the deployer’s scale raises costs, not rebates; growth mode takes a tenth of either', () => {
    const [main, hyna, flx] = SPEC.dexs
    const [btc, , , gold] = SPEC.instruments
    if (!main || !hyna || !flx || !btc || !gold) throw new Error('the spec has its parts')
    expect(scaledRatePpb(450_000, main, btc)).toBe(450_000)
    expect(scaledRatePpb(450_000, hyna, btc)).toBe(900_000)
    expect(scaledRatePpb(450_000, flx, btc)).toBe(675_000)
    expect(scaledRatePpb(450_000, flx, gold)).toBe(67_500)
    expect(scaledRatePpb(-20_000, hyna, btc)).toBe(-20_000)
    expect([main, hyna, flx].map(deployerShare)).toEqual([0, 0.5, 1 / 3])
  })

  test('the fast fee and cost share equal exact big-integer arithmetic', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9e15 }),
        fc.integer({ min: -20_000_000, max: 20_000_000 }),
        (notional, rate) => {
          expect(feeOf(notional, rate)).toBe(mulDivTrunc(notional, rate, PPB))
        },
      ),
    )
    const whole = fc.oneof(...[200, 94_906_265, 1e12].map((max) => fc.integer({ min: 1, max })))
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9e15 }),
        whole,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (cost, lots, part) => {
          const closed = Math.floor(part * lots)
          expect(shareOf(cost, closed, lots)).toBe(mulDivHalfEven(cost, closed, lots))
        },
      ),
    )
  })
})

describe('valid prices', () => {
  test('the venue’s judgement equals the maker’s grid, and ranks count every valid price once, in order', () => {
    for (let szDecimals = 0; szDecimals <= 6; szDecimals += 1) {
      const grid = gridOf(szDecimals)
      let rank = 0
      for (let ticks = 1; ticks <= 230_000; ticks += 1) {
        const index = priceIndexOf(ticks, grid.priceDecimals)
        if (!isValidPrice(ticks, grid)) {
          if (index !== -1) expect(index, `${ticks} at szDecimals ${szDecimals}`).toBe(-1)
          continue
        }
        rank += 1
        if (index !== rank) expect(index, `${ticks} at szDecimals ${szDecimals}`).toBe(rank)
      }
    }
  })

  test('the rank leads back to the price, over all sizes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 1, max: 1e12 }), (decimals, ticks) => {
        const index = priceIndexOf(ticks, decimals)
        const valid = isValidPrice(ticks, gridOf(6 - decimals))
        if (index > 0) expect(priceOfIndex(index, decimals)).toBe(ticks)
        // Beyond the book's range a valid price has no rank.
        expect(index > 0).toBe(valid && index !== -1)
        if (ticks < 16_000_000) expect(index > 0).toBe(valid)
      }),
    )
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 6 }),
        fc.integer({ min: 1, max: 2 ** 24 - 1 }),
        (decimals, index) => {
          expect(priceIndexOf(priceOfIndex(index, decimals), decimals)).toBe(index)
        },
      ),
    )
  })

  test.each([
    [950_000, 1, '95000'],
    [950_001, 1, '95000.1'],
    [5, 3, '0.005'],
    [0, 1, '0'],
    [123, 0, '123'],
  ])('%d ticks with %d decimals read %s', (ticks, decimals, text) => {
    expect(priceText(ticks, decimals)).toBe(text)
  })

  test('the median of two is their middle', () => {
    expect(median([4, 1])).toBe(2.5)
    expect(median([9, 1, 4])).toBe(4)
  })
})

describe('nonces', () => {
  const NOW = 1_700_000_000_000

  test('each is taken once, in any order, within two days before and one day after', () => {
    const window: number[] = []
    expect(takeNonce(window, NOW, NOW)).toBeNull()
    expect(takeNonce(window, NOW - 5, NOW)).toBeNull()
    expect(takeNonce(window, NOW, NOW)).toBe(`Invalid nonce: duplicate nonce ${NOW}`)
    expect(takeNonce(window, NOW - 172_800_000, NOW)).toContain('nonce too low')
    expect(takeNonce(window, NOW - 172_799_999, NOW)).toBeNull()
    expect(takeNonce(window, NOW + 86_400_000, NOW)).toContain('nonce too high')
    expect(takeNonce(window, NOW + 86_399_999, NOW)).toBeNull()
    expect(takeNonce(window, NaN, NOW)).toContain('Invalid nonce')
    expect(window).toEqual([NOW - 172_799_999, NOW - 5, NOW, NOW + 86_399_999])
  })

  test('of more than a hundred the highest are kept, and nothing at or below the least is taken', () => {
    const window = Array.from({ length: 100 }, (_, index) => NOW + 10 * index)
    expect(takeNonce(window, NOW - 1, NOW)).toBe(`Invalid nonce: nonce too low ${NOW - 1} < ${NOW}`)
    expect(takeNonce(window, NOW + 5, NOW)).toBeNull()
    expect(window.length).toBe(100)
    expect(window[0]).toBe(NOW + 5)
    expect(takeNonce(window, NOW, NOW)).toContain('too low')
  })

  test('they agree with a plain model that keeps the hundred highest ever taken', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 300 }), { size: 'max', maxLength: 400 }), (draws) => {
        const window: number[] = []
        const taken: number[] = []
        for (const draw of draws) {
          const kept = [...taken].sort((a, b) => b - a).slice(0, 100)
          const fine = !taken.includes(NOW + draw) && (kept.length < 100 || NOW + draw > (kept.at(-1) ?? 0))
          expect(takeNonce(window, NOW + draw, NOW) === null).toBe(fine)
          if (fine) taken.push(NOW + draw)
        }
      }),
      { numRuns: 40 },
    )
  })
})
