/** Feeds of what happens to one account: order changes, fills, funding, ledger lines. */
import { z } from 'zod'
import type { OrderEvent, OrderStatusWord } from '../../exchange/event.ts'
import { ZERO_ADDRESS } from '../../signing/typed-data.ts'
import { fillsOf } from '../info/money.ts'
import { instrumentOf } from '../directory.ts'
import { ringItems } from '../ring.ts'
import { fromMicroUsd } from '../wire/decimals.ts'
import { address, maybe } from '../wire/fields.ts'
import { aggregateFills, toFill, toFundingDelta } from '../wire/fills.ts'
import { toSliceFills } from '../info/twap.ts'
import { toTwapHistory } from '../wire/twap.ts'
import { recentOrders } from '../wire/order-history.ts'
import { type OrderWithStatus, toHistoricalOrder, toOrderUpdate } from '../wire/orders.ts'
import { defineFeed, type FeedKind } from './feed.ts'

/** Rows in the first message of a list. */
const SNAPSHOT_ROWS_MAX = 500

const byUser = z.object({ user: address })

/** Ends of orders that nobody asked for. A reduce-only order that its position outlived is not among them. */
const NON_USER_CANCELS: ReadonlySet<OrderStatusWord> = new Set([
  'marginCanceled',
  'selfTradeCanceled',
  'liquidatedCanceled',
  'scheduledCancel',
  'openInterestCapCanceled',
  'delistedCanceled',
] satisfies OrderStatusWord[])

/** No snapshot, and no account in the message. */
export const orderUpdates: FeedKind = defineFeed(byUser, (context, { user }) => ({
  channel: 'orderUpdates',
  user,
  snapshot: () => [],
  onBlock: (digest) => {
    const events = digest.orders.get(user)
    return events === undefined
      ? []
      : [events.map((event) => toOrderUpdate(context.directory, withStatus(event)))]
  },
}))

/** Its channel is called `user`. */
export const userEvents: FeedKind = defineFeed(byUser, (context, { user }) => ({
  channel: 'user',
  user,
  snapshot: () => [],
  onBlock: (digest) => {
    const { directory } = context
    const messages: unknown[] = []
    const fills = digest.fills.get(user)
    if (fills !== undefined) messages.push({ fills: fills.map((fill) => toFill(directory, fill)) })
    for (const funding of digest.fundings.get(user) ?? []) {
      messages.push({ funding: toFundingDelta(directory, funding) })
    }
    for (const liquidation of digest.liquidations.get(user) ?? []) {
      messages.push({
        liquidation: {
          lid: liquidation.tsMs,
          // A market liquidation has no liquidator: the order goes through the book.
          liquidator: ZERO_ADDRESS,
          liquidated_user: user,
          liquidated_ntl_pos: fromMicroUsd(liquidation.notionalMicroUsd),
          liquidated_account_value: fromMicroUsd(liquidation.accountValueMicroUsd),
        },
      })
    }
    const twaps = digest.twaps.get(user)
    if (twaps !== undefined) {
      messages.push({ twapHistory: twaps.map((event) => toTwapHistory(directory, event)) })
    }
    const twapSliceFills = toSliceFills(context, fills ?? [])
    if (twapSliceFills.length > 0) messages.push({ twapSliceFills })
    const cancels = (digest.orders.get(user) ?? []).filter(({ status }) => NON_USER_CANCELS.has(status))
    if (cancels.length > 0) {
      messages.push({
        nonUserCancel: cancels.map(({ order }) => ({
          coin: instrumentOf(directory, order.assetId).coin,
          oid: order.oid,
        })),
      })
    }
    return messages
  },
}))

export const userFills: FeedKind = defineFeed(
  z.object({ user: address, aggregateByTime: maybe(z.boolean()) }),
  (context, { user, aggregateByTime }) => ({
    channel: 'userFills',
    user,
    snapshot: () => [{ user, fills: fillsOf(context, user, aggregateByTime === true), isSnapshot: true }],
    onBlock: (digest) => {
      const fresh = digest.fills.get(user)
      if (fresh === undefined) return []
      const fills = aggregateByTime === true ? aggregateFills(fresh) : fresh
      return [{ user, fills: fills.map((fill) => toFill(context.directory, fill)) }]
    },
  }),
)

export const userFundings: FeedKind = defineFeed(byUser, (context, { user }) => ({
  channel: 'userFundings',
  user,
  snapshot: () => {
    const kept = ringItems(context.history.accounts.get(user)?.fundings, SNAPSHOT_ROWS_MAX)
    const fundings = kept.map((event) => ({ time: event.tsMs, ...toFundingDelta(context.directory, event) }))
    return [{ user, fundings, isSnapshot: true }]
  },
  onBlock: (digest) => {
    const fresh = digest.fundings.get(user)
    if (fresh === undefined) return []
    const fundings = fresh.map((event) => ({ time: event.tsMs, ...toFundingDelta(context.directory, event) }))
    return [{ user, fundings }]
  },
}))

export const userNonFundingLedgerUpdates: FeedKind = defineFeed(byUser, (context, { user }) => ({
  channel: 'userNonFundingLedgerUpdates',
  user,
  snapshot: () => {
    const kept = ringItems(context.history.accounts.get(user)?.ledger, SNAPSHOT_ROWS_MAX)
    return [{ user, nonFundingLedgerUpdates: kept.map(({ update }) => update), isSnapshot: true }]
  },
  onBlock: (digest) => {
    const fresh = digest.ledger.get(user)
    return fresh === undefined ? [] : [{ user, nonFundingLedgerUpdates: fresh.map(({ update }) => update) }]
  },
}))

export const userHistoricalOrders: FeedKind = defineFeed(byUser, (context, { user }) => ({
  channel: 'userHistoricalOrders',
  user,
  snapshot: () => {
    const orderHistory = recentOrders(context, user).map((entry) =>
      toHistoricalOrder(context.directory, entry),
    )
    return [{ user, orderHistory, isSnapshot: true }]
  },
  onBlock: (digest) => {
    const fresh = digest.orders.get(user)
    if (fresh === undefined) return []
    return [
      { user, orderHistory: fresh.map((event) => toHistoricalOrder(context.directory, withStatus(event))) },
    ]
  },
}))

function withStatus(event: OrderEvent): OrderWithStatus {
  return { order: event.order, status: event.status, statusTsMs: event.tsMs }
}
