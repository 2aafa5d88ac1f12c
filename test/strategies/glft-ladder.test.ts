/** Laws of the GLFT ladder: what adds up, what mirrors, what widens, what every knob does. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { initLadder, initReading, MICRO_TICKS_PER_TICK, WATERFALL_TERMS } from '../../src/core/contracts.ts'
import type { DesiredLadder, Estimates, QuoteContext } from '../../src/core/contracts.ts'
import { gridOf, isValidPrice } from '../../src/core/units.ts'
import type { GlftLadderConfig } from '../../strategies/glft-ladder-config.ts'
import { glftLadderDefaults } from '../../strategies/glft-ladder-config.ts'
import { createGlftLadder } from '../../strategies/glft-ladder.ts'
import type { GlftLadderState } from '../../strategies/glft-ladder-state.ts'
import {
  calmEstimates,
  contextOf,
  market,
  measured,
  QUIET_HOUR_MS,
  TOXIC_HOUR_MS,
} from '../support/quote-context.ts'

const base: GlftLadderConfig = { ...glftLadderDefaults, targetLots: 25_000 }

function ladderOf(
  change: Partial<GlftLadderConfig> = {},
  context: Partial<QuoteContext> = {},
): { readonly ladder: DesiredLadder; readonly state: GlftLadderState } {
  const strategy = createGlftLadder({ ...base, ...change })
  const state = strategy.init(market)
  const ladder = initLadder(strategy.levelCountMax)
  strategy.quote(state, contextOf(context), ladder)
  return { ladder, state }
}

function estimatesWith(change: Partial<Estimates>): Estimates {
  return { ...calmEstimates(), ...change }
}

/** Distances from the fair price in bps, and sizes, as plain numbers. */
function shapeOf(ladder: DesiredLadder): unknown {
  const side = (levels: DesiredLadder['bids'], count: number): unknown =>
    levels.slice(0, count).map((level) => [level.priceTicks, level.sizeLots])
  return [side(ladder.bids, ladder.bidCount), side(ladder.asks, ladder.askCount)]
}

/** A law is read off real numbers here: the distance before rounding, which a price step may hide. */
function innerBps(ladder: DesiredLadder, quote: 'bid' | 'ask'): number {
  const level = quote === 'bid' ? ladder.bids[0] : ladder.asks[0]
  expect(quote === 'bid' ? ladder.bidCount : ladder.askCount, `the ${quote} is quoted`).toBeGreaterThan(0)
  const skipped = [WATERFALL_TERMS.indexOf('touch'), WATERFALL_TERMS.indexOf('rounding')]
  const micro = [...(level?.termsMicroTicks ?? [])].reduce(
    (sum, term, index) => (skipped.includes(index) ? sum : sum + term),
    0,
  )
  return (micro / ladder.fairMicroTicks) * 1e4
}

const arbitrarySituation = fc.record({
  fairTicks: fc.double({ min: 200_000, max: 900_000, noNaN: true }),
  halfTouchTicks: fc.integer({ min: 3, max: 300 }),
  sigma: fc.double({ min: 2e-6, max: 3e-3, noNaN: true }),
  kappaBid: fc.double({ min: 60, max: 9_000, noNaN: true }),
  kappaAsk: fc.double({ min: 60, max: 9_000, noNaN: true }),
  rateBid: fc.double({ min: 0.005, max: 20, noNaN: true }),
  rateAsk: fc.double({ min: 0.005, max: 20, noNaN: true }),
  toxicity: fc.double({ min: 0, max: 1, noNaN: true }),
  flow: fc.double({ min: -1, max: 1, noNaN: true }),
  adverse: fc.double({ min: -5, max: 20, noNaN: true }),
  z: fc.double({ min: -9, max: 9, noNaN: true }),
  share: fc.double({ min: -1, max: 1, noNaN: true }),
})

const arbitraryHour = fc.constantFrom(QUIET_HOUR_MS, TOXIC_HOUR_MS)
const arbitrarySolution = fc.constantFrom<GlftLadderConfig['solution']>('closed', 'spectral')

type Situation = typeof arbitrarySituation extends fc.Arbitrary<infer T> ? T : never

function contextFrom(s: Situation): Partial<QuoteContext> {
  const bestBidTicks = Math.floor(s.fairTicks) - s.halfTouchTicks
  return {
    positionLots: Math.round(s.share * 50_000),
    estimates: estimatesWith({
      bestBidTicks,
      bestAskTicks: bestBidTicks + 2 * s.halfTouchTicks,
      fairTicks: measured(s.fairTicks),
      midTicks: measured(s.fairTicks),
      sigmaPerSqrtSec: measured(s.sigma),
      kappaBid: measured(s.kappaBid, 0.9),
      kappaAsk: measured(s.kappaAsk, 0.9),
      fillRateBidPerSec: measured(s.rateBid),
      fillRateAskPerSec: measured(s.rateAsk),
      toxicity: measured(s.toxicity),
      flowImbalance: measured(s.flow),
      adverseSelectionBidBps: measured(s.adverse),
      adverseSelectionAskBps: measured(s.adverse),
      momentumZ: [measured(s.z), measured(0), measured(0), measured(0)],
    }),
  }
}

