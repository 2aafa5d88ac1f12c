import { describe, expect, test } from 'vitest'
import { confirmMid, initSampler, takeSample } from '../../estimators/grid-sampler.ts'
import type { GridSample } from '../../estimators/grid-sampler.ts'
import { jumpTest } from '../../estimators/jump-test.ts'
import { computeRealisedMeasures } from '../../estimators/realised-measures.ts'
import { initRegime, updateRegime } from '../../estimators/volatility-regime.ts'
import {
  initVolatility,
  readJumps,
  readRegime,
  readSigma,
  readSigmaSlow,
  updateVolatility,
} from '../../estimators/volatility.ts'
import type { VolatilityConfig, VolatilityState } from '../../estimators/volatility.ts'
import { initReading } from '../../src/core/contracts.ts'
import { initSfc32, nextUnit } from '../../src/core/math/sfc32.ts'
import { averagedWalk, walk } from '../support/random-walk.ts'

const config: VolatilityConfig = {
  sigmaPriorPerSqrtSec: 2.2e-4,
  sigmaMinPerSqrtSec: 1e-6,
  sampleMs: 500,
  fastHalfLifeSec: 15,
  halfLifeSec: 120,
  slowHalfLifeSec: 600,
  warmupPairs: 30,
  jumpWindowReturns: 80,
  regimeEnter: [0.9, 1.6, 2.8],
}

function run(samples: readonly GridSample[]): VolatilityState {
  const state = initVolatility(config)
  for (const sample of samples) updateVolatility(state, sample)
  return state
}

function sigmaOf(state: VolatilityState): { value: number; status: string } {
  const out = initReading()
  readSigma(state, out)
  return out
}

