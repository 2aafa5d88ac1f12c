/** Words of the venue about orders -> inputs: the `orderUpdates` stream and the answer to a query by client id. */
import type { OrderStatusInput, OrderUpdate, VenueOrderStatus } from '../../core/input.ts'
import type { Grid } from '../../core/units.ts'
import { lotsOf, ticksOf } from './decimal.ts'
import { cloidOf, listOf, malformed, recordOf, sideOf, textOf, wholeFieldOf } from './wire.ts'

const OPEN_WORDS: ReadonlySet<string> = new Set(['open', 'triggered'])

/**
 * The venue has over thirty words and adds some: they are told apart by their endings (`marginCanceled`,
 * `badAloPxRejected`, `scheduledCancel`).
 * @throws VenueError MALFORMED_MESSAGE for a word that is none of these: guessing an end would lose an order
 */
export function statusOf(word: string): VenueOrderStatus {
  if (OPEN_WORDS.has(word)) return 'open'
  if (word === 'filled') return 'filled'
  if (/(canceled|cancel)$/i.test(word)) return 'cancelled'
  if (/rejected$/i.test(word)) return 'rejected'
  throw malformed('a known order status', word)
}

/** @param coin updates of other coins are left out */
export function decodeOrderUpdates(data: unknown, coin: string, grid: Grid): OrderUpdate[] {
  const updates: OrderUpdate[] = []
  for (const entry of listOf(data, 'orderUpdates')) {
    const update = recordOf(entry, 'order update')
    const order = recordOf(update['order'], 'order')
    if (textOf(order, 'coin') !== coin) continue
    const word = textOf(update, 'status')
    updates.push({
      kind: 'orderUpdate',
      oid: wholeFieldOf(order, 'oid'),
      cloid: cloidOf(order),
      side: sideOf(order),
      priceTicks: ticksOf(order['limitPx'], grid),
      sizeLots: lotsOf(order['origSz'], grid),
      remainingLots: lotsOf(order['sz'], grid),
      status: statusOf(word),
      word,
      venueTsMs: wholeFieldOf(update, 'statusTimestamp'),
    })
  }
  return updates
}

/** @param venueTsMs the time to put on an answer that has none (`unknownOid`) */
export function decodeOrderStatus(
  answer: unknown,
  of: { readonly cloid: string; readonly grid: Grid; readonly venueTsMs: number },
): OrderStatusInput {
  const head = recordOf(answer, 'order status')
  const { cloid, grid } = of
  if (head['status'] === 'unknownOid') {
    return {
      kind: 'orderStatus',
      cloid,
      oid: null,
      status: 'unknown',
      remainingLots: 0,
      venueTsMs: of.venueTsMs,
    }
  }
  if (head['status'] !== 'order') throw malformed('status is order or unknownOid', head['status'])
  const found = recordOf(head['order'], 'order')
  const order = recordOf(found['order'], 'order')
  if (cloidOf(order) !== cloid) throw malformed(`the answer is about order ${cloid}`, order['cloid'])
  const status = statusOf(textOf(found, 'status'))
  return {
    kind: 'orderStatus',
    cloid,
    oid: wholeFieldOf(order, 'oid'),
    status,
    remainingLots: status === 'open' ? lotsOf(order['sz'], grid) : 0,
    venueTsMs: wholeFieldOf(found, 'statusTimestamp'),
  }
}
