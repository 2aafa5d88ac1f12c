/**
 * Who is aggressive: buy against sell volume of takers, decayed in continuous time.
 *
 * in      market orders with side and size; time
 * out     (B − S)/(B + S) in −1…1, or nothing while the decayed volume is below a minimum
 * state   O(1) plain numbers
 * source  docs/math/flow.md
 */
import { assert } from '../src/core/assert.ts'
import type { Reading } from '../src/core/contracts.ts'
import { halvedSlot, initDecayMemo } from '../src/core/math/decay.ts'
import type { Side } from '../src/core/units.ts'

export interface FlowConfig {
  readonly halfLifeSec: number
  /** Decayed number of trades from which the imbalance means something. */
  readonly tradesMin: number
}

export interface FlowState {
  readonly config: FlowConfig
  tsMs: number
  buy: number
  sell: number
  trades: number
  /** Of the last trade; 0: none yet. */
  tradeTsMs: number
}

export function initFlow(config: FlowConfig): FlowState {
  assert(config.halfLifeSec > 0, 'flow: halfLifeSec is positive')
  assert(config.tradesMin > 0, 'flow: tradesMin is positive')
  return { config, tsMs: 0, buy: 0, sell: 0, trades: 0, tradeTsMs: 0 }
}

const memory = initDecayMemo()

export function passFlowTime(state: FlowState, tsMs: number): void {
  const elapsedMs = Math.max(0, tsMs - state.tsMs)
  state.tsMs = Math.max(state.tsMs, tsMs)
  if (elapsedMs === 0 || state.trades === 0) return
  const decay = memory.factors[halvedSlot(memory, elapsedMs, state.config.halfLifeSec)] ?? 1
  state.buy *= decay
  state.sell *= decay
  state.trades *= decay
}

export function observeFlow(state: FlowState, tsMs: number, aggressor: Side, volume: number): void {
  assert(volume > 0, 'flow: volume is positive')
  passFlowTime(state, tsMs)
  if (aggressor === 'buy') state.buy += volume
  else state.sell += volume
  state.trades += 1
  state.tradeTsMs = state.tsMs
}

/** (B − S)/(B + S); 0 when there was none. */
export function flowImbalance(state: FlowState): number {
  const total = state.buy + state.sell
  return total <= 0 ? 0 : (state.buy - state.sell) / total
}

export function readFlow(state: FlowState, out: Reading): void {
  const isEnough = state.trades >= state.config.tradesMin
  out.value = isEnough ? flowImbalance(state) : 0
  out.status = isEnough ? 'measured' : state.tradeTsMs === 0 ? 'noData' : 'warming'
  out.tsMs = state.tradeTsMs
  out.confidence = state.trades / (state.trades + state.config.tradesMin)
}