describe('volatility', () => {
  test('is the prior before the first sample and moves smoothly to the data', () => {
    expect(sigmaOf(run([]))).toMatchObject({ value: 2.2e-4, status: 'prior' })
    const young = sigmaOf(run(averagedWalk({ seed: 2, sigmaPerSqrtSec: 4e-4, sampleMs: 500, count: 12 })))
    expect(young.status).toBe('prior')
    expect(young.value).toBeGreaterThan(1.8e-4)
    const warm = sigmaOf(run(averagedWalk({ seed: 2, sigmaPerSqrtSec: 4e-4, sampleMs: 500, count: 3_000 })))
    expect(warm.status).toBe('measured')
    expect(warm.value).toBeGreaterThan(3.4e-4)
    expect(warm.value).toBeLessThan(4.6e-4)
  })

  test('a market whose price often stands still is not calm: the realised volatility speaks', () => {
    // Every fourth interval moves by one step: pairs of neighbours hardly ever both move.
    // It moves in the middle of an interval, so that a mean holds half of the move.
    const random = initSfc32(4)
    let log = Math.log(64_000)
    const samples = Array.from({ length: 3_000 }, (_, index) => {
      const before = log
      if (index % 4 === 0) log += nextUnit(random) < 0.5 ? 4e-4 : -4e-4
      return { tsMs: 500 * index + 500, midTicks: Math.exp(log), meanTicks: Math.exp((before + log) / 2) }
    })
    const trueSigma = 4e-4 / Math.sqrt(4 * 0.5)
    const { value } = sigmaOf(run(samples))
    expect(value / trueSigma).toBeGreaterThan(0.8)
    expect(value / trueSigma).toBeLessThan(1.2)
  })

  test('a model outside [½, 2] of what is realised is overridden by it, within seconds, and the confidence says so', () => {
    // The market turns eight times as wild: the middle memory takes a minute to believe it.
    const quiet = averagedWalk({ seed: 21, sigmaPerSqrtSec: 1e-4, sampleMs: 500, count: 2_000 })
    const last = quiet.at(-1)
    const wild = averagedWalk({
      seed: 22,
      sigmaPerSqrtSec: 8e-4,
      sampleMs: 500,
      count: 60,
      startTicks: last?.midTicks ?? 0,
    }).map((sample) => ({ ...sample, tsMs: sample.tsMs + (last?.tsMs ?? 0) - 4_500 }))
    const state = run(quiet)
    const before = initReading()
    readSigma(state, before)
    let overridden = 0
    for (const sample of wild) {
      updateVolatility(state, sample)
      const [model, read] = [state.middle.variancePerSec, initReading()]
      readSigma(state, read)
      // The override replaces the model: then the reading is far above what the model alone would say.
      if (read.value > 1.9 * Math.sqrt(model)) overridden += 1
      if (read.value > 1.9 * Math.sqrt(model)) expect(read.confidence).toBeLessThanOrEqual(0.5)
    }
    const after = initReading()
    readSigma(state, after)
    expect(before.value).toBeLessThan(1.4e-4)
    expect(overridden).toBeGreaterThan(0)
    expect(after.value).toBeGreaterThan(3e-4)
    // And back: the model, fed by the wild minute, is far above what is realised in the calm after it.
    const calm = averagedWalk({ seed: 23, sigmaPerSqrtSec: 0.5e-4, sampleMs: 500, count: 160 })
    const end = wild.at(-1)?.tsMs ?? 0
    for (const sample of calm) updateVolatility(state, { ...sample, tsMs: sample.tsMs + end - 4_500 })
    const low = initReading()
    readSigma(state, low)
    expect(low.value).toBeLessThan(Math.sqrt(state.middle.variancePerSec) / 1.9)
  })

  test('a jump is reported as one and the regime follows a real change with hysteresis', () => {
    const samples = averagedWalk({
      seed: 6,
      sigmaPerSqrtSec: 3e-4,
      sampleMs: 500,
      count: 400,
      jump: { at: 380, size: 6e-3 },
    })
    const [ratio, z] = [initReading(), initReading()]
    readJumps(run(samples), ratio, z)
    expect(ratio.value).toBeGreaterThan(2)
    expect(z.value).toBeGreaterThan(3.09)
    const quiet = averagedWalk({ seed: 7, sigmaPerSqrtSec: 1e-4, sampleMs: 500, count: 2_000 })
    const last = quiet[quiet.length - 1]
    const wild = averagedWalk({
      seed: 8,
      sigmaPerSqrtSec: 9e-4,
      sampleMs: 500,
      count: 200,
      startTicks: last?.midTicks ?? 0,
    })
    const joined = [...quiet, ...wild.map((s) => ({ ...s, tsMs: s.tsMs + (last?.tsMs ?? 0) - 4_500 }))]
    expect(['calm', 'normal']).toContain(readRegime(run(quiet)))
    expect(readRegime(run(joined))).toBe('extreme')
  })

  test('state survives a JSON round trip', () => {
    const samples = averagedWalk({ seed: 3, sigmaPerSqrtSec: 3e-4, sampleMs: 500, count: 600 })
    const state = run(samples.slice(0, 300))
    const restored = JSON.parse(JSON.stringify(state)) as VolatilityState
    for (const sample of samples.slice(300)) {
      updateVolatility(state, sample)
      updateVolatility(restored, sample)
    }
    expect(restored).toEqual(state)
  })
})

test('the sliding jump test agrees with the batch measures of its window, after many evictions', () => {
  const state = jumpTest.init({ sampleMs: 250, windowReturns: 60, warmupReturns: 20 })
  const samples = walk({ seed: 31, sigmaPerSqrtSec: 3e-4, sampleMs: 250, count: 900 })
  for (const sample of samples) jumpTest.update(state, sample)
  const window = samples.slice(-61)
  const returns = window.slice(1).map((s, index) => Math.log(s.midTicks / (window[index]?.midTicks ?? 0)))
  const batch = computeRealisedMeasures(returns)
  const { ratio, z } = jumpTest.read(state)
  expect(ratio).toBeCloseTo(batch.realisedVariance / batch.bipower, 9)
  expect(z).toBeCloseTo(batch.zRatioMax ?? NaN, 8)
})

