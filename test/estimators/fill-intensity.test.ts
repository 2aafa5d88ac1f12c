import { describe, expect, test } from 'vitest'
import {
  initFillIntensity,
  kappaPosterior,
  observeOrder,
  observeOwnFill,
  passIntensityTime,
  readFillRate,
  readKappa,
} from '../../estimators/fill-intensity.ts'
import type { FillIntensityConfig, FillIntensityState } from '../../estimators/fill-intensity.ts'
import { initMarketOrders, flushOrder, observeMid, observePrint } from '../../estimators/market-orders.ts'
import type { MarketOrder } from '../../estimators/market-orders.ts'
import { initReading } from '../../src/core/contracts.ts'
import type { Reading } from '../../src/core/contracts.ts'
import { initSfc32, nextExponential } from '../../src/core/math/sfc32.ts'

const config: FillIntensityConfig = {
  kappaPrior: 1_500,
  kappaPriorOrders: 10,
  kappaMin: 50,
  kappaMax: 10_000,
  fillRatePriorPerSec: 0.2,
  fillRatePriorSec: 30,
  halfLifeSec: 900,
  warmupOrders: 10,
  warmupSec: 300,
  ownFillShareMax: 0.3,
  silenceSecMax: 5,
}

/** Poisson orders with exponential depths on each side, for half an hour. */
function simulate(seed: number, state: FillIntensityState): void {
  const random = initSfc32(seed, 11)
  let tsMs = 7_000
  const next = { bid: tsMs, ask: tsMs }
  const truth = { bid: { kappa: 2_300, rate: 0.4 }, ask: { kappa: 3_400, rate: 0.25 } }
  while (tsMs < 1_807_000) {
    const quote = next.bid < next.ask ? 'bid' : 'ask'
    tsMs = next[quote]
    next[quote] = tsMs + nextExponential(random, 1_000 / truth[quote].rate)
    passIntensityTime(state, tsMs)
    observeOrder(state, quote, nextExponential(random, 1 / truth[quote].kappa))
  }
}

function readings(state: FillIntensityState): { readonly [name: string]: Reading } {
  const out = {
    kappaBid: initReading(),
    kappaAsk: initReading(),
    rateBid: initReading(),
    rateAsk: initReading(),
  }
  readKappa(state, 'bid', out.kappaBid)
  readKappa(state, 'ask', out.kappaAsk)
  readFillRate(state, 'bid', out.rateBid)
  readFillRate(state, 'ask', out.rateAsk)
  return out
}

