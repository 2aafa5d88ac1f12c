/** Public feeds of one market: book, best prices, trades, candles, context. */
import { z } from 'zod'
import { touch } from '../../exchange/queries/book.ts'
import { INTERVALS, toCandle } from '../candles.ts'
import { newestOf, ringItems } from '../ring.ts'
import { BOOK_LEVELS_MAX, toBook } from '../wire/book.ts'
import { toAssetCtx } from '../wire/contexts.ts'
import { fromWhole } from '../wire/decimals.ts'
import { maybe } from '../wire/fields.ts'
import { toTrade } from '../wire/fills.ts'
import type { WireLevel } from '../wire/types.ts'
import { changingFeed, defineFeed, type FeedKind } from './feed.ts'

/** Books and mids at most this often, in venue time; the short book on each block that changed it. */
export const BOOK_EVERY_MS = 500
const CONTEXT_EVERY_MS = 1_000
const FAST_LEVELS_MAX = 5
/** Trades in the first message. */
const TRADES_SNAPSHOT_MAX = 10

const byCoin = z.object({ coin: z.string() })

export const l2Book: FeedKind = defineFeed(
  z
    .object({
      coin: z.string(),
      nSigFigs: maybe(z.union([z.literal(2), z.literal(3), z.literal(4), z.literal(5)])),
      mantissa: maybe(z.union([z.literal(1), z.literal(2), z.literal(5)])),
      fast: maybe(z.boolean()),
    })
    // As of the info request: with other figures a mantissa means nothing.
    .refine(({ nSigFigs, mantissa }) => mantissa === undefined || nSigFigs === 5),
  (context, { coin, nSigFigs, mantissa, fast }) => {
    const instrument = context.directory.byCoin.get(coin)
    if (instrument === undefined) return null
    const gathering = nSigFigs === undefined ? null : { nSigFigs, mantissa: mantissa ?? 1 }
    const levelCountMax = fast === true ? FAST_LEVELS_MAX : BOOK_LEVELS_MAX
    const read = (tsMs: number): object => ({
      ...toBook(context.exchange, instrument, { tsMs, gathering, levelCountMax }),
      ...(fast === true ? { fast: true } : {}),
    })
    let lastTsMs = -Infinity
    return {
      channel: 'l2Book',
      user: null,
      snapshot: () => [read(context.world.nowTsMs)],
      // Sent also when nothing changed: its time tells clients that the book is still current.
      onBlock: ({ tsMs }) => {
        if (fast !== true && tsMs - lastTsMs < BOOK_EVERY_MS) return []
        lastTsMs = tsMs
        return [read(tsMs)]
      },
    }
  },
)

export const bbo: FeedKind = defineFeed(byCoin, (context, { coin }) => {
  const instrument = context.directory.byCoin.get(coin)
  if (instrument === undefined) return null
  const { priceDecimals, szDecimals } = instrument.grid
  const level = (ticks: number, lots: number, n: number): WireLevel | null =>
    ticks === 0 ? null : { px: fromWhole(ticks, priceDecimals), sz: fromWhole(lots, szDecimals), n }
  const read = (): readonly [WireLevel | null, WireLevel | null] => {
    const now = touch(context.exchange, instrument.assetId)
    return [level(now.bidTicks, now.bidLots, now.bidCount), level(now.askTicks, now.askLots, now.askCount)]
  }
  let lastText = JSON.stringify(read())
  return {
    channel: 'bbo',
    user: null,
    snapshot: () => [{ coin, time: context.world.nowTsMs, bbo: read() }],
    onBlock: ({ tsMs }) => {
      const now = read()
      const text = JSON.stringify(now)
      if (text === lastText) return []
      lastText = text
      return [{ coin, time: tsMs, bbo: now }]
    },
  }
})

export const trades: FeedKind = defineFeed(byCoin, (context, { coin }) => {
  const instrument = context.directory.byCoin.get(coin)
  if (instrument === undefined) return null
  const { directory, history } = context
  return {
    channel: 'trades',
    user: null,
    snapshot: () => {
      const recent = ringItems(history.markets.get(instrument.assetId)?.trades, TRADES_SNAPSHOT_MAX)
      return recent.length === 0 ? [] : [recent.reverse().map((trade) => toTrade(directory, trade))]
    },
    onBlock: (digest) => {
      const fresh = digest.trades.get(instrument.assetId)
      return fresh === undefined ? [] : [fresh.map((trade) => toTrade(directory, trade))]
    },
  }
})

export const candle: FeedKind = defineFeed(
  z.object({ coin: z.string(), interval: z.enum(INTERVALS) }),
  (context, { coin, interval }) => {
    const instrument = context.directory.byCoin.get(coin)
    if (instrument === undefined) return null
    const read = (): readonly unknown[] => {
      const newest = newestOf(context.history.markets.get(instrument.assetId)?.candles.get(interval))
      return newest === null ? [] : [toCandle(instrument, interval, newest)]
    }
    return {
      channel: 'candle',
      user: null,
      snapshot: read,
      onBlock: (digest) => (digest.trades.has(instrument.assetId) ? read() : []),
    }
  },
)

export const activeAssetCtx: FeedKind = defineFeed(byCoin, (context, { coin }) => {
  const instrument = context.directory.byCoin.get(coin)
  if (instrument === undefined) return null
  return changingFeed({
    channel: 'activeAssetCtx',
    user: null,
    everyMs: CONTEXT_EVERY_MS,
    read: () => ({ coin, ctx: toAssetCtx(context, instrument) }),
  })
})
