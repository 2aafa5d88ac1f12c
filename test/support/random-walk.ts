/** Mids of a driftless walk with known volatility, in real ticks. */
import { initSfc32, nextNormal, nextUnit } from '../../src/core/math/sfc32.ts'
import type { GridSample, MidSample } from '../../estimators/grid-sampler.ts'

export function walk(of: {
  readonly seed: number
  readonly sigmaPerSqrtSec: number
  readonly sampleMs: number
  readonly count: number
  readonly startTicks?: number
  /** Log return added before sample `at`. */
  readonly jump?: { readonly at: number; readonly size: number }
}): MidSample[] {
  const random = initSfc32(of.seed, 3)
  const step = of.sigmaPerSqrtSec * Math.sqrt(of.sampleMs / 1000)
  let log = Math.log(of.startTicks ?? 64_320)
  const samples: MidSample[] = []
  for (let index = 0; index < of.count; index += 1) {
    if (index > 0) log += step * nextNormal(random)
    if (of.jump !== undefined && index === of.jump.at) log += of.jump.size
    samples.push({ tsMs: 5_000 + index * of.sampleMs, midTicks: Math.exp(log) })
  }
  return samples
}

/** Steps within a sample of `averagedWalk`; the mean of the steps is the mean over the interval. */
const STEPS = 20

/**
 * The same walk seen through a touch that bounces: `bounce` is the standard deviation of the noise, which is drawn anew in each
 * of the `STEPS` of a sample and lasts `lastingSteps` of them on average.
 */
export function averagedWalk(of: {
  readonly seed: number
  readonly sigmaPerSqrtSec: number
  readonly sampleMs: number
  readonly count: number
  readonly startTicks?: number
  readonly bounce?: number
  readonly lastingSteps?: number
  readonly jump?: { readonly at: number; readonly size: number }
}): GridSample[] {
  const random = initSfc32(of.seed, 11)
  const step = of.sigmaPerSqrtSec * Math.sqrt(of.sampleMs / 1000 / STEPS)
  const { bounce = 0, lastingSteps = 1 } = of
  let log = Math.log(of.startTicks ?? 64_320)
  let noise = 0
  const samples: GridSample[] = []
  for (let index = 0; index < of.count; index += 1) {
    let sum = 0
    let midTicks = 0
    // The jump comes in the middle of the interval, where a mean shares it between two returns.
    for (let part = 0; part < STEPS; part += 1) {
      log += step * nextNormal(random)
      if (of.jump !== undefined && index === of.jump.at && part === STEPS / 2) log += of.jump.size
      if (nextUnit(random) < 1 / lastingSteps) noise = bounce * nextNormal(random)
      midTicks = Math.exp(log + noise)
      sum += midTicks
    }
    samples.push({ tsMs: 5_000 + index * of.sampleMs, midTicks, meanTicks: sum / STEPS })
  }
  return samples
}
