import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  cancelledAhead,
  joinQueue,
  lookAtLevel,
  parseQueueModel,
  queueModelText,
  tradeAtLevel,
} from '../../../src/core/queue/queue-models.ts'
import type { QueueModel } from '../../../src/core/queue/queue-models.ts'

const PESSIMISTIC: QueueModel = { name: 'pessimistic' }
const OPTIMISTIC: QueueModel = { name: 'optimistic' }
const anyModel: fc.Arbitrary<QueueModel> = fc.oneof(
  fc.constantFrom<QueueModel>({ name: 'pessimistic' }, { name: 'proportional' }, { name: 'optimistic' }),
  fc.double({ min: 0.1, max: 10, noNaN: true }).map((exponent) => ({ name: 'power' as const, exponent })),
)

interface Step {
  readonly kind: 'trade' | 'look'
  readonly lots: number
  /** A trade that is told late carries a time before the last look. */
  readonly late: boolean
}
const anyStep: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('trade' as const, 'look' as const),
  lots: fc.integer({ min: 1, max: 60 }),
  late: fc.boolean(),
})

/** Plays the steps to an order of `sizeLots` at the end of a level of 40. @returns what it had filled after each step */
function play(model: QueueModel, steps: readonly Step[], sizeLots: number): number[] {
  const place = joinQueue(40, 0)
  let filledLots = 0
  let lookTsMs = 0
  return steps.map(({ kind, lots, late }, index) => {
    const before = place.aheadLots
    const tsMs = (index + 1) * 7
    if (kind === 'look') {
      lookAtLevel(place, model, lots, tsMs)
      lookTsMs = tsMs
    } else {
      const reachedLots = tradeAtLevel(place, model, lots, late ? lookTsMs : tsMs)
      expect(reachedLots).toBeLessThanOrEqual(lots)
      filledLots += Math.min(reachedLots, sizeLots - filledLots)
    }
    expect(place.aheadLots).toBeLessThanOrEqual(before)
    expect(place.aheadLots).toBeGreaterThanOrEqual(0)
    return filledLots
  })
}

describe('queue models', () => {
  test('no model is before the pessimistic one or behind the optimistic one, and no place gets worse', () => {
    fc.assert(
      fc.property(
        anyModel,
        fc.array(anyStep, { maxLength: 40 }),
        fc.integer({ min: 1, max: 30 }),
        (model, steps, size) => {
          const least = play(PESSIMISTIC, steps, size)
          const most = play(OPTIMISTIC, steps, size)
          play(model, steps, size).forEach((filled, index) => {
            expect(filled).toBeGreaterThanOrEqual(least[index] ?? NaN)
            expect(filled).toBeLessThanOrEqual(most[index] ?? NaN)
          })
        },
      ),
    )
  })

  test('an order never fills more than was traded at its price', () => {
    fc.assert(
      fc.property(anyModel, fc.array(anyStep, { maxLength: 40 }), (model, steps) => {
        const traded = steps.reduce((sum, step) => sum + (step.kind === 'trade' ? step.lots : 0), 0)
        expect(play(model, steps, 1_000).at(-1) ?? 0).toBeLessThanOrEqual(traded)
      }),
    )
  })

  test('what is cancelled ahead and behind is there to be cancelled', () => {
    const lots = fc.double({ min: 0, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(
        anyModel,
        lots,
        lots,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (model, ahead, behind, share) => {
          const cancelled = share * (ahead + behind)
          const moved = cancelledAhead(model, ahead, behind, cancelled)
          expect(moved).toBeGreaterThanOrEqual(0)
          expect(moved).toBeLessThanOrEqual(ahead * (1 + 1e-12))
          expect(cancelled - moved).toBeLessThanOrEqual(behind + 1e-9 * (ahead + behind))
        },
      ),
    )
  })

  test('a trade that is told after the book that shows it moves us once, as the trade that it was', () => {
    for (const name of ['pessimistic', 'proportional', 'optimistic'] as const) {
      const early = joinQueue(30, 0)
      const late = joinQueue(30, 0)
      // 13 lots more come in behind us; then 11 trade and 3 are cancelled.
      for (const place of [early, late]) lookAtLevel(place, { name }, 43, 10)
      tradeAtLevel(early, { name }, 11, 17)
      lookAtLevel(early, { name }, 29, 20)
      lookAtLevel(late, { name }, 29, 20)
      tradeAtLevel(late, { name }, 11, 17)
      expect(late, name).toEqual({ ...early, aheadBeforeLots: 30, levelBeforeLots: 43, lateLots: 11 })
    }
  })

  test.each([
    // ahead, behind, cancelled; pessimistic, proportional, power:3, optimistic
    [30, 10, 8, 0, 6, (8 * 27) / 28, 8],
    [10, 30, 8, 0, 2, 8 / 28, 8],
    [30, 10, 20, 10, 15, (20 * 27) / 28, 20],
    [0, 10, 8, 0, 0, 0, 0],
    [10, 0, 8, 8, 8, 8, 8],
  ])('of %d ahead and %d behind, %d cancelled', (ahead, behind, cancelled, ...expected) => {
    const models = ['pessimistic', 'proportional', 'power:3', 'optimistic'].map(parseQueueModel)
    models.forEach((model, index) => {
      if (model === null) throw new Error('the name is known')
      expect(cancelledAhead(model, ahead, behind, cancelled)).toBeCloseTo(expected[index] ?? NaN, 12)
    })
  })

  test.each(['pessimistic', 'proportional', 'optimistic', 'power:2', 'power:0.5'])(
    '%s is read and written',
    (text) => {
      const model = parseQueueModel(text)
      expect(model === null ? null : queueModelText(model)).toBe(text)
    },
  )

  test.each(['', 'power:', 'power:0', 'power:11', 'power:-1', 'Pessimistic', 'power:1e1'])(
    '"%s" names no model',
    (text) => {
      expect(parseQueueModel(text)).toBeNull()
    },
  )
})
