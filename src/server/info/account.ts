/** An account's state: margin, orders, limits, role. */
import { z } from 'zod'
import { hasAccount } from '../../exchange/queries/account.ts'
import { tradedVolumeMicroUsd } from '../../exchange/queries/money.ts'
import { childOrders, findOrder, openOrders as openOrdersOf } from '../../exchange/queries/orders.ts'
import type { VenueContext } from '../context.ts'
import { orderRef, toOrderRef } from '../actions/order-wire.ts'
import { requestLimit, requestsReserved, requestsUsed } from '../../exchange/rate-limits.ts'
import { agentsOf, subAccountsOf, validAgent } from '../registry.ts'
import { toActiveAssetData, toClearinghouseState, volumeText } from '../wire/account.ts'
import { address, maybe } from '../wire/fields.ts'
import { toHex } from '../wire/hex.ts'
import { toSpotState } from '../wire/spot.ts'
import { toFrontendOrder, toHistoricalOrder, toOpenOrder } from '../wire/orders.ts'
import type { WireFrontendOrder, WireHistoricalOrder, WireOrderStatus } from '../wire/types.ts'
import { recentOrders } from '../wire/order-history.ts'
import { defineInfo, type InfoHandler } from './info.ts'

const byUser = z.object({ user: address })
const byUserAndDex = z.object({ user: address, dex: maybe(z.string()) })

export const clearinghouseState: InfoHandler = defineInfo(byUserAndDex, (context, { user, dex }) => {
  const spec = context.directory.dexByName.get(dex ?? '')
  return spec === undefined ? null : toClearinghouseState(context, { user, dexIndex: spec.index })
})

export const spotClearinghouseState: InfoHandler = defineInfo(byUser, (context, { user }) =>
  toSpotState(context, user),
)

export const openOrders: InfoHandler = defineInfo(byUserAndDex, (context, { user, dex }) => {
  const spec = context.directory.dexByName.get(dex ?? '')
  if (spec === undefined) return null
  return newestFirst(openOrdersOf(context.exchange, user, spec.index)).map((order) =>
    toOpenOrder(context.directory, order),
  )
})

export const frontendOpenOrders: InfoHandler = defineInfo(byUserAndDex, (context, { user, dex }) => {
  const spec = context.directory.dexByName.get(dex ?? '')
  return spec === undefined ? null : frontendOrdersOf(context, { user, dexIndex: spec.index })
})

export const orderStatus: InfoHandler = defineInfo(
  z.object({ user: address, oid: orderRef }),
  (context, { user, oid }): WireOrderStatus => {
    const found = findOrder(context.exchange, user, toOrderRef(oid))
    if (found === null) return { status: 'unknownOid' }
    return { status: 'order', order: toHistoricalOrder(context.directory, found) }
  },
)

export const historicalOrders: InfoHandler = defineInfo(byUser, (context, { user }): WireHistoricalOrder[] =>
  recentOrders(context, user).map((entry) => toHistoricalOrder(context.directory, entry)),
)

export const activeAssetData: InfoHandler = defineInfo(
  z.object({ user: address, coin: z.string() }),
  (context, { user, coin }) => {
    const instrument = context.directory.byCoin.get(coin)
    return instrument === undefined ? null : toActiveAssetData(context, user, instrument)
  },
)

export const userRateLimit: InfoHandler = defineInfo(byUser, (context, { user }) => {
  const traded = tradedVolumeMicroUsd(context.exchange, user)
  return {
    cumVlm: volumeText(traded),
    nRequestsUsed: requestsUsed(context.limits, user),
    nRequestsCap: requestLimit(traded) + requestsReserved(context.limits, user),
    nRequestsSurplus: 0,
  }
})

export const extraAgents: InfoHandler = defineInfo(byUser, (context, { user }) =>
  agentsOf(context.registry, user, context.world.nowTsMs)
    .filter(({ name }) => name !== '')
    .map((agent) => ({ address: toHex(agent.address), name: agent.name, validUntil: agent.validUntilMs })),
)

export const userRole: InfoHandler = defineInfo(byUser, (context, { user }) => {
  const sub = context.registry.subAccounts.get(user)
  if (sub !== undefined) return { role: 'subAccount', data: { master: toHex(sub.master) } }
  const agent = validAgent(context.registry, user, context.world.nowTsMs)
  if (agent !== null) return { role: 'agent', data: { user: toHex(agent.master) } }
  return { role: hasAccount(context.exchange, user) ? 'user' : 'missing' }
})

export const subAccounts: InfoHandler = defineInfo(byUser, (context, { user }) => {
  const subs = subAccountsOf(context.registry, user)
  if (subs.length === 0) return null
  return subs.map((sub) => ({
    name: sub.name,
    subAccountUser: toHex(sub.address),
    master: toHex(sub.master),
    clearinghouseState: toClearinghouseState(context, { user: sub.address, dexIndex: 0 }),
    spotState: toSpotState(context, sub.address),
  }))
})

export const userAbstraction: InfoHandler = defineInfo(byUser, (context, { user }) =>
  context.registry.abstractionDisabled.has(user) ? 'disabled' : 'default',
)
export const userDexAbstraction: InfoHandler = defineInfo(byUser, () => null)
export const isVip: InfoHandler = defineInfo(byUser, () => null)
export const userToMultiSigSigners: InfoHandler = defineInfo(byUser, () => null)

export const maxBuilderFee: InfoHandler = defineInfo(
  z.object({ user: address, builder: address }),
  (context, { user, builder }) => context.registry.builderFees.get(user)?.get(builder) ?? 0,
)

export const approvedBuilders: InfoHandler = defineInfo(byUser, (context, { user }) =>
  [...(context.registry.builderFees.get(user)?.keys() ?? [])].map(toHex),
)

export function frontendOrdersOf(
  context: VenueContext,
  of: { readonly user: string; readonly dexIndex: number },
): WireFrontendOrder[] {
  return newestFirst(openOrdersOf(context.exchange, of.user, of.dexIndex)).map((order) =>
    toFrontendOrder(context.directory, order, childOrders(context.exchange, order.oid)),
  )
}

function newestFirst<Order extends { readonly oid: number }>(orders: readonly Order[]): Order[] {
  return [...orders].sort((a, b) => b.oid - a.oid)
}
