/**
 * Step 1: the book, the order tracker and the ledger take a fact. Nothing is decided here; disagreements are counted and
 * lead to a question to the venue. One arm per kind of input, so the file is long.
 */
import { assert, assertNever } from './assert.ts'
import { forgetDelays, noteDelay } from './book/book-delay.ts'
import { applySnapshot, applyTouch } from './book/l2-book.ts'
import type { BookOutcome } from './book/l2-book.ts'
import { midTicksOf } from './exposure.ts'
import type {
  BookInput,
  FillInput,
  Input,
  OrderFilledNow,
  OrderRefused,
  OrderResting,
  OrderStatusInput,
  OrderUpdate,
  SendUncertain,
  TouchInput,
  TradeInput,
  VenueOrderStatus,
} from './input.ts'
import { absorbAccount } from './absorb-account.ts'
import { applyLedgerFill } from './ledger/ledger.ts'
import type { OrderEventKind, Outcome } from './orders/order-state.ts'
import { applyFill, findOrder, linkOid, move, noteImmediateFill, noteVenueEnd } from './orders/tracker.ts'
import type { Order } from './orders/tracker.ts'
import { backOff, REFUSAL_TREATMENTS } from './refusals.ts'
import { noteBudget } from './risk/budget.ts'
import { noteFill } from './risk/burst.ts'
import { epochOf } from './orders/cloid.ts'
import { recordFill, resetMmp } from './risk/mmp.ts'
import { notePrint } from './risk/sweep.ts'
import type { EngineSettings } from './settings.ts'
import { rollAnswers } from './state.ts'
import type { EngineState } from './state.ts'
import { signOf } from './units.ts'

/** What the pipeline must hear of this input, if anything. */
export type Absorbed = 'book' | 'trade' | 'fill' | 'reference' | 'nothing'

/** An order is not declared dead before its expiry has passed by this much, ms. */
const EXPIRY_MARGIN_MS = 1_000
/** The stream usually tells within this, ms. */
const ASK_DELAY_MS = 500

/** No function is made in here: what it saw would be an object, also for the inputs that need none. */
export function absorb(state: EngineState, input: Input, settings: EngineSettings): Absorbed {
  switch (input.kind) {
    case 'sessionStarted':
      assert(state.market === null, 'a session starts once')
      state.market = input.market
      state.account = input.account
      state.epoch = input.epoch
      return 'nothing'
    case 'book':
      return absorbSnapshot(state, input)
    case 'touch':
      return absorbTouch(state, input)
    case 'trade':
      return noteTrade(state, input, settings)
    case 'timer':
      return 'nothing'
    case 'load':
      state.loopLagMs = input.loopLagMs
      state.loopLagTsMs = state.tsMs
      return 'nothing'
    case 'budget':
      noteBudget(state.budget, input, state.tsMs)
      return 'nothing'
    case 'context':
      state.markTicks = input.markTicks
      state.oracleTicks = input.oracleTicks
      state.fundingPerHour = input.fundingPerHour
      state.contextTsMs = state.tsMs
      return 'nothing'
    case 'reference':
      return 'reference'
    case 'connection':
      state.isConnected = input.up
      forgetDelays(state.bookDelay)
      return 'nothing'
    case 'orderResting':
      absorbResting(state, input)
      return 'nothing'
    case 'orderFilledNow':
      absorbFilledNow(state, input)
      return 'nothing'
    case 'orderRefused':
      absorbRefusal(state, input)
      return 'nothing'
    case 'cancelDone':
      moveOrder(state, input.cloid, 'cancelDone')
      return 'nothing'
    case 'cancelRefused':
      moveOrder(state, input.cloid, input.refusal === 'gone' ? 'cancelGone' : 'cancelFailed')
      return 'nothing'
    case 'sendUncertain':
      absorbUncertain(state, input)
      return 'nothing'
    case 'orderStatus':
      absorbStatus(state, input, settings)
      return 'nothing'
    case 'orderUpdate':
      absorbUpdate(state, input)
      noteRival(state, input, settings)
      return 'nothing'
    case 'fill':
      return absorbFill(state, input, settings)
    case 'account':
      absorbAccount(state, input, settings)
      return 'nothing'
    case 'fundingPaid':
      state.ledger.fundingMicroUsd += input.amountMicroUsd
      return 'nothing'
    case 'operator':
      absorbOperator(state, input)
      return 'nothing'
    default:
      return assertNever(input)
  }
}

/** `absorb` of a whole book. */
export function absorbSnapshot(state: EngineState, input: BookInput): Absorbed {
  return noteBook(state, input, applySnapshot(state.book, input))
}

/** `absorb` of a touch. */
export function absorbTouch(state: EngineState, input: TouchInput): Absorbed {
  return noteBook(state, input, applyTouch(state.book, input))
}

