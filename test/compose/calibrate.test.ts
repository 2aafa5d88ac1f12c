/** A calibration finds the numbers that made a market, says how sure it is, and writes a file that the maker takes. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import type { MarketData } from '../../src/compose/calibrate-data.ts'
import { calibrationOf, ksOf, medianOf } from '../../src/compose/calibrate-fit.ts'
import { calibrate } from '../../src/compose/calibrate.ts'
import { initSfc32, nextExponential, nextNormal, nextUnit } from '../../src/core/math/sfc32.ts'
import { failureOf, load } from '../support/config.ts'

const folder = mkdtempSync(join(tmpdir(), 'calibrate-'))
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => vi.restoreAllMocks())

const TRUTH = { sigma: 0.00023, kappa: 1700, perSec: 0.7, driftBps: 0.9 }
const SECONDS = 3_600
const MID_MS = 125

/** A walk of the mid, orders of exponential depth at exponential times, and a move of the mid after each. */
function madeMarket(seed: number): MarketData {
  const random = initSfc32(seed)
  const orders: { tsMs: number; aggressor: 'buy' | 'sell'; depthFraction: number; valueUsd: number }[] = []
  for (let tsMs = 0; ;) {
    tsMs += nextExponential(random, 1000 / (2 * TRUTH.perSec))
    if (tsMs >= SECONDS * 1000) break
    const aggressor = nextUnit(random) < 0.5 ? 'buy' : 'sell'
    orders.push({ tsMs, aggressor, depthFraction: nextExponential(random, 1 / TRUTH.kappa), valueUsd: 500 })
  }
  const midsTsMs: number[] = []
  const mids: number[] = []
  let mid = 61_234
  let next = 0
  for (let tsMs = 0; tsMs <= SECONDS * 1000; tsMs += MID_MS) {
    for (; (orders[next]?.tsMs ?? Infinity) <= tsMs; next += 1) {
      mid *= 1 + (orders[next]?.aggressor === 'buy' ? 1 : -1) * TRUTH.driftBps * 1e-4
    }
    mid *= Math.exp(TRUTH.sigma * Math.sqrt(MID_MS / 1000) * nextNormal(random))
    midsTsMs.push(tsMs)
    mids.push(mid)
  }
  return { source: 'made', coin: 'BTC', midsTsMs, mids, orders, makerFeesBps: [], roundTripsMs: [] }
}

const { estimators } = load().values

describe('of a market that was made', () => {
  const fit = calibrationOf(madeMarket(7), estimators)

  test('kappa, A, sigma and the cost of being hit are found, each within its interval', () => {
    // The orders themselves move the mid, and their moves are volatility too.
    const sigma = Math.sqrt(TRUTH.sigma ** 2 + 2 * TRUTH.perSec * (TRUTH.driftBps * 1e-4) ** 2)
    for (const [estimate, truth] of [
      [fit.kappa, TRUTH.kappa],
      [fit.fillsPerSec, TRUTH.perSec],
      [fit.sigma, sigma],
      [fit.adverseBps, TRUTH.driftBps],
    ] as const) {
      expect(estimate.low ?? Infinity).toBeLessThan(truth)
      expect(estimate.high ?? -Infinity).toBeGreaterThan(truth)
    }
    // 5,000 orders: a standard error of 1.4 % of kappa and of A; 3,600 returns: 1.2 % of sigma. Four of each.
    expect(Math.abs(fit.kappa.value / TRUTH.kappa - 1)).toBeLessThan(0.06)
    expect(Math.abs(fit.fillsPerSec.value / TRUTH.perSec - 1)).toBeLessThan(0.06)
    expect(Math.abs(fit.sigma.value / sigma - 1)).toBeLessThan(0.05)
  })

  test('exponential depths pass for exponential, and others do not', () => {
    expect(fit.depthKs).toBeLessThan(fit.depthKsByChance)
    const random = initSfc32(3)
    const even = Array.from({ length: 2_000 }, () => nextUnit(random))
    expect(ksOf(even, 2)).toBeGreaterThan(1.094 / Math.sqrt(2_000))
  })

  test('intervals hold the truth about as often as they say', () => {
    const held = Array.from({ length: 20 }, (_, seed) =>
      calibrationOf(madeMarket(100 + seed), estimators),
    ).filter(({ kappa }) => (kappa.low ?? Infinity) < TRUTH.kappa && TRUTH.kappa < (kappa.high ?? 0)).length
    // Of 20 at 95 %: fewer than 15 happen three times in 10,000.
    expect(held).toBeGreaterThanOrEqual(15)
  })
})

test('the median comes with the values that hold it 95 times of 100', () => {
  expect(medianOf([])).toBeNull()
  expect(medianOf([4, 1])).toEqual({ value: 4, low: null, high: null })
  const median = medianOf(Array.from({ length: 101 }, (_, index) => 100 - index))
  expect(median).toEqual({ value: 50, low: 40, high: 61 })
})

test('too few orders are refused with how many there are and how many it takes', () => {
  const few = { ...madeMarket(1), orders: madeMarket(1).orders.slice(0, 20) }
  expect(failureOf(() => calibrationOf(few, estimators))).toMatchObject({ code: 'NO_DATA' })
  expect(failureOf(() => calibrationOf(few, estimators)).message).toMatch(
    /20 market orders; 30 s and 30 orders/,
  )
})

test('a scenario becomes a file that the configuration takes, with a page; the same seed gives the same file', async () => {
  const command = {
    configOf: (assignments: readonly string[]) => load({ assignments }),
    ...{ tape: null, journal: null, asset: null, seed: 5, minutes: 2, json: false },
  }
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const [one, two, page] = ['one.toml', 'two.toml', 'page.html'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  expect(await calibrate({ ...command, out: one, report: page })).toBe(0)
  expect(await calibrate({ ...command, out: two, report: null })).toBe(0)
  expect(readFileSync(two)).toEqual(readFileSync(one))
  const { values, origins } = load({ files: [one] })
  expect(origins['estimators.kappa_prior']).toContain('one.toml')
  expect(values.estimators.kappaPrior).toBeGreaterThan(100)
  expect(readFileSync(page, 'utf8').match(/<svg/g)).toHaveLength(3)
  expect(readFileSync(page, 'utf8')).not.toMatch(/NaN|undefined|Infinity/)
})

test('data of another coin than the command names is refused, whatever the DEX', async () => {
  const tape = join(folder, 'tape')
  const touch =
    '{"stream":"btcusdt@bookTicker","data":{"e":"bookTicker","s":"BTCUSDT","u":1,"b":"1","B":"1","a":"2","A":"1"}}'
  writeFileSync(tape, `1723111200000000000 ${touch}\n`)
  const said = (asset: string): Promise<unknown> =>
    calibrate({
      configOf: (assignments) => load({ assignments }),
      ...{ tape, journal: null, asset, seed: 1, minutes: 1, out: null, report: null, json: false },
    })
  await expect(said('hyna:ETH')).rejects.toThrow(/--asset hyna:ETH: .* is of BTC; give data of ETH/)
  await expect(said('hyna:BTC')).rejects.toThrow(/30 market orders|30 orders/)
})
