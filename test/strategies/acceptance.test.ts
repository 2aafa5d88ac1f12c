/** Stories from the record of makers that lost money, at the level of one quote: what the ladder must answer, whatever else it is tuned to. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { initLadder, WATERFALL_TERMS } from '../../src/core/contracts.ts'
import type { DesiredLadder, QuoteContext } from '../../src/core/contracts.ts'
import { gridOf, isValidPrice } from '../../src/core/units.ts'
import type { Side } from '../../src/core/units.ts'
import { glftLadderDefaults } from '../../strategies/glft-ladder-config.ts'
import { createGlftLadder } from '../../strategies/glft-ladder.ts'
import { calmEstimates, contextOf, market, measured } from '../support/quote-context.ts'

function quoteOf(context: Partial<QuoteContext>, targetLots = 25_000): DesiredLadder {
  const strategy = createGlftLadder({ ...glftLadderDefaults, targetLots })
  const of = contextOf(context)
  const ladder = initLadder(strategy.levelCountMax)
  strategy.quote(strategy.init(of.market), of, ladder)
  return ladder
}

/** Distance of the innermost quote from the fair price before it is put on the grid, bps; what a price step hides must not hide a law. */
function innerBps(ladder: DesiredLadder, side: Side): number {
  const level = side === 'buy' ? ladder.bids[0] : ladder.asks[0]
  const ofGrid = [WATERFALL_TERMS.indexOf('touch'), WATERFALL_TERMS.indexOf('rounding')]
  const microTicks = [...(level?.termsMicroTicks ?? [])].reduce(
    (sum, term, index) => (ofGrid.includes(index) ? sum : sum + term),
    0,
  )
  return (microTicks / ladder.fairMicroTicks) * 1e4
}

describe('acceptance stories of one quote', () => {
  test('2: long 45 % of the limit, both quotes lean down by five bps or more while the price falls', () => {
    const flat = quoteOf({})
    for (let step = 0; step <= 40; step += 1) {
      const ticks = Math.round(640_000 * (1 - step / 1e4) * 0.1) * 10
      const estimates = {
        ...calmEstimates(),
        midTicks: measured(ticks),
        fairTicks: measured(ticks),
        bestBidTicks: ticks - 10,
        bestAskTicks: ticks + 10,
        momentumZ: [measured(-1), measured(-1), measured(-1), measured(-1)],
      }
      const long = quoteOf({ estimates, positionLots: 22_500 })
      expect(long.askCount).toBeGreaterThan(0)
      const centre = (ladder: DesiredLadder): number =>
        (innerBps(ladder, 'sell') - innerBps(ladder, 'buy')) / 2
      expect(centre(flat) - centre(long)).toBeGreaterThanOrEqual(5)
    }
  })

  const alarms: readonly (readonly [string, Partial<QuoteContext>])[] = [
    ['volatility', { estimates: { ...calmEstimates(), sigmaPerSqrtSec: measured(6e-4) } }],
    ['toxicity', { estimates: { ...calmEstimates(), toxicity: measured(0.95) } }],
    [
      'adverse selection',
      {
        estimates: {
          ...calmEstimates(),
          adverseSelectionBidBps: measured(5),
          adverseSelectionAskBps: measured(5),
        },
      },
    ],
    ['an extreme regime', { estimates: { ...calmEstimates(), regime: 'extreme' } }],
    ['jumps', { estimates: { ...calmEstimates(), jumpRatio: measured(4), jumpZ: measured(9) } }],
    ['the risk stage', { riskWidenBps: 12 }],
    ['the maker fee', { market: { ...market, makerFeePpb: 450_000 } }],
  ]

  test.each(alarms)(
    '4: %s alone widens or keeps both quotes of a flat maker, never below the floor',
    (_, context) => {
      const [calm, alarmed] = [quoteOf({}), quoteOf(context)]
      for (const side of ['buy', 'sell'] as const) {
        expect(innerBps(alarmed, side)).toBeGreaterThanOrEqual(innerBps(calm, side) - 1e-6)
      }
      const full = innerBps(alarmed, 'buy') + innerBps(alarmed, 'sell')
      expect(full).toBeGreaterThanOrEqual(glftLadderDefaults.minSpreadFloorBps - 1e-6)
    },
  )

  test('4: a position alone widens or keeps the quote that adds to it', () => {
    const flat = quoteOf({})
    for (const lots of [5_000, 15_000, 30_000, 45_000]) {
      expect(innerBps(quoteOf({ positionLots: lots }), 'buy')).toBeGreaterThanOrEqual(innerBps(flat, 'buy'))
      expect(innerBps(quoteOf({ positionLots: -lots }), 'sell')).toBeGreaterThanOrEqual(
        innerBps(flat, 'sell'),
      )
    }
  })

  test('8: around 29.985 with five significant figures: bid below ask and mid, ten dollars or more, within capacity', () => {
    const grid = gridOf(2)
    const situation = fc.record({
      // 29.985 is 299 850 ticks; a valid price there is a multiple of ten.
      midTicks: fc.integer({ min: 299_800, max: 299_900 }),
      halfTouchTicks: fc.integer({ min: 5, max: 40 }),
      positionLots: fc.integer({ min: -900, max: 900 }),
      targetLots: fc.integer({ min: 34, max: 2_000 }),
    })
    fc.assert(
      fc.property(situation, ({ midTicks, halfTouchTicks, positionLots, targetLots }) => {
        const estimates = {
          ...calmEstimates(),
          midTicks: measured(midTicks),
          fairTicks: measured(midTicks),
          bestBidTicks: Math.floor((midTicks - halfTouchTicks) / 10) * 10,
          bestAskTicks: Math.ceil((midTicks + halfTouchTicks) / 10) * 10,
        }
        const ladder = quoteOf(
          { market: { ...market, grid }, estimates, positionLots, maxPositionLots: 1_000, minSizeLots: 34 },
          targetLots,
        )
        const sides = [
          { levels: ladder.bids.slice(0, ladder.bidCount), sign: -1, capacityLots: 1_000 - positionLots },
          { levels: ladder.asks.slice(0, ladder.askCount), sign: 1, capacityLots: 1_000 + positionLots },
        ]
        // Too small to quote is a state with its reason.
        if (ladder.bidCount === 0) expect(ladder.bidBecause).not.toBeNull()
        if (ladder.askCount === 0) expect(ladder.askBecause).not.toBeNull()
        if (targetLots >= 200) expect(ladder.bidCount + ladder.askCount).toBeGreaterThan(0)
        for (const { levels, sign, capacityLots } of sides) {
          for (const { priceTicks, sizeLots } of levels) {
            expect(isValidPrice(priceTicks, grid)).toBe(true)
            expect(sign * (priceTicks - midTicks)).toBeGreaterThan(0)
            expect(priceTicks * sizeLots).toBeGreaterThanOrEqual(10_000_000)
          }
          expect(levels.reduce((sum, { sizeLots }) => sum + sizeLots, 0)).toBeLessThanOrEqual(capacityLots)
        }
        const [bid, ask] = [ladder.bids[0], ladder.asks[0]]
        if (ladder.bidCount > 0 && ladder.askCount > 0)
          expect(bid?.priceTicks).toBeLessThan(ask?.priceTicks ?? 0)
      }),
    )
  })
})
