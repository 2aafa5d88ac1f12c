/** The TP/SL orders that hang on another order, for whoever shows orders. Nothing here changes the state. */
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
