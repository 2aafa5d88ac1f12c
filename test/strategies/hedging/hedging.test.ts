import { describe, expect, test } from 'vitest'
import { initSfc32, nextNormal } from '../../../src/core/math/sfc32.ts'
import { deltaGammaHedge, deltaGammaVegaHedge } from '../../../strategies/hedging/delta-gamma.ts'
import { fitOu } from '../../../strategies/hedging/mean-reversion.ts'
import {
  initRollingHedge,
  minimumVarianceRatio,
  updateRollingHedge,
} from '../../../strategies/hedging/minimum-variance.ts'

describe('minimum-variance ratio', () => {
  test('the sliding window agrees with a fresh fit after many slides, also far from zero', () => {
    const random = initSfc32(77)
    const state = initRollingHedge(12)
    const spot: number[] = []
    const futures: number[] = []
    for (let step = 0; step < 5_000; step += 1) {
      const x = 250 + 0.03 * nextNormal(random)
      spot.push(0.8 * x + 0.01 * nextNormal(random))
      futures.push(x)
      updateRollingHedge(state, spot[step] ?? 0, x)
    }
    const fresh = minimumVarianceRatio(spot.slice(-12), futures.slice(-12))
    expect(state.ratio).toBeCloseTo(fresh?.ratio ?? NaN, 6)
  })

  test('an instrument that stands still has no ratio, and the rolling one keeps its last', () => {
    expect(minimumVarianceRatio([0.2, 0.4, 0.3], [5.5, 5.5, 5.5])).toBeNull()
    const state = initRollingHedge(2)
    for (const [y, x] of [
      [0.4, 0.2],
      [0.8, 0.4],
      [0.3, 0.4],
      [0.7, 0.4],
    ] as const) {
      updateRollingHedge(state, y, x)
    }
    expect(state.ratio).toBeCloseTo(2, 12)
  })
})

test('a random walk is not reported as mean reverting with a negative speed', () => {
  const fit = fitOu([2, 3.1, 4.7, 7.2, 11, 16.4], 0.5)
  expect(fit?.reversion).toBeNull()
  expect(fit?.phi).toBeGreaterThan(1)
})

test('the speed of mean reversion is recovered from a long exact path', () => {
  const random = initSfc32(5)
  const [kappa, mu, sigma, dt] = [1.7, 4, 0.6, 0.05]
  const phi = Math.exp(-kappa * dt)
  const noise = sigma * Math.sqrt((1 - phi * phi) / (2 * kappa))
  const series = [mu]
  for (let step = 0; step < 40_000; step += 1)
    series.push(mu + phi * ((series[step] ?? 0) - mu) + noise * nextNormal(random))
  const { reversion } = fitOu(series, dt) ?? { reversion: null }
  expect(reversion?.kappa).toBeGreaterThan(0.93 * kappa)
  expect(reversion?.kappa).toBeLessThan(1.07 * kappa)
  expect(reversion?.mu).toBeCloseTo(mu, 1)
  expect(reversion?.sigmaMle).toBeCloseTo(sigma, 1)
})

test('two options that are nearly one cannot make a portfolio neutral in gamma and vega', () => {
  const option = { delta: 0.5, gamma: 0.02, vega: 8 }
  expect(deltaGammaVegaHedge({ delta: 3, gamma: -2, vega: -90 }, option, option)).toBeNull()
  expect(deltaGammaHedge({ delta: 3, gamma: -2 }, { delta: 0.5, gamma: 0 })).toBeNull()
})
