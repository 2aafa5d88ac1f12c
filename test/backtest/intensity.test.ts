/** The fit of fill intensity finds the curve that made the counts, and says nothing where it cannot. */
import { expect, test } from 'vitest'
import { fitIntensity } from '../../src/backtest/intensity.ts'
import type { DepthPoint } from '../../src/backtest/intensity.ts'
import { mulberry32 } from '../support/mulberry32.ts'

/** Poisson counts by the product of uniforms (Knuth), good for small means. */
function poisson(mean: number, uniform: () => number): number {
  const limit = Math.exp(-mean)
  let product = uniform()
  let count = 0
  while (product > limit) {
    product *= uniform()
    count += 1
  }
  return count
}

function pointsOf(truth: { fillsPerSec: number; kappa: number }, seed: number): DepthPoint[] {
  const uniform = mulberry32(seed)
  return Array.from({ length: 40 }, (_, index) => {
    const distanceBps = (index + 0.5) * 0.25
    const restedSec = 200 + 40 * index
    const mean = restedSec * truth.fillsPerSec * Math.exp(-truth.kappa * distanceBps * 1e-4)
    return { distanceBps, restedSec, fills: poisson(mean, uniform) }
  })
}

test('recovers A and kappa, and the stated error is the real one', () => {
  const truth = { fillsPerSec: 0.07, kappa: 2_300 }
  const zScores: number[] = []
  let ratio = 0
  const runs = 60
  for (let seed = 1; seed <= runs; seed += 1) {
    const fit = fitIntensity(pointsOf(truth, seed))
    if (fit === null) throw new Error('there are fills enough')
    zScores.push((fit.kappa - truth.kappa) / fit.kappaStdErr)
    ratio += fit.fillsPerSec / truth.fillsPerSec / runs
  }
  const meanSquare = zScores.reduce((sum, z) => sum + z * z, 0) / runs
  // A mean square of 60 standard normals lies in 0.55…1.6 with all but one chance in a thousand.
  expect(meanSquare).toBeGreaterThan(0.5)
  expect(meanSquare).toBeLessThan(1.7)
  expect(ratio).toBeGreaterThan(0.95)
  expect(ratio).toBeLessThan(1.05)
})

test('the fit is where the likelihood is highest', () => {
  const points = pointsOf({ fillsPerSec: 0.2, kappa: 900 }, 7)
  const fit = fitIntensity(points)
  if (fit === null) throw new Error('there are fills enough')
  const likelihood = (a: number, kappa: number): number =>
    points.reduce((sum, { distanceBps, restedSec, fills }) => {
      const rate = a * Math.exp(-kappa * distanceBps * 1e-4)
      return sum + fills * Math.log(rate) - restedSec * rate
    }, 0)
  const best = likelihood(fit.fillsPerSec, fit.kappa)
  for (const scale of [0.97, 1.03]) {
    expect(likelihood(fit.fillsPerSec * scale, fit.kappa)).toBeLessThan(best)
    expect(likelihood(fit.fillsPerSec, fit.kappa * scale)).toBeLessThan(best)
  }
})

test('few fills, or all at one distance, give no curve', () => {
  expect(fitIntensity([])).toBeNull()
  expect(fitIntensity([{ distanceBps: 1, restedSec: 10, fills: 50 }])).toBeNull()
  expect(
    fitIntensity([
      { distanceBps: 1, restedSec: 10, fills: 9 },
      { distanceBps: 2, restedSec: 10, fills: 5 },
    ]),
  ).toBeNull()
})
