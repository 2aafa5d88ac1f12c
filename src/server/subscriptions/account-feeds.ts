/** Feeds of one account's state: sent when the account did something, else every few seconds when it changed. */
import { z } from 'zod'
import type { VenueContext } from '../context.ts'
import { frontendOrdersOf } from '../info/account.ts'
import { coinsAtOpenInterestCap } from '../info/structure.ts'
import { cumulativeLedger, unnamedAgentOf, webData2Of } from '../info/web-data.ts'
import { toActiveAssetData, toClearinghouseState } from '../wire/account.ts'
import { address, maybe } from '../wire/fields.ts'
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

/** Money is kept on the perp DEXs only; there are no TWAP orders; nothing notifies. Their lists are empty. */
export const spotState: FeedKind = defineFeed(byUser, (_context, { user }) =>
  stillFeed('spotState', user, [{ user, spotState: { balances: [] } }]),
)
export const twapStates: FeedKind = defineFeed(byUserAndDex, (context, { user, dex }) => {
  const spec = context.directory.dexByName.get(dex ?? '')
  return spec === undefined ? null : stillFeed('twapStates', user, [{ dex: spec.name, user, states: [] }])
})
export const userTwapHistory: FeedKind = defineFeed(byUser, (_context, { user }) =>
  stillFeed('userTwapHistory', user, [{ user, history: [], isSnapshot: true }]),
)
export const userTwapSliceFills: FeedKind = defineFeed(byUser, (_context, { user }) =>
  stillFeed('userTwapSliceFills', user, [{ user, twapSliceFills: [], isSnapshot: true }]),
)
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
