import { describe, expect, test } from 'vitest'
import { initFlow, observeFlow, passFlowTime, readFlow } from '../../estimators/flow-imbalance.ts'
import {
  hawkesLikelihood,
  initHawkes,
  intensityRatio,
  observeEvent,
  passHawkesTime,
} from '../../estimators/hawkes.ts'
import { fairTicks, touchImbalance } from '../../estimators/microprice.ts'
import { initMomentum, readMomentumZ, updateMomentum } from '../../estimators/momentum.ts'
import { initOrderFlow, observeTouch, readOrderFlow } from '../../estimators/order-flow.ts'
import { initToxicity, observeTrade, readToxicity, vpinOf } from '../../estimators/toxicity.ts'
import { initReading, MOMENTUM_HORIZONS_MS } from '../../src/core/contracts.ts'
import { initSfc32, nextExponential, nextUnit } from '../../src/core/math/sfc32.ts'
import { glftLadderDefaults } from '../../strategies/index.ts'
import { walk } from '../support/random-walk.ts'

describe('flow imbalance', () => {
  test('needs some trades, then leans to the aggressor, then fades to not knowing', () => {
    const state = initFlow({ halfLifeSec: 4, tradesMin: 3 })
    const out = initReading()
    observeFlow(state, 2_000, 'buy', 70)
    readFlow(state, out)
    expect(out.status).toBe('warming')
    for (let trade = 0; trade < 6; trade += 1)
      observeFlow(state, 2_200 + trade, trade < 5 ? 'buy' : 'sell', 50)
    readFlow(state, out)
    expect(out.status).toBe('measured')
    expect(out.value).toBeGreaterThan(0.6)
    passFlowTime(state, 60_000)
    readFlow(state, out)
    expect(out).toMatchObject({ status: 'warming', value: 0 })
  })
})

describe('toxicity', () => {
  const config = { bucketCount: 20, bucketsMin: 5, bucketSec: 2, bucketVolumeMin: 500 }
  const feed = (buyShare: number): number => {
    const state = initToxicity(config)
    const random = initSfc32(3)
    for (let trade = 0; trade < 2_000; trade += 1) {
      observeTrade(state, 1_000 + trade * 40, nextUnit(random) < buyShare ? 'buy' : 'sell', 25)
    }
    const out = initReading()
    readToxicity(state, out)
    expect(out.status).toBe('measured')
    return out.value
  }

  test('is small for balanced flow and one for one-sided flow', () => {
    expect(feed(0.5)).toBeLessThan(0.25)
    expect(feed(1)).toBe(1)
    expect(feed(0.8)).toBeGreaterThan(feed(0.6))
  })

  test('uninformed flow of a few orders a bucket reads about nothing, from the first reading on, for 100 seeds', () => {
    const last: number[] = []
    let first = 0
    for (let seed = 1; seed <= 100; seed += 1) {
      const state = initToxicity({ bucketCount: 20, bucketsMin: 5, bucketSec: 10, bucketVolumeMin: 1_000 })
      const random = initSfc32(seed, 8)
      const out = initReading()
      let isFirst = true
      // Six orders a bucket whose sizes differ a hundredfold: |B − S|/V itself reads about 0.5.
      for (let tsMs = 7_000; tsMs < 607_000; tsMs += nextExponential(random, 1_660)) {
        observeTrade(state, tsMs, nextUnit(random) < 0.5 ? 'buy' : 'sell', nextExponential(random, 9_000) + 1)
        readToxicity(state, out)
        if (isFirst && out.status === 'measured') {
          isFirst = false
          first += out.value / 100
        }
      }
      // Buckets close whatever the last bits of their sums are.
      expect(state.imbalances.count).toBe(20)
      expect(vpinOf(state)).toBeGreaterThan(0.25)
      last.push(out.value)
    }
    expect(first).toBeLessThan(0.25)
    expect(last.reduce((sum, value) => sum + value, 0) / 100).toBeLessThan(0.12)
    expect(last.filter((value) => value < glftLadderDefaults.toxicityNeutral).length).toBeGreaterThanOrEqual(
      95,
    )
  })

  test('nine of ten orders on one side are toxic, for 50 seeds', () => {
    for (let seed = 1; seed <= 50; seed += 1) {
      const state = initToxicity({ bucketCount: 20, bucketsMin: 5, bucketSec: 10, bucketVolumeMin: 1_000 })
      const random = initSfc32(seed, 9)
      for (let tsMs = 7_000; tsMs < 407_000; tsMs += nextExponential(random, 1_660)) {
        observeTrade(state, tsMs, nextUnit(random) < 0.9 ? 'buy' : 'sell', nextExponential(random, 9_000) + 1)
      }
      const out = initReading()
      readToxicity(state, out)
      expect(out.value).toBeGreaterThan(0.4)
    }
  })

  test('one print as large as the whole window is bounded work and says nothing: it is one order', () => {
    const state = initToxicity(config, 500)
    observeTrade(state, 1_000, 'sell', 1e12)
    const out = initReading()
    readToxicity(state, out)
    expect(out).toMatchObject({ value: 0, status: 'warming', confidence: 0 })
    expect(state.imbalances.count).toBe(20)
  })

  test('says nothing before five buckets', () => {
    const state = initToxicity(config)
    observeTrade(state, 1_000, 'sell', 1_900)
    const out = initReading()
    readToxicity(state, out)
    expect(out.status).toBe('warming')
  })
})

