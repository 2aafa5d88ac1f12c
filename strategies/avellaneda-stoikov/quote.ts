/**
 * Avellaneda and Stoikov's quotes for a fixed horizon: for comparison, and to reproduce their tables.
 *
 * source  Avellaneda & Stoikov (2008), (29) and (30); docs/math/avellaneda-stoikov.md
 *
 * An expansion near the horizon: not stationary, and a quote may cross the mid when inventory is large. The spread is
 * the total one, around the reservation price.
 */
import { assert } from '../../src/core/assert.ts'

export interface AvellanedaStoikovInput {
  readonly price: number
  readonly inventory: number
  /** Per price and lot, ≥ 0. */
  readonly gamma: number
  /** Price per √time, ≥ 0. */
  readonly sigma: number
  readonly timeToHorizon: number
  /** Decay of the fill intensity per price, > 0. */
  readonly kappa: number
}

export interface AvellanedaStoikovQuote {
  readonly reservation: number
  readonly spread: number
  readonly bid: number
  readonly ask: number
}

export function avellanedaStoikovQuote(of: AvellanedaStoikovInput): AvellanedaStoikovQuote {
  const { price, inventory, gamma, sigma, timeToHorizon, kappa } = of
  assert(kappa > 0 && gamma >= 0, 'avellaneda-stoikov: kappa is positive, gamma not negative')
  assert(sigma >= 0 && timeToHorizon >= 0, 'avellaneda-stoikov: sigma and horizon are not negative')
  const risk = gamma * sigma * sigma * timeToHorizon
  const reservation = price - inventory * risk
  const spread = risk + (gamma === 0 ? 2 / kappa : (2 / gamma) * Math.log1p(gamma / kappa))
  return { reservation, spread, bid: reservation - spread / 2, ask: reservation + spread / 2 }
}
