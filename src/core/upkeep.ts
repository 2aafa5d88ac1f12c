/**
 * Questions and repairs that do not wait for a quote: orders whose fate is unknown are asked for, orders of an earlier run
 * are cancelled, the account is compared at a fixed pace, isolated margin is kept (`keep-margin.ts`), a killed maker closes its position.
 */
import type { Command } from './command.ts'
import { MISMATCH_PATIENCE_MS } from './absorb-account.ts'
import { flatten } from './flatten.ts'
import { keepMargin } from './keep-margin.ts'
import { isTerminal } from './orders/order-state.ts'
import type { OrderState } from './orders/order-state.ts'
import { worstCancel } from './orders/stuck-cancel.ts'
import { move } from './orders/tracker.ts'
import type { Order } from './orders/tracker.ts'
import { questionPaceFactor } from './risk/budget.ts'
import type { EngineSettings } from './settings.ts'
import type { EngineState } from './state.ts'

/** An order without any answer for this long is asked for, ms. */
const SILENCE_MS_MAX = 5_000
/** Fills of a cancelled order are expected within this, ms; then the account is compared. */
const FILL_WINDOW_MS = 2_000
const QUERY_DELAY_MS_MIN = 500
const QUERY_DELAY_MS_MAX = 30_000

/**
 * Any wait of an order that begins now ends this much later or after: the least of the limits above. So looking at the orders
 * again is needed by then, and whenever something is told of them; in between only the clock runs.
 */
const LOOK_AHEAD_MS = FILL_WINDOW_MS

/** @param isSilent true when the input of this step can have changed no order of ours */
export function upkeep(state: EngineState, settings: EngineSettings, out: Command[], isSilent = false): void {
  if (state.market === null || !state.isConnected) return
  if (!isSilent || state.tsMs >= state.ordersDueTsMs) {
    state.ordersDueTsMs = state.tsMs + LOOK_AHEAD_MS
    for (const order of state.tracker.live.values()) {
      askIfDue(state, order, out)
      noteDue(state, order)
    }
    state.stuckCancel = worstCancel(state.tracker, state.tsMs)
  }
  cancelOrphans(state, out)
  keepMargin(state, settings, out)
  resyncIfDue(state, settings, out)
  flatten(state, settings, out)
}

function askIfDue(state: EngineState, order: Order, out: Command[]): void {
  const silentMs = state.tsMs - order.stateTsMs
  if (isSilentState(order.state) && silentMs >= SILENCE_MS_MAX && order.queryTsMs === 0)
    order.queryTsMs = state.tsMs
  if (order.state === 'cancelConfirmed' && silentMs >= FILL_WINDOW_MS) {
    closeWindow(state, order)
    return
  }
  if (order.queryTsMs === 0 || state.tsMs < order.queryTsMs) return
  order.queryCount += 1
  const delayMs = Math.min(QUERY_DELAY_MS_MIN * 2 ** order.queryCount, QUERY_DELAY_MS_MAX)
  order.queryTsMs = state.tsMs + delayMs
  out.push({ kind: 'queryOrder', cloid: order.cloid })
}

/** When this order must be looked at next, if nothing is told of it. */
function noteDue(state: EngineState, order: Order): void {
  const { state: word, stateTsMs, queryTsMs } = order
  let dueTsMs = queryTsMs === 0 ? Infinity : queryTsMs
  if (word === 'cancelConfirmed') dueTsMs = Math.min(dueTsMs, stateTsMs + FILL_WINDOW_MS)
  if (isSilentState(word)) dueTsMs = Math.min(dueTsMs, stateTsMs + SILENCE_MS_MAX)
  state.ordersDueTsMs = Math.min(state.ordersDueTsMs, dueTsMs)
}

function isSilentState(word: OrderState): boolean {
  return word === 'placing' || word === 'cancelPending' || word === 'uncertain'
}

/**
 * Nothing more is expected of this order. If fills that the venue announced are missing, the account decides: once a sample
 * taken after the end agrees with our position, no money moved that we have not counted.
 */
function closeWindow(state: EngineState, order: Order): void {
  const isMissing = order.expectedLots !== null && order.filledLots < order.expectedLots
  const isCompared = state.accountTsMs > order.stateTsMs && state.positionMismatchLots === 0
  if (isMissing && !isCompared) {
    state.resyncBecause = 'fills of a cancelled order are missing'
    return
  }
  move(state.tracker, order, 'windowPassed', state.tsMs)
}

function cancelOrphans(state: EngineState, out: Command[]): void {
  if (state.orphans.length === 0) return
  for (const orphan of state.orphans) out.push({ kind: 'cancel', cloid: null, oid: orphan.oid })
  state.resyncBecause = 'orders that should not rest were cancelled'
  state.orphans = []
}

function resyncIfDue(state: EngineState, settings: EngineSettings, out: Command[]): void {
  const sinceMs = state.tsMs - state.lastResyncTsMs
  // While little request weight is left, questions become rarer and quoting goes on as it was.
  const factor = questionPaceFactor(state.budget)
  const isWanted = state.resyncBecause !== null && sinceMs >= factor * MISMATCH_PATIENCE_MS
  if (!isWanted && sinceMs < factor * settings.resyncIntervalMs) return
  out.push({ kind: 'resync', because: state.resyncBecause ?? 'regular comparison' })
  state.lastResyncTsMs = state.tsMs
  state.resyncBecause = null
}

/** True when nothing of ours can still rest or fill: the state after which a run may end. */
export function isAllDone(state: EngineState): boolean {
  for (const order of state.tracker.live.values()) {
    if (!isTerminal(order.state)) return false
  }
  return true
}
