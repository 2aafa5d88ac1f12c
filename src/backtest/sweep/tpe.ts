/**
 * The tree-structured Parzen estimator: where the better quarter of the trials stands more densely than the rest, the next
 * one is drawn. Each dimension has densities of its own.
 *
 * in      trials so far on the unit cube with their scores, higher is better; worse than any other: −Infinity
 * out     the next point of the cube
 * source  Bergstra, Bardenet, Bengio & Kégl (2011), "Algorithms for Hyper-Parameter Optimization", section 4
 */
import { normalCdf, normalPdf } from '../../core/math/normal.ts'
import { nextBelow, nextNormal, nextUnit } from '../../core/math/sfc32.ts'
import type { Sfc32 } from '../../core/math/sfc32.ts'

export interface Scored {
  /** One place per dimension, 0 … 1. */
  readonly units: readonly number[]
  readonly score: number
}

const GOOD_SHARE = 0.25
const CANDIDATES = 24
/** Narrowest kernel: below this, a dense cluster would be searched over and over. */
const BANDWIDTH_MIN = 0.03
/** A truncated draw falls inside after a few attempts; past so many it is taken at the edge. */
const DRAWS_MAX = 32

/** @param scored at least two */
export function proposeByTpe(scored: readonly Scored[], dimensionCount: number, random: Sfc32): number[] {
  const ranked = scored.toSorted((one, two) => two.score - one.score)
  const goodCount = Math.max(1, Math.ceil(GOOD_SHARE * ranked.length))
  return Array.from({ length: dimensionCount }, (_, dimension) => {
    const places = ranked.map((trial) => trial.units[dimension] ?? 0.5)
    const good = mixtureOf(places.slice(0, goodCount))
    const rest = mixtureOf(places.slice(goodCount))
    let best = 0.5
    let bestRatio = -Infinity
    for (let candidate = 0; candidate < CANDIDATES; candidate += 1) {
      const unit = drawFrom(good, random)
      const ratio = densityAt(good, unit) / densityAt(rest, unit)
      if (ratio > bestRatio) [best, bestRatio] = [unit, ratio]
    }
    return best
  })
}

/** Kernels cut off at the ends of the unit interval, and one uniform, which keeps every place possible; all weigh the same. */
interface Mixture {
  readonly bandwidth: number
  readonly centers: readonly number[]
  /** One over the part of each kernel that lies inside. */
  readonly scales: readonly number[]
}

function mixtureOf(centers: readonly number[]): Mixture {
  // Scott's rule on the unit interval, whose uniform has a deviation of 1/√12.
  const bandwidth = Math.max(BANDWIDTH_MIN, (centers.length + 1) ** -0.2 / Math.sqrt(12))
  const scales = centers.map(
    (center) => 1 / (normalCdf((1 - center) / bandwidth) - normalCdf(-center / bandwidth)),
  )
  return { bandwidth, centers, scales }
}

function drawFrom({ bandwidth, centers }: Mixture, random: Sfc32): number {
  const center = centers[nextBelow(random, centers.length + 1)]
  if (center === undefined) return nextUnit(random)
  for (let draw = 0; draw < DRAWS_MAX; draw += 1) {
    const unit = center + bandwidth * nextNormal(random)
    if (unit >= 0 && unit <= 1) return unit
  }
  return center
}

function densityAt({ bandwidth, centers, scales }: Mixture, unit: number): number {
  let sum = 1
  for (let index = 0; index < centers.length; index += 1) {
    sum += (normalPdf((unit - (centers[index] ?? 0)) / bandwidth) / bandwidth) * (scales[index] ?? 0)
  }
  return sum / (centers.length + 1)
}
