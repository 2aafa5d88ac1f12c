import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Approved } from '../../src/core/command.ts'
import { initBook } from '../../src/core/book/l2-book.ts'
import { step } from '../../src/core/engine.ts'
import type { Engine } from '../../src/core/engine.ts'
import type { RawInput } from '../../src/core/input.ts'
import { addOrder, initTracker } from '../../src/core/orders/tracker.ts'
import type { Order } from '../../src/core/orders/tracker.ts'
import { insertSlot } from '../../src/core/reconcile.ts'
import { alignByTable } from '../../src/core/requote/align.ts'
import { initSidePlan } from '../../src/core/requote/plan.ts'
import type { PlannedLevel, RequoteFacts, SidePlan } from '../../src/core/requote/plan.ts'
import { edgeLossShare } from '../../src/core/requote/worth.ts'
import { planSide, SIDE_SHARE_MAX } from '../../src/core/requote.ts'
import { BPS } from '../../src/core/units.ts'
import { stageOf } from '../support/closed-world.ts'

const FAIR = 600_000
const facts: RequoteFacts = {
  side: 'buy',
  tsMs: 60_000,
  fairTicks: FAIR,
  kappa: 2_500,
  maxBpsDiff: 2,
  minOrderAgeMs: 1_000,
  stepTicks: 10,
  book: initBook().bids,
}

/** Bids at so many bps below the fair price. */
const at = (bps: number): number => Math.round(FAIR * (1 - bps * BPS))

function ordersOf(list: readonly { bps: number; lots: number; ageMs?: number; isNew?: boolean }[]): Order[] {
  const tracker = initTracker()
  const slots: Order[] = []
  list.forEach(({ bps, lots, ageMs = 30_000, isNew = false }, index) => {
    const order = addOrder(
      tracker,
      {
        cloid: `0x${index}`,
        side: 'buy',
        priceTicks: at(bps),
        sizeLots: lots,
        tif: 'alo',
        reduceOnly: false,
      },
      { tsMs: facts.tsMs - ageMs, midTicks: FAIR, replaces: null },
    )
    order.state = isNew ? 'placing' : 'resting'
    insertSlot(slots, order)
  })
  return slots
}

const levelsOf = (list: readonly { bps: number; lots: number }[]): PlannedLevel[] =>
  list.map(({ bps, lots }) => ({ priceTicks: at(bps), sizeLots: lots, reduceOnly: false }))

function planOf(orders: readonly Order[], levels: readonly PlannedLevel[], of = facts): SidePlan {
  const plan = initSidePlan()
  planSide(of, orders, levels, levels.length, plan)
  return plan
}

const actionsOf = (plan: SidePlan): string[] => plan.actions.slice(0, plan.orderCount)
const freeOf = (plan: SidePlan): number[] =>
  Array.from(plan.orderOf.slice(0, plan.levelCount)).flatMap((slot, level) => (slot < 0 ? [level] : []))

const LADDER = [8, 12, 18, 27, 40].map((bps) => ({ bps, lots: 700 }))

