import { describe, expect, test } from 'vitest'
import { bipowerVolatility } from '../../estimators/bipower-volatility.ts'
import type { BipowerState } from '../../estimators/bipower-volatility.ts'
import type { MidSample } from '../../estimators/grid-sampler.ts'
import { walk } from '../support/random-walk.ts'

const config = {
  sampleMs: 250,
  varianceShare: 1,
  halfLifeSec: 300,
  warmupPairs: 40,
  clipSigmas: 6,
  clipFloorPerSqrtSec: 1e-6,
}
const truth = { sigmaPerSqrtSec: 3e-4, sampleMs: 250, count: 12_000 }

function run(samples: readonly MidSample[]): BipowerState {
  const state = bipowerVolatility.init(config)
  for (const sample of samples) bipowerVolatility.update(state, sample)
  return state
}

describe('bipower volatility', () => {
  test('recovers the sigma of a driftless walk within 10 % for 100 seeds', () => {
    for (let seed = 1; seed <= 100; seed += 1) {
      const sigma = bipowerVolatility.read(run(walk({ ...truth, count: 6_000, seed })))
      // 300 s half life of 250 ms samples: about 3 500 effective pairs, standard error 1.4 %.
      expect(Math.abs((sigma ?? 0) / truth.sigmaPerSqrtSec - 1)).toBeLessThan(0.1)
    }
  })

  test('one 5 % jump moves the estimate by less than 25 %', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const calm = bipowerVolatility.read(run(walk({ ...truth, count: 6_000, seed }))) ?? 0
      const samples = walk({ ...truth, count: 6_000, seed, jump: { at: 5_900, size: 0.05 } })
      const jumped = bipowerVolatility.read(run(samples)) ?? 0
      expect(jumped / calm).toBeLessThan(1.25)
    }
  })

  test('a market that stood still and moves again is measured again', () => {
    const still = Array.from({ length: 400 }, (_, index) => ({ tsMs: 5_000 + 250 * index, midTicks: 64_320 }))
    const moving = walk({ ...truth, count: 4_000, seed: 14 }).map((sample) => ({
      ...sample,
      tsMs: sample.tsMs + 400 * 250,
    }))
    const sigma = bipowerVolatility.read(run([...still, ...moving])) ?? 0
    expect(sigma / truth.sigmaPerSqrtSec).toBeGreaterThan(0.85)
  })

  test('the return across a gap is not used', () => {
    const before = walk({ ...truth, count: 2_000, seed: 8 })
    const later = walk({ ...truth, count: 2_000, seed: 9, startTicks: 71_000 }).map((sample) => ({
      ...sample,
      tsMs: sample.tsMs + 700_000,
    }))
    const sigma = bipowerVolatility.read(run([...before, ...later])) ?? 0
    expect(sigma / truth.sigmaPerSqrtSec).toBeLessThan(1.1)
  })

  test('says nothing before it is warm', () => {
    const samples = walk({ ...truth, count: 42, seed: 4 })
    expect(bipowerVolatility.read(run(samples))).toBeNull()
    expect(bipowerVolatility.read(run(walk({ ...truth, count: 43, seed: 4 })))).not.toBeNull()
  })

  test('a snapshot goes on to the same numbers', () => {
    const samples = walk({ ...truth, count: 900, seed: 12 })
    const state = run(samples.slice(0, 500))
    const restored = JSON.parse(JSON.stringify(state)) as BipowerState
    for (const sample of samples.slice(500)) {
      bipowerVolatility.update(state, sample)
      bipowerVolatility.update(restored, sample)
    }
    expect(restored).toEqual(state)
  })
})
