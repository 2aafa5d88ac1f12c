import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  addToBook,
  createBook,
  NO_ASK,
  NO_BID,
  nextDown,
  nextUp,
  removeFromBook,
} from '../../src/exchange/order-book.ts'
import {
  createOrderPool,
  FIELD_REMAINING_LOTS,
  FLAG_BUY,
  NO_SLOT,
  releaseSlot,
  slotOfOid,
  takeSlot,
  WORD_FLAGS,
  WORD_RANK,
} from '../../src/exchange/order-index.ts'

const RANK_MAX = 2 ** 24 - 1

test('best prices and neighbours are those of a sorted list, over pages near and far', () => {
  // Bids below 1 000 000, asks above; ranks cluster at page and word borders.
  const bidRank = fc.oneof(
    fc.integer({ min: 1, max: 999_999 }),
    fc.integer({ min: 999_900, max: 999_999 }),
    fc.constantFrom(1, 31, 32, 1_023, 1_024, 32_767, 32_768),
  )
  const askRank = fc.oneof(
    fc.integer({ min: 1_000_000, max: RANK_MAX }),
    fc.integer({ min: 1_000_000, max: 1_000_100 }),
    fc.constantFrom(RANK_MAX, 1_048_575, 1_048_576),
  )
  const step = fc.record({
    isBuy: fc.boolean(),
    bid: bidRank,
    ask: askRank,
    removes: fc.boolean(),
    which: fc.nat(),
  })
  fc.assert(
    fc.property(fc.array(step, { size: 'max', maxLength: 120 }), (steps) => {
      const pool = createOrderPool<null>()
      const book = createBook(pool)
      const live: { slot: number; rank: number; isBuy: boolean }[] = []
      let oid = 0
      for (const { isBuy, bid, ask, removes, which } of steps) {
        if (removes && live.length > 0) {
          const [gone] = live.splice(which % live.length, 1)
          if (gone === undefined) throw new Error('an order is taken')
          removeFromBook(book, gone.slot)
          releaseSlot(pool, gone.slot)
        } else {
          oid += 1
          const slot = takeSlot(pool, oid)
          const rank = isBuy ? bid : ask
          pool.words[slot * 16 + WORD_RANK] = rank
          pool.words[slot * 16 + WORD_FLAGS] = isBuy ? FLAG_BUY : 0
          pool.records[slot * 8 + FIELD_REMAINING_LOTS] = 5
          addToBook(book, slot)
          live.push({ slot, rank, isBuy })
        }
        const bids = [...new Set(live.filter((one) => one.isBuy).map((one) => one.rank))].sort(
          (a, b) => b - a,
        )
        const asks = [...new Set(live.filter((one) => !one.isBuy).map((one) => one.rank))].sort(
          (a, b) => a - b,
        )
        const walkedBids: number[] = []
        for (let rank = book.bestBid; rank !== NO_BID; rank = nextDown(book, rank)) walkedBids.push(rank)
        const walkedAsks: number[] = []
        for (let rank = book.bestAsk; rank !== NO_ASK; rank = nextUp(book, rank)) walkedAsks.push(rank)
        expect([walkedBids, walkedAsks]).toEqual([bids, asks])
      }
    }),
    { numRuns: 60 },
  )
})

test('ids lead to their slots while orders live, and to none afterwards, over many pages', () => {
  const pool = createOrderPool<null>()
  const slots = new Map<number, number>()
  for (let oid = 1; oid <= 20_000; oid += 1) {
    slots.set(oid, takeSlot(pool, oid))
    const old = oid - 500
    const slot = slots.get(old)
    if (slot === undefined || old % 97 === 0) continue
    releaseSlot(pool, slot)
    slots.delete(old)
  }
  expect(pool.live).toBe(slots.size)
  expect(pool.capacity).toBeLessThan(2_000)
  for (let oid = 0; oid <= 20_001; oid += 1) expect(slotOfOid(pool, oid)).toBe(slots.get(oid) ?? NO_SLOT)
  expect([-1, 1.5, NaN, 1e12].map((oid) => slotOfOid(pool, oid))).toEqual([
    NO_SLOT,
    NO_SLOT,
    NO_SLOT,
    NO_SLOT,
  ])
})
