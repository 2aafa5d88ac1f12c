import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FillInput } from '../../../src/core/input.ts'
import { epochOf, makeCloid } from '../../../src/core/orders/cloid.ts'
import { isTerminal } from '../../../src/core/orders/order-state.ts'
import {
  addOrder,
  applyFill,
  ENDED_ORDERS_MAX,
  findOrder,
  initTracker,
  move,
  noteImmediateFill,
  noteVenueEnd,
  openLots,
  SEEN_FILLS_MAX,
} from '../../../src/core/orders/tracker.ts'
import type { Order, Tracker } from '../../../src/core/orders/tracker.ts'

const SIZE = 30
const OID = 77

function newOrder(tracker: Tracker, counter = 1, sizeLots = SIZE, reduceOnly = false): Order {
  const cloid = makeCloid({ network: 'local', epoch: 5, counter })
  const order = { cloid, side: 'buy', priceTicks: 600_000, sizeLots, tif: 'alo', reduceOnly } as const
  return addOrder(tracker, order, { tsMs: 0, midTicks: 600_020, replaces: null })
}

function fillOf(order: Order, tid: number, sizeLots: number): FillInput {
  return {
    kind: 'fill',
    tid,
    oid: OID,
    cloid: order.cloid,
    side: 'buy',
    priceTicks: order.priceTicks,
    sizeLots,
    feeMicroUsd: 3,
    closedPnlMicroUsd: 0,
    startPositionLots: 0,
    crossed: false,
    liquidation: false,
    venueTsMs: tid,
  }
}

/** One truth of the venue about one order, and every message it may send of it. */
type Message =
  | { readonly kind: 'accepted' | 'venueOpen' | 'cancelRequested' | 'cancelDone' | 'sendLost' }
  | { readonly kind: 'fill'; readonly tid: number; readonly sizeLots: number }
  | { readonly kind: 'end'; readonly remainingLots: number }

const truths = fc
  .record({
    fills: fc.array(fc.integer({ min: 1, max: 10 }), { maxLength: 3 }),
    isCancelled: fc.boolean(),
  })
  .map(({ fills, isCancelled }) => {
    const sum = fills.reduce((total, lots) => total + lots, 0)
    // Without a cancel the rest fills too, so that every truth ends.
    const all = isCancelled || sum === SIZE ? fills : [...fills, SIZE - sum]
    const filledLots = all.reduce((total, lots) => total + lots, 0)
    const messages: Message[] = [
      { kind: 'accepted' },
      { kind: 'venueOpen' },
      ...all.map((sizeLots, index): Message => ({ kind: 'fill', tid: index + 1, sizeLots })),
      ...(isCancelled ? ([{ kind: 'cancelRequested' }, { kind: 'cancelDone' }] as const) : []),
      { kind: 'end', remainingLots: SIZE - filledLots },
    ]
    return { filledLots, messages }
  })

/** Any order, any repetition, and any of the messages missing. */
const storms = truths.chain(({ filledLots, messages }) =>
  fc.array(fc.nat({ max: messages.length - 1 }), { maxLength: 24 }).map((picks) => ({
    filledLots,
    messages,
    storm: picks.map((pick) => messages[pick] ?? { kind: 'accepted' as const }),
  })),
)

function deliver(tracker: Tracker, order: Order, message: Message): void {
  if (message.kind === 'fill') applyFill(tracker, fillOf(order, message.tid, message.sizeLots), 1)
  else if (message.kind === 'end') {
    move(tracker, order, message.remainingLots === 0 ? 'venueFilled' : 'venueCancelled', 1)
    noteVenueEnd(tracker, order, message.remainingLots, 1)
  } else move(tracker, order, message.kind, 1)
}

