/**
 * The last ended orders of an account, as numbers in a ring: an ended order is the commonest event of a venue, and
 * an object for each, kept for long, was a tenth of the time of a message.
 *
 * state   eight numbers a record, doubled from 4 records up to ENDED_ORDERS_MAX; client ids and triggers beside them
 */
import type { Address, TriggerSpec } from './command.ts'
import type { OrderStatusWord, OrderView } from './event.ts'
import { ENDED_ORDERS_MAX } from './limits.ts'
import { tifCode, TIFS } from './order-index.ts'
import { STATUS_WORDS } from './status.ts'

const FIELDS = 8
const RECORDS_START = 4
const BUY = 1
const REDUCE_ONLY = 2
const TIF_SHIFT = 2
const STATUS_SHIFT = 4

export interface EndedOrder {
  readonly order: OrderView
  readonly status: OrderStatusWord
  readonly statusTsMs: number
}

export interface EndedOrders {
  records: Float64Array
  readonly cloids: (string | null)[]
  readonly triggers: (TriggerSpec | null)[]
  /** Kept, and where the next one goes. */
  count: number
  next: number
}

export function createEndedOrders(): EndedOrders {
  return { records: new Float64Array(0), cloids: [], triggers: [], count: 0, next: 0 }
}

/** Keeps an ended order, in place of the oldest when the ring is full. The view is copied. */
export function keepEnded(ended: EndedOrders, order: OrderView, statusCode: number, tsMs: number): void {
  const place = ended.next
  if (place * FIELDS === ended.records.length) growRing(ended)
  const { records } = ended
  const at = place * FIELDS
  records[at] = order.oid
  records[at + 1] = order.assetId
  records[at + 2] = order.priceTicks
  records[at + 3] = order.originalLots
  records[at + 4] = order.remainingLots
  records[at + 5] = order.placedTsMs
  records[at + 6] = tsMs
  records[at + 7] =
    (order.side === 'buy' ? BUY : 0) |
    (order.reduceOnly ? REDUCE_ONLY : 0) |
    (tifCode(order.tif) << TIF_SHIFT) |
    (statusCode << STATUS_SHIFT)
  ended.cloids[place] = order.cloid
  ended.triggers[place] = order.trigger
  if (ended.count < ENDED_ORDERS_MAX) ended.count += 1
  ended.next = place + 1 === ENDED_ORDERS_MAX ? 0 : place + 1
}

function growRing(ended: EndedOrders): void {
  const before = ended.records.length / FIELDS
  const records = new Float64Array(Math.min(Math.max(RECORDS_START, before * 2), ENDED_ORDERS_MAX) * FIELDS)
  records.set(ended.records)
  ended.records = records
}

/** The kept orders as the venue shows them, newest first. */
export function* newestEnded(ended: EndedOrders, account: Address): Generator<EndedOrder> {
  for (let back = 1; back <= ended.count; back += 1) {
    const place = (ended.next - back + ENDED_ORDERS_MAX) % ENDED_ORDERS_MAX
    const at = place * FIELDS
    const { records } = ended
    const packed = records[at + 7]!
    yield {
      order: {
        oid: records[at]!,
        account,
        assetId: records[at + 1]!,
        side: (packed & BUY) !== 0 ? 'buy' : 'sell',
        priceTicks: records[at + 2]!,
        originalLots: records[at + 3]!,
        remainingLots: records[at + 4]!,
        reduceOnly: (packed & REDUCE_ONLY) !== 0,
        tif: TIFS[(packed >> TIF_SHIFT) & 3]!,
        trigger: ended.triggers[place]!,
        cloid: ended.cloids[place]!,
        placedTsMs: records[at + 5]!,
      },
      status: STATUS_WORDS[packed >> STATUS_SHIFT]!,
      statusTsMs: records[at + 6]!,
    }
  }
}
