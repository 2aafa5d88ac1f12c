/** The orders of an account: live, waiting for a trigger, sliced over time, ended. Nothing here changes the state. */
import { slotOfRef } from '../canceling.ts'
import type { Address, OrderRef } from '../command.ts'
import type { OrderStatusWord, OrderView, TwapView } from '../event.ts'
import { newestEnded } from '../history.ts'
import { childrenOf, firstOwn, nextOwn, NO_SLOT, slotOfOid } from '../order-index.ts'
import { viewOfSlot } from '../order-life.ts'
import type { Exchange } from '../state.ts'
import { twapView } from '../twap.ts'

export interface FoundOrder {
  readonly order: OrderView
  readonly status: OrderStatusWord
  readonly statusTsMs: number
}

/** Live orders, untriggered ones included, by market and then oldest first. */
export function openOrders(exchange: Exchange, account: Address, dexIndex?: number): OrderView[] {
  const views: OrderView[] = []
  for (const holding of exchange.accountByAddress.get(account)?.holdings.values() ?? []) {
    if (dexIndex !== undefined && holding.market.instrument.dexIndex !== dexIndex) continue
    const { pool } = exchange
    for (let slot = firstOwn(pool, holding.ownerIndex); slot !== NO_SLOT; slot = nextOwn(pool, slot)) {
      views.push(viewOfSlot(exchange, slot))
    }
  }
  return views
}

/** A live order, or one of the last ended ones; the newest when a client id was used again. Null: never heard of. */
export function findOrder(exchange: Exchange, account: Address, ref: OrderRef): FoundOrder | null {
  const known = exchange.accountByAddress.get(account)
  if (known === undefined) return null
  const slot = slotOfRef(exchange, known, ref, null)
  if (slot !== NO_SLOT) {
    const order = viewOfSlot(exchange, slot)
    return { order, status: 'open', statusTsMs: order.placedTsMs }
  }
  for (const ended of endedNewestFirst(exchange, account)) {
    if ('oid' in ref ? ended.order.oid === ref.oid : ended.order.cloid === ref.cloid) return ended
  }
  return null
}

/** The ended orders that are kept, newest first. */
export function* endedNewestFirst(exchange: Exchange, account: Address): Generator<FoundOrder> {
  const known = exchange.accountByAddress.get(account)
  if (known === undefined) return
  yield* newestEnded(exchange.ended, known.index, account)
}

/** Running TWAP orders of an account, oldest first. @param dexIndex left out: of every DEX */
export function runningTwaps(exchange: Exchange, account: Address, dexIndex?: number): TwapView[] {
  const views: TwapView[] = []
  for (const twap of exchange.twaps.values()) {
    if (twap.account.address !== account) continue
    if (dexIndex === undefined || twap.market.instrument.dexIndex === dexIndex) views.push(twapView(twap))
  }
  return views
}

/** @returns the orders that wait until this one filled, and end with it; none when it is not live or has none */
export function childOrders(exchange: Exchange, oid: number): OrderView[] {
  const { pool } = exchange
  const slot = slotOfOid(pool, oid)
  const group = slot === NO_SLOT ? null : childrenOf(pool, slot)
  return (group?.oids ?? [])
    .map((child) => slotOfOid(pool, child))
    .filter((child) => child !== NO_SLOT)
    .map((child) => viewOfSlot(exchange, child))
}

/** True for a live order of the account that waits for a trigger price. */
export function isTriggerOrder(exchange: Exchange, account: Address, ref: OrderRef): boolean {
  const known = exchange.accountByAddress.get(account)
  const slot = known === undefined ? NO_SLOT : slotOfRef(exchange, known, ref, null)
  return slot !== NO_SLOT && exchange.pool.trigger[slot] !== null
}
