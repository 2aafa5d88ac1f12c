import { describe, expect, test } from 'vitest'
import { bindingFloor, latencyFloor, staleQuoteRisk } from '../../../strategies/ladder/floors.ts'
import { edgeRate, bestDepth, firstPassageProbability } from '../../../strategies/ladder/fill-probability.ts'

describe('floors', () => {
  test('the latency floor takes seconds: 50 ms at 1e-4 is a third of a bp, not ten', () => {
    expect(latencyFloor(1e-4, 0.05) * 1e4).toBeCloseTo(0.316, 3)
  })

  test('the one that binds is named, and the model when it is beyond all', () => {
    const floors = { tick: 2e-5, latency: 3e-5, fee: 2.1e-4, minimum: 4e-4 }
    expect(bindingFloor(floors, 1e-4)).toBe('minimum')
    expect(bindingFloor({ ...floors, minimum: 0 }, 1e-4)).toBe('fee')
    expect(bindingFloor(floors, 5e-4)).toBe('model')
  })

  test('a stale quote at the latency floor is passed with 15.7 % and loses little', () => {
    const risk = staleQuoteRisk({ sigmaPerSqrtSec: 3e-4, latencySec: 0.2, depth: latencyFloor(3e-4, 0.2) })
    expect(risk.probTouchDuring).toBeCloseTo(0.1573, 4)
    expect(risk.expectedLoss).toBeLessThan(0.06 * 3e-4)
  })
})

test('a drift towards the quote makes it likelier to be reached, without overflow far out', () => {
  const of = { depth: 4e-4, sigmaPerSqrtSec: 1e-4, horizonSec: 8, driftPerSec: 0 }
  const still = firstPassageProbability(of)
  expect(firstPassageProbability({ ...of, driftPerSec: -4e-5 })).toBeGreaterThan(still)
  expect(firstPassageProbability({ ...of, driftPerSec: -0.5 })).toBe(1)
  expect(firstPassageProbability({ ...of, driftPerSec: 0.5 })).toBeLessThan(1e-6)
  expect(firstPassageProbability({ ...of, horizonSec: 0 })).toBe(0)
})

test('no distance earns more per time than cost plus one over kappa', () => {
  const of = { fillRate: 0.7, kappa: 2_300, cost: 3.5e-4 }
  const best = bestDepth(of)
  for (const factor of [0.8, 0.95, 1.05, 1.4]) {
    expect(edgeRate({ ...of, depth: best * factor })).toBeLessThan(edgeRate({ ...of, depth: best }))
  }
})
