/** Public feeds of whole DEXs: mids and contexts. */
import { deflateRawSync } from 'node:zlib'
import { z } from 'zod'
import { universeAt } from '../directory.ts'
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

/** Marks and mids of every market, compressed: all of them first, then those that changed. */
export const fastAssetCtxs: FeedKind = defineFeed(z.object({}), (context) => {
  let last: Readonly<Record<string, FastContext>> = {}
  const all = (): Record<string, FastContext> => {
    const { dexs } = context.directory.spec
    const rows = dexs.flatMap((dex) =>
      assetCtxsOf(context, dex.index).map((ctx, place): [string, FastContext] => {
        const coin = universeAt(context.directory, dex.index)[place]?.coin ?? ''
        return [coin, { markPx: ctx.markPx, ...(ctx.midPx === null ? {} : { midPx: ctx.midPx }) }]
      }),
    )
    return Object.fromEntries(rows)
  }
  return {
    channel: 'fastAssetCtxs',
    user: null,
    snapshot: () => [packed(all())],
    onBlock: () => {
      const now = all()
      const changed = Object.entries(now).filter(
        ([coin, one]) => last[coin]?.markPx !== one.markPx || last[coin].midPx !== one.midPx,
      )
      last = now
      return changed.length === 0 ? [] : [packed(Object.fromEntries(changed))]
    },
  }
})

interface FastContext {
  readonly markPx: string
  readonly midPx?: string
}

/** JSON, raw deflate, base64. */
function packed(value: object): string {
  return deflateRawSync(JSON.stringify(value)).toString('base64')
}

/** Nothing spot trades here. */
export const spotAssetCtxs: FeedKind = defineFeed(z.object({}), () => stillFeed('spotAssetCtxs', null, [[]]))
