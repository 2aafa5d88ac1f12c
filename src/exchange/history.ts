/**
 * The last ended orders of an account, as numbers in a ring: an ended order is the commonest event of a venue, and
 * an object for each, kept for long, was a tenth of the time of a message.
 *
 * state   eight numbers a record, doubled from 4 records up to ENDED_ORDERS_MAX; client ids and triggers beside them
 */
import type { Address, TriggerSpec } from './command.ts'
import type { OrderStatusWord, OrderView } from './event.ts'
import { ENDED_ORDERS_MAX } from './limits.ts'
import {
  TIFS,
  type FLAG_NAMED,
  type OrderPool,
  type TIF_SHIFT as LIVE_TIF_SHIFT,
  type WORD_FLAGS,
} from './order-index.ts'
import { STATUS_WORDS } from './status.ts'

const FIELDS = 8
const RECORDS_START = 4
const BUY = 1
const REDUCE_ONLY = 2
const TIF_SHIFT = 2
const STATUS_SHIFT = 4
const NAMED: typeof FLAG_NAMED = 8
const FLAGS: typeof WORD_FLAGS = 11
const TIF_SHIFT_LIVE: typeof LIVE_TIF_SHIFT = 4

export interface EndedOrder {
  readonly order: OrderView
  readonly status: OrderStatusWord
  readonly statusTsMs: number
}

export interface EndedOrders {
  records: Float64Array
  /** Empty until the first order with a client id or a trigger. */
  readonly cloids: (string | null)[]
  readonly triggers: (TriggerSpec | null)[]
  /** Kept, and where the next one goes. */
  count: number
  next: number
}

export function createEndedOrders(): EndedOrders {
  return { records: new Float64Array(0), cloids: [], triggers: [], count: 0, next: 0 }
}

/** Keeps the order in a slot as ended, in place of the oldest when the ring is full. */
export function keepEnded(
  ended: EndedOrders,
  pool: OrderPool<unknown>,
  slot: number,
  assetId: number,
  statusCode: number,
  tsMs: number,
): void {
  const place = ended.next
  if (place * FIELDS === ended.records.length) growRing(ended)
  const { records } = ended
  const at = place << 3
  const from = slot << 3
  const live = pool.records
  const flags = pool.words[(slot << 4) | FLAGS]!
  // The last field first: one check of the bound serves them all.
  records[at | 7] =
    (flags & (BUY | REDUCE_ONLY)) |
    (((flags >> TIF_SHIFT_LIVE) & 3) << TIF_SHIFT) |
    (statusCode << STATUS_SHIFT)
  records[at] = live[from]!
  records[at | 1] = assetId
  records[at | 2] = live[from | 1]!
  records[at | 3] = live[from | 2]!
  records[at | 4] = live[from | 3]!
  records[at | 5] = live[from | 4]!
  records[at | 6] = tsMs
  if ((flags & NAMED) !== 0 || ended.cloids.length > 0) {
    // The slot of what never rested still holds the names of an earlier order.
    const named = (flags & NAMED) !== 0
    keepNames(
      ended,
      place,
      named ? pool.cloid[slot]! : null,
      named ? (pool.trigger[slot]?.spec ?? null) : null,
    )
  }
  if (ended.count < ENDED_ORDERS_MAX) ended.count += 1
  ended.next = place + 1 === ENDED_ORDERS_MAX ? 0 : place + 1
}

/** The two lists begin with the first order that has a client id or a trigger. */
function keepNames(
  ended: EndedOrders,
  place: number,
  cloid: string | null,
  trigger: TriggerSpec | null,
): void {
  while (ended.cloids.length < place) {
    ended.cloids.push(null)
    ended.triggers.push(null)
  }
  ended.cloids[place] = cloid
  ended.triggers[place] = trigger
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
        trigger: ended.triggers[place] ?? null,
        cloid: ended.cloids[place] ?? null,
        placedTsMs: records[at + 5]!,
      },
      status: STATUS_WORDS[packed >> STATUS_SHIFT]!,
      statusTsMs: records[at + 6]!,
    }
  }
}