describe('the order tracker', () => {
  test('counts each fill once and ends right, under duplicated, reordered and missing messages', () => {
    fc.assert(
      fc.property(storms, ({ filledLots, messages, storm }) => {
        const tracker = initTracker()
        const order = newOrder(tracker)
        let ended = false
        for (const message of storm) {
          deliver(tracker, order, message)
          expect(order.filledLots).toBeLessThanOrEqual(SIZE)
          expect(order.filledLots + openLots(order)).toBeLessThanOrEqual(SIZE)
          if (ended) expect(isTerminal(order.state)).toBe(true)
          ended = isTerminal(order.state)
          // What the venue may still fill is never forgotten while the order can be open.
          if (!ended && order.expectedLots === null) expect(openLots(order)).toBe(SIZE - order.filledLots)
        }
        // A reconciliation brings every fill and the end: then both sides agree.
        for (const message of messages) {
          if (message.kind === 'fill' || message.kind === 'end') deliver(tracker, order, message)
        }
        expect(order.filledLots).toBe(filledLots)
        expect(isTerminal(order.state)).toBe(true)
        expect(openLots(order)).toBe(0)
      }),
      { numRuns: 4_000 },
    )
  })

  test('an immediate answer counts in the position at once and its fills only once', () => {
    const tracker = initTracker()
    const order = newOrder(tracker)
    noteImmediateFill(order, { totalLots: SIZE, averagePriceTicks: 600_000 })
    expect(order.unsettledLots).toBe(SIZE)
    expect(openLots(order)).toBe(0)
    applyFill(tracker, fillOf(order, 1, 10), 1)
    expect([order.filledLots, order.unsettledLots]).toEqual([10, 20])
    expect(applyFill(tracker, fillOf(order, 1, 10), 1).outcome).toBe('duplicate')
    applyFill(tracker, fillOf(order, 2, 20), 1)
    expect([order.filledLots, order.unsettledLots, order.unsettledMicroUsd]).toEqual([SIZE, 0, 0])
    expect(order.state).toBe('filled')
    const whole = newOrder(tracker, 2)
    applyFill(tracker, { ...fillOf(whole, 3, SIZE), oid: OID + 1 }, 1)
    expect(whole.state).toBe('filledImmediately')
  })

  test('fills that came before the immediate answer are not announced again', () => {
    const tracker = initTracker()
    const order = newOrder(tracker)
    applyFill(tracker, fillOf(order, 1, 12), 1)
    noteImmediateFill(order, { totalLots: SIZE, averagePriceTicks: 600_000 })
    expect(order.unsettledLots).toBe(SIZE - 12)
  })

  test('a full fill while the cancel is in flight ends the order as filled, not cancelled', () => {
    const tracker = initTracker()
    const order = newOrder(tracker)
    move(tracker, order, 'accepted', 1)
    move(tracker, order, 'cancelRequested', 2)
    applyFill(tracker, fillOf(order, 1, SIZE), 3)
    expect(order.state).toBe('filledDuringCancel')
  })

  test('a cancel that the stream confirms with a fill still missing waits for that fill', () => {
    const tracker = initTracker()
    const order = newOrder(tracker)
    move(tracker, order, 'accepted', 1)
    move(tracker, order, 'venueCancelled', 2)
    noteVenueEnd(tracker, order, SIZE - 10, 2)
    expect([order.state, openLots(order)]).toEqual(['cancelConfirmed', 10])
    applyFill(tracker, fillOf(order, 1, 10), 3)
    expect([order.state, openLots(order)]).toEqual(['cancelled', 0])
  })

  test('a reduce-only order that the venue shrank and cancelled owes no fill', () => {
    const tracker = initTracker()
    const order = newOrder(tracker, 3, SIZE, true)
    move(tracker, order, 'accepted', 1)
    move(tracker, order, 'venueCancelled', 2)
    noteVenueEnd(tracker, order, SIZE - 10, 2)
    expect(order.expectedLots).toBeNull()
    move(tracker, order, 'windowPassed', 9)
    expect([order.state, openLots(order)]).toEqual(['cancelled', 0])
  })

  test('a fill a day later on an ended order is counted as late', () => {
    const tracker = initTracker()
    const order = newOrder(tracker)
    move(tracker, order, 'refused', 1)
    expect(applyFill(tracker, fillOf(order, 1, 4), 86_400_000).outcome).toBe('lateFill')
    expect(order.filledLots).toBe(4)
  })

  test('a fill beyond the size is counted and reported', () => {
    const tracker = initTracker()
    const order = newOrder(tracker)
    applyFill(tracker, fillOf(order, 1, SIZE), 1)
    expect(applyFill(tracker, fillOf(order, 2, 1), 1).outcome).toBe('overfilled')
    expect(order.filledLots).toBe(SIZE + 1)
  })

  test('a fill of an unknown order is external', () => {
    const tracker = initTracker()
    const stranger = { ...fillOf(newOrder(initTracker()), 1, 5), cloid: null }
    expect(applyFill(tracker, stranger, 1)).toEqual({ outcome: 'external', order: null })
  })

  test('ended orders and seen fills stay within their bounds, the oldest forgotten first', () => {
    const tracker = initTracker()
    for (let counter = 1; counter <= ENDED_ORDERS_MAX + 5; counter += 1) {
      const order = newOrder(tracker, counter)
      move(tracker, order, 'refused', counter)
    }
    expect(tracker.ended.size).toBe(ENDED_ORDERS_MAX)
    expect(
      findOrder(tracker, { cloid: makeCloid({ network: 'local', epoch: 5, counter: 5 }), oid: null }),
    ).toBeNull()
    const big = newOrder(tracker, 9_999, SEEN_FILLS_MAX + 9)
    for (let tid = 1; tid <= SEEN_FILLS_MAX + 3; tid += 1) applyFill(tracker, fillOf(big, tid, 1), tid)
    expect(tracker.seenFills.size).toBe(SEEN_FILLS_MAX)
  })
})

describe('client ids', () => {
  test('are the digits of tag, network, epoch and counter, whichever came before', () => {
    const counters = fc.oneof(
      fc.integer({ min: 0, max: 9_000 }),
      fc.integer({ min: 2 ** 24 - 5, max: 2 ** 24 + 5 }),
      fc.maxSafeInteger().map(Math.abs),
    )
    const networks = fc.constantFrom(
      ['local', '01'] as const,
      ['testnet', '02'] as const,
      ['mainnet', '03'] as const,
    )
    const epochs = fc.oneof(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 ** 48 - 1 }))
    fc.assert(
      fc.property(networks, epochs, counters, ([network, byte], epoch, counter) => {
        const digits = epoch.toString(16).padStart(12, '0') + counter.toString(16).padStart(14, '0')
        expect(makeCloid({ network, epoch, counter })).toBe(`0x686d${byte}${digits}`)
      }),
    )
  })

  test('carry network, epoch and counter, and are recognised again', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 47 }),
        fc.maxSafeInteger().map(Math.abs),
        (epoch, counter) => {
          const cloid = makeCloid({ network: 'testnet', epoch, counter })
          expect(cloid).toMatch(/^0x[0-9a-f]{32}$/)
          expect(epochOf(cloid, 'testnet')).toBe(epoch)
          expect(epochOf(cloid, 'mainnet')).toBeNull()
        },
      ),
    )
    expect(epochOf('0x00000000000000000000000000000001', 'local')).toBeNull()
    expect(epochOf(null, 'local')).toBeNull()
  })
})
