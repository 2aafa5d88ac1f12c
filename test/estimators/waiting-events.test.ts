import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createPipeline, pipelineDefaults } from '../../estimators/index.ts'
import type { PipelineState } from '../../estimators/pipeline-state.ts'
import { initWaiting, noteNumber, TIMER, WAITING_MAX } from '../../estimators/waiting-events.ts'
import { applySnapshot, initBook } from '../../src/core/book/l2-book.ts'
import type { L2Book } from '../../src/core/book/l2-book.ts'
import { initEstimates } from '../../src/core/contracts.ts'
import type { MarketEvent } from '../../src/core/contracts.ts'
import { market, QUIET_HOUR_MS } from '../support/quote-context.ts'

/** The engine has one book, written over by each message: what the pipeline keeps of it must be its own. */
const theBook = initBook()

function showBook(bidTicks: number, lots: number, hasAsks: boolean): L2Book {
  const bids = [bidTicks, lots, bidTicks - 40, 3 * lots]
  const asks = hasAsks ? [bidTicks + 20, 2 * lots, bidTicks + 50, lots] : []
  expect(applySnapshot(theBook, { kind: 'book', venueTsMs: 7, bids, asks })).toBe('applied')
  return theBook
}

const lots = fc.integer({ min: 3, max: 90_000 })
const ticks = fc.integer({ min: 63_900, max: 64_100 }).map((tens) => 10 * tens)
const side = fc.constantFrom('buy', 'sell')

const event: fc.Arbitrary<(tsMs: number) => MarketEvent> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(ticks, lots).map(([bid, size]) => (tsMs: number): MarketEvent => ({
      kind: 'book',
      tsMs,
      book: showBook(bid, size, true),
    })),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(ticks, lots).map(([bid, size]) => (tsMs: number): MarketEvent => ({
      kind: 'book',
      tsMs,
      book: showBook(bid, size, false),
    })),
  },
  {
    weight: 4,
    arbitrary: fc
      .record({ aggressor: side, priceTicks: ticks, sizeLots: lots })
      .map((trade) => (tsMs: number): MarketEvent => ({ kind: 'trade', tsMs, ...trade })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ side, priceTicks: ticks, sizeLots: lots })
      .map((fill) => (tsMs: number): MarketEvent => ({
        kind: 'ownFill',
        tsMs,
        ...fill,
        feeMicroUsd: 9,
        midAtPlacementTicks: 640_005,
      })),
  },
  {
    weight: 2,
    arbitrary: fc
      .integer({ min: -50, max: 50 })
      .map((rate) => (tsMs: number): MarketEvent => ({ kind: 'context', tsMs, fundingPerHour: rate * 1e-7 })),
  },
  {
    weight: 2,
    arbitrary: ticks.map((midTicks) => (tsMs: number): MarketEvent => ({
      kind: 'reference',
      tsMs,
      midTicks,
    })),
  },
  { weight: 1, arbitrary: fc.constant((tsMs: number): MarketEvent => ({ kind: 'timer', tsMs })) },
)

test.each(['weighted', 'chain'] as const)(
  'with the %s micro-price, events that waited say the same as events that were heard one by one',
  (microprice) => {
    const pipeline = createPipeline({ ...pipelineDefaults, microprice })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(event, fc.constantFrom(0, 3, 40, 120, 700, 9_000), fc.boolean()), {
          maxLength: 80,
        }),
        (steps) => {
          const eager = pipeline.init(market)
          const waiting = pipeline.init(market)
          const [one, other] = [initEstimates(), initEstimates()]
          let tsMs = QUIET_HOUR_MS
          for (const [make, gapMs, isLookedAt] of steps) {
            tsMs += gapMs
            const made = make(tsMs)
            pipeline.absorb(eager, made)
            pipeline.read(eager, tsMs, one)
            pipeline.absorb(waiting, made)
            if (!isLookedAt) continue
            pipeline.read(waiting, tsMs, other)
            expect(other).toEqual(one)
          }
          expect(pipeline.figures?.(waiting)).toEqual(pipeline.figures?.(eager))
          const { waiting: heard, ...rest }: PipelineState = waiting
          expect(heard.count).toBe(0)
          expect({ ...eager, waiting: null }).toEqual({ ...rest, waiting: null })
        },
      ),
      { numRuns: 150 },
    )
  },
)

test('no more events wait than there is room for', () => {
  const waiting = initWaiting()
  for (let index = 0; index < WAITING_MAX; index += 1) noteNumber(waiting, TIMER, QUIET_HOUR_MS + index, 0)
  expect(waiting.count).toBe(WAITING_MAX)
  expect(() => noteNumber(waiting, TIMER, QUIET_HOUR_MS + 999, 0)).toThrow('no more events wait')
})
