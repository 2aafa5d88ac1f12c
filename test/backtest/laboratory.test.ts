import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { findBias } from '../../src/backtest/bias.ts'
import { generateTape } from '../../src/backtest/generate.ts'
import { drawsOf, parseLatency } from '../../src/backtest/latency.ts'
import { studyQueues } from '../../src/backtest/queue-study.ts'
import { runBacktest } from '../../src/backtest/backtest.ts'
import { defaultVenue } from '../../src/config/venue-definitions.ts'
import { openTape } from '../../src/simulation/tape-binance.ts'
import type { TapeRecord, TapeSource } from '../../src/simulation/tape.ts'
import { DEPOSIT_MICRO_USD, engineOf } from './support.ts'

const stage = {
  spec: defaultVenue(),
  ...{ coin: 'BTC', scenario: 'sweep', seed: 9, blockMs: 100, depositMicroUsd: DEPOSIT_MICRO_USD },
}
const folder = mkdtempSync(join(tmpdir(), 'laboratory-'))
const path = join(folder, 'market.gz')
generateTape({ ...stage, minutes: 1.2, path })
afterAll(() => rmSync(folder, { recursive: true }))

describe('look-ahead', () => {
  const options = { stage, openTape: () => openTape(path), minutes: 1.2, cutShares: [0.55] }

  test('the shipped maker decides the same, whatever is still to come', () => {
    const report = findBias({ ...options, engineOf: (market) => engineOf()(market) })
    expect(report.ok).toBe(true)
    expect(report.checks.map((check) => check.future)).toEqual(['cut off', 'shuffled'])
    for (const check of report.checks) expect(check.decisionCount).toBeGreaterThan(10)
  })

  test('cuts lie within the recording, however many minutes are asked for', () => {
    const report = findBias({
      ...options,
      minutes: 3,
      cutShares: [0.9],
      engineOf: (market) => engineOf()(market),
    })
    expect(report.endTsMs - report.startTsMs).toBeLessThanOrEqual(1.2 * 60_000)
    for (const { cutTsMs, decisionCount } of report.checks) {
      expect(cutTsMs).toBeLessThan(report.endTsMs)
      expect(decisionCount).toBeLessThan(report.decisionCount)
    }
  })

  // Each reads what its tape still holds before it decides anything; the first two runs of it tell whole and changed apart.
  test.each([
    ['how long the tape goes on', (rest: readonly TapeRecord[]) => rest.length, 'cut off'],
    [
      'where the last trade is',
      (rest: readonly TapeRecord[]) => rest.findLast((one) => one.kind === 'trade')?.priceE8,
      'shuffled',
    ],
  ])('a maker that knows %s is found, with its first different decision', (_, secretOf, future) => {
    let secret: number | null | undefined = null
    const report = findBias({
      ...options,
      engineOf(market, _, tape) {
        const seen = secretOf(readAhead(tape))
        if (secret === null) secret = seen
        return engineOf([`risk.min_spread_floor_bps=${seen === secret ? 7 : 40}`])(market)
      },
    })
    expect(report.ok).toBe(false)
    const difference = report.checks.find((check) => check.future === future)?.difference
    expect(difference?.whole?.commands).toContain('priceTicks')
    expect(difference?.changed).not.toEqual(difference?.whole)
  })
})

/** All that is left of a tape, which still plays it. */
function readAhead(tape: TapeSource): readonly TapeRecord[] {
  const rest: TapeRecord[] = []
  for (let record = tape.next(); record !== null; record = tape.next()) rest.push(record)
  let index = -1
  Object.assign(tape, {
    next: () => {
      index += 1
      return rest[index] ?? null
    },
  })
  return rest
}

describe('latency', () => {
  const run = (latency: string | null, seed = 9) => {
    const model = latency === null ? null : parseLatency(latency)
    return runBacktest({
      ...{ ...stage, seed, scenario: 'calm', minutes: 1.1, engineOf: engineOf() },
      ...(model === null ? {} : { latency: drawsOf(model, seed) }),
    })
  }

  test('none at all is the closed world as it is, to the hash of the exchange', () => {
    expect(run('constant:0,0').hashes.exchange).toBe(run(null).hashes.exchange)
  })

  test('a drawn latency gives the same run twice, another than none, and books that still add up', () => {
    const drawn = run('distribution:40/300,70/500')
    expect(run('distribution:40/300,70/500').hashes).toEqual(drawn.hashes)
    expect(drawn.hashes.exchange).not.toBe(run(null).hashes.exchange)
    expect(drawn.figures.attribution.unexplainedMicroUsd).toBe(0)
  })

  test('a distribution has the median and the 99th percentile that it was given', () => {
    const model = parseLatency('distribution:40/300,70/500')
    if (model === null) throw new Error('it is written as it should be')
    const { feedMs, orderMs } = drawsOf(model, 3)
    for (const [draw, medianMs, p99Ms] of [
      [feedMs, 40, 300],
      [orderMs, 70, 500],
    ] as const) {
      const draws = Array.from({ length: 20_000 }, draw).sort((a, b) => a - b)
      // Standard errors at this count: 1.2 % of the median, 2.6 % of the percentile; four of each.
      expect(Math.abs((draws[10_000] ?? 0) / medianMs - 1)).toBeLessThan(0.05)
      expect(Math.abs((draws[19_800] ?? 0) / p99Ms - 1)).toBeLessThan(0.11)
    }
  })

  test.each([
    '',
    'constant:1',
    'constant:1,-2',
    'constant:1,60001',
    'distribution:0/5,1/2',
    'distribution:9/5,1/2',
  ])('"%s" is no latency', (text) => expect(parseLatency(text)).toBeNull())
})

test('the models guess in order, and the pessimistic one fills next to nothing that did not fill', () => {
  const models = (['pessimistic', 'proportional', 'optimistic'] as const).map((name) => ({ name }))
  const study = studyQueues({ ...stage, coin: 'hyna:BTC', scenario: 'calm', minutes: 4 }, models)
  expect(study.probeCount).toBeGreaterThan(50)
  const shares = study.models.map((score) => score.filledShare)
  expect(shares[0]).toBeLessThanOrEqual(shares[1] ?? NaN)
  expect(shares[1]).toBeLessThanOrEqual(shares[2] ?? NaN)
  for (const { filledShare, falseShare, missedShare } of study.models) {
    expect(falseShare - missedShare).toBeCloseTo(filledShare - study.trueShare, 10)
  }
  // The pessimistic model fills nothing that did not fill.
  expect(study.models[0]?.falseShare).toBeLessThan(0.02)
})
