/**
 * Order flow imbalance at the touch: quotes added, taken and withdrawn, as one signed number of lots.
 *
 * in      the touch after each change
 * out     decayed Σe over decayed Σ|e|, −1…1
 * state   the last touch and two sums
 * source  Cont, Kukanov & Stoikov (2014); docs/math/flow.md
 */
import { assert } from '../src/core/assert.ts'
import type { Reading } from '../src/core/contracts.ts'
import { halvedSlot, initDecayMemo } from '../src/core/math/decay.ts'
import type { Touch } from './microprice.ts'

export interface OrderFlowConfig {
  readonly halfLifeSec: number
  /** Decayed number of changes from which the sum means something. */
  readonly changesMin: number
}

export interface OrderFlowState {
  readonly config: OrderFlowConfig
  bidTicks: number
  bidLots: number
  askTicks: number
  askLots: number
  net: number
  gross: number
  changes: number
  tsMs: number
}

export function initOrderFlow(config: OrderFlowConfig): OrderFlowState {
  assert(config.halfLifeSec > 0, 'order flow: halfLifeSec is positive')
  assert(config.changesMin > 0, 'order flow: changesMin is positive')
  return {
    config,
    bidTicks: 0,
    bidLots: 0,
    askTicks: 0,
    askLots: 0,
    net: 0,
    gross: 0,
    changes: 0,
    tsMs: 0,
  }
}

/**
 * e = 1{Pb ≥ Pb'}Qb − 1{Pb ≤ Pb'}Qb' − 1{Pa ≤ Pa'}Qa + 1{Pa ≥ Pa'}Qa' with primes for before: whole lots, exact.
 */
export function ofiIncrement(before: Touch, after: Touch): number {
  let increment = 0
  if (after.bidTicks >= before.bidTicks) increment += after.bidLots
  if (after.bidTicks <= before.bidTicks) increment -= before.bidLots
  if (after.askTicks <= before.askTicks) increment -= after.askLots
  if (after.askTicks >= before.askTicks) increment += before.askLots
  return increment
}

const memory = initDecayMemo()

export function observeTouch(state: OrderFlowState, tsMs: number, touch: Touch): void {
  if (state.bidTicks > 0) {
    const elapsedMs = Math.max(0, tsMs - state.tsMs)
    const decay = memory.factors[halvedSlot(memory, elapsedMs, state.config.halfLifeSec)] ?? 1
    const increment = ofiIncrement(state, touch)
    state.net = state.net * decay + increment
    state.gross = state.gross * decay + Math.abs(increment)
    state.changes = state.changes * decay + (increment === 0 ? 0 : 1)
  }
  state.tsMs = tsMs
  state.bidTicks = touch.bidTicks
  state.bidLots = touch.bidLots
  state.askTicks = touch.askTicks
  state.askLots = touch.askLots
}

export function readOrderFlow(state: OrderFlowState, out: Reading): void {
  const isEnough = state.changes >= state.config.changesMin && state.gross > 0
  out.value = isEnough ? state.net / state.gross : 0
  out.status = isEnough ? 'measured' : state.bidTicks === 0 ? 'noData' : 'warming'
  out.tsMs = state.tsMs
  out.confidence = state.changes / (state.changes + state.config.changesMin)
}