test('a regime at its threshold does not flutter', () => {
  const state = initRegime({ enter: [0.9, 1.6, 2.8], leaveShare: 0.8 })
  updateRegime(state, 1.61, 1 / 1)
  expect(state.regime).toBe('volatile')
  for (const ratio of [1.55, 1.62, 1.4, 1.58]) updateRegime(state, ratio * 2.5, 2.5)
  expect(state.regime).toBe('volatile')
  updateRegime(state, 1.2 * 2.5, 2.5)
  expect(state.regime).toBe('normal')
})

describe('the sampler', () => {
  const drain = (state: ReturnType<typeof initSampler>, tsMs: number): GridSample[] => {
    const taken: GridSample[] = []
    for (const out = { tsMs: 0, midTicks: 0, meanTicks: 0 }; takeSample(state, tsMs, out);)
      taken.push({ ...out })
    return taken
  }

  test('gives the last mid known before each grid time', () => {
    const state = initSampler({ sampleMs: 250, staleMs: 2_000 })
    confirmMid(state, 1_010, 640.5)
    expect(drain(state, 1_600)).toEqual([
      { tsMs: 1_250, midTicks: 640.5, meanTicks: 640.5 },
      { tsMs: 1_500, midTicks: 640.5, meanTicks: 640.5 },
    ])
  })

  test('gives the time-weighted mean of the interval, however often the mid was confirmed', () => {
    const state = initSampler({ sampleMs: 250, staleMs: 2_000 })
    confirmMid(state, 1_000, 640)
    confirmMid(state, 1_100, 650)
    confirmMid(state, 1_120, 650)
    confirmMid(state, 1_200, 660)
    const [first, second] = drain(state, 1_500)
    expect(first?.meanTicks).toBeCloseTo((100 * 640 + 100 * 650 + 50 * 660) / 250, 9)
    expect(second?.meanTicks).toBe(660)
  })

  test('an outage is a gap, bounded in samples, and not calm', () => {
    const state = initSampler({ sampleMs: 250, staleMs: 1_000 })
    confirmMid(state, 1_010, 640.5)
    expect(drain(state, 3_600_000).length).toBeLessThanOrEqual(5)
    confirmMid(state, 3_600_010, 655.5)
    expect(drain(state, 3_600_300)).toEqual([{ tsMs: 3_600_250, midTicks: 655.5, meanTicks: 655.5 }])
  })
})

describe('sigma in a market that bounces', () => {
  const truth = { sigmaPerSqrtSec: 8.2e-5, sampleMs: 1_000, count: 1_800, bounce: 1e-4, lastingSteps: 2 }
  const measured: VolatilityConfig = { ...config, sampleMs: 1_000, sigmaPriorPerSqrtSec: 1e-4 }
  const slowOf = (samples: readonly GridSample[]): number => {
    const state = initVolatility(measured)
    for (const sample of samples) updateVolatility(state, sample)
    const out = initReading()
    readSigmaSlow(state, out)
    return out.value
  }

  test('is within 10 % of the truth for at least 95 of 100 seeds, where mids at instants read twice as much', () => {
    let within = 0
    let naive = 0
    for (let seed = 1; seed <= 100; seed += 1) {
      const samples = averagedWalk({ ...truth, seed })
      if (Math.abs(slowOf(samples) / truth.sigmaPerSqrtSec - 1) < 0.1) within += 1
      const squares = samples.map((sample, index) => {
        const before = samples[index - 1]
        return before === undefined ? 0 : Math.log(sample.midTicks / before.midTicks) ** 2
      })
      naive += Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / samples.length) / 100
    }
    expect(within).toBeGreaterThanOrEqual(95)
    expect(naive / truth.sigmaPerSqrtSec).toBeGreaterThan(1.8)
  })

  test('a jump of one percent leaves it within 25 %, wherever in the interval it falls', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const jumped = slowOf(averagedWalk({ ...truth, seed, jump: { at: 1_700, size: 0.01 } }))
      expect(Math.abs(jumped / truth.sigmaPerSqrtSec - 1)).toBeLessThan(0.25)
    }
  })
})
