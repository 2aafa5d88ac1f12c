import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TradeEvent } from '../../src/exchange/event.ts'
import {
  boundsOf,
  candlesBetween,
  CANDLES_KEPT_MAX,
  initCandleBook,
  INTERVALS,
  updateCandles,
} from '../../src/server/candles.ts'
import { initRing, newestOf, pushRing, ringItems } from '../../src/server/ring.ts'

const START = Date.UTC(2026, 1, 27, 23, 58)
const ALWAYS = { startTsMs: 0, endTsMs: Number.MAX_SAFE_INTEGER }

function tradeAt(tsMs: number, priceTicks: number, sizeLots: number): TradeEvent {
  const parties = { buyer: '0xb', seller: '0xa' }
  return { kind: 'trade', tsMs, tid: 1, assetId: 0, aggressor: 'buy', priceTicks, sizeLots, ...parties }
}

test('the candles of every interval equal those made by sorting the trades into buckets', () => {
  const gaps = fc.array(
    fc.tuple(fc.nat(40 * 60_000), fc.integer({ min: 50, max: 70 }), fc.integer({ min: 2, max: 9 })),
  )
  fc.assert(
    fc.property(gaps, (steps) => {
      const book = initCandleBook()
      let tsMs = START
      const trades = steps.map(([gapMs, priceTicks, sizeLots]) => {
        tsMs += gapMs
        return tradeAt(tsMs, priceTicks, sizeLots)
      })
      for (const trade of trades) updateCandles(book, trade)
      for (const interval of INTERVALS) {
        const opens = [...new Set(trades.map((trade) => boundsOf(interval, trade.tsMs)[0]))]
        const expected = opens.map((openTsMs) => {
          const inside = trades.filter((trade) => boundsOf(interval, trade.tsMs)[0] === openTsMs)
          return {
            openTsMs,
            closeTsMs: boundsOf(interval, openTsMs)[1],
            openTicks: inside[0]?.priceTicks,
            closeTicks: inside.at(-1)?.priceTicks,
            highTicks: Math.max(...inside.map(({ priceTicks }) => priceTicks)),
            lowTicks: Math.min(...inside.map(({ priceTicks }) => priceTicks)),
            volumeLots: inside.reduce((sum, { sizeLots }) => sum + sizeLots, 0),
            tradeCount: inside.length,
          }
        })
        expect(candlesBetween(book, interval, ALWAYS)).toEqual(expected)
      }
    }),
    { numRuns: 60 },
  )
})

describe('bounds', () => {
  test('a month is a calendar month in UTC, also over a leap day', () => {
    expect(boundsOf('1M', START)).toEqual([Date.UTC(2026, 1, 1), Date.UTC(2026, 2, 1)])
    expect(boundsOf('1M', Date.UTC(2028, 1, 29, 12))).toEqual([Date.UTC(2028, 1, 1), Date.UTC(2028, 2, 1)])
    expect(boundsOf('1M', Date.UTC(2026, 11, 31))).toEqual([Date.UTC(2026, 11, 1), Date.UTC(2027, 0, 1)])
  })

  test('an instant lies in its interval, and the next interval starts where it ends', () => {
    fc.assert(
      fc.property(fc.constantFrom(...INTERVALS), fc.nat(4_000_000_000), (interval, seconds) => {
        const tsMs = seconds * 1000
        const [open, close] = boundsOf(interval, tsMs)
        expect(open).toBeLessThanOrEqual(tsMs)
        expect(tsMs).toBeLessThan(close)
        expect(boundsOf(interval, close)[0]).toBe(close)
        expect(boundsOf(interval, open)).toEqual([open, close])
      }),
    )
  })
})

test('a range takes the candles that overlap it', () => {
  const book = initCandleBook()
  for (const minute of [0, 1, 2, 3])
    updateCandles(book, tradeAt(START + minute * 60_000 + 5_000, 60 + minute, 2))
  const range = { startTsMs: START + 70_000, endTsMs: START + 130_000 }
  expect(candlesBetween(book, '1m', range).map(({ openTicks }) => openTicks)).toEqual([61, 62])
})

test('at most five thousand candles of an interval are kept, the newest', () => {
  const book = initCandleBook()
  for (let minute = 0; minute < CANDLES_KEPT_MAX + 3; minute += 1) {
    updateCandles(book, tradeAt(START + minute * 60_000, 60, 2))
  }
  const kept = candlesBetween(book, '1m', ALWAYS)
  expect(kept).toHaveLength(CANDLES_KEPT_MAX)
  expect(kept[0]?.openTsMs).toBe(START + 3 * 60_000)
})

test('a ring keeps the newest items in order', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 7 }), fc.array(fc.nat()), fc.nat(9), (capacity, items, limit) => {
      const ring = initRing<number>(capacity)
      for (const item of items) pushRing(ring, item)
      const kept = items.slice(-capacity)
      expect(ringItems(ring)).toEqual(kept)
      expect(newestOf(ring)).toBe(kept.at(-1) ?? null)
      expect(ringItems(ring, limit)).toEqual(limit === 0 ? [] : kept.slice(-limit))
    }),
  )
})