describe('order flow', () => {
  test('bids that pile up and asks that thin out push to +1', () => {
    const state = initOrderFlow({ halfLifeSec: 5, changesMin: 4 })
    for (let step = 0; step < 9; step += 1) {
      observeTouch(state, 1_000 + 200 * step, {
        bidTicks: 6_400,
        bidLots: 50 + 20 * step,
        askTicks: 6_402,
        askLots: 300 - 25 * step,
      })
    }
    const out = initReading()
    readOrderFlow(state, out)
    expect(out).toMatchObject({ status: 'measured', value: 1 })
  })
})

describe('microprice', () => {
  const gate = { gateUsdLow: 1_000, gateUsdHigh: 5_000 }
  const thick = { bidTicks: 640_000, bidLots: 90_000, askTicks: 640_020, askLots: 30_000 }

  test('leans to the thinner side and never leaves the touch', () => {
    expect(fairTicks(thick, gate)).toBeCloseTo(640_015, 9)
    expect(touchImbalance(thick)).toBe(0.5)
    const extreme = { ...thick, bidLots: 1e9, askLots: 30_000 }
    expect(fairTicks(extreme, gate)).toBeLessThanOrEqual(640_020)
  })

  test('a few dollars at the touch do not move it', () => {
    expect(fairTicks({ ...thick, askLots: 700 }, gate)).toBe(640_010)
  })

  test('a crossed touch is a bug of the book', () => {
    expect(() => fairTicks({ ...thick, askTicks: 640_000 }, gate)).toThrow(/not crossed/)
  })
})

describe('momentum', () => {
  test('is about standard normal without drift, at every horizon', () => {
    const state = initMomentum(MOMENTUM_HORIZONS_MS)
    const sums = MOMENTUM_HORIZONS_MS.map(() => ({ n: 0, squares: 0 }))
    const out = initReading()
    walk({ seed: 21, sigmaPerSqrtSec: 3e-4, sampleMs: 125, count: 160_000 }).forEach((sample, index) => {
      updateMomentum(state, sample.tsMs, sample.midTicks)
      if (index % 40 !== 0) return
      sums.forEach((sum, horizon) => {
        readMomentumZ(state, horizon, 3e-4, 0, out)
        if (out.status !== 'measured') return
        sum.n += 1
        sum.squares += out.value ** 2
      })
    })
    for (const { n, squares } of sums) {
      expect(n).toBeGreaterThan(3_000)
      expect(squares / n).toBeGreaterThan(0.75)
      expect(squares / n).toBeLessThan(1.25)
    }
  })

  test('a slow slide of minutes is seen by the long horizons and not by the short one', () => {
    const state = initMomentum(MOMENTUM_HORIZONS_MS)
    for (let step = 0; step <= 2_400; step += 1) {
      updateMomentum(state, 9_000 + 125 * step, 64_000 * Math.exp(-8e-6 * 0.125 * step))
    }
    const z = MOMENTUM_HORIZONS_MS.map((_, horizon) => {
      const out = initReading()
      readMomentumZ(state, horizon, 6e-5, 0, out)
      return out.value
    })
    expect(Math.abs(z[0] ?? 0)).toBeLessThan(0.2)
    expect(z[3]).toBeLessThan(-2)
  })

  test('an outage leaves no stale start point', () => {
    const state = initMomentum(MOMENTUM_HORIZONS_MS)
    updateMomentum(state, 9_000, 64_000)
    updateMomentum(state, 9_400, 64_000)
    updateMomentum(state, 90_000, 61_000)
    const out = initReading()
    readMomentumZ(state, 0, 6e-5, 0, out)
    expect(out).toMatchObject({ status: 'warming', value: 0 })
  })
})

describe('self-exciting intensity', () => {
  const config = {
    branchingRatio: 0.5,
    decayPerSec: 0.5,
    ratePriorPerSec: 0.4,
    ratePriorSec: 60,
    rateHalfLifeSec: 900,
    rateMinPerSec: 0.2,
  }

  test('seven fills in a second are a burst, one is not, and it fades', () => {
    const state = initHawkes(config)
    passHawkesTime(state, 5_000)
    observeEvent(state, 6_000)
    expect(intensityRatio(state)).toBeLessThan(2)
    for (let fill = 1; fill < 7; fill += 1) observeEvent(state, 6_000 + 130 * fill)
    expect(intensityRatio(state)).toBeGreaterThan(3)
    passHawkesTime(state, 40_000)
    expect(intensityRatio(state)).toBeCloseTo(0.5, 3)
  })

  test('its long-run mean ratio is one', () => {
    const state = initHawkes({ ...config, rateHalfLifeSec: 1e9 })
    const random = initSfc32(14)
    let sum = 0
    for (let step = 1; step <= 40_000; step += 1) {
      if (nextUnit(random) < 0.2) observeEvent(state, 50 * step * 5)
      else passHawkesTime(state, 50 * step * 5)
      sum += intensityRatio(state)
    }
    expect(sum / 40_000).toBeGreaterThan(0.93)
    expect(sum / 40_000).toBeLessThan(1.1)
  })

  test('a branching ratio of one or more is refused: the intensity would run away', () => {
    expect(() => initHawkes({ ...config, branchingRatio: 1 })).toThrow(/not stationary/)
    expect(() => hawkesLikelihood({ timesSec: [0.5], untilSec: 2, mu: 0.2, alpha: 0.3, beta: 0.1 })).toThrow(
      /not stationary/,
    )
  })
})
