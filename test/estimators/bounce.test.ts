import { describe, expect, test } from 'vitest'
import { initBounce, movementShare, updateBounce } from '../../estimators/bounce.ts'
import type { BounceState } from '../../estimators/bounce.ts'
import type { GridSample } from '../../estimators/grid-sampler.ts'
import { averagedWalk } from '../support/random-walk.ts'

const config = { sampleMs: 250, halfLifeSec: 600, priorProducts: 20 }
const truth = { sigmaPerSqrtSec: 3e-4, sampleMs: 250, count: 6_000 }

function run(samples: readonly GridSample[]): BounceState {
  const state = initBounce(config)
  for (const { tsMs, meanTicks } of samples) updateBounce(state, { tsMs, midTicks: meanTicks }, 1)
  return state
}

describe('the share of movement', () => {
  test('is one before any data, and about one without bounce', () => {
    expect(movementShare(initBounce(config))).toBe(1)
    for (let seed = 1; seed <= 20; seed += 1) {
      expect(Math.abs(movementShare(run(averagedWalk({ ...truth, seed }))) - 1)).toBeLessThan(0.12)
    }
  })

  test('is what the noise of the means leaves: σ²/(σ² + 3η²)', () => {
    // Noise drawn anew in each of 20 steps: the variance of a mean of them is a twentieth.
    const bounce = 6e-4
    const movement = truth.sigmaPerSqrtSec ** 2 * 0.25
    const expected = movement / (movement + (3 * bounce ** 2) / 20)
    let sum = 0
    for (let seed = 1; seed <= 20; seed += 1)
      sum += movementShare(run(averagedWalk({ ...truth, seed, bounce })))
    expect(sum / 20 / expected).toBeGreaterThan(0.93)
    expect(sum / 20 / expected).toBeLessThan(1.07)
  })

  test('a jump counts at most as much as it is told to, and a gap joins nothing', () => {
    const state = initBounce(config)
    for (const { tsMs, meanTicks } of averagedWalk({ ...truth, seed: 4, jump: { at: 3_000, size: 0.05 } })) {
      updateBounce(state, { tsMs, midTicks: meanTicks }, 6 * truth.sigmaPerSqrtSec * Math.sqrt(0.25))
    }
    expect(Math.abs(movementShare(state) - 1)).toBeLessThan(0.12)
    const { squares, products } = state
    updateBounce(state, { tsMs: state.lastTsMs + 60_000, midTicks: 90_000 }, 1)
    expect([state.squares, state.products, state.returnLast]).toEqual([squares, products, null])
  })

  test('state survives a JSON round trip', () => {
    const samples = averagedWalk({ ...truth, count: 400, seed: 9 })
    const state = run(samples.slice(0, 200))
    const restored = JSON.parse(JSON.stringify(state)) as BounceState
    for (const { tsMs, meanTicks } of samples.slice(200)) {
      updateBounce(state, { tsMs, midTicks: meanTicks }, 1)
      updateBounce(restored, { tsMs, midTicks: meanTicks }, 1)
    }
    expect(restored).toEqual(state)
  })
})
