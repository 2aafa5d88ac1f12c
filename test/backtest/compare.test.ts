/** Comparisons over the real maker and market, short; and their rows by hand. */
import { describe, expect, test } from 'vitest'
import { compare, rowsOf } from '../../src/backtest/compare.ts'
import type { CompareRun } from '../../src/backtest/compare.ts'
import { realisedSigma } from '../../src/backtest/run-metrics.ts'
import { runOne } from '../../src/backtest/run-one.ts'
import { contenderOf } from '../../src/compose/contenders.ts'
import { enginePartsOf } from '../../src/compose/engine-parts.ts'
import { defaultVenue } from '../../src/config/venue-definitions.ts'
import type { Config } from '../../src/config/config.ts'
import { createEngine } from '../../src/core/engine.ts'
import type { Engine } from '../../src/core/engine.ts'
import { initSfc32, nextUnit } from '../../src/core/math/sfc32.ts'
import { failureOf, load } from '../support/config.ts'

const configOf = (assignments: readonly string[]): Config => load({ assignments }).values
const MARKET = {
  spec: defaultVenue(),
  coin: 'hyna:BTC',
  blockMs: 100,
  depositMicroUsd: 100_000_000_000,
} as const

describe('one run', () => {
  let engine: Engine | null = null
  const { metrics } = runOne({ ...MARKET, scenario: 'calm', seed: 4, minutes: 2 }, (market) => {
    engine = createEngine(enginePartsOf(configOf(['strategy.name=fixed-spread']), market))
    return engine
  })

  test('splits its PnL into parts that add up', () => {
    const { pnlUsd, spreadUsd, feesUsd, inventoryUsd } = metrics
    expect(metrics.fillCount).toBeGreaterThan(5)
    expect(spreadUsd + feesUsd + inventoryUsd).toBeCloseTo(pnlUsd, 5)
  })

  test('reports what the engine counted', () => {
    const state = engine?.state
    expect(metrics.fillCount).toBe(state?.ledger.fillCount)
    expect(metrics.volumeUsd).toBeCloseTo((state?.ledger.volumeMicroUsd ?? 0) / 1e6, 6)
    expect(metrics.quoteCount).toBe(state?.counters.quotes)
  })

  test('keeps every figure within its range', () => {
    expect(metrics.maxAbsInventoryUsd).toBeGreaterThanOrEqual(metrics.meanAbsInventoryUsd)
    expect(metrics.uptimeShare).toBeGreaterThan(0.5)
    expect(metrics.uptimeShare).toBeLessThanOrEqual(1)
    expect(metrics.fillRatio).toBeGreaterThan(0)
    expect(metrics.fillRatio).toBeLessThanOrEqual(1)
    // Four bps from the fair price at least, and the innermost of five levels four bps apart fills most.
    expect(metrics.spreadCapturedBps).toBeGreaterThan(2)
    expect(metrics.spreadCapturedBps).toBeLessThan(20)
  })
})

test('the volatility of a run is that of its path', () => {
  const sigma = 2e-4
  const rng = initSfc32(8)
  const mids: number[] = []
  const times: number[] = []
  let logPrice = Math.log(600_000)
  for (let index = 0; index < 200_000; index += 1) {
    // Steps of a quarter second, so that a forgotten root of time would show.
    const normal = Math.sqrt(-2 * Math.log(1 - nextUnit(rng))) * Math.cos(2 * Math.PI * nextUnit(rng))
    logPrice += sigma * Math.sqrt(0.25) * normal
    mids.push(Math.exp(logPrice))
    times.push(index * 250)
  }
  // 5 000 returns give a standard error of one percent.
  expect(Math.abs(realisedSigma(mids, times) / sigma - 1)).toBeLessThan(0.04)
})

