/** Feeds of one account's state: sent when the account did something, else every few seconds when it changed. */
import { z } from 'zod'
import { runningTwaps } from '../../exchange/queries/orders.ts'
import type { VenueContext } from '../context.ts'
import { frontendOrdersOf } from '../info/account.ts'
import { coinsAtOpenInterestCap } from '../info/structure.ts'
import { sliceFillsOf, toSliceFills, twapHistoryOf } from '../info/twap.ts'
import { cumulativeLedger, unnamedAgentOf, webData2Of } from '../info/web-data.ts'
import { toActiveAssetData, toClearinghouseState } from '../wire/account.ts'
import { address, maybe } from '../wire/fields.ts'
import { toSpotState } from '../wire/spot.ts'
import { toTwapHistory, toTwapState } from '../wire/twap.ts'
import { changingFeed, concerns, defineFeed, type Feed, type FeedKind, stillFeed } from './feed.ts'

/** Between two messages while only prices move. */
const STATE_EVERY_MS = 5_000

const byUser = z.object({ user: address })
const byUserAndDex = z.object({ user: address, dex: maybe(z.string()) })

export const clearinghouseState: FeedKind = defineFeed(byUserAndDex, (context, { user, dex }) => {
  const spec = context.directory.dexByName.get(dex ?? '')
  if (spec === undefined) return null
  return stateFeed('clearinghouseState', user, () => ({
    dex: spec.name,
    user,
    clearinghouseState: toClearinghouseState(context, { user, dexIndex: spec.index }),
  }))
})

export const allDexsClearinghouseState: FeedKind = defineFeed(byUser, (context, { user }) =>
  stateFeed('allDexsClearinghouseState', user, () => ({
    user,
    clearinghouseStates: context.directory.spec.dexs.map((dex) => [
      dex.name,
      toClearinghouseState(context, { user, dexIndex: dex.index }),
    ]),
  })),
)

export const openOrders: FeedKind = defineFeed(byUserAndDex, (context, { user, dex }) => {
  const spec = context.directory.dexByName.get(dex ?? '')
  if (spec === undefined) return null
  return stateFeed('openOrders', user, () => ({
    dex: spec.name,
    user,
    orders: frontendOrdersOf(context, { user, dexIndex: spec.index }),
  }))
})

export const activeAssetData: FeedKind = defineFeed(
  z.object({ user: address, coin: z.string() }),
  (context, { user, coin }) => {
    const instrument = context.directory.byCoin.get(coin)
    if (instrument === undefined) return null
    return stateFeed('activeAssetData', user, () => toActiveAssetData(context, user, instrument))
  },
)

export const webData2: FeedKind = defineFeed(byUser, (context, { user }) =>
  stateFeed('webData2', user, () => webData2Of(context, user)),
)

export const webData3: FeedKind = defineFeed(byUser, (context, { user }) =>
  stateFeed('webData3', user, () => webData3Of(context, user)),
)

export const spotState: FeedKind = defineFeed(byUser, (context, { user }) =>
  stateFeed('spotState', user, () => ({ user, spotState: toSpotState(context, user) })),
)
export const twapStates: FeedKind = defineFeed(byUserAndDex, (context, { user, dex }) => {
  const spec = context.directory.dexByName.get(dex ?? '')
  if (spec === undefined) return null
  return stateFeed('twapStates', user, () => ({
    dex: spec.name,
    user,
    states: runningTwaps(context.exchange, user, spec.index).map((twap) => [
      twap.twapId,
      toTwapState(context.directory, twap),
    ]),
  }))
})
export const userTwapHistory: FeedKind = defineFeed(byUser, (context, { user }) => ({
  channel: 'userTwapHistory',
  user,
  snapshot: () => [{ user, history: twapHistoryOf(context, user), isSnapshot: true }],
  onBlock: (digest) => {
    const fresh = digest.twaps.get(user)
    if (fresh === undefined) return []
    return [{ user, history: fresh.map((event) => toTwapHistory(context.directory, event)) }]
  },
}))
export const userTwapSliceFills: FeedKind = defineFeed(byUser, (context, { user }) => ({
  channel: 'userTwapSliceFills',
  user,
  snapshot: () => [{ user, twapSliceFills: sliceFillsOf(context, user), isSnapshot: true }],
  onBlock: (digest) => {
    const twapSliceFills = toSliceFills(context, digest.fills.get(user) ?? [])
    return twapSliceFills.length === 0 ? [] : [{ user, twapSliceFills }]
  },
}))
/** Nothing notifies. */
export const notification: FeedKind = defineFeed(byUser, (_context, { user }) =>
  stillFeed('notification', user, []),
)

function stateFeed(channel: string, user: string, read: () => unknown): Feed {
  return changingFeed({
    channel,
    user,
    everyMs: STATE_EVERY_MS,
    read,
    isUrgent: (digest) => concerns(digest, user),
  })
}

function webData3Of(context: VenueContext, user: string): object {
  return {
    userState: {
      ...unnamedAgentOf(context, user),
      cumLedger: cumulativeLedger(context, user),
      serverTime: context.world.nowTsMs,
      isVault: false,
      user,
    },
    perpDexStates: context.directory.spec.dexs.map((dex) => ({
      totalVaultEquity: '0.0',
      perpsAtOpenInterestCap: coinsAtOpenInterestCap(context, dex),
      leadingVaults: [],
    })),
  }
}
