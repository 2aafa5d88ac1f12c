import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { initLadder, MICRO_TICKS_PER_TICK } from '../../../src/core/contracts.ts'
import type { DesiredLadder, QuoteContext } from '../../../src/core/contracts.ts'
import { avellanedaStoikovQuote } from '../../../strategies/avellaneda-stoikov/quote.ts'
import { createAvellanedaStoikov } from '../../../strategies/avellaneda-stoikov/strategy.ts'
import type { AvellanedaStoikovConfig } from '../../../strategies/avellaneda-stoikov/strategy.ts'
import { TERM } from '../../../strategies/ladder/waterfall.ts'
import { calmEstimates, contextOf, market, measured, QUIET_HOUR_MS } from '../../support/quote-context.ts'

const base: AvellanedaStoikovConfig = {
  gammaBase: 0.3,
  horizonSec: 90,
  minSpreadBps: 0,
  levels: 5,
  levelStepBps: 4,
  targetLots: 25_000,
}

function ladderOf(
  change: Partial<AvellanedaStoikovConfig> = {},
  context: Partial<QuoteContext> = {},
): DesiredLadder {
  const strategy = createAvellanedaStoikov({ ...base, ...change })
  const ladder = initLadder(strategy.levelCountMax)
  strategy.quote(strategy.init(market), contextOf(context), ladder)
  return ladder
}

/** Terms of the innermost level but touch and rounding, fraction of the fair price. */
function innerDepth(ladder: DesiredLadder, quote: 'bid' | 'ask'): number {
  const terms = (quote === 'bid' ? ladder.bids : ladder.asks)[0]?.termsMicroTicks ?? new Float64Array()
  const sum = terms.reduce((total, term) => total + term, 0)
  return (sum - (terms[TERM.touch] ?? 0) - (terms[TERM.rounding] ?? 0)) / ladder.fairMicroTicks
}

describe('Avellaneda–Stoikov', () => {
  test('quotes what the article says for the time that is left', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -20_000, max: 20_000 }),
        fc.double({ min: 1e-5, max: 2e-4, noNaN: true }),
        fc.integer({ min: 0, max: 400 }),
        (positionLots, sigma, afterSec) => {
          const estimates = { ...calmEstimates(), sigmaPerSqrtSec: measured(sigma) }
          const tsMs = QUIET_HOUR_MS + afterSec * 1_000
          const ladder = ladderOf({}, { positionLots, estimates, tsMs })
          const kappa = 2_200
          const wanted = avellanedaStoikovQuote({
            price: 1,
            inventory: positionLots / 5_000,
            gamma: 0.3 * kappa,
            sigma,
            timeToHorizon: 90 - (afterSec % 90),
            kappa,
          })
          expect(innerDepth(ladder, 'bid')).toBeCloseTo(1 - wanted.bid, 10)
          expect(innerDepth(ladder, 'ask')).toBeCloseTo(wanted.ask - 1, 10)
          for (const level of ladder.bids.slice(0, ladder.bidCount)) {
            const sum = level.termsMicroTicks.reduce((total, term) => total + term, 0)
            expect(ladder.fairMicroTicks - sum).toBe(level.priceTicks * MICRO_TICKS_PER_TICK)
          }
        },
      ),
      { numRuns: 50 },
    )
  })

  test('leans less as its horizon ends, and anew when the next one begins', () => {
    const bidAt = (afterSec: number): number =>
      innerDepth(ladderOf({}, { positionLots: 10_000, tsMs: QUIET_HOUR_MS + afterSec * 1_000 }), 'bid')
    expect(bidAt(80)).toBeLessThan(bidAt(10))
    expect(bidAt(100)).toBeCloseTo(bidAt(10), 12)
  })

  test('a quote that would cross the market because of inventory stays behind the touch', () => {
    const estimates = { ...calmEstimates(), sigmaPerSqrtSec: measured(1e-3) }
    const ladder = ladderOf({}, { positionLots: 40_000, estimates })
    expect(innerDepth(ladder, 'ask')).toBeLessThan(0)
    expect(ladder.asks[0]?.priceTicks).toBe(640_000) // The first price above the best bid of 639 990.
  })

  test('the least spread widens both sides alike and is named', () => {
    const free = ladderOf({}, { positionLots: 5_000 })
    const held = ladderOf({ minSpreadBps: 60 }, { positionLots: 5_000 })
    const added = (quote: 'bid' | 'ask'): number => innerDepth(held, quote) - innerDepth(free, quote)
    expect(added('bid')).toBeCloseTo(added('ask'), 10)
    expect(innerDepth(held, 'bid') + innerDepth(held, 'ask')).toBeCloseTo(60e-4, 10)
    expect([free.bidFloor, held.bidFloor, held.askFloor]).toEqual(['none', 'minimum', 'minimum'])
  })

  test.each([
    ['gammaBase', { gammaBase: 0.6 }],
    ['horizonSec', { horizonSec: 200 }],
    ['minSpreadBps', { minSpreadBps: 60 }],
    ['levels', { levels: 2 }],
    ['levelStepBps', { levelStepBps: 9 }],
    ['targetLots', { targetLots: 10_000 }],
  ] as const)('%s moves a quote', (_, change) => {
    const shape = (ladder: DesiredLadder): unknown =>
      ladder.bids.slice(0, ladder.bidCount).map((level) => [level.priceTicks, level.sizeLots])
    const context = { positionLots: 3_000, tsMs: QUIET_HOUR_MS + 37_000 }
    expect(shape(ladderOf(change, context))).not.toEqual(shape(ladderOf({}, context)))
  })

  test('without sigma or kappa it is silent with a reason', () => {
    const noData = { value: 0, status: 'noData' as const, tsMs: 0, confidence: 0 }
    const reasons = (['fairTicks', 'sigmaPerSqrtSec', 'kappaAsk'] as const).map(
      (name) => ladderOf({}, { estimates: { ...calmEstimates(), [name]: noData } }).askBecause,
    )
    expect(reasons).toEqual(['no fair price: noData', 'no volatility: noData', 'no kappa'])
  })

  test('a setting without meaning is refused by name', () => {
    expect(() => createAvellanedaStoikov({ ...base, horizonSec: 0 })).toThrow(/horizonSec is positive; got 0/)
  })
})