describe('the short way of aligning', () => {
  const bps = fc.integer({ min: 0, max: 400 }).map((tenths) => 6 + tenths / 10)
  const lots = fc.integer({ min: 1, max: 900 })
  const level = fc.record({ bps, lots })
  const order = fc.record({
    level,
    movedBps: fc.double({ min: -6, max: 6, noNaN: true }),
    isNew: fc.boolean(),
  })

  test('pairs orders and levels as the whole table does, whether each order is near its level or not', () => {
    let shortCount = 0
    const property = fc.property(
      fc.array(order, { minLength: 1, maxLength: 8 }),
      fc.array(level, { maxLength: 2 }),
      fc.integer({ min: 0, max: 2 }),
      fc.double({ min: 0, max: 4, noNaN: true }),
      (near, more, gone, maxBpsDiff) => {
        const live = near.map((one) => ({
          ...one.level,
          bps: one.level.bps + one.movedBps,
          isNew: one.isNew,
        }))
        const wished = [...near.map((one) => one.level), ...more].sort((a, b) => a.bps - b.bps)
        const orders = ordersOf(live.slice(0, Math.max(1, live.length - gone)))
        const of = { ...facts, maxBpsDiff }
        const plan = planOf(orders, levelsOf(wished), of)
        const levelOf = Array.from(plan.levelOf)
        const orderOf = Array.from(plan.orderOf)
        if (
          orders.length === wished.length &&
          levelOf.slice(0, orders.length).every((at, slot) => at === slot)
        )
          shortCount += 1
        alignByTable(of, orders, plan)
        expect(Array.from(plan.levelOf)).toEqual(levelOf)
        expect(Array.from(plan.orderOf)).toEqual(orderOf)
      },
    )
    fc.assert(property, { numRuns: 2_000 })
    expect(shortCount).toBeGreaterThan(100)
  })
})

describe('what a price error costs', () => {
  test('equals the lost edge rate A e^(−κδ)(δ − c) against its best place c + 1/κ, by direct evaluation', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 200, max: 9_000, noNaN: true }),
        fc.double({ min: 1e-4, max: 2e-3, noNaN: true }),
        fc.double({ min: -3, max: 3, noNaN: true }),
        (kappa, cost, exponent) => {
          const rate = (depth: number): number => Math.exp(-kappa * depth) * (depth - cost)
          const best = cost + 1 / kappa
          const share = 1 - rate(best + exponent / kappa) / rate(best)
          expect(edgeLossShare(exponent)).toBeCloseTo(share, 6)
        },
      ),
    )
  })

  test('is nothing in place, and dearer too near than too far', () => {
    expect(edgeLossShare(0)).toBe(0)
    for (const x of [0.1, 0.5, 1.3]) expect(edgeLossShare(-x)).toBeGreaterThan(edgeLossShare(x))
  })
})

