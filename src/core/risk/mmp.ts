/**
 * Market maker protection: too much traded within a window, and the maker stands back. Limits on quantity (direction ignored),
 * notional, net delta and net vega; each counts on its own and is met when it is reached. One module for maker and exchange.
 *
 * in      protected fills with whole numbers (lots, micro-dollars, any fixed unit of delta and vega): no float decides
 * out     which limits were met
 * state   the fills of the window, at most `MMP_FILLS_MAX`; the end of the freeze
 * source  the published rules of venues that have it: a tumbling window starts with the first fill and ends after its length
 *         (a burst across the boundary may reach almost twice the limit); a sliding one holds fills younger than its length
 */
import { assert, isWhole } from '../assert.ts'

/** Fills that one window can hold; one more counts as a limit that was met. */
export const MMP_FILLS_MAX = 4_096

export interface MmpConfig {
  readonly window: 'sliding' | 'tumbling'
  /** ms > 0. */
  readonly windowMs: number
  /** ms; 0: only a reset ends the freeze. */
  readonly frozenMs: number
  /** Each ≥ 0, in the units of the fills; 0: no limit. */
  readonly quantityMax: number
  readonly notionalMax: number
  readonly deltaMax: number
  readonly vegaMax: number
}

/** A fill of ours. Delta and vega are signed and taken at the time of the fill. */
export interface MmpFill {
  readonly tsMs: number
  readonly quantity: number
  readonly notional: number
  readonly delta: number
  readonly vega: number
}

export type MmpLimit = 'quantity' | 'notional' | 'delta' | 'vega' | 'count'

/** Plain data. */
export interface MmpState {
  /** Oldest first. */
  fills: MmpFill[]
  /** When the tumbling window began; null: with the next fill. */
  startTsMs: number | null
  /** Null: not frozen. `Infinity` has no JSON, so a freeze until a reset is its own flag. */
  frozenUntilTsMs: number | null
  needsReset: boolean
  /** Time never goes back: a late fill cannot bring a window back to life. */
  lastTsMs: number
}

export function initMmp(): MmpState {
  return { fills: [], startTsMs: null, frozenUntilTsMs: null, needsReset: false, lastTsMs: 0 }
}

/** @returns the limits that this fill met (empty: none), or null when it came while frozen and was not counted */
export function recordFill(state: MmpState, config: MmpConfig, fill: MmpFill): readonly MmpLimit[] | null {
  assert(isWhole(fill.quantity) && fill.quantity >= 0, 'protection counts whole quantities')
  assert(isWhole(fill.notional) && isWhole(fill.delta) && isWhole(fill.vega), 'protection counts whole units')
  const tsMs = Math.max(state.lastTsMs, fill.tsMs)
  if (isFrozen(state, tsMs)) return null
  openWindow(state, config, tsMs)
  state.fills.push({ ...fill, tsMs })
  const met = limitsMet(state.fills, config)
  if (met.length > 0) freeze(state, config, tsMs)
  return met
}

/** Whether quotes are held back at this time; ends a freeze whose time has passed. */
export function isFrozen(state: MmpState, tsMs: number): boolean {
  state.lastTsMs = Math.max(state.lastTsMs, tsMs)
  if (state.needsReset) return true
  if (state.frozenUntilTsMs === null) return false
  if (state.lastTsMs < state.frozenUntilTsMs) return true
  resetMmp(state)
  return false
}

/** Ends a freeze and forgets the window, as an operator does. */
export function resetMmp(state: MmpState): void {
  state.fills = []
  state.startTsMs = null
  state.frozenUntilTsMs = null
  state.needsReset = false
}

function openWindow(state: MmpState, config: MmpConfig, tsMs: number): void {
  if (config.window === 'sliding') {
    state.fills = state.fills.filter((old) => tsMs - old.tsMs < config.windowMs)
    return
  }
  if (state.startTsMs !== null && tsMs - state.startTsMs < config.windowMs) return
  state.startTsMs = tsMs
  state.fills = []
}

function limitsMet(fills: readonly MmpFill[], config: MmpConfig): MmpLimit[] {
  let [quantity, notional, delta, vega] = [0, 0, 0, 0]
  for (const fill of fills) {
    quantity += fill.quantity
    notional += fill.notional
    delta += fill.delta
    vega += fill.vega
  }
  const met: MmpLimit[] = []
  if (config.quantityMax > 0 && quantity >= config.quantityMax) met.push('quantity')
  if (config.notionalMax > 0 && notional >= config.notionalMax) met.push('notional')
  if (config.deltaMax > 0 && Math.abs(delta) >= config.deltaMax) met.push('delta')
  if (config.vegaMax > 0 && Math.abs(vega) >= config.vegaMax) met.push('vega')
  if (fills.length > MMP_FILLS_MAX) met.push('count')
  return met
}

function freeze(state: MmpState, config: MmpConfig, tsMs: number): void {
  state.fills = []
  state.startTsMs = null
  if (config.frozenMs === 0) state.needsReset = true
  else state.frozenUntilTsMs = tsMs + config.frozenMs
}
