/** Orders of an account, live and ended: the exchange keeps both, the newest of the ended ones in a bounded list. */
import { endedNewestFirst, openOrders } from '../../exchange/queries/orders.ts'
import type { VenueContext } from '../context.ts'
import type { OrderWithStatus } from './orders.ts'

/** Orders in one answer. */
export const HISTORICAL_ORDERS_MAX = 2_000

/** Live and ended, newest change first. */
export function recentOrders(context: VenueContext, user: string): OrderWithStatus[] {
  const live = openOrders(context.exchange, user).map((order) => ({
    order,
    status: 'open' as const,
    statusTsMs: order.placedTsMs,
  }))
  return [...live, ...endedNewestFirst(context.exchange, user)]
    .sort((a, b) => b.statusTsMs - a.statusTsMs || b.order.oid - a.order.oid)
    .slice(0, HISTORICAL_ORDERS_MAX)
}