describe('kappa and A', () => {
  test('come back within 20 % per side for at least 95 of 100 seeds', () => {
    const hits = { kappaBid: 0, kappaAsk: 0, rateBid: 0, rateAsk: 0 }
    const truth = { kappaBid: 2_300, kappaAsk: 3_400, rateBid: 0.4, rateAsk: 0.25 }
    for (let seed = 1; seed <= 100; seed += 1) {
      const state = initFillIntensity(config)
      simulate(seed, state)
      const read = readings(state)
      for (const name of Object.keys(hits) as (keyof typeof hits)[]) {
        if (Math.abs((read[name]?.value ?? 0) / truth[name] - 1) < 0.2) hits[name] += 1
      }
    }
    for (const [name, count] of Object.entries(hits)) expect(count, name).toBeGreaterThanOrEqual(95)
  })

  test('are the prior, and say so, before anything traded', () => {
    const read = readings(initFillIntensity(config))
    expect(read['kappaBid']).toMatchObject({ value: 1_500, status: 'prior' })
    expect(read['rateAsk']).toMatchObject({ value: 0.2, status: 'prior' })
  })

  test('a market that does not trade is known as such in bounded time, and the interval stays as wide as before', () => {
    const state = initFillIntensity(config)
    for (let sec = 0; sec <= 400; sec += 2) {
      passIntensityTime(state, 7_000 + 1_000 * sec)
      const { kappaBid, rateAsk } = readings(state)
      expect([kappaBid?.status, rateAsk?.status]).toEqual(
        sec < 300 ? ['prior', 'prior'] : ['measured', 'measured'],
      )
      expect(kappaBid?.confidence).toBeCloseTo(1 / (1 + 1 / Math.sqrt(10)), 9)
    }
    expect(readings(state)['rateAsk']?.value).toBeLessThan(0.02)
  })

  test('confidence is the width of the credible interval', () => {
    const state = initFillIntensity(config)
    simulate(5, state)
    const { shape } = kappaPosterior(state, 'bid')
    const { confidence = 0 } = readings(state)['kappaBid'] ?? {}
    expect(1 / confidence - 1).toBeCloseTo(1 / Math.sqrt(shape), 12)
    expect(confidence).toBeGreaterThan(1 / (1 + 1 / Math.sqrt(10)))
  })

  test('forget towards the prior, not into nothing, and an outage does not count as silence', () => {
    const state = initFillIntensity(config)
    simulate(9, state)
    const before = readings(state)['rateBid']?.value ?? 0
    const kappaBefore = readings(state)['kappaBid']?.value ?? 0
    passIntensityTime(state, state.tsMs + 4_000_000)
    const after = readings(state)
    expect(after['kappaBid']?.value).toBeGreaterThan(1_500)
    expect(after['kappaBid']?.value).toBeLessThan(0.98 * kappaBefore)
    expect(after['rateBid']?.value).toBeGreaterThan(0.5 * before)
  })

  test('an order inside a stale mid is counted and not used', () => {
    const state = initFillIntensity(config)
    for (const depth of [0, -2e-4, NaN]) observeOrder(state, 'bid', depth)
    expect(state.rejected).toBe(3)
    expect(readings(state)['kappaBid']?.value).toBe(1_500)
  })

  test('own fills lean on kappa and cannot run away with it', () => {
    const state = initFillIntensity(config)
    simulate(4, state)
    const market = readings(state)['kappaBid']?.value ?? 0
    for (let fill = 0; fill < 4_000; fill += 1) observeOwnFill(state, 'bid', 1.1e-5)
    const leaned = readings(state)['kappaBid']?.value ?? 0
    expect(leaned / market).toBeGreaterThan(1.1)
    expect(leaned / market).toBeLessThan(2 ** 0.31)
  })

  test('state survives a JSON round trip', () => {
    const state = initFillIntensity(config)
    simulate(2, state)
    const restored = JSON.parse(JSON.stringify(state)) as FillIntensityState
    const laterMs = state.tsMs + 700
    for (const copy of [state, restored]) {
      passIntensityTime(copy, laterMs)
      observeOrder(copy, 'ask', 3e-4)
    }
    expect(readings(restored)).toEqual(readings(state))
  })
})

describe('market orders', () => {
  const fresh = (): MarketOrder => ({ aggressor: 'buy', tsMs: 0, depthFraction: 0, sizeLots: 0, valueUsd: 0 })

  test('several prints of one aggressor at one instant are one order at its deepest print', () => {
    const state = initMarketOrders()
    const out = fresh()
    observeMid(state, 1_000, 20_000)
    for (const [priceTicks, sizeLots] of [
      [20_003, 7],
      [20_010, 4],
      [20_006, 2],
    ] as const) {
      expect(observePrint(state, { tsMs: 1_500, aggressor: 'buy', priceTicks, sizeLots }, out)).toBe(false)
    }
    expect(flushOrder(state, 1_500, out)).toBe(false)
    expect(flushOrder(state, 1_501, out)).toBe(true)
    const valueUsd = (20_003 * 7 + 20_010 * 4 + 20_006 * 2) / 1e6
    expect(out).toEqual({ aggressor: 'buy', tsMs: 1_500, depthFraction: 10 / 20_000, sizeLots: 13, valueUsd })
    expect(flushOrder(state, 1_900, out)).toBe(false)
  })

  test('a book that shows the trade before its print does not shift the mid it is measured from', () => {
    const state = initMarketOrders()
    const out = fresh()
    observeMid(state, 1_000, 20_000)
    observeMid(state, 1_500, 19_990)
    observePrint(state, { tsMs: 1_500, aggressor: 'sell', priceTicks: 19_992, sizeLots: 3 }, out)
    flushOrder(state, 1_600, out)
    expect(out.depthFraction).toBeCloseTo(8 / 20_000, 12)
  })

  test('the opposite aggressor at the same instant is another order', () => {
    const state = initMarketOrders()
    const out = fresh()
    observeMid(state, 1_000, 20_000)
    observePrint(state, { tsMs: 1_500, aggressor: 'sell', priceTicks: 19_992, sizeLots: 3 }, out)
    expect(observePrint(state, { tsMs: 1_500, aggressor: 'buy', priceTicks: 20_004, sizeLots: 3 }, out)).toBe(
      true,
    )
    expect(out).toMatchObject({ aggressor: 'sell', sizeLots: 3 })
  })
})