function noteBook(state: EngineState, input: BookInput | TouchInput, outcome: BookOutcome): Absorbed {
  if (outcome !== 'applied') {
    if (outcome === 'crossed') state.counters.badBooks += 1
    return 'nothing'
  }
  // A message that waited somewhere is old when it comes.
  state.bookTsMs = state.tsMs - noteDelay(state.bookDelay, state, input)
  state.hasBook = true
  return 'book'
}

/**
 * A subscription begins with the trades of before, and a reconnect repeats those we saw: neither is news to an estimator that
 * measures rates.
 */
function noteTrade(state: EngineState, input: TradeInput, settings: EngineSettings): Absorbed {
  const { venueTsMs } = input
  const since = Math.max(state.accountFirst?.venueTsMs ?? Number.MAX_SAFE_INTEGER, state.lastTradeVenueTsMs)
  if (venueTsMs < since) return 'nothing'
  state.lastTradeVenueTsMs = venueTsMs
  const { aggressor, priceTicks } = input
  if (notePrint(state.sweep, settings, { aggressor, priceTicks, tsMs: state.tsMs }))
    state.counters.sweeps += 1
  return 'trade'
}

/** Runs one change of an order of ours and deals with what it meant. Orders that are not ours are left alone. */
function withOrder(
  state: EngineState,
  ref: { readonly cloid: string | null; readonly oid: number | null },
  change: (order: Order) => Outcome,
): void {
  const order = findOrder(state.tracker, ref)
  if (order === null) return
  const outcome = change(order)
  if (outcome === 'outOfOrder') state.counters.outOfOrder += 1
  if (outcome === 'ask') askSoon(state, order)
}

function moveOrder(state: EngineState, cloid: string, event: OrderEventKind): void {
  withOrder(state, { cloid, oid: null }, (order) => move(state.tracker, order, event, state.tsMs))
}

function absorbResting(state: EngineState, input: OrderResting): void {
  withOrder(state, input, (order) => {
    linkOid(state.tracker, order, input.oid)
    finishReplacement(state, order)
    state.backoff[order.side].delayMs = 0
    noteAnswer(state, false)
    return move(state.tracker, order, 'accepted', state.tsMs)
  })
}

function absorbFilledNow(state: EngineState, input: OrderFilledNow): void {
  withOrder(state, input, (order) => {
    linkOid(state.tracker, order, input.oid)
    finishReplacement(state, order)
    noteImmediateFill(order, input)
    const isWhole = input.totalLots >= order.sizeLots
    const outcome = move(state.tracker, order, isWhole ? 'venueFilled' : 'venueCancelled', state.tsMs)
    noteVenueEnd(state.tracker, order, order.sizeLots - input.totalLots, state.tsMs)
    return outcome
  })
}

/** Asks for the truth once the stream had time to tell it; repeated asking backs off in the upkeep. */
function askSoon(state: EngineState, order: Order): void {
  if (order.queryTsMs === 0) order.queryTsMs = state.tsMs + ASK_DELAY_MS
}

/** The venue took the new leg of a modify, so the old leg has been cancelled in the same action. */
function finishReplacement(state: EngineState, order: Order): void {
  const replaced =
    order.replaces === null ? null : findOrder(state.tracker, { cloid: order.replaces, oid: null })
  order.replaces = null
  if (replaced !== null) move(state.tracker, replaced, 'cancelDone', state.tsMs)
}

/** A refused new leg says nothing about the old one: it is uncertain until the venue is asked. */
function reopenReplaced(state: EngineState, order: Order, event: OrderEventKind): void {
  const replaced =
    order.replaces === null ? null : findOrder(state.tracker, { cloid: order.replaces, oid: null })
  order.replaces = null
  if (replaced === null) return
  replaced.replacedBy = null
  move(state.tracker, replaced, event, state.tsMs)
  askSoon(state, replaced)
}

function absorbRefusal(state: EngineState, input: OrderRefused): void {
  state.counters.refusals += 1
  noteAnswer(state, true)
  withOrder(state, { cloid: input.cloid, oid: null }, (order) => {
    reopenReplaced(state, order, 'refused')
    backOff(state.backoff, { side: order.side, refusal: input.refusal, tsMs: state.tsMs })
    if (REFUSAL_TREATMENTS[input.refusal].compares) {
      state.resyncBecause ??= `an order was refused: ${input.refusal}`
    }
    return move(state.tracker, order, 'refused', state.tsMs)
  })
}

function absorbUncertain(state: EngineState, input: SendUncertain): void {
  for (const cloid of input.cloids) {
    withOrder(state, { cloid, oid: null }, (order) => {
      if (input.action === 'modify') reopenReplaced(state, order, 'sendLost')
      const outcome = move(state.tracker, order, 'sendLost', state.tsMs)
      askSoon(state, order)
      return outcome
    })
  }
}

const STATUS_EVENT: Readonly<Record<VenueOrderStatus, OrderEventKind>> = {
  open: 'venueOpen',
  filled: 'venueFilled',
  cancelled: 'venueCancelled',
  rejected: 'venueRejected',
  unknown: 'venueUnknown',
}

