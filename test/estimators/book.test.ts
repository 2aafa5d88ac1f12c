/** What the book looks like beside its prices: how wide its spread is among its own, and where its ladder has holes. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { widestHoleBps } from '../../estimators/liquidity-holes.ts'
import {
  breakSpread,
  initSpreadPercentile,
  observeSpread as observeTouch,
  readSpreadPercentile,
} from '../../estimators/spread-percentile.ts'
import type { SpreadPercentileState } from '../../estimators/spread-percentile.ts'
import { applySnapshot, initBook } from '../../src/core/book/l2-book.ts'
import type { BookSide } from '../../src/core/book/l2-book.ts'
import { initReading } from '../../src/core/contracts.ts'
import type { Reading } from '../../src/core/contracts.ts'
import { initSfc32, nextNormal } from '../../src/core/math/sfc32.ts'

/** Mid 640 000 ticks: one bps is 64 of them, and valid prices stand ten apart. */
const MID = 640_000
const STEP = 10
const REACH = 320

function bidsOf(distancesTicks: readonly number[]): BookSide {
  const book = initBook()
  const bids = distancesTicks.flatMap((distance) => [MID - distance, 3_000])
  expect(applySnapshot(book, { kind: 'book', venueTsMs: 5, bids, asks: [MID + 40, 700] })).toBe('applied')
  return book.bids
}

const holeOf = (distancesTicks: readonly number[]): number =>
  widestHoleBps(bidsOf(distancesTicks), MID, REACH, STEP)

/** One price step apart, from the touch to beyond the reach. */
const dense = Array.from({ length: 20 }, (_, level) => 40 + STEP * level)

describe('holes', () => {
  test('a ladder with an order at every price has none', () => {
    expect(holeOf(dense)).toBe(0)
  })

  test('the widest stretch counts, without the step that is there in any case', () => {
    const distances = [40, 50, 60, 60 + 138, 210, 220, 230, 240, 250, 260, 270]
    expect(holeOf(distances)).toBeCloseTo((138 - STEP) / 64, 9)
  })

  test('one that begins beyond the reach does not', () => {
    const near = Array.from({ length: 19 }, (_, level) => 330 - STEP * level).reverse()
    expect(holeOf([...near, 900])).toBe(0)
    expect(holeOf([330, 900])).toBe(0)
  })

  test('a short ladder ends at its last level; a long one is cut off by what the venue shows', () => {
    expect(holeOf([40, 50, 60])).toBeCloseTo((REACH - 60 - STEP) / 64, 9)
    expect(holeOf(dense.slice(0, 12))).toBe(0)
  })

  test('is what a walk from the touch outwards finds', () => {
    const ladder = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 20 })
    fc.assert(
      fc.property(ladder, fc.integer({ min: 30, max: 700 }), (steps, reachTicks) => {
        const distances = steps.map((step) => step * STEP).sort((a, b) => a - b)
        const gaps = distances.flatMap((distance, level) => {
          const next = distances[level + 1]
          if (distance > reachTicks || (next === undefined && distances.length >= 10)) return []
          return [(next ?? reachTicks) - distance]
        })
        const found = widestHoleBps(bidsOf(distances), MID, reachTicks, STEP)
        expect(found).toBeCloseTo((Math.max(STEP, ...gaps) - STEP) / 64, 9)
      }),
    )
  })

  test('taking an order away never makes a hole narrower', () => {
    const ladder = fc.uniqueArray(fc.integer({ min: 4, max: 60 }), { minLength: 4, maxLength: 9 })
    fc.assert(
      fc.property(ladder, fc.nat(), (steps, which) => {
        const distances = steps.map((step) => step * STEP).sort((a, b) => a - b)
        // Neither the touch, which is where it all begins, nor the end of the ladder.
        const gone = 1 + (which % (distances.length - 2))
        const fewer = distances.filter((_, index) => index !== gone)
        expect(holeOf(fewer)).toBeGreaterThanOrEqual(holeOf(distances) - 1e-12)
      }),
    )
  })
})

const config = { halfLifeSec: 300, staleMs: 4_000 }

/** A touch with this spread, a fraction of its middle. */
function observeSpread(state: SpreadPercentileState, tsMs: number, spread: number): void {
  observeTouch(state, { tsMs, bidTicks: MID * (1 - spread / 2), askTicks: MID * (1 + spread / 2) })
}

function readingOf(state: SpreadPercentileState, isFresh = true): Reading {
  const out = initReading()
  readSpreadPercentile(state, isFresh, out)
  return out
}

/** A touch every 250 ms whose spread is the given function of the time. */
function watch(spreadAt: (sec: number) => number, seconds: number): SpreadPercentileState {
  const state = initSpreadPercentile(config)
  for (let ms = 0; ms <= 1_000 * seconds; ms += 250) observeSpread(state, 9_000 + ms, spreadAt(ms / 1_000))
  return state
}