describe('the price of every level', () => {
  test('is the fair price plus its terms, exactly, and stands where the venue takes it', () => {
    fc.assert(
      fc.property(arbitrarySituation, (situation) => {
        const context = contextFrom(situation)
        const { ladder } = ladderOf({}, context)
        for (const quote of ['bid', 'ask'] as const) {
          const levels = (quote === 'bid' ? ladder.bids : ladder.asks).slice(
            0,
            quote === 'bid' ? ladder.bidCount : ladder.askCount,
          )
          let before = quote === 'bid' ? Infinity : -Infinity
          for (const level of levels) {
            const sign = quote === 'bid' ? -1 : 1
            const sum = level.termsMicroTicks.reduce((total, term) => total + term, 0)
            expect(ladder.fairMicroTicks + sign * sum).toBe(level.priceTicks * MICRO_TICKS_PER_TICK)
            expect(isValidPrice(level.priceTicks, market.grid)).toBe(true)
            expect(level.priceTicks * level.sizeLots).toBeGreaterThanOrEqual(market.minNotionalMicroUsd)
            expect((level.priceTicks - before) * sign).toBeGreaterThan(0)
            before = level.priceTicks
          }
        }
        const { bestBidTicks = 0, bestAskTicks = 0 } = context.estimates ?? {}
        if (ladder.bidCount > 0) expect(ladder.bids[0]?.priceTicks).toBeLessThan(bestAskTicks)
        if (ladder.askCount > 0) expect(ladder.asks[0]?.priceTicks).toBeGreaterThan(bestBidTicks)
      }),
    )
  })

  test('keeps the sides within what the position limit leaves, all fills at once', () => {
    fc.assert(
      fc.property(
        arbitrarySituation,
        fc.constantFrom('constrained', 'proportional', 'entropy', 'kelly'),
        (s, allocation) => {
          const context = contextFrom(s)
          const { ladder } = ladderOf({ allocation: allocation as GlftLadderConfig['allocation'] }, context)
          const total = (levels: DesiredLadder['bids'], count: number): number =>
            levels.slice(0, count).reduce((sum, level) => sum + level.sizeLots, 0)
          const position = context.positionLots ?? 0
          expect(total(ladder.bids, ladder.bidCount)).toBeLessThanOrEqual(50_000 - position)
          expect(total(ladder.asks, ladder.askCount)).toBeLessThanOrEqual(50_000 + position)
        },
      ),
    )
  })

  test('mirrors exactly: bids of a position and market are the asks of the opposite ones', () => {
    fc.assert(
      fc.property(arbitrarySituation, arbitrarySolution, (situation, solution) => {
        // A fair price on the grid, so that rounding outward mirrors too.
        const fairTicks = Math.round(situation.fairTicks / 10) * 10
        const s = { ...situation, fairTicks }
        const context = contextFrom(s)
        const plain = ladderOf({ solution }, context).ladder
        const opposite = contextFrom({
          ...s,
          kappaBid: s.kappaAsk,
          kappaAsk: s.kappaBid,
          rateBid: s.rateAsk,
          rateAsk: s.rateBid,
          flow: -s.flow,
          z: -s.z,
        })
        const position = -(context.positionLots ?? 0)
        const mirrored = ladderOf({ solution }, { ...opposite, positionLots: position }).ladder
        const side = (levels: DesiredLadder['bids'], count: number, sign: number): unknown =>
          levels.slice(0, count).map((level) => [sign * (level.priceTicks - fairTicks), level.sizeLots])
        expect(side(plain.bids, plain.bidCount, -1)).toEqual(side(mirrored.asks, mirrored.askCount, 1))
        expect(side(plain.asks, plain.askCount, 1)).toEqual(side(mirrored.bids, mirrored.bidCount, -1))
      }),
    )
  })

  test('does not depend on the decimals of the market: a finer grid gives the same distance', () => {
    const coarse = ladderOf({}, {}).ladder
    const fineMarket = { ...market, grid: gridOf(3) }
    const scale = 100
    const estimates = estimatesWith({
      fairTicks: measured(640_000 * scale),
      midTicks: measured(640_000 * scale),
      bestBidTicks: 639_990 * scale,
      bestAskTicks: 640_010 * scale,
    })
    const fine = ladderOf({}, { market: fineMarket, estimates }).ladder
    expect(innerBps(fine, 'bid')).toBeCloseTo(innerBps(coarse, 'bid'), 6)
  })
})

