/**
 * The start: the first two-sided quote stands within ten seconds, made from priors, wide and small, whatever the market does; and the
 * warm-up ends. A maker that waits to learn needs fills, and fills need quotes.
 */
import { describe, expect, test } from 'vitest'
import { initLadder } from '../../src/core/contracts.ts'
import type { DesiredLadder, Estimates, QuoteContext, Reading } from '../../src/core/contracts.ts'
import { viewOf } from '../../src/core/view-of.ts'
import { SCENARIO_NAMES } from '../../src/simulation/scenarios.ts'
import { stageOf, strangeStageOf } from '../support/closed-world.ts'
import { load } from '../support/config.ts'

const FIRST_QUOTE_MS_MAX = 10_000
/** The longest: a market that hardly trades counts as known by then. */
const WARM_SEC_MAX = 320
const { values } = load({})
const TARGET_LOTS = values.quoting.targetLiquidity * 1e5

type Stage = Pick<ReturnType<typeof stageOf>, 'engine' | 'world' | 'run'>

function isWarm({ fairTicks, sigmaPerSqrtSec, kappaBid, kappaAsk }: Estimates): boolean {
  return [fairTicks, sigmaPerSqrtSec, kappaBid, kappaAsk].every(({ status }) => status === 'measured')
}

const lotsOf = (levels: DesiredLadder['bids'], count: number): number =>
  levels.slice(0, count).reduce((sum, { sizeLots }) => sum + sizeLots, 0)

/** Half spread of the innermost levels before the grid, bps. */
const spreadBps = (ladder: DesiredLadder): number =>
  (((ladder.asks[0]?.priceTicks ?? 0) - (ladder.bids[0]?.priceTicks ?? 0)) / ladder.fairMicroTicks) * 1e10

/** The same moment, were everything measured. */
function asMeasured({ engine }: Stage): DesiredLadder {
  const { state, parts } = engine
  const { estimates, market } = state
  if (market === null) throw new Error('the session has begun')
  const measured = (reading: Reading): Reading => ({ ...reading, status: 'measured' })
  const context: QuoteContext = {
    market,
    tsMs: state.tsMs,
    estimates: {
      ...estimates,
      fairTicks: measured(estimates.fairTicks),
      sigmaPerSqrtSec: measured(estimates.sigmaPerSqrtSec),
      kappaBid: measured(estimates.kappaBid),
      kappaAsk: measured(estimates.kappaAsk),
    },
    positionLots: state.ledger.positionLots,
    maxPositionLots: parts.settings.maxPositionLots,
    minSizeLots: Math.ceil(market.minNotionalMicroUsd / estimates.fairTicks.value),
    marginRoomLots: Infinity,
    levelCountMax: Infinity,
    riskWidenBps: state.verdict?.widenBps ?? 0,
  }
  const ladder = initLadder(parts.strategy.levelCountMax)
  parts.strategy.quote(parts.strategy.init(market), context, ladder)
  return ladder
}

/** Runs to the first two-sided quote. @returns ms it took */
function firstQuote(stage: Stage): number {
  const startTsMs = stage.world.nowTsMs
  while (stage.world.nowTsMs - startTsMs <= FIRST_QUOTE_MS_MAX) {
    stage.run(0.1)
    if (viewOf(stage.engine).state === 'quoting') return stage.world.nowTsMs - startTsMs
  }
  return Infinity
}

function expectWideAndSmall(stage: Stage): void {
  const { state } = stage.engine
  const { ladder } = state
  const warm = asMeasured(stage)
  expect(viewOf(stage.engine).strategyFigures?.riskFactors['warmup']).toBeGreaterThan(1.3)
  expect(spreadBps(ladder)).toBeGreaterThanOrEqual(spreadBps(warm))
  expect(spreadBps(ladder)).toBeGreaterThanOrEqual(values.risk.minSpreadFloorBps)
  for (const lots of [lotsOf(ladder.bids, ladder.bidCount), lotsOf(ladder.asks, ladder.askCount)]) {
    expect(lots).toBeGreaterThan(0)
    expect(lots).toBeLessThanOrEqual(values.strategy.glft.warmupSizeShare * TARGET_LOTS)
  }
}

describe('the first two-sided quote stands within ten seconds, wide and small, and the warm-up ends', () => {
  test.each(SCENARIO_NAMES.map((scenario, index) => [scenario, 40 + index] as const))(
    'in %s (seed %i)',
    (scenario, seed) => {
      const stage = stageOf({ seed, scenario })
      const startTsMs = stage.world.nowTsMs
      expect(firstQuote(stage)).toBeLessThanOrEqual(FIRST_QUOTE_MS_MAX)
      expectWideAndSmall(stage)
      const { estimates } = stage.engine.state
      while (!isWarm(estimates) && stage.world.nowTsMs - startTsMs < 1_000 * WARM_SEC_MAX) stage.run(5)
      expect(isWarm(estimates), `warm after ${(stage.world.nowTsMs - startTsMs) / 1_000} s`).toBe(true)
      expect(viewOf(stage.engine).strategyFigures?.riskFactors['warmup']).toBe(1)
    },
  )

  test('with the price leaping eighty bps in the first second and back in the third', () => {
    const gaps = [
      { atSec: 0.5, bps: -80 },
      { atSec: 2.5, bps: 80 },
    ]
    const stage = strangeStageOf({ seed: 51, markets: ['BTC', 'hyna:BTC'], gaps })
    expect(firstQuote(stage)).toBeLessThanOrEqual(FIRST_QUOTE_MS_MAX)
    expectWideAndSmall(stage)
  })

  test('on a book that nobody else quotes, where that is wanted', () => {
    const stage = strangeStageOf({ seed: 52, markets: ['BTC'], set: ['risk.quote_alone=true'] })
    expect(firstQuote(stage)).toBeLessThanOrEqual(FIRST_QUOTE_MS_MAX)
    expectWideAndSmall(stage)
  })
})
