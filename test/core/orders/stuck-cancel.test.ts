import { expect, test } from 'vitest'
import type { CancelCommand } from '../../../src/core/command.ts'
import { makeCloid } from '../../../src/core/orders/cloid.ts'
import { noteCancel, worstCancel } from '../../../src/core/orders/stuck-cancel.ts'
import { addOrder, initTracker } from '../../../src/core/orders/tracker.ts'
import type { Order, Tracker } from '../../../src/core/orders/tracker.ts'

const OID = 77
/** An order left alone for longer than this starts anew. */
const ROW_GAP_MS = 30_000

function restingOrder(tracker: Tracker, counter: number): Order {
  const cloid = makeCloid({ network: 'local', epoch: 5, counter })
  const wish = {
    cloid,
    side: 'buy',
    priceTicks: 600_000,
    sizeLots: 30,
    tif: 'alo',
    reduceOnly: false,
  } as const
  return addOrder(tracker, wish, { tsMs: 0, midTicks: 600_020, replaces: null })
}

const byOid: CancelCommand = { kind: 'cancel', cloid: null, oid: OID }

/** Cancels at these times; what each is sent as. */
function cancelsAt(order: Order, times: readonly number[]): ('oid' | 'cloid')[] {
  return times.map((tsMs) => {
    const sent = noteCancel(order, byOid, tsMs)
    if (sent.byCloid === undefined) return 'oid'
    expect(sent).toEqual({ ...byOid, cloid: order.cloid, byCloid: true })
    return 'cloid'
  })
}

test('from the third try on, the client id and the oid take turns', () => {
  const order = restingOrder(initTracker(), 1)
  expect(cancelsAt(order, [100, 700, 1_300, 1_900, 2_500, 3_100])).toEqual([
    ...['oid', 'oid', 'cloid', 'oid', 'cloid', 'oid'],
  ])
})

test('a try after a long rest is the first of a new row', () => {
  const order = restingOrder(initTracker(), 1)
  const late = 700 + ROW_GAP_MS
  expect(cancelsAt(order, [100, 700, late, late + 1 + ROW_GAP_MS, late + 2 + ROW_GAP_MS])).toEqual([
    ...['oid', 'oid', 'cloid', 'oid', 'oid'],
  ])
  expect(order).toMatchObject({ cancelCount: 2, firstCancelTsMs: late + 1 + ROW_GAP_MS })
})

test('the order that has been asked most often is told, with the time since its first try', () => {
  const tracker = initTracker()
  const [once, twice, often] = [1, 2, 3].map((counter) => restingOrder(tracker, counter)) as [
    Order,
    Order,
    Order,
  ]
  expect(worstCancel(tracker, 0)).toBeNull()
  cancelsAt(once, [250])
  expect(worstCancel(tracker, 300)).toBeNull()
  cancelsAt(twice, [300, 900])
  expect(worstCancel(tracker, 1_000)).toEqual({ tries: 2, sinceMs: 700 })
  cancelsAt(often, [400, 950, 1_400])
  expect(worstCancel(tracker, 1_500)).toEqual({ tries: 3, sinceMs: 1_100 })
})

test('a row is over when nothing was tried for so long, and not a moment before', () => {
  const tracker = initTracker()
  cancelsAt(restingOrder(tracker, 1), [300, 900])
  expect(worstCancel(tracker, 900 + ROW_GAP_MS)).toEqual({ tries: 2, sinceMs: 600 + ROW_GAP_MS })
  expect(worstCancel(tracker, 901 + ROW_GAP_MS)).toBeNull()
})
