/** Public feeds of whole DEXs: mids and contexts. */
import { z } from 'zod'
import { assetCtxsOf, midsOf } from '../wire/contexts.ts'
import { maybe } from '../wire/fields.ts'
import { changingFeed, defineFeed, type FeedKind, stillFeed } from './feed.ts'
import { BOOK_EVERY_MS } from './market-feeds.ts'

const CONTEXTS_EVERY_MS = 1_000

const byDex = z.object({ dex: maybe(z.string()) })

export const allMids: FeedKind = defineFeed(byDex, (context, { dex }) => {
  const spec = context.directory.dexByName.get(dex ?? '')
  if (spec === undefined) return null
  return changingFeed({
    channel: 'allMids',
    user: null,
    everyMs: BOOK_EVERY_MS,
    read: () => ({ mids: midsOf(context, spec.index), ...(dex === undefined ? {} : { dex }) }),
  })
})

export const assetCtxs: FeedKind = defineFeed(byDex, (context, { dex }) => {
  const spec = context.directory.dexByName.get(dex ?? '')
  if (spec === undefined) return null
  return changingFeed({
    channel: 'assetCtxs',
    user: null,
    everyMs: CONTEXTS_EVERY_MS,
    read: () => ({ dex: spec.name, ctxs: assetCtxsOf(context, spec.index) }),
  })
})

export const allDexsAssetCtxs: FeedKind = defineFeed(z.object({}), (context) =>
  changingFeed({
    channel: 'allDexsAssetCtxs',
    user: null,
    everyMs: CONTEXTS_EVERY_MS,
    read: () => ({
      ctxs: context.directory.spec.dexs.map((dex) => [dex.name, assetCtxsOf(context, dex.index)]),
    }),
  }),
)

/** Nothing spot trades here. */
export const spotAssetCtxs: FeedKind = defineFeed(z.object({}), () => stillFeed('spotAssetCtxs', null, [[]]))
