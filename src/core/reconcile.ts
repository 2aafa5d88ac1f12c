/**
 * Step 5: desired against live, into the fewest commands. `requote.ts` decides per order by value; here its plan becomes
 * commands. An order that waits for an answer keeps its place and is not touched: one message in flight per order.
 */
import type { Command, NewOrder } from './command.ts'
import { isUsable, MICRO_TICKS_PER_TICK } from './contracts.ts'
import type { DesiredLevel } from './contracts.ts'
import { makeCloid } from './orders/cloid.ts'
import { isActive } from './orders/order-state.ts'
import type { Order } from './orders/tracker.ts'
import { initSidePlan, SLOTS_MAX } from './requote/plan.ts'
import type { RequoteFacts } from './requote/plan.ts'
import { planSide } from './requote.ts'
import type { EngineSettings } from './settings.ts'
import type { EngineState } from './state.ts'
import { priceStepTicks, signOf } from './units.ts'
import type { Side } from './units.ts'

/** 1/κ is 4 bps, until an estimate says otherwise. */
const KAPPA_UNKNOWN = 2_500

/** Written and read within one call. */
const buys: Order[] = []
const sells: Order[] = []
const plan = initSidePlan()

export function reconcile(state: EngineState, settings: EngineSettings, out: Command[]): void {
  const { ladder } = state
  while (buys.length > 0) buys.pop()
  while (sells.length > 0) sells.pop()
  for (const order of state.tracker.live.values()) {
    if (mayStand(order, order.side)) insertSlot(order.side === 'buy' ? buys : sells, order)
  }
  reconcileSide(state, settings, 'buy', buys, ladder.bids, ladder.bidCount, out)
  reconcileSide(state, settings, 'sell', sells, ladder.asks, ladder.askCount, out)
}

function reconcileSide(
  state: EngineState,
  settings: EngineSettings,
  side: Side,
  slots: Order[],
  levels: readonly DesiredLevel[],
  count: number,
  out: Command[],
): void {
  if (slots.length === 0 && count === 0) return
  // What no level is left for leaves, whatever anything is worth.
  while (slots.length > SLOTS_MAX) {
    const last = slots.pop()
    if (last !== undefined && isActive(last.state)) cancel(last, out)
  }
  planSide(requoteFacts(state, settings, side, levels[0]?.priceTicks ?? 1), slots, levels, count, plan)
  const backoff = side === 'buy' ? state.backoff.buy : state.backoff.sell
  const mayPlace = state.tsMs >= backoff.untilTsMs
  for (let slot = 0; slot < slots.length; slot += 1) {
    const live = slots[slot]
    if (live === undefined) continue
    const action = plan.actions[slot]
    if (action === 'cancel') cancel(live, out)
    if (action !== 'replace') continue
    const want = levels[plan.levelOf[slot] ?? -1]
    if (want === undefined) continue
    if (mayPlace && live.oid !== null) modify(state, live, live.oid, want, out)
    else if (plan.reasons[slot] === 'tooNear' || plan.reasons[slot] === 'tooLarge') cancel(live, out)
  }
  for (let level = 0; mayPlace && level < count; level += 1) {
    const want = levels[level]
    if (want !== undefined && (plan.orderOf[level] ?? -1) < 0) place(state, side, want, out)
  }
}

/** What the decision on a side is taken with; `explain` asks for the same. */
export function requoteFacts(
  state: EngineState,
  settings: EngineSettings,
  side: Side,
  innerTicks: number,
): RequoteFacts {
  const { estimates, ladder, market, book } = state
  const kappa = side === 'buy' ? estimates.kappaBid : estimates.kappaAsk
  return {
    side,
    tsMs: state.tsMs,
    fairTicks: ladder.fairMicroTicks > 0 ? ladder.fairMicroTicks / MICRO_TICKS_PER_TICK : innerTicks,
    kappa: isUsable(kappa) && kappa.value > 0 ? kappa.value : KAPPA_UNKNOWN,
    maxBpsDiff: settings.maxBpsDiff,
    minOrderAgeMs: settings.minOrderAgeMs,
    stepTicks: market === null ? 1 : priceStepTicks(innerTicks, market.grid),
    book: side === 'buy' ? book.bids : book.asks,
  }
}

/** True for an order of this side that rests or may come to rest. */
export function mayStand(order: Order, side: Side): boolean {
  const isLeaving = order.state === 'cancelPending' || order.state === 'cancelConfirmed'
  return order.side === side && !isLeaving && order.expectedLots === null
}

/** Keeps the list best price first, then the older one. */
export function insertSlot(list: Order[], order: Order): void {
  const sign = signOf(order.side)
  let at = list.length
  list.push(order)
  for (; at > 0; at -= 1) {
    const before = list[at - 1]
    if (before === undefined) break
    const worse = sign * (order.priceTicks - before.priceTicks)
    if (worse < 0 || (worse === 0 && before.placedTsMs <= order.placedTsMs)) break
    list[at] = before
  }
  list[at] = order
}

function cancel(live: Order, out: Command[]): void {
  out.push({ kind: 'cancel', cloid: live.cloid, oid: live.oid })
}

function place(state: EngineState, side: Side, want: DesiredLevel, out: Command[]): void {
  out.push({ kind: 'place', order: newOrder(state, side, want) })
}

function modify(state: EngineState, live: Order, oid: number, want: DesiredLevel, out: Command[]): void {
  out.push({
    kind: 'modify',
    targetCloid: live.cloid,
    targetOid: oid,
    order: newOrder(state, live.side, want),
  })
}

/** The next client id of this run. */
export function freshCloid(state: EngineState): string {
  state.cloidCounter += 1
  const network = state.market?.network ?? 'local'
  return makeCloid({ network, epoch: state.epoch, counter: state.cloidCounter })
}

function newOrder(state: EngineState, side: Side, want: DesiredLevel): NewOrder {
  return {
    cloid: freshCloid(state),
    side,
    priceTicks: want.priceTicks,
    sizeLots: want.sizeLots,
    tif: 'alo',
    reduceOnly: want.reduceOnly,
  }
}
