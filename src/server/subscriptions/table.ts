/** Every subscription this venue serves, by its `type`. */
import * as accountFeeds from './account-feeds.ts'
import * as eventFeeds from './event-feeds.ts'
import type { FeedKind } from './feed.ts'
import { activeAssetCtx, bbo, candle, l2Book, trades } from './market-feeds.ts'
import * as venueFeeds from './venue-feeds.ts'

export const FEEDS: ReadonlyMap<string, FeedKind> = new Map<string, FeedKind>(
  Object.entries({
    l2Book,
    bbo,
    trades,
    candle,
    activeAssetCtx,
    ...venueFeeds,
    ...eventFeeds,
    ...accountFeeds,
  }),
)