describe('risk', () => {
  const doubled: readonly (readonly [
    string,
    (s: Situation) => readonly [Partial<GlftLadderConfig>, Partial<QuoteContext>],
  ])[] = [
    ['sigma', (s) => [{}, contextFrom({ ...s, sigma: 2 * s.sigma })]],
    ['toxicity', (s) => [{}, contextFrom({ ...s, toxicity: Math.min(1, 2 * s.toxicity) })]],
    [
      'adverse selection',
      (s) => [{}, contextFrom({ ...s, adverse: s.adverse > 0 ? 2 * s.adverse : s.adverse })],
    ],
    [
      'position',
      (s) => [
        {},
        contextFrom({
          ...s,
          share: Math.max(-0.99, Math.min(0.99, (2 * Math.round(s.share * 50_000)) / 50_000)),
        }),
      ],
    ],
    ['gammaBase', (s) => [{ gammaBase: 2 * base.gammaBase }, contextFrom(s)]],
    ['minSpreadFloorBps', (s) => [{ minSpreadFloorBps: 2 * base.minSpreadFloorBps }, contextFrom(s)]],
    [
      'quoteUpdateLatencyMs',
      (s) => [{ quoteUpdateLatencyMs: 2 * base.quoteUpdateLatencyMs }, contextFrom(s)],
    ],
    ['toxicityWidenBps', (s) => [{ toxicityWidenBps: 2 * base.toxicityWidenBps }, contextFrom(s)]],
    [
      'toxicHoursMultiplier',
      (s) => [{ toxicHoursMultiplier: 2 * base.toxicHoursMultiplier }, contextFrom(s)],
    ],
    ['momentum', (s) => [{ momentumSensitivity: 2 * base.momentumSensitivity }, contextFrom(s)]],
    ['flowSensitivity', (s) => [{ flowSensitivity: 2 * base.flowSensitivity }, contextFrom(s)]],
    ['maker fee', (s) => [{}, { ...contextFrom(s), market: { ...market, makerFeePpb: 300_000 } }]],
    ['risk stage', (s) => [{}, { ...contextFrom(s), riskWidenBps: 10 }]],
    ['burstWidenBps', (s) => [{ burstWidenBps: 2 * base.burstWidenBps }, contextFrom(s)]],
    ['knifeWidenBps', (s) => [{ knifeWidenBps: 2 * base.knifeWidenBps }, contextFrom(s)]],
    ['momentumHoldSec', (s) => [{ momentumHoldSec: 2 * base.momentumHoldSec }, contextFrom(s)]],
    [
      'riskAversionGrowthMax',
      (s) => [{ riskAversionGrowthMax: 2 * base.riskAversionGrowthMax }, contextFrom(s)],
    ],
  ]

  test.each(doubled)('doubling %s never brings an accumulating quote nearer', (_, change) => {
    fc.assert(
      fc.property(arbitrarySituation, arbitraryHour, arbitrarySolution, (s, tsMs, solution) => {
        const [config, context] = change(s)
        const before = ladderOf({ solution }, { ...contextFrom(s), tsMs }).ladder
        const after = ladderOf({ ...config, solution }, { ...context, tsMs }).ladder
        const position = contextFrom(s).positionLots ?? 0
        for (const quote of ['bid', 'ask'] as const) {
          const isAccumulating = quote === 'bid' ? position >= 0 : position <= 0
          const isQuoted = (ladder: DesiredLadder): boolean =>
            (quote === 'bid' ? ladder.bidCount : ladder.askCount) > 0
          if (!isAccumulating || !isQuoted(before) || !isQuoted(after)) continue
          expect(innerBps(after, quote)).toBeGreaterThanOrEqual(innerBps(before, quote) - 1e-4)
        }
      }),
    )
  })

  /** Of a danger between nothing and all, as much again; `u` is its size, 0…1. */
  const worse: readonly (readonly [
    string,
    (u: number) => Partial<Estimates>,
    (u: number) => Partial<Estimates>,
  ])[] = [
    ['an extreme regime', () => ({ regime: 'volatile' }), () => ({ regime: 'extreme' })],
    ['a volatile regime', () => ({ regime: 'normal' }), () => ({ regime: 'volatile' })],
    [
      'jumps twice as large',
      (u) => ({ jumpRatio: measured(1 + 3 * u), jumpZ: measured(5) }),
      (u) => ({ jumpRatio: measured(2 + 6 * u), jumpZ: measured(5) }),
    ],
    [
      'surer jumps',
      () => ({ jumpRatio: measured(3), jumpZ: measured(2) }),
      () => ({ jumpRatio: measured(3), jumpZ: measured(4) }),
    ],
    [
      'twice the trades',
      (u) => ({ tradeIntensityRatio: measured(4 * u) }),
      (u) => ({ tradeIntensityRatio: measured(8 * u) }),
    ],
    [
      'a burst of fills twice as fast',
      (u) => ({ fillBurstBid: measured(5 * u), fillBurstAsk: measured(4 * u) }),
      (u) => ({ fillBurstBid: measured(10 * u), fillBurstAsk: measured(8 * u) }),
    ],
    [
      'a run twice as fast',
      (u) => ({ momentumZ: [measured(4 * u), measured(-5 * u), measured(u), measured(0)] }),
      (u) => ({ momentumZ: [measured(8 * u), measured(-10 * u), measured(2 * u), measured(0)] }),
    ],
    [
      'flow twice as one-sided',
      (u) => ({ flowImbalance: measured(u / 2), orderFlowImbalance: measured(-u / 2) }),
      (u) => ({ flowImbalance: measured(u), orderFlowImbalance: measured(-u) }),
    ],
    ['half the depth', (u) => ({ depthUsd: measured(2e5 * u) }), (u) => ({ depthUsd: measured(1e5 * u) })],
    [
      'holes twice as wide',
      (u) => ({ holeBidBps: measured(6 * u), holeAskBps: measured(4 * u) }),
      (u) => ({ holeBidBps: measured(12 * u), holeAskBps: measured(8 * u) }),
    ],
    [
      'a spread twice as unusual',
      (u) => ({ spreadPercentile: measured(u / 2) }),
      (u) => ({ spreadPercentile: measured(u) }),
    ],
    [
      'a kappa half as sure',
      (u) => ({ kappaBid: measured(2_200, 0.5 + u / 2), kappaAsk: measured(2_500, 0.5 + u / 2) }),
      (u) => ({ kappaBid: measured(2_200, 0.25 + u / 4), kappaAsk: measured(2_500, 0.25 + u / 4) }),
    ],
    [
      'half the fills',
      (u) => ({ fillRateBidPerSec: measured(0.01 + u), fillRateAskPerSec: measured(0.01 + u) }),
      (u) => ({ fillRateBidPerSec: measured((0.01 + u) / 2), fillRateAskPerSec: measured((0.01 + u) / 2) }),
    ],
    [
      'fills that reach twice as deep',
      (u) => ({ kappaBid: measured(500 + 4_000 * u), kappaAsk: measured(500 + 4_000 * u) }),
      (u) => ({ kappaBid: measured(250 + 2_000 * u), kappaAsk: measured(250 + 2_000 * u) }),
    ],
    [
      'priors for measurements',
      () => ({}),
      () => ({ sigmaPerSqrtSec: { ...measured(1.2e-4), status: 'prior' } }),
    ],
    ['no toxicity known', () => ({ toxicity: measured(0) }), () => ({ toxicity: initReading() })],
    ['no depth known', () => ({}), () => ({ depthUsd: initReading() })],
    ['no holes known', () => ({}), () => ({ holeBidBps: initReading() })],
  ]

  test.each(worse)('%s: no accumulating quote comes nearer', (_, milder, harder) => {
    const size = fc.double({ min: 0, max: 1, noNaN: true })
    const share = fc.double({ min: -1, max: 1, noNaN: true })
    fc.assert(
      fc.property(size, share, arbitraryHour, arbitrarySolution, (u, held, tsMs, solution) => {
        const positionLots = Math.round(held * 50_000)
        const of = (change: Partial<Estimates>): DesiredLadder =>
          ladderOf({ solution }, { tsMs, positionLots, estimates: estimatesWith(change) }).ladder
        const [before, after] = [of(milder(u)), of(harder(u))]
        for (const quote of ['bid', 'ask'] as const) {
          const isAccumulating = quote === 'bid' ? positionLots >= 0 : positionLots <= 0
          const isQuoted = (ladder: DesiredLadder): boolean =>
            (quote === 'bid' ? ladder.bidCount : ladder.askCount) > 0
          if (!isAccumulating || !isQuoted(before) || !isQuoted(after)) continue
          expect(innerBps(after, quote)).toBeGreaterThanOrEqual(innerBps(before, quote) - 1e-4)
        }
      }),
    )
  })

  test('the skew is a visible lean: a quarter of the limit moves both quotes by more than two bps', () => {
    const flat = ladderOf().ladder
    const long = ladderOf({}, { positionLots: 12_500 }).ladder
    expect(innerBps(long, 'bid') - innerBps(flat, 'bid')).toBeGreaterThan(2)
    expect(innerBps(flat, 'ask') - innerBps(long, 'ask')).toBeGreaterThan(2)
  })

  test('the exact solution leans as the closed form does, and more where the limit is near', () => {
    const lean = (solution: GlftLadderConfig['solution'], positionLots: number): number =>
      innerBps(ladderOf({ solution, minSpreadFloorBps: 0 }, { positionLots }).ladder, 'bid')
    // Ten clips to the limit: half way out both agree within a few percent.
    expect(lean('spectral', 5_000) / lean('closed', 5_000)).toBeCloseTo(1, 1)
    expect(lean('spectral', 45_000)).not.toBeCloseTo(lean('closed', 45_000), 1)
  })

  test('at the limit the accumulating side is empty with its reason, and the reducing side remains, reduce-only', () => {
    const { ladder } = ladderOf({}, { positionLots: 50_000 })
    expect(ladder.bidCount).toBe(0)
    expect(ladder.bidBecause).toBe('position limit reached')
    expect(ladder.askCount).toBeGreaterThan(0)
    expect(ladder.asks[0]?.reduceOnly).toBe(true)
  })

  test('a sweep of the reducing side ends flat and does not turn the position round', () => {
    const { ladder } = ladderOf({}, { positionLots: -7_000 })
    const total = ladder.bids.slice(0, ladder.bidCount).reduce((sum, level) => sum + level.sizeLots, 0)
    expect(total).toBeLessThanOrEqual(7_000)
    expect(total).toBeGreaterThan(0)
  })

  test('an exit below the smallest order is still offered', () => {
    const { ladder } = ladderOf({}, { positionLots: 5_001, maxPositionLots: 5_100, minSizeLots: 90 })
    expect(ladder.askCount).toBeGreaterThan(0)
    const tiny = ladderOf({ targetLots: 20 }, { positionLots: 7, maxPositionLots: 400 }).ladder
    expect(tiny.askCount).toBe(1)
  })

  test('short of requests two levels of each side remain, and short of margin both sides, smaller', () => {
    const few = ladderOf({}, { levelCountMax: 2 }).ladder
    expect([few.bidCount, few.askCount]).toEqual([2, 2])
    expect(few.bidBecause).toBe('fewer levels: requests are short')
    const poor = ladderOf({}, { marginRoomLots: 300 })
    expect([poor.state.bid.budget, poor.state.ask.budget]).toEqual([
      { lots: 300, by: 'margin' },
      { lots: 300, by: 'margin' },
    ])
    const none = ladderOf({}, { marginRoomLots: 3 }).ladder
    expect(none.askBecause).toBe('too small to quote: 3 lots allowed by margin, 17 needed')
  })

  test('the full spread never falls below its floor, whatever the inventory', () => {
    fc.assert(
      fc.property(arbitrarySituation, (s) => {
        const { ladder, state } = ladderOf({}, contextFrom(s))
        if (ladder.bidCount === 0 || ladder.askCount === 0) return
        const floorBps = base.minSpreadFloorBps * (state.tight.isOn ? base.tightQuotingFloorShare : 1)
        expect(innerBps(ladder, 'bid') + innerBps(ladder, 'ask')).toBeGreaterThanOrEqual(floorBps - 1e-6)
      }),
    )
  })

  test('half of the minimum spread binds each side when flat, and is named', () => {
    const { ladder } = ladderOf({ minSpreadFloorBps: 20 })
    expect(innerBps(ladder, 'bid')).toBeCloseTo(10, 3)
    expect(innerBps(ladder, 'ask')).toBeCloseTo(10, 3)
    expect([ladder.bidFloor, ladder.askFloor]).toEqual(['minimum', 'minimum'])
  })
})

