/**
 * Candles of every interval, made from trades. An interval without a trade has no candle.
 *
 * state  per interval one ring of `CANDLES_KEPT_MAX` (the venue answers with the last 5000)
 */
import type { TradeEvent } from '../exchange/event.ts'
import type { Instrument } from '../exchange/instrument.ts'
import { initRing, newestOf, pushRing, type Ring, ringItems } from './ring.ts'
import { fromWhole } from './wire/decimals.ts'
import type { Interval, WireCandle } from './wire/types.ts'

export const CANDLES_KEPT_MAX = 5000

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** Fixed lengths; a month has its own rule. */
const INTERVAL_MS: Readonly<Record<Exclude<Interval, '1M'>, number>> = {
  '1m': MINUTE_MS,
  '3m': 3 * MINUTE_MS,
  '5m': 5 * MINUTE_MS,
  '15m': 15 * MINUTE_MS,
  '30m': 30 * MINUTE_MS,
  '1h': HOUR_MS,
  '2h': 2 * HOUR_MS,
  '4h': 4 * HOUR_MS,
  '8h': 8 * HOUR_MS,
  '12h': 12 * HOUR_MS,
  '1d': DAY_MS,
  '3d': 3 * DAY_MS,
  '1w': 7 * DAY_MS,
}
export const INTERVALS: readonly [Interval, ...Interval[]] = [
  '1m',
  '3m',
  '5m',
  '15m',
  '30m',
  '1h',
  '2h',
  '4h',
  '8h',
  '12h',
  '1d',
  '3d',
  '1w',
  '1M',
]

export interface Candle {
  readonly openTsMs: number
  readonly closeTsMs: number
  readonly openTicks: number
  closeTicks: number
  highTicks: number
  lowTicks: number
  volumeLots: number
  tradeCount: number
}

export type CandleBook = Map<Interval, Ring<Candle>>

export function initCandleBook(): CandleBook {
  return new Map(INTERVALS.map((interval) => [interval, initRing<Candle>(CANDLES_KEPT_MAX)]))
}

export function updateCandles(book: CandleBook, trade: TradeEvent): void {
  for (const [interval, ring] of book) {
    const candle = newestOf(ring)
    if (candle !== null && trade.tsMs < candle.closeTsMs) extend(candle, trade)
    else pushRing(ring, openCandle(interval, trade))
  }
}

/** Oldest first, those that overlap the time range. */
export function candlesBetween(
  book: CandleBook | undefined,
  interval: Interval,
  range: { readonly startTsMs: number; readonly endTsMs: number },
): Candle[] {
  return ringItems(book?.get(interval)).filter(
    (candle) => candle.openTsMs <= range.endTsMs && candle.closeTsMs > range.startTsMs,
  )
}

export function toCandle(instrument: Instrument, interval: Interval, candle: Candle): WireCandle {
  const { priceDecimals, szDecimals } = instrument.grid
  return {
    t: candle.openTsMs,
    T: candle.closeTsMs - 1,
    s: instrument.coin,
    i: interval,
    o: fromWhole(candle.openTicks, priceDecimals),
    c: fromWhole(candle.closeTicks, priceDecimals),
    h: fromWhole(candle.highTicks, priceDecimals),
    l: fromWhole(candle.lowTicks, priceDecimals),
    v: fromWhole(candle.volumeLots, szDecimals),
    n: candle.tradeCount,
  }
}

function extend(candle: Candle, trade: TradeEvent): void {
  candle.closeTicks = trade.priceTicks
  candle.highTicks = Math.max(candle.highTicks, trade.priceTicks)
  candle.lowTicks = Math.min(candle.lowTicks, trade.priceTicks)
  candle.volumeLots += trade.sizeLots
  candle.tradeCount += 1
}

function openCandle(interval: Interval, trade: TradeEvent): Candle {
  const [openTsMs, closeTsMs] = boundsOf(interval, trade.tsMs)
  return {
    openTsMs,
    closeTsMs,
    openTicks: trade.priceTicks,
    closeTicks: trade.priceTicks,
    highTicks: trade.priceTicks,
    lowTicks: trade.priceTicks,
    volumeLots: trade.sizeLots,
    tradeCount: 1,
  }
}

/** Fixed intervals stand on multiples of their length since 1970, months on calendar months, all in UTC. */
export function boundsOf(interval: Interval, tsMs: number): readonly [openTsMs: number, closeTsMs: number] {
  if (interval === '1M') {
    const date = new Date(tsMs)
    const year = date.getUTCFullYear()
    const month = date.getUTCMonth()
    return [Date.UTC(year, month, 1), Date.UTC(year, month + 1, 1)]
  }
  const lengthMs = INTERVAL_MS[interval]
  const openTsMs = Math.floor(tsMs / lengthMs) * lengthMs
  return [openTsMs, openTsMs + lengthMs]
}