function absorbStatus(state: EngineState, input: OrderStatusInput, settings: EngineSettings): void {
  withOrder(state, input, (order) => {
    // Before its expiry an order that the venue has not seen may still arrive there.
    const expiresTsMs = order.placedTsMs + settings.submitExpiryMs + EXPIRY_MARGIN_MS
    if (input.status === 'unknown' && state.tsMs < expiresTsMs) return 'ask'
    return applyVenueStatus(state, order, input)
  })
}

function absorbUpdate(state: EngineState, input: OrderUpdate): void {
  withOrder(state, input, (order) => applyVenueStatus(state, order, input))
}

/**
 * An order of ours by its client id, but of another run, that comes to rest so long after our start that none of an earlier run
 * can be alive: another process trades this account.
 */
function noteRival(state: EngineState, input: OrderUpdate, settings: EngineSettings): void {
  const first = state.accountFirst
  if (input.status !== 'open' || state.market === null || first === null) return
  const epoch = epochOf(input.cloid, state.market.network)
  if (epoch === null || epoch === state.epoch) return
  if (input.venueTsMs < first.venueTsMs + settings.submitExpiryMs + EXPIRY_MARGIN_MS) return
  state.rivalEpoch = epoch
  state.rivalTsMs = state.tsMs
}

function applyVenueStatus(state: EngineState, order: Order, input: OrderStatusInput | OrderUpdate): Outcome {
  if (input.oid !== null) linkOid(state.tracker, order, input.oid)
  // The stream says `open` when the order enters the book: older news than a cancel we have confirmed.
  const outcome = move(state.tracker, order, STATUS_EVENT[input.status], state.tsMs)
  if (input.status === 'open') finishReplacement(state, order)
  // An immediate-or-cancel order that filled in part ends as `filled` with a remainder.
  if (input.status === 'filled' || input.status === 'cancelled') {
    noteVenueEnd(state.tracker, order, input.remainingLots, state.tsMs)
  }
  if (input.status === 'rejected') reopenReplaced(state, order, 'refused')
  return outcome
}

function absorbFill(state: EngineState, fill: FillInput, settings: EngineSettings): Absorbed {
  const first = state.accountFirst
  const found = findOrder(state.tracker, fill)
  const isKnown = found !== null && !found.isAdopted
  // The first account answer already holds every earlier fill; none of them can be of this run's orders.
  if (!isKnown && (first === null || fill.venueTsMs <= first.venueTsMs)) return 'nothing'
  const { outcome, order } = applyFill(state.tracker, fill, state.tsMs)
  if (outcome === 'duplicate') {
    state.counters.duplicateFills += 1
    return 'nothing'
  }
  if (order !== null) finishReplacement(state, order)
  if (outcome === 'external') state.counters.externalFills += 1
  if (outcome === 'lateFill') state.counters.lateFills += 1
  if (outcome === 'overfilled') state.counters.overfills += 1
  state.lastFillVenueTsMs = Math.max(state.lastFillVenueTsMs, fill.venueTsMs)
  applyLedgerFill(state.ledger, { ...fill, midTicks: midTicksOf(state) })
  if (order !== null) {
    state.messagesSinceFill = 0
    protect(state, fill, settings)
  }
  return 'fill'
}

/** Fills of orders of ours count for protection and bursts, once each; a perp's delta is its size. */
function protect(state: EngineState, fill: FillInput, settings: EngineSettings): void {
  const met = recordFill(state.mmp, settings.mmp, {
    tsMs: state.tsMs,
    quantity: fill.sizeLots,
    notional: fill.priceTicks * fill.sizeLots,
    delta: signOf(fill.side) * fill.sizeLots,
    vega: 0,
  })
  if (met !== null && met.length > 0) {
    state.mmpBecause = `too much traded within ${settings.mmp.windowMs} ms: ${met.join(' and ')}`
    state.counters.mmpTrips += 1
  }
  if (noteFill(state.burst, settings, fill.side, state.tsMs)) state.counters.bursts += 1
}

function noteAnswer(state: EngineState, isRefused: boolean): void {
  const { answers } = state
  rollAnswers(answers, state.tsMs)
  answers.answeredCount += 1
  if (isRefused) answers.refusedCount += 1
}

function absorbOperator(state: EngineState, input: Extract<Input, { kind: 'operator' }>): void {
  switch (input.action) {
    case 'pause':
      if (state.mode === 'running') state.mode = 'paused'
      state.pauseBecause = input.reason
      return
    case 'resume':
      if (state.mode === 'paused') state.mode = 'running'
      state.pauseBecause = null
      // A freeze without an end waits for exactly this.
      resetMmp(state.mmp)
      return
    case 'stop':
      state.mode = 'stopping'
      state.pauseBecause = input.reason
      state.resyncBecause = input.reason
      return
    case 'kill':
      state.killedBecause ??= input.reason
      return
    case 'resetKill':
      state.killedBecause = null
      return
    case 'adopt':
      state.adoptedBecause = input.reason
      return
    default:
      assertNever(input.action)
  }
}