describe('the percentile of the spread', () => {
  test('is the share of time in which it was narrower, half of the time in which it was as wide', () => {
    // Narrow for three quarters of each minute, four times as wide for the rest, now wide.
    const state = watch((sec) => (sec % 60 < 45 ? 2.3e-5 : 9.1e-5), 1_799)
    // The last quarter of a minute is remembered best, hence the tolerance.
    expect(readingOf(state).value).toBeCloseTo(0.75 + 0.125, 1)
    expect(readingOf(state)).toMatchObject({ status: 'measured', tsMs: 9_000 + 1_799_000 })
  })

  test('agrees with a sorted list of everything seen, faded by the same half life', () => {
    for (const seed of [3, 17, 40]) {
      const random = initSfc32(seed, 1)
      const state = initSpreadPercentile(config)
      const seen: { spread: number; atSec: number }[] = []
      let spread = 0
      for (let step = 0; step < 4_000; step += 1) {
        spread = 4e-5 * Math.exp(0.7 * nextNormal(random))
        observeSpread(state, 9_000 + 370 * step, spread)
        seen.push({ spread, atSec: 0.37 * step })
      }
      // The last one has stood for no time yet.
      const [last] = seen.splice(-1)
      const weighed = seen.map((one) => ({ ...one, weight: 0.5 ** (((last?.atSec ?? 0) - one.atSec) / 300) }))
      const total = weighed.reduce((sum, { weight }) => sum + weight, 0)
      const below = weighed.reduce((sum, one) => sum + (one.spread < spread ? one.weight : 0), 0)
      // A bin is 19 % wide: at most 4 % of a log-normal of this width lies within half a bin of any point.
      expect(Math.abs(readingOf(state).value - below / total), `seed ${seed}`).toBeLessThan(0.05)
    }
  })

  test('one that never changes is ordinary', () => {
    expect(readingOf(watch(() => 2e-5, 400)).value).toBeCloseTo(0.5, 12)
  })

  test('says nothing at first, nothing of a touch that is old, and why', () => {
    expect(readingOf(initSpreadPercentile(config)).status).toBe('noData')
    expect(readingOf(watch(() => 2e-5, 20)).status).toBe('warming')
    expect(readingOf(watch(() => 2e-5, 40)).status).toBe('measured')
    expect(
      readingOf(
        watch(() => 2e-5, 40),
        false,
      ).status,
    ).toBe('stale')
    expect(readingOf(watch(() => 2e-5, 40)).confidence).toBeLessThan(
      readingOf(watch(() => 2e-5, 400)).confidence,
    )
  })

  test('the silence of the venue and a book without a side belong to no spread', () => {
    const silent = watch((sec) => (sec < 100 ? 2e-5 : 8e-5), 100)
    const before = readingOf(silent).value
    // Four minutes later: the wide spread of the end has not stood for them.
    observeSpread(silent, silent.tsMs + 240_000, 8e-5)
    expect(readingOf(silent).value).toBeCloseTo(before, 9)
    const broken = watch(() => 2e-5, 100)
    breakSpread(broken)
    observeSpread(broken, broken.tsMs + 3_000, 8e-5)
    expect(broken.totalSec).toBeCloseTo(watch(() => 2e-5, 100).totalSec, 9)
    expect(readingOf(broken).value).toBe(1)
  })

  test('forgets with its half life', () => {
    // Ten minutes of wide, ten of narrow: two half lives leave a quarter of what was.
    const state = watch((sec) => (sec < 600 ? 8e-5 : 2e-5), 1_200)
    observeSpread(state, state.tsMs + 250, 4e-5)
    // 600 s before that weigh a quarter.
    expect(readingOf(state).value).toBeCloseTo(0.8, 2)
  })

  test('a spread beyond all bins is the widest, and none is not a spread', () => {
    const state = watch(() => 2e-5, 100)
    observeSpread(state, state.tsMs + 250, 0.4)
    expect(readingOf(state).value).toBe(1)
    observeSpread(state, state.tsMs + 250, 1e-9)
    expect(readingOf(state).value).toBeLessThan(0.01)
    expect(() => observeSpread(state, state.tsMs + 250, 0)).toThrow(/positive/)
  })

  test('state survives a JSON round trip', () => {
    const random = initSfc32(8, 1)
    const state = initSpreadPercentile(config)
    const step = (of: SpreadPercentileState, index: number, spread: number): void =>
      observeSpread(of, 9_000 + 310 * index, spread)
    const spreads = Array.from({ length: 400 }, () => 4e-5 * Math.exp(nextNormal(random)))
    spreads.slice(0, 200).forEach((spread, index) => step(state, index, spread))
    const restored = JSON.parse(JSON.stringify(state)) as SpreadPercentileState
    spreads.slice(200).forEach((spread, index) => {
      step(state, 200 + index, spread)
      step(restored, 200 + index, spread)
    })
    expect(restored).toEqual(state)
  })
})
