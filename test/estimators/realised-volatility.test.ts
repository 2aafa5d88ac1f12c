import { describe, expect, test } from 'vitest'
import { nonZeroShare, realisedVolatility } from '../../estimators/realised-volatility.ts'
import type { RealisedState } from '../../estimators/realised-volatility.ts'
import type { MidSample } from '../../estimators/grid-sampler.ts'
import { walk } from '../support/random-walk.ts'

const config = { sampleMs: 250, varianceShare: 1, halfLifeSec: 300, warmupReturns: 40 }

function run(samples: readonly MidSample[]): RealisedState {
  const state = realisedVolatility.init(config)
  for (const sample of samples) realisedVolatility.update(state, sample)
  return state
}

describe('realised volatility', () => {
  test('recovers the sigma of a driftless walk within 10 % for 50 seeds', () => {
    for (let seed = 1; seed <= 50; seed += 1) {
      const sigma = realisedVolatility.read(
        run(walk({ seed, sigmaPerSqrtSec: 3e-4, sampleMs: 250, count: 6_000 })),
      )
      expect(Math.abs((sigma ?? 0) / 3e-4 - 1)).toBeLessThan(0.1)
    }
  })

  test('counts a jump, which bipower leaves out', () => {
    const path = { seed: 3, sigmaPerSqrtSec: 3e-4, sampleMs: 250, count: 2_000 }
    const calm = realisedVolatility.read(run(walk(path))) ?? 0
    const jumped = realisedVolatility.read(run(walk({ ...path, jump: { at: 1_900, size: 0.02 } }))) ?? 0
    expect(jumped / calm).toBeGreaterThan(2)
  })

  test('says nothing before it is warm, and knows how often the price moved', () => {
    const still = Array.from({ length: 30 }, (_, index) => ({
      tsMs: 250 * (index + 1),
      midTicks: 64_000 + 10 * Math.floor(index / 3),
    }))
    const state = run(still)
    expect(realisedVolatility.read(state)).toBeNull()
    expect(nonZeroShare(state)).toBeCloseTo(9 / 29, 2)
  })

  test('the return across a gap is left out', () => {
    const state = run([
      { tsMs: 500, midTicks: 64_000 },
      { tsMs: 90_000, midTicks: 71_000 },
    ])
    expect(state.squares).toBe(0)
  })
})
