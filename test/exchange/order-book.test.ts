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

test('every live order has a slot of its own and is found there, however long orders live and however many there are', () => {
  const step = fc.record({
    adds: fc.integer({ min: 0, max: 400 }),
    ends: fc.array(fc.nat(), { maxLength: 120 }),
  })
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 25 }), fc.boolean(), (steps, oldestStay) => {
      const pool = createOrderPool<null>()
      const slots = new Map<number, number>()
      const live: number[] = []
      // Near the end of 32 bits, where the last bits of an id are easily mistaken for it.
      let oid = 2 ** 32 - 700
      let liveMax = 0
      for (const { adds, ends } of steps) {
        for (let count = 0; count < adds; count += 1) {
          oid += 1
          slots.set(oid, takeSlot(pool, oid))
          live.push(oid)
        }
        liveMax = Math.max(liveMax, live.length)
        for (const which of ends) {
          if (live.length === 0) break
          const place = oldestStay
            ? live.length - 1 - (which % Math.min(live.length, 50))
            : which % live.length
          const [gone = 0] = live.splice(place, 1)
          releaseSlot(pool, slots.get(gone) ?? 0)
          slots.delete(gone)
          expect(slotOfOid(pool, gone)).toBe(NO_SLOT)
        }
      }
      expect(new Set(slots.values()).size).toBe(live.length)
      expect([...slots.values()].every((slot) => slot > 0 && slot < pool.capacity)).toBe(true)
      expect(live.map((one) => slotOfOid(pool, one))).toEqual(live.map((one) => slots.get(one)))
      expect(pool.live).toBe(live.length)
      expect(pool.capacity).toBeLessThan(10 * Math.max(liveMax, 64) + 1)
    }),
    { numRuns: 80 },
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
  expect(pool.capacity).toBeLessThan(10 * slots.size)
  for (let oid = 0; oid <= 20_001; oid += 1) expect(slotOfOid(pool, oid)).toBe(slots.get(oid) ?? NO_SLOT)
  expect([-1, 1.5, NaN, 1e12].map((oid) => slotOfOid(pool, oid))).toEqual([
    NO_SLOT,
    NO_SLOT,
    NO_SLOT,
    NO_SLOT,
  ])
})
