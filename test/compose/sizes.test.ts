/** Sizes that were not given, from equity and price: as laws, and in the words of what is refused. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runOne } from '../../src/backtest/run-one.ts'
import { enginePartsOf } from '../../src/compose/engine-parts.ts'
import { withSizes } from '../../src/compose/sizes.ts'
import type { Config } from '../../src/config/config.ts'
import { defaultVenue } from '../../src/config/venue-definitions.ts'
import { toLots } from '../../src/config/amounts.ts'
import { createEngine } from '../../src/core/engine.ts'
import { gridOf } from '../../src/core/units.ts'
import { load } from '../support/config.ts'
import { btcMarket } from '../support/core-facts.ts'

const DERIVE = ['risk.max_position=0', 'quoting.target_liquidity=0']
const valuesOf = (...assignments: string[]): Config => load({ assignments }).values
const capitalArb = fc.record({
  equityMicroUsd: fc.integer({ min: 100_000_000, max: 1e13 }),
  priceTicks: fc.integer({ min: 1_000, max: 1e9 }),
})

describe('sizes that were not given', () => {
  test('the largest position is worth 40 % of equity to the lot, and a side shows at most half of it', () => {
    fc.assert(
      fc.property(capitalArb, fc.integer({ min: 0, max: 5 }), (capital, szDecimals) => {
        const market = { ...btcMarket, grid: gridOf(szDecimals) }
        fc.pre((0.4 * capital.equityMicroUsd) / capital.priceTicks > 1)
        fc.pre(0.4 * capital.equityMicroUsd - capital.priceTicks > market.minNotionalMicroUsd)
        const { risk, quoting } = withSizes(valuesOf(...DERIVE), market, capital)
        const lots = toLots(risk.maxPosition, market.grid)
        expect(lots * capital.priceTicks).toBeLessThanOrEqual(0.4 * capital.equityMicroUsd)
        expect((lots + 1) * capital.priceTicks).toBeGreaterThan(0.4 * capital.equityMicroUsd * (1 - 1e-12))
        const sideLots = toLots(quoting.targetLiquidity, market.grid)
        expect(sideLots).toBe(Math.max(1, Math.floor(lots / 2)))
      }),
    )
  })

  test('what was given stays as it was', () => {
    const given = valuesOf('risk.max_position=0.3', 'quoting.target_liquidity=0.2')
    expect(withSizes(given, btcMarket, null)).toBe(given)
    const side = withSizes(valuesOf('risk.max_position=0.3', 'quoting.target_liquidity=0'), btcMarket, null)
    expect(side).toMatchObject({ risk: { maxPosition: 0.3 }, quoting: { targetLiquidity: 0.15 } })
  })

  test.each([
    ['nobody knows the capital', null, /which is not known here: give --max-position in /],
    [
      'the capital is too small',
      { equityMicroUsd: 20_000_000, priceTicks: 776_000 },
      /40 % of the 20\.00 USD of equity do not reach an order of 10\.00 USD: deposit more, or give --max-position/,
    ],
  ])('are refused when %s', (_, capital, message) => {
    expect(() => withSizes(valuesOf(...DERIVE), btcMarket, capital)).toThrow(message)
  })

  test('a maker with ten times the capital shows ten times the size', () => {
    const largestOf = (depositMicroUsd: number): number => {
      let largest = 0
      const stage = { spec: defaultVenue(), coin: 'BTC', scenario: 'calm', seed: 3, blockMs: 100 }
      runOne({ ...stage, depositMicroUsd, minutes: 0.05 }, (market, capital) => {
        const engine = createEngine(
          enginePartsOf(valuesOf('market.dex=', 'market.asset=BTC', ...DERIVE), market, capital),
        )
        largest = engine.parts.settings.maxPositionLots
        return engine
      })
      return largest
    }
    const small = largestOf(10_000_000_000)
    expect(small).toBeGreaterThan(1_000)
    expect(Math.abs(largestOf(100_000_000_000) - 10 * small)).toBeLessThanOrEqual(10)
  })
})
