/**
 * Calm, normal, volatile or extreme: the fast volatility over the slow one, with hysteresis.
 *
 * in      fast and slow sigma per √second, each > 0
 * out     the regime; it moves by one step a decision and only past the threshold plus a margin, so that noise at a
 *         threshold does not make it flutter
 * state   one word
 * source  docs/math/volatility.md
 */
import { assert } from '../src/core/assert.ts'
import type { VolatilityRegime } from '../src/core/contracts.ts'

export interface RegimeConfig {
  /** Fast over slow sigma above which it is normal, volatile, extreme; ascending. */
  readonly enter: readonly [number, number, number]
  /** It falls back only below threshold × this, 0…1. */
  readonly leaveShare: number
}

export interface RegimeState {
  readonly config: RegimeConfig
  regime: VolatilityRegime
}

const REGIMES: readonly VolatilityRegime[] = ['calm', 'normal', 'volatile', 'extreme']

export function initRegime(config: RegimeConfig): RegimeState {
  const [normal, volatile, extreme] = config.enter
  assert(0 < normal && normal < volatile && volatile < extreme, 'regime thresholds ascend')
  assert(config.leaveShare > 0 && config.leaveShare <= 1, 'regime leaveShare is in (0, 1]')
  return { config, regime: 'normal' }
}

export function updateRegime(state: RegimeState, fastPerSqrtSec: number, slowPerSqrtSec: number): void {
  assert(slowPerSqrtSec > 0, 'regime: slow sigma is positive')
  const ratio = fastPerSqrtSec / slowPerSqrtSec
  const index = REGIMES.indexOf(state.regime)
  const above = state.config.enter[index] ?? Infinity
  const below = (state.config.enter[index - 1] ?? 0) * state.config.leaveShare
  if (ratio > above) state.regime = REGIMES[index + 1] ?? state.regime
  else if (ratio < below) state.regime = REGIMES[index - 1] ?? state.regime
}
