import { describe, expect, test } from 'vitest'
import { confirmMid, initSampler, takeSample } from '../../estimators/grid-sampler.ts'
import type { MidSample } from '../../estimators/grid-sampler.ts'
import { jumpTest } from '../../estimators/jump-test.ts'
import { computeRealisedMeasures } from '../../estimators/realised-measures.ts'
import { initRegime, updateRegime } from '../../estimators/volatility-regime.ts'
import {
  initVolatility,
  readJumps,
  readRegime,
  readSigma,
  updateVolatility,
} from '../../estimators/volatility.ts'
import type { VolatilityConfig, VolatilityState } from '../../estimators/volatility.ts'
import { initReading } from '../../src/core/contracts.ts'
import { walk } from '../support/random-walk.ts'

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

function run(samples: readonly MidSample[]): VolatilityState {
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
    const young = sigmaOf(run(walk({ seed: 2, sigmaPerSqrtSec: 4e-4, sampleMs: 500, count: 12 })))
    expect(young.status).toBe('prior')
    expect(young.value).toBeGreaterThan(1.8e-4)
    const warm = sigmaOf(run(walk({ seed: 2, sigmaPerSqrtSec: 4e-4, sampleMs: 500, count: 3_000 })))
    expect(warm.status).toBe('measured')
    expect(warm.value).toBeGreaterThan(3.4e-4)
    expect(warm.value).toBeLessThan(4.6e-4)
  })

  test('a market whose price often stands still is not calm: the realised volatility speaks', () => {
    // Every fourth interval moves by one step: pairs of neighbours hardly ever both move.
    const samples = Array.from({ length: 800 }, (_, index) => ({
      tsMs: 500 * index + 500,
      midTicks: 64_000 * Math.exp(4e-4 * (Math.floor(index / 4) % 2)),
    }))
    const trueSigma = 4e-4 / Math.sqrt(4 * 0.5)
    const { value } = sigmaOf(run(samples))
    expect(value / trueSigma).toBeGreaterThan(0.9)
    expect(value / trueSigma).toBeLessThan(1.1)
  })

  test('a model far below what happens is overridden by what happens', () => {
    // Alternating large and tiny moves: bipower sees their product, the account feels their squares.
    const samples: MidSample[] = []
    let log = Math.log(64_000)
    for (let index = 0; index < 900; index += 1) {
      log += (index % 2 === 0 ? 6e-4 : 6e-6) * (index % 4 < 2 ? 1 : -1)
      samples.push({ tsMs: 500 * index + 500, midTicks: Math.exp(log) })
    }
    const realised = Math.sqrt((6e-4 ** 2 + 6e-6 ** 2) / 2 / 0.5)
    expect(sigmaOf(run(samples)).value / realised).toBeGreaterThan(0.95)
  })

  test('a jump is reported as one and the regime follows a real change with hysteresis', () => {
    const samples = walk({
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
    const quiet = walk({ seed: 7, sigmaPerSqrtSec: 1e-4, sampleMs: 500, count: 2_000 })
    const last = quiet[quiet.length - 1]
    const wild = walk({
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
    const samples = walk({ seed: 3, sigmaPerSqrtSec: 3e-4, sampleMs: 500, count: 600 })
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
  const drain = (state: ReturnType<typeof initSampler>, tsMs: number): MidSample[] => {
    const taken: MidSample[] = []
    for (const out = { tsMs: 0, midTicks: 0 }; takeSample(state, tsMs, out);) taken.push({ ...out })
    return taken
  }

  test('gives the last mid known before each grid time', () => {
    const state = initSampler({ sampleMs: 250, staleMs: 2_000 })
    confirmMid(state, 1_010, 640.5)
    expect(drain(state, 1_600)).toEqual([
      { tsMs: 1_250, midTicks: 640.5 },
      { tsMs: 1_500, midTicks: 640.5 },
    ])
  })

  test('an outage is a gap, bounded in samples, and not calm', () => {
    const state = initSampler({ sampleMs: 250, staleMs: 1_000 })
    confirmMid(state, 1_010, 640.5)
    expect(drain(state, 3_600_000).length).toBeLessThanOrEqual(5)
    confirmMid(state, 3_600_010, 655.5)
    expect(drain(state, 3_600_300)).toEqual([{ tsMs: 3_600_250, midTicks: 655.5 }])
  })
})
