/** Mids of a driftless walk with known volatility, in real ticks. */
import { initSfc32, nextNormal } from '../../src/core/math/sfc32.ts'
import type { MidSample } from '../../estimators/grid-sampler.ts'

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
