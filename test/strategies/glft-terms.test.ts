/** Each cause stands in its own term, and in no other. */
import { describe, expect, test } from 'vitest'
import { WATERFALL_TERMS } from '../../src/core/contracts.ts'
import type { Estimates, QuoteContext, WaterfallTerm } from '../../src/core/contracts.ts'
import { initGroundStates } from '../../strategies/glft/inventory-cost.ts'
import { initRiskFactors } from '../../strategies/glft/risk-aversion.ts'
import { glftLadderDefaults } from '../../strategies/glft-ladder-config.ts'
import { initModelNumbers, readModel, writeModelTerms } from '../../strategies/glft-terms.ts'
import { initTerms } from '../../strategies/ladder/waterfall.ts'
import { calmEstimates, contextOf, market, measured, TOXIC_HOUR_MS } from '../support/quote-context.ts'

const config = { ...glftLadderDefaults, targetLots: 25_000 }

type TermTable = Record<WaterfallTerm, number>

function termsOf(change: Partial<QuoteContext> = {}): { readonly bid: TermTable; readonly ask: TermTable } {
  const context = contextOf(change)
  const [numbers, factors] = [initModelNumbers(), initRiskFactors()]
  const [bid, ask] = [initTerms(), initTerms()]
  readModel(config, context, numbers, factors)
  writeModelTerms(config, context, numbers, factors, bid, ask, initGroundStates())
  const table = (terms: Float64Array): TermTable =>
    Object.fromEntries(WATERFALL_TERMS.map((name, index) => [name, (terms[index] ?? 0) * 1e4])) as TermTable
  return { bid: table(bid), ask: table(ask) }
}

function changed(after: TermTable, before: TermTable): string[] {
  return WATERFALL_TERMS.filter((name) => Math.abs(after[name] - before[name]) > 1e-9)
}

const estimatesWith = (change: Partial<Estimates>): Estimates => ({ ...calmEstimates(), ...change })

describe('the terms of a quote', () => {
  const before = termsOf()

  test.each<readonly [string, Partial<QuoteContext>, readonly string[], readonly string[]]>([
    ['inventory', { positionLots: 5_000 }, ['volatility', 'inventory'], ['volatility', 'inventory']],
    ['toxic volume', { estimates: estimatesWith({ toxicity: measured(0.8) }) }, ['toxicity'], ['toxicity']],
    [
      'a burst of fills on our bid',
      { estimates: estimatesWith({ fillBurstBid: measured(5) }) },
      ['toxicity'],
      [],
    ],
    ['a toxic hour', { tsMs: TOXIC_HOUR_MS }, ['hour'], ['hour']],
    ['selling pressure', { estimates: estimatesWith({ flowImbalance: measured(-0.7) }) }, ['momentum'], []],
    ['a rising price', { estimates: estimatesWith({ momentumZ: [measured(4)] }) }, [], ['momentum']],
    ['funding', { estimates: estimatesWith({ fundingPerHour: measured(5e-5) }) }, ['funding'], ['funding']],
    ['the risk stage', { riskWidenBps: 3 }, ['risk'], ['risk']],
  ])('%s has its own', (_, change, bid, ask) => {
    const after = termsOf(change)
    expect(changed(after.bid, before.bid)).toEqual(bid)
    expect(changed(after.ask, before.ask)).toEqual(ask)
  })

  test('funding that longs pay lowers both quotes by the payments a position meets', () => {
    const { bid, ask } = termsOf({ estimates: estimatesWith({ fundingPerHour: measured(5e-5) }) })
    // Half an hour before the payment, held for an hour: e^{−1/2}/(1 − e^{−1}) payments of 0.5 bps.
    expect([bid.funding, ask.funding]).toEqual([expect.closeTo(0.479755, 5), expect.closeTo(-0.479755, 5)])
    const at = (fundingDueSec: number): number =>
      termsOf({
        estimates: estimatesWith({ fundingPerHour: measured(5e-5), fundingDueSec: measured(fundingDueSec) }),
      }).bid.funding
    expect(at(1) - at(3_599)).toBeCloseTo(0.5, 2)
  })

  test('the fee is the venue’s; the configured one speaks only where the venue is silent; a rebate narrows', () => {
    expect(before.bid.fee).toBeCloseTo(1.5, 9)
    expect(termsOf({ market: { ...market, makerFeePpb: null } }).bid.fee).toBeCloseTo(
      config.makerFeeRateBps,
      9,
    )
    expect(termsOf({ market: { ...market, makerFeePpb: -20_000 } }).ask.fee).toBeCloseTo(-0.2, 9)
  })

  test('a favourable markout does not bring the quote nearer', () => {
    const kind = termsOf({ estimates: estimatesWith({ adverseSelectionBidBps: measured(-3) }) })
    expect(kind.bid.adverseSelection).toBe(0)
  })
})
