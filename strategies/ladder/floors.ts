/**
 * Floors of the half spread: the model may ask for more, never for less. Fractions of the price; docs/math/floors.md
 *
 * tick     half a price step: bids round down and asks up, so one full step is the least there is
 * latency  σ√(2τ): one standard deviation of the price while data and order travel, each for τ
 * fee      maker fee plus expected adverse selection: below it a fill loses by expectation
 * minimum  configured
 */
import { assert } from '../../src/core/assert.ts'
import { normalCdf, normalPdf } from '../../src/core/math/normal.ts'

export type FloorName = 'model' | 'tick' | 'latency' | 'fee' | 'minimum'

/** Floors of one side at one time, fractions of the price. */
export interface Floors {
  tick: number
  latency: number
  fee: number
  minimum: number
}

export function initFloors(): Floors {
  return { tick: 0, latency: 0, fee: 0, minimum: 0 }
}

/** Half spread so that the full one is at least `steps` price steps. */
export function tickFloor(of: {
  readonly price: number
  readonly step: number
  readonly steps: number
}): number {
  assert(of.price > 0 && of.step > 0 && of.steps >= 0, 'floor: price and step are positive')
  return (of.steps * of.step) / (2 * of.price)
}

/** @param latencySec one way, seconds: 50 ms is 0.05. Zero sigma or latency gives zero. */
export function latencyFloor(sigmaPerSqrtSec: number, latencySec: number): number {
  assert(sigmaPerSqrtSec >= 0 && latencySec >= 0, 'floor: sigma and latency are not negative')
  return sigmaPerSqrtSec * Math.sqrt(2 * latencySec)
}

/** The largest floor. */
export function largestFloor(floors: Floors): number {
  return Math.max(floors.tick, floors.latency, floors.fee, floors.minimum)
}

/** Which floor holds `half` up, the first one of equals; `model` when none does. */
export function bindingFloor(floors: Floors, half: number): FloorName {
  const largest = largestFloor(floors)
  if (half >= largest) return 'model'
  // By comparison: a name that varies is searched for at every call.
  if (floors.tick === largest) return 'tick'
  if (floors.latency === largest) return 'latency'
  if (floors.fee === largest) return 'fee'
  return floors.minimum === largest ? 'minimum' : 'model'
}

/** What a quote left behind for τ risks: probabilities that the price ends or passes beyond it, and the expected loss. */
export function staleQuoteRisk(of: {
  readonly sigmaPerSqrtSec: number
  readonly latencySec: number
  readonly depth: number
}): { readonly probCrossAtEnd: number; readonly probTouchDuring: number; readonly expectedLoss: number } {
  const scale = of.sigmaPerSqrtSec * Math.sqrt(of.latencySec)
  assert(scale >= 0, 'floor: sigma and latency are not negative')
  if (scale === 0) {
    const isBeyond = of.depth < 0
    return {
      probCrossAtEnd: isBeyond ? 1 : 0,
      probTouchDuring: of.depth <= 0 ? 1 : 0,
      expectedLoss: Math.max(-of.depth, 0),
    }
  }
  const d = of.depth / scale
  const beyond = normalCdf(-d)
  return {
    probCrossAtEnd: beyond,
    probTouchDuring: Math.min(1, 2 * beyond),
    expectedLoss: scale * (normalPdf(d) - d * beyond),
  }
}
