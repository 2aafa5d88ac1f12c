/** Trigger orders, and those that hang on another order, for whoever shows or names orders. Nothing here changes the state. */
import { slotOfRef } from './canceling.ts'
import type { Address, OrderRef } from './command.ts'
import type { OrderView } from './event.ts'
import { childrenOf, NO_SLOT, slotOfOid } from './order-index.ts'
import { viewOfSlot } from './order-life.ts'
import type { Exchange } from './state.ts'

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