describe('keep or replace', () => {
  test('within the tolerance no order moves, whatever κ and the sizes within the total', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1.99, max: 1.99, noNaN: true }), { minLength: 5, maxLength: 5 }),
        fc.double({ min: 100, max: 9_000, noNaN: true }),
        (offsets, kappa) => {
          const orders = ordersOf(
            LADDER.map(({ bps, lots }, index) => ({ bps: bps + (offsets[index] ?? 0), lots })),
          )
          const plan = planOf(orders, levelsOf(LADDER), { ...facts, kappa })
          // A tick of rounding may lie on top of the tolerance.
          fc.pre(offsets.every((offset) => Math.abs(offset) < 1.97))
          expect(actionsOf(plan)).toEqual(['keep', 'keep', 'keep', 'keep', 'keep'])
          expect(freeOf(plan)).toEqual([])
        },
      ),
    )
  })

  test('when the innermost order is gone one new order is sent, and the others keep their places', () => {
    const plan = planOf(ordersOf(LADDER.slice(1)), levelsOf(LADDER))
    expect(actionsOf(plan)).toEqual(['keep', 'keep', 'keep', 'keep'])
    expect(freeOf(plan)).toEqual([0])
  })

  test('the same error that moves the innermost order leaves the outermost where it is', () => {
    const orders = ordersOf(LADDER.map(({ bps, lots }) => ({ bps: bps - 2.6, lots })))
    expect(actionsOf(planOf(orders, levelsOf(LADDER)))[0]).toBe('replace')
    expect(actionsOf(planOf(orders, levelsOf(LADDER)))[4]).toBe('keep')
  })

  test('too far waits for its age, too near does not', () => {
    const young = (bps: number): string[] =>
      actionsOf(planOf(ordersOf([{ bps, lots: 700, ageMs: 400 }]), levelsOf([{ bps: 10, lots: 700 }])))
    expect(young(13)).toEqual(['keep'])
    expect(young(7)).toEqual(['replace'])
    expect(actionsOf(planOf(ordersOf([{ bps: 13, lots: 700 }]), levelsOf([{ bps: 10, lots: 700 }])))).toEqual(
      ['replace'],
    )
  })

  test('a long queue at the wished price keeps an order that an empty one would let go', () => {
    const [order] = ordersOf([{ bps: 10.6, lots: 700 }])
    if (order === undefined) throw new Error('one order was made')
    // One wide price step: most of what reaches a price goes no further.
    const coarse = { ...facts, maxBpsDiff: 0.2, stepTicks: 600 }
    const want = levelsOf([{ bps: 10, lots: 700 }])
    expect(actionsOf(planOf([order], want, coarse))).toEqual(['replace'])
    const book = initBook().bids
    book.count = 1
    book.ticks[0] = at(10)
    book.lots[0] = 90_000
    expect(actionsOf(planOf([order], want, { ...coarse, book }))).toEqual(['keep'])
  })

  test('what rests at a price is found wherever it stands: the queue’s worth as by search, on both sides', () => {
    // Prices collide often: on few steps, orders, levels and the book meet, miss and repeat each other.
    const steps = (length: number): fc.Arbitrary<number[]> =>
      fc.array(fc.integer({ min: 1, max: 24 }), { maxLength: length })
    const lots = fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 24, maxLength: 24 })
    let worthSomething = 0
    fc.assert(
      fc.property(
        fc.constantFrom('buy' as const, 'sell' as const),
        fc.uniqueArray(fc.integer({ min: 1, max: 24 }), { maxLength: 12 }),
        ...[steps(10), steps(6), lots, lots, lots],
        (side, bookSteps, orderSteps, levelSteps, bookLots, orderLots, levelLots) => {
          const sign = side === 'buy' ? 1 : -1
          const priceTicks = (step: number): number => FAIR - sign * step * 100
          const book = initBook().bids
          ;[...bookSteps]
            .sort((a, b) => a - b)
            .forEach((step, index) => {
              book.ticks[index] = priceTicks(step)
              book.lots[index] = bookLots[index] ?? 0
              book.count = index + 1
            })
          const tracker = initTracker()
          const orders: Order[] = []
          orderSteps.forEach((step, index) => {
            const order = addOrder(
              tracker,
              {
                ...{ cloid: `0x${index}`, side, priceTicks: priceTicks(step) },
                ...{ sizeLots: orderLots[index] ?? 1, tif: 'alo', reduceOnly: false },
              },
              { tsMs: index, midTicks: FAIR, replaces: null },
            )
            order.state = 'resting'
            insertSlot(orders, order)
          })
          const levels = [...levelSteps]
            .sort((a, b) => a - b)
            .map((step, index) => ({
              priceTicks: priceTicks(step),
              sizeLots: levelLots[index] ?? 1,
              reduceOnly: false,
            }))
          const of = { ...facts, side, book, stepTicks: 400, maxBpsDiff: 0.2 }
          const plan = planOf(orders, levels, of)
          const restingAt = (ticks: number): number => book.lots[book.ticks.indexOf(ticks)] ?? 0
          const clip = levels.reduce((sum, level) => sum + level.sizeLots, 0) / levels.length
          orders.forEach((order, slot) => {
            const level = levels[plan.levelOf[slot] ?? -1]
            if (level === undefined) return expect(plan.placeLots[slot]).toBe(0)
            const behind =
              restingAt(level.priceTicks) - (order.priceTicks === level.priceTicks ? order.sizeLots : 0)
            const before = 0.5 * Math.max(0, restingAt(order.priceTicks) - order.sizeLots)
            const gained = clip / (clip + before) - clip / (clip + Math.max(0, behind))
            const depth =
              Math.abs(level.priceTicks - (levels[0]?.priceTicks ?? 0)) / (levels[0]?.priceTicks ?? 1)
            const stops = 1 - Math.exp((-of.kappa * of.stepTicks) / FAIR)
            const worth = Math.max(0, order.sizeLots * Math.exp(-of.kappa * depth) * stops * gained)
            expect(plan.placeLots[slot]).toBeCloseTo(worth, 8)
            if (worth > 0) worthSomething += 1
          })
        },
      ),
    )
    expect(worthSomething).toBeGreaterThan(20)
  })

  test('an order in flight is never touched and holds its level', () => {
    const plan = planOf(ordersOf([{ bps: 25, lots: 700, isNew: true }]), levelsOf([{ bps: 10, lots: 700 }]))
    expect(actionsOf(plan)).toEqual(['wait'])
    expect(freeOf(plan)).toEqual([])
  })

  test('whatever rests and whatever is wished: each level has one order, and no side shows more than its total', () => {
    const quote = fc.record({
      bps: fc.double({ min: 4, max: 80, noNaN: true }),
      lots: fc.integer({ min: 20, max: 3_000 }),
    })
    const sorted = fc
      .uniqueArray(quote, { minLength: 1, maxLength: 8, selector: ({ bps }) => at(bps) })
      .map((list) => [...list].sort((a, b) => a.bps - b.bps))
    fc.assert(
      fc.property(sorted, sorted, (live, wished) => {
        const orders = ordersOf(live)
        const levels = levelsOf(wished)
        const plan = planOf(orders, levels)
        const held = Array.from(plan.levelOf.slice(0, plan.orderCount)).filter((level) => level >= 0)
        expect(new Set(held).size).toBe(held.length)
        expect([...held].sort((a, b) => a - b)).toEqual(held)
        let shown = freeOf(plan).reduce((sum, level) => sum + (levels[level]?.sizeLots ?? 0), 0)
        actionsOf(plan).forEach((action, slot) => {
          const level = plan.levelOf[slot] ?? -1
          if (action === 'keep') shown += orders[slot]?.sizeLots ?? 0
          if (action === 'replace') shown += levels[level]?.sizeLots ?? 0
          expect(action === 'cancel').toBe(level < 0)
        })
        const total = wished.reduce((sum, { lots }) => sum + lots, 0)
        expect(shown).toBeLessThanOrEqual(SIDE_SHARE_MAX * total + 1e-9)
      }),
    )
  })
})