describe('a comparison', () => {
  const options = {
    ...MARKET,
    contenders: ['glft-ladder', 'fixed-spread', 'size-skew'].map((name) => contenderOf(name, configOf)),
    baseline: 'fixed-spread',
    scenarios: ['calm'],
    seeds: [1, 2, 3],
    minutes: 1,
  }
  const steps: number[] = []
  const report = compare({ ...options, onProgress: (done) => steps.push(done) })

  test('runs every strategy on every seed and says how far it is', () => {
    expect(report.runs.map(({ strategy, seed }) => `${strategy} ${seed}`)).toHaveLength(9)
    expect(new Set(report.runs.map(({ strategy, seed }) => `${strategy} ${seed}`)).size).toBe(9)
    expect(steps).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  test('gives the same figures again', () => {
    const again = compare({
      ...options,
      seeds: [2],
      contenders: options.contenders.slice(0, 1),
      baseline: 'glft-ladder',
    })
    expect(again.runs[0]).toEqual(report.runs.find((run) => run.strategy === 'glft-ladder' && run.seed === 2))
  })

  test('strategies are told apart: the size skew holds less than the fixed spread, the ladder leans', () => {
    const row = (name: string): number =>
      report.rows.find(({ strategy }) => strategy === name)?.meanAbsInventoryUsd.mean ?? Number.NaN
    expect(row('size-skew')).not.toBe(row('fixed-spread'))
    expect(row('glft-ladder')).toBeLessThan(row('fixed-spread'))
  })
})

describe('with the venue’s limits', () => {
  const hasty =
    'glft-ladder+execution.min_order_age_ms=0+execution.max_bps_diff=0+execution.requote_interval_ms=50'
  const options = {
    ...MARKET,
    contenders: ['fixed-spread', hasty].map((name) => contenderOf(name, configOf)),
    baseline: 'fixed-spread',
    scenarios: ['sweep'],
    seeds: [1],
    minutes: 1.5,
  }
  const free = compare(options)
  const held = compare({ ...options, rateLimits: true })
  const runOf = (report: typeof free, name: string): CompareRun | undefined =>
    report.runs.find(({ strategy }) => strategy === name)

  test('a patient strategy trades the same, and what it used of them is told', () => {
    const patient = runOf(held, 'fixed-spread')
    expect(patient).toEqual({
      ...runOf(free, 'fixed-spread'),
      limitUsedCount: expect.any(Number),
      limitCapCount: expect.any(Number),
      limitWeightPeak: expect.any(Number),
      limitRefusedCount: 0,
    })
    expect(held.rows[0]?.budgetShare).toBe((patient?.limitUsedCount ?? 0) / (patient?.limitCapCount ?? 1))
    expect(held.rows[0]?.budgetShare).toBeGreaterThan(0)
    expect(free.rows[0]).toMatchObject({ budgetShare: null, weightPeak: null, refusedByLimits: null })
  })

  test('a hasty one uses more of them', () => {
    const [patient, other] = held.rows
    expect(other?.budgetShare).toBeGreaterThan(2 * (patient?.budgetShare ?? 1))
    expect(other?.weightPeak).toBeGreaterThan(patient?.weightPeak ?? Infinity)
    expect(other?.weightPeak).toBeLessThanOrEqual(1_200)
  })
})

test('rows pair strategies by seed', () => {
  const run = (strategy: string, seed: number, pnlUsd: number, inventoryRiskUsd: number): CompareRun => ({
    scenario: 'calm',
    strategy,
    seed,
    pnlUsd,
    spreadUsd: 0,
    feesUsd: 0,
    inventoryUsd: 0,
    meanAbsInventoryUsd: inventoryRiskUsd,
    maxAbsInventoryUsd: 10 * seed,
    inventoryRiskUsd,
    fillCount: 4,
    volumeUsd: 0,
    fillRatio: seed === 1 ? null : 0.5,
    spreadCapturedBps: null,
    adverseSelectionBps: null,
    quoteCount: 8,
    requestCount: 12,
    uptimeShare: 1,
    limitUsedCount: null,
    limitCapCount: null,
    limitWeightPeak: null,
    limitRefusedCount: null,
  })
  const [base, other] = rowsOf(
    [run('base', 1, 100, 50), run('other', 1, 103, 20), run('base', 2, -90, 50), run('other', 2, -85, 30)],
    'base',
  )
  expect(base).toMatchObject({ pnlOverBaselineUsd: null, inventoryOverBaseline: null, quotesPerFill: 2 })
  expect(other?.pnlOverBaselineUsd?.mean).toBeCloseTo(4, 12)
  // Differences of 3 and 5: standard error 1, t with one degree of freedom.
  expect(other?.pnlOverBaselineUsd?.halfWidth).toBeCloseTo(12.7062, 3)
  expect(other?.inventoryOverBaseline).toBeCloseTo(0.5, 12)
  expect(other?.pnlPerRisk?.mean).toBeCloseTo(18 / 50, 12)
  expect(other).toMatchObject({
    fillRatio: 0.5,
    spreadCapturedBps: null,
    requestsPerFill: 3,
    maxAbsInventoryUsd: 20,
  })
})

describe('names of strategies', () => {
  test('take settings of their own', () => {
    const changed = contenderOf('glft-ladder+risk.gamma_base=3', configOf)
    const run = (name: string): number =>
      runOne({ ...MARKET, scenario: 'calm', seed: 1, minutes: 1 }, contenderOf(name, configOf).engineOf)
        .metrics.quoteCount
    expect(changed.name).toBe('glft-ladder+risk.gamma_base=3')
    expect(run(changed.name)).not.toBe(run('glft-ladder'))
  })

  test.each([
    ['glft-lader', 'BAD_VALUE', /no strategy 'glft-lader'; did you mean glft-ladder/],
    ['glft-ladder+risk.gama_base=1', 'UNKNOWN_KEY', /risk\.gamma_base/],
    ['glft-ladder+risk', 'BAD_ASSIGNMENT', /key=value/],
  ])('%s is an error that says what was meant', (name, code, message) => {
    const failure = failureOf(() => contenderOf(name, configOf))
    expect(failure.code).toBe(code)
    expect(failure.message).toMatch(message)
  })
})