describe('while little is known', () => {
  test('priors quote at once, wider and smaller than measurements of the same values', () => {
    const prior = (value: number): Estimates['kappaBid'] => ({
      value,
      status: 'prior',
      tsMs: 0,
      confidence: 0.76,
    })
    const young = estimatesWith({
      sigmaPerSqrtSec: prior(1.2e-4),
      kappaBid: prior(2_200),
      kappaAsk: prior(2_200),
      fillRateBidPerSec: prior(0.25),
      fillRateAskPerSec: prior(0.25),
      toxicity: { value: 0, status: 'noData', tsMs: 0, confidence: 0 },
    })
    const cold = ladderOf({}, { estimates: young }).ladder
    const warm = ladderOf().ladder
    const total = (ladder: DesiredLadder): number =>
      ladder.bids.reduce((sum, level) => sum + level.sizeLots, 0)
    expect([cold.bidCount, cold.askCount]).toEqual([5, 5])
    expect(innerBps(cold, 'bid')).toBeGreaterThan(innerBps(warm, 'bid') + 0.3)
    expect(total(cold)).toBeLessThanOrEqual(0.5 * 25_000)
    expect(total(warm)).toBeGreaterThan(0.9 * 25_000)
  })

  test('without a fresh book nothing is quoted, and the reason says so', () => {
    const stale = estimatesWith({ fairTicks: { value: 640_000, status: 'stale', tsMs: 0, confidence: 0 } })
    const { ladder } = ladderOf({}, { estimates: stale })
    expect([ladder.bidCount, ladder.askCount]).toEqual([0, 0])
    expect(ladder.bidBecause).toBe('no fair price: stale')
  })

  test('too small to quote is a state with numbers, not a silence', () => {
    const { ladder } = ladderOf({ targetLots: 10 })
    expect(ladder.bidCount).toBe(0)
    expect(ladder.bidBecause).toMatch(/too small to quote: \d+ lots allowed by target, 17 needed/)
  })
})