test('in a market that stands still the maker falls silent', () => {
  const stage = stageOf({ seed: 3 })
  stage.run(40)
  const { engine, world } = stage
  const { book } = engine.state
  const flat = (side: typeof book.bids): number[] =>
    Array.from({ length: side.count }, (_, level) => [
      side.ticks[side.first + level] ?? 0,
      side.lots[side.first + level] ?? 0,
    ]).flat()
  const still = { bids: flat(book.bids), asks: flat(book.asks) }
  let tsMs = world.nowTsMs
  const sent: number[] = []
  for (let look = 0; look < 400; look += 1) {
    tsMs += 100
    const stamp = { seq: engine.state.seq + 1, tsMs }
    const commands = step(engine, { kind: 'book', venueTsMs: tsMs, ...still, ...stamp })
    sent.push(
      commands.filter(({ kind }) => kind === 'place' || kind === 'modify' || kind === 'cancel').length,
    )
    answer(engine, commands, tsMs)
  }
  expect(sent.slice(300).reduce((sum, count) => sum + count, 0)).toBe(0)
})

/** The venue takes every order and cancels what it is told to, at once. */
function answer(engine: Engine, commands: readonly Approved[], tsMs: number): void {
  const say = (raw: RawInput): void => {
    step(engine, { ...raw, seq: engine.state.seq + 1, tsMs })
  }
  for (const command of commands) {
    if (command.kind === 'place' || command.kind === 'modify') {
      say({ kind: 'orderResting', cloid: command.order.cloid, oid: 900_000_000 + engine.state.seq })
    } else if (command.kind === 'cancel' && command.cloid !== null) {
      say({ kind: 'cancelDone', cloid: command.cloid })
    }
  }
}
