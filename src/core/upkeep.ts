/**
 * Questions and repairs that do not wait for a quote: orders whose fate is unknown are asked for, orders of an earlier run
 * are cancelled, the account is compared at a fixed pace, isolated margin is kept.
 */
import type { Command } from './command.ts'
import { MISMATCH_PATIENCE_MS } from './absorb-account.ts'
import { isTerminal } from './orders/order-state.ts'
import { move } from './orders/tracker.ts'
import type { Order } from './orders/tracker.ts'
import type { EngineSettings } from './settings.ts'
import type { EngineState } from './state.ts'

/** An order without any answer for this long is asked for, ms. */
const SILENCE_MS_MAX = 5_000
/** Fills of a cancelled order are expected within this, ms; then the account is compared. */
const FILL_WINDOW_MS = 2_000
const QUERY_DELAY_MS_MIN = 500
const QUERY_DELAY_MS_MAX = 30_000
const MARGIN_INTERVAL_MS = 5_000

export function upkeep(state: EngineState, settings: EngineSettings, out: Command[]): void {
  if (state.market === null || !state.isConnected) return
  for (const order of state.tracker.live.values()) askIfDue(state, order, out)
  cancelOrphans(state, out)
  resyncIfDue(state, settings, out)
  keepMargin(state, settings, out)
}

function askIfDue(state: EngineState, order: Order, out: Command[]): void {
  const silentMs = state.tsMs - order.stateTsMs
  const isSilent = order.state === 'placing' || order.state === 'cancelPending' || order.state === 'uncertain'
  if (isSilent && silentMs >= SILENCE_MS_MAX && order.queryTsMs === 0) order.queryTsMs = state.tsMs
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
  for (const orphan of state.orphans) out.push({ kind: 'cancel', cloid: null, oid: orphan.oid })
  if (state.orphans.length > 0) state.resyncBecause = 'orders that should not rest were cancelled'
  state.orphans = []
}

function resyncIfDue(state: EngineState, settings: EngineSettings, out: Command[]): void {
  const sinceMs = state.tsMs - state.lastResyncTsMs
  const isWanted = state.resyncBecause !== null && sinceMs >= MISMATCH_PATIENCE_MS
  if (!isWanted && sinceMs < settings.resyncIntervalMs) return
  out.push({ kind: 'resync', because: state.resyncBecause ?? 'regular comparison' })
  state.lastResyncTsMs = state.tsMs
  state.resyncBecause = null
}

/** Tops an isolated position up to the configured margin, from what can be withdrawn. */
function keepMargin(state: EngineState, settings: EngineSettings, out: Command[]): void {
  const account = state.accountLast
  if (account === null || account.isolatedMarginMicroUsd === null || account.positionLots === 0) return
  if (state.accountTsMs <= state.lastMarginTsMs || state.tsMs - state.lastMarginTsMs < MARGIN_INTERVAL_MS)
    return
  const missing = settings.isolatedMarginMicroUsd - account.isolatedMarginMicroUsd
  const amountMicroUsd = Math.min(missing, account.withdrawableMicroUsd)
  if (amountMicroUsd <= 0) return
  state.lastMarginTsMs = state.tsMs
  out.push({ kind: 'addMargin', amountMicroUsd })
}

/** True when nothing of ours can still rest or fill: the state after which a run may end. */
export function isAllDone(state: EngineState): boolean {
  for (const order of state.tracker.live.values()) {
    if (!isTerminal(order.state)) return false
  }
  return true
}