/** For every field a value and a situation in which it must change prices or sizes. */
const KNOBS: Record<
  keyof GlftLadderConfig,
  readonly [Partial<GlftLadderConfig>, Partial<QuoteContext>, Partial<GlftLadderConfig>?]
> = {
  gammaBase: [{ gammaBase: 0.9 }, {}],
  minSpreadFloorBps: [{ minSpreadFloorBps: 16 }, {}],
  makerFeeRateBps: [{ makerFeeRateBps: 3 }, { market: { ...market, makerFeePpb: null } }],
  levels: [{ levels: 3 }, {}],
  feesBps: [{ feesBps: 1 }, {}],
  targetLots: [{ targetLots: 12_500 }, {}],
  quoteUpdateLatencyMs: [{ quoteUpdateLatencyMs: 30_000 }, {}],
  tickFloor: [
    { tickFloor: false },
    {
      market: { ...market, grid: gridOf(5) },
      estimates: estimatesWith({
        fairTicks: measured(641.3),
        midTicks: measured(641.3),
        bestBidTicks: 640,
        bestAskTicks: 643,
        kappaBid: measured(9_000, 0.99),
        kappaAsk: measured(9_000, 0.99),
        adverseSelectionBidBps: measured(0),
        adverseSelectionAskBps: measured(0),
        fillRateBidPerSec: measured(1e9),
        fillRateAskPerSec: measured(1e9),
      }),
      minSizeLots: 16_000,
    },
    { minSpreadFloorBps: 0, minDepthBps: 0, latencyFloor: false },
  ],
  latencyFloor: [{ latencyFloor: false }, {}, { quoteUpdateLatencyMs: 30_000 }],
  spacing: [{ spacing: 'linear' }, {}],
  minDepthBps: [{ minDepthBps: 9 }, {}],
  maxDepthBps: [{ maxDepthBps: 12 }, {}],
  marketSpreadCapMultiple: [{ marketSpreadCapMultiple: 40 }, {}],
  flowSensitivity: [{ flowSensitivity: 2 }, { estimates: estimatesWith({ flowImbalance: measured(-0.8) }) }],
  toxicHours: [{ toxicHours: [3] }, {}],
  toxicHoursMultiplier: [{ toxicHoursMultiplier: 4 }, { tsMs: TOXIC_HOUR_MS }],
  tightQuoting: [{ tightQuoting: false }, {}, tightAllowed()],
  tightQuotingMaxInventory: [{ tightQuotingMaxInventory: 0 }, { positionLots: 40 }, tightAllowed()],
  tightQuotingMaxToxicity: [{ tightQuotingMaxToxicity: 0.02 }, {}, tightAllowed()],
  tightQuotingExcludedHours: [{ tightQuotingExcludedHours: [3] }, {}, tightAllowed()],
  tightQuotingMinDepthUsd: [{ tightQuotingMinDepthUsd: 900_000 }, {}, tightAllowed()],
  solution: [{ solution: 'spectral' }, { positionLots: 15_000 }],
  executionRiskAversion: [{ executionRiskAversion: 1.2 }, {}],
  skewBpsAtMax: [{ skewBpsAtMax: 30 }, {}],
  riskAversionGrowthMax: [
    { riskAversionGrowthMax: 1.2 },
    { estimates: estimatesWith({ regime: 'extreme' }) },
  ],
  sigmaReferencePerSqrtSec: [{ sigmaReferencePerSqrtSec: 2e-5 }, {}],
  tightQuotingFloorShare: [{ tightQuotingFloorShare: 0.9 }, {}, tightAllowed()],
  tightQuotingDwellMs: [{ tightQuotingDwellMs: 60_000 }, {}, tightAllowed()],
  ladderSpanMultiple: [{ ladderSpanMultiple: 3 }, {}],
  allocation: [{ allocation: 'entropy' }, {}],
  sweepMaxShare: [{ sweepMaxShare: 0.1 }, {}],
  levelMaxShare: [{ levelMaxShare: 0.25 }, {}],
  depthMultipleMax: [{ depthMultipleMax: 0.01 }, {}],
  holdingSec: [{ holdingSec: 600 }, {}],
  momentumSensitivity: [
    { momentumSensitivity: 2 },
    { estimates: estimatesWith({ momentumZ: [measured(3)] }) },
  ],
  momentumHoldSec: [{ momentumHoldSec: 90 }, { estimates: estimatesWith({ momentumZ: [measured(3)] }) }],
  momentumZMin: [{ momentumZMin: 1 }, { estimates: estimatesWith({ momentumZ: [measured(3)] }) }],
  toxicityNeutral: [{ toxicityNeutral: 0.1 }, { estimates: estimatesWith({ toxicity: measured(0.6) }) }],
  toxicityWidenBps: [{ toxicityWidenBps: 20 }, { estimates: estimatesWith({ toxicity: measured(0.8) }) }],
  burstWidenBps: [{ burstWidenBps: 30 }, { estimates: estimatesWith({ fillBurstBid: measured(5) }) }],
  knifeZ: [{ knifeZ: 2.2 }, { estimates: fallingKnife(2.5, 0.8) }],
  knifeFlowShare: [{ knifeFlowShare: 0.95 }, { estimates: fallingKnife(4, 0.8) }],
  knifeWidenBps: [{ knifeWidenBps: 30 }, { estimates: fallingKnife(4, 0.8) }],
  wideSpreadPercentile: [
    { wideSpreadPercentile: 0.5 },
    { estimates: estimatesWith({ spreadPercentile: measured(0.8) }) },
  ],
  holeFullBps: [{ holeFullBps: 2 }, { estimates: estimatesWith({ holeAskBps: measured(2.4) }) }],
  fundingHorizonSec: [
    { fundingHorizonSec: 36_000 },
    { estimates: estimatesWith({ fundingPerHour: measured(2e-5) }) },
  ],
  warmupSizeShare: [
    { warmupSizeShare: 0.1 },
    { estimates: estimatesWith({ kappaBid: { ...measured(2_200, 0.9), status: 'prior' } }) },
  ],
  termMaxBps: [{ termMaxBps: 4 }, { positionLots: 30_000 }],
}

