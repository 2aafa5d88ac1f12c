/** Prices, books, trades, candles and funding rates: everything public that moves. */
import { z } from 'zod'
import { instrumentContext } from '../../exchange/queries/market.ts'
import { candlesBetween, INTERVALS, toCandle } from '../candles.ts'
import { between } from '../history.ts'
import { ringItems } from '../ring.ts'
import { toBook } from '../wire/book.ts'
import { assetCtxsOf, midsOf } from '../wire/contexts.ts'
import { fromRate } from '../wire/decimals.ts'
import { FailedRequest, MalformedRequest, maybe, whole } from '../wire/fields.ts'
import { toTrade } from '../wire/fills.ts'
import { defineInfo, type InfoHandler, toRange } from './info.ts'
import { metaOf } from './structure.ts'

/** Trades in one answer. */
export const RECENT_TRADES_MAX = 100
/** Rows in one answer of a time range; clients page on from the last time. */
export const RANGE_ROWS_MAX = 500
const HOUR_MS = 3_600_000

const byDex = z.object({ dex: maybe(z.string()) })
const byCoin = z.object({ coin: z.string() })

export const metaAndAssetCtxs: InfoHandler = defineInfo(byDex, (context, { dex }) => {
  const spec = context.directory.dexByName.get(dex ?? '')
  return spec === undefined ? null : [metaOf(context, spec), assetCtxsOf(context, spec.index)]
})

export const allMids: InfoHandler = defineInfo(byDex, (context, { dex }) => {
  const spec = context.directory.dexByName.get(dex ?? '')
  return spec === undefined ? {} : midsOf(context, spec.index)
})

export const l2Book: InfoHandler = defineInfo(
  z.object({
    coin: z.string(),
    nSigFigs: maybe(z.union([z.literal(2), z.literal(3), z.literal(4), z.literal(5)])),
    mantissa: maybe(z.union([z.literal(1), z.literal(2), z.literal(5)])),
  }),
  (context, { coin, nSigFigs, mantissa }) => {
    const instrument = context.directory.byCoin.get(coin)
    if (instrument === undefined) return null
    // The venue documents a mantissa of 1 and fails on it; the others go with five figures only.
    if (mantissa === 1) throw new FailedRequest()
    if (mantissa !== undefined && nSigFigs !== 5) throw new MalformedRequest()
    const gathering = nSigFigs === undefined ? null : { nSigFigs, mantissa: mantissa ?? 1 }
    return toBook(context.exchange, instrument, { tsMs: context.world.nowTsMs, gathering })
  },
)

export const recentTrades: InfoHandler = defineInfo(byCoin, (context, { coin }) => {
  const instrument = context.directory.byCoin.get(coin)
  if (instrument === undefined) return null
  return ringItems(context.history.markets.get(instrument.assetId)?.trades, RECENT_TRADES_MAX)
    .reverse()
    .map((trade) => toTrade(context.directory, trade))
})

export const candleSnapshot: InfoHandler = defineInfo(
  z.object({
    req: z.object({
      coin: z.string(),
      interval: z.enum(INTERVALS),
      startTime: whole,
      endTime: maybe(whole),
    }),
  }),
  (context, { req }) => {
    const instrument = context.directory.byCoin.get(req.coin)
    // The venue fails on coins that it does not have, here and in funding.
    if (instrument === undefined) throw new FailedRequest()
    const book = context.history.markets.get(instrument.assetId)?.candles
    return candlesBetween(book, req.interval, toRange(req)).map((candle) =>
      toCandle(instrument, req.interval, candle),
    )
  },
)

export const fundingHistory: InfoHandler = defineInfo(
  z.object({ coin: z.string(), startTime: whole, endTime: maybe(whole) }),
  (context, request) => {
    const instrument = context.directory.byCoin.get(request.coin)
    if (instrument === undefined) throw new FailedRequest()
    return between(context.history.markets.get(instrument.assetId)?.fundingRates, toRange(request))
      .slice(0, RANGE_ROWS_MAX)
      .map(({ tsMs, rate, premium }) => ({
        coin: instrument.coin,
        fundingRate: fromRate(rate),
        premium: fromRate(premium),
        time: tsMs,
      }))
  },
)

export const predictedFundings: InfoHandler = defineInfo(z.object({}), (context) => {
  const nextFundingTime = (Math.floor(context.world.nowTsMs / HOUR_MS) + 1) * HOUR_MS
  return context.directory.spec.instruments.map(({ assetId, coin }) => {
    const fundingRate = fromRate(instrumentContext(context.exchange, assetId).fundingPerHour)
    return [coin, [['HlPerp', { fundingRate, nextFundingTime, fundingIntervalHours: 1 }]]]
  })
})