/** A fall of `z` standard deviations with this share of sellers. */
function fallingKnife(z: number, sellShare: number): Estimates {
  return estimatesWith({ momentumZ: [measured(-z)], flowImbalance: measured(1 - 2 * sellShare) })
}

/** Tight quoting may come on at once and has a spread to lower. */
function tightAllowed(): Partial<GlftLadderConfig> {
  return { tightQuotingMaxToxicity: 0.5, tightQuotingDwellMs: 0, minSpreadFloorBps: 30 }
}

describe('knobs', () => {
  test.each(Object.keys(KNOBS) as (keyof GlftLadderConfig)[])('%s moves a quote', (field) => {
    const [change, context, setting = {}] = KNOBS[field]
    const before = ladderOf(setting, context).ladder
    const after = ladderOf({ ...setting, ...change }, context).ladder
    expect(before.bidCount + before.askCount).toBeGreaterThan(0)
    expect(shapeOf(after)).not.toEqual(shapeOf(before))
  })

  test('every estimate that the ladder reads moves a quote', () => {
    const changes: readonly (readonly [keyof Estimates, Partial<Estimates>])[] = [
      ['fairTicks', { fairTicks: measured(640_004) }],
      ['sigmaPerSqrtSec', { sigmaPerSqrtSec: measured(5e-4) }],
      ['regime', { regime: 'volatile' }],
      ['jumpRatio', { jumpRatio: measured(3), jumpZ: measured(6) }],
      ['kappaBid', { kappaBid: measured(1_000, 0.9) }],
      ['kappaAsk', { kappaAsk: measured(1_000, 0.9) }],
      ['fillRateBidPerSec', { fillRateBidPerSec: measured(0.02) }],
      ['fillRateAskPerSec', { fillRateAskPerSec: measured(0.02) }],
      ['momentumZ', { momentumZ: [measured(0), measured(0), measured(0), measured(-4)] }],
      ['flowImbalance', { flowImbalance: measured(0.9) }],
      ['orderFlowImbalance', { orderFlowImbalance: measured(0.9) }],
      ['toxicity', { toxicity: measured(0.9) }],
      ['fillBurstBid', { fillBurstBid: measured(6) }],
      ['fillBurstAsk', { fillBurstAsk: measured(6) }],
      ['tradeIntensityRatio', { tradeIntensityRatio: measured(6) }],
      ['depthUsd', { depthUsd: measured(9_000) }],
      ['holeBidBps', { holeBidBps: measured(7) }],
      ['holeAskBps', { holeAskBps: measured(7) }],
      ['spreadPercentile', { spreadPercentile: measured(0.99) }],
      ['adverseSelectionBidBps', { adverseSelectionBidBps: measured(7) }],
      ['adverseSelectionAskBps', { adverseSelectionAskBps: measured(7) }],
      ['fundingPerHour', { fundingPerHour: measured(1e-4) }],
    ]
    const before = shapeOf(ladderOf().ladder)
    for (const [name, change] of changes) {
      const after = shapeOf(ladderOf({}, { estimates: estimatesWith(change) }).ladder)
      expect(after, String(name)).not.toEqual(before)
    }
  })

  test('tight quoting really lowers the floor when all five conditions hold', () => {
    const wide = ladderOf({ ...tightAllowed(), tightQuoting: false }).ladder
    const tight = ladderOf(tightAllowed()).ladder
    expect(innerBps(wide, 'bid')).toBeCloseTo(15, 3)
    expect(innerBps(tight, 'bid')).toBeCloseTo(7.5, 3)
  })

  test.each<readonly [string, Partial<Estimates>, Partial<QuoteContext>]>([
    ['the volatility regime', { regime: 'volatile' }, {}],
    ['inventory', {}, { positionLots: 20_000 }],
    ['toxicity', { toxicity: measured(0.55) }, {}],
    ['toxicity, not known', { toxicity: initReading() }, {}],
    ['the hour', {}, { tsMs: TOXIC_HOUR_MS }],
    ['depth', { depthUsd: measured(40_000) }, {}],
    ['depth, for a hole in it', { holeAskBps: measured(5.5) }, {}],
    ['depth, not known', { depthUsd: initReading() }, {}],
  ])('…and not when %s is against it', (_, change, context) => {
    const estimates = estimatesWith(change)
    const { ladder, state } = ladderOf(tightAllowed(), { ...context, estimates })
    const [bid, ask] = [innerBps(ladder, 'bid'), innerBps(ladder, 'ask')]
    expect(state.tight.isOn).toBe(false)
    // The full spread keeps the whole minimum of 30 bps.
    expect(bid + ask).toBeGreaterThanOrEqual(30 - 1e-6)
  })

  test('the skew at full inventory is the one that was asked for', () => {
    const change = { skewBpsAtMax: 12, gammaBase: 5, minSpreadFloorBps: 0, minDepthBps: 0 }
    const inventory = WATERFALL_TERMS.indexOf('inventory')
    // Factors on the aversion grow with inventory; a small position shows the solved slope itself.
    const { ladder, state } = ladderOf(change, { positionLots: 500 })
    const bps = ((ladder.bids[0]?.termsMicroTicks[inventory] ?? 0) / ladder.fairMicroTicks) * 1e4
    const growth = Math.exp(state.factors.inventory / 2)
    const cost = Math.exp(2_200 * (0.6e-4 / 4 + 1.5e-4 / 2))
    expect((bps * 100) / growth / cost).toBeCloseTo(12, 2)
  })

  test('a setting without meaning is refused by name', () => {
    expect(() => createGlftLadder({ ...base, gammaBase: 0 })).toThrow(/gammaBase is positive; got 0/)
    expect(() => createGlftLadder({ ...base, toxicHours: [24] })).toThrow(
      /toxicHours names hours 0…23 UTC; got 24/,
    )
    expect(() => createGlftLadder({ ...base, maxDepthBps: 1 })).toThrow(/maxDepthBps is at least minDepthBps/)
    expect(() => createGlftLadder({ ...base, targetLots: 2.5 })).toThrow(/targetLots is a whole number/)
  })
})

describe('the numbers of the design', () => {
  test('at the defaults the half spread is ln(1+g)/(g·kappa) + C/2 + fee', () => {
    const sure = estimatesWith({
      kappaBid: measured(2_200, 1),
      kappaAsk: measured(2_200, 1),
      adverseSelectionBidBps: measured(0),
      adverseSelectionAskBps: measured(0),
    })
    const free = { ...market, makerFeePpb: 0 }
    const g = 0.3
    const h0 = Math.log(1 + g) / (g * 2_200)
    const c = 1.2e-4 * Math.sqrt((g / (2 * 0.25)) * (1 + g) ** (1 + 1 / g))
    const { ladder } = ladderOf({}, { estimates: sure, market: free })
    expect(innerBps(ladder, 'bid')).toBeCloseTo((h0 + c / 2) * 1e4, 4)
    expect(innerBps(ladder, 'ask')).toBeCloseTo((h0 + c / 2) * 1e4, 4)
  })

  test('state survives a JSON round trip and decides the same', () => {
    const strategy = createGlftLadder({ ...base, ...tightAllowed(), tightQuotingDwellMs: 4_000 })
    const state = strategy.init(market)
    const first = initLadder(strategy.levelCountMax)
    strategy.quote(state, contextOf(), first)
    const restored = JSON.parse(JSON.stringify(state)) as GlftLadderState
    const later = contextOf({ tsMs: QUIET_HOUR_MS + 4_000 })
    const [a, b] = [initLadder(strategy.levelCountMax), initLadder(strategy.levelCountMax)]
    strategy.quote(state, later, a)
    strategy.quote(restored, later, b)
    expect(shapeOf(a)).toEqual(shapeOf(b))
    expect(shapeOf(a)).not.toEqual(shapeOf(first))
  })
})
