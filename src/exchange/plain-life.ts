/**
 * Start and end of a plain order, each in one piece: it has no client id and no trigger, is not reduce-only, and nobody
 * waits for it. The outcome is that of the steps in order-life.ts, order-book.ts, order-index.ts and emit.ts, which serve
 * all other orders. Most messages of a venue come through here; by those steps, each of which looks for the arrays anew, an
 * add costs a fifth more and a trade a tenth.
 *
 * Long because one function each is the point.
 */
import { assert } from '../core/assert.ts'
import { mixTwo } from './hash-lanes.ts'
import { keepEnded } from './history.ts'
import { addPage, markUnused, markUsed, nextDown, nextUp } from './order-book.ts'
import { releaseSlot, takeSlot } from './order-index.ts'
import { dequeue, enqueue } from './order-queue.ts'
import type { Exchange, Holding } from './state.ts'
import { STATUS_WORDS, type STATUS_FILLED } from './status.ts'

// Own constants are folded into the machine code, imported ones are looked up at every use.
const NO_PAGE = -1
const PAGE_BITS = 10
const IN_PAGE = 1023
const ENDS = 2
const COUNT = 4
const BUY = 1
const PRICE = 1
const ORIGINAL = 2
const REMAINING = 3
const PLACED = 4
const RANK = 10
const FLAGS = 11
const OWNER = 12
const PLACE = 13
const OWN_PLACE = 14
const FILLED: typeof STATUS_FILLED = 1
/** As in emit.ts. */
const STATUS_SPAN = 64
/** Reduce-only, waiting, named, parent. */
const NOT_PLAIN = 2 | 4 | 8 | 64

/** True for the flags of an order that may come through here. */
export function isPlainFlags(flags: number): boolean {
  return (flags & NOT_PLAIN) === 0
}

/** Rests a plain order: slot, owner's list, book, hash and event. @param flags side and time in force alone */
export function restPlain(
  exchange: Exchange,
  holding: Holding,
  oid: number,
  priceTicks: number,
  rank: number,
  originalLots: number,
  remainingLots: number,
  flags: number,
): void {
  const { pool, tsMs, shown } = exchange
  const { market, account } = holding
  const { book } = market
  const slot = takeSlot(pool, oid)
  const pageNumber = rank >> PAGE_BITS
  const page = pageNumber < book.pageOf.length ? book.pageOf[pageNumber]! : NO_PAGE
  const level = page === NO_PAGE ? addPage(book, rank) : (page << PAGE_BITS) | (rank & IN_PAGE)
  const { records, words, queues } = pool
  const at = slot << 3
  records[at | PRICE] = priceTicks
  records[at | ORIGINAL] = originalLots
  records[at | REMAINING] = remainingLots
  records[at | PLACED] = tsMs
  const word = slot << 4
  words[word | RANK] = rank
  words[word | FLAGS] = flags
  words[word | OWNER] = holding.ownerIndex
  words[word | OWN_PLACE] = enqueue(queues, pool.ownEnds, holding.ownerIndex << 1, slot)
  holding.orderCount += 1
  account.openOrderCount += 1

  const { levels, levelWords } = book
  const place = level << 3
  const count = levelWords[place | COUNT]!
  levelWords[place | COUNT] = count + 1
  levels[level << 2]! += remainingLots
  if (count === 0) markUsed(book, level, rank)
  words[word | PLACE] = enqueue(queues, levelWords, place | ENDS, slot)
  if ((flags & BUY) !== 0) {
    assert(rank < book.bestAsk, 'a resting bid is below the best ask')
    if (rank > book.bestBid) book.bestBid = rank
    holding.buyLots += remainingLots
    holding.buyMicroUsd += remainingLots * priceTicks
  } else {
    assert(rank > book.bestBid, 'a resting ask is above the best bid')
    if (rank < book.bestAsk) book.bestAsk = rank
    holding.sellLots += remainingLots
    holding.sellMicroUsd += remainingLots * priceTicks
  }
  mixTwo(exchange.lanes, oid * STATUS_SPAN, remainingLots)
  shown.slot = slot
  exchange.sink.order(tsMs, 'open', shown)
}

/**
 * Ends a live plain order and says so.
 * @param code as of `statusCode`; when it is that of `filled`, nothing remains
 */
export function endPlain(exchange: Exchange, holding: Holding, slot: number, code: number): void {
  const { pool, tsMs, shown } = exchange
  const { market, account } = holding
  const { book } = market
  const { records, words, queues } = pool
  const { levels, levelWords } = book
  const at = slot << 3
  const word = slot << 4
  const rank = words[word | RANK]!
  const remainingLots = records[at | REMAINING]!
  const microUsd = remainingLots * records[at | PRICE]!
  const level = (book.pageOf[rank >> PAGE_BITS]! << PAGE_BITS) | (rank & IN_PAGE)
  const place = level << 3
  const count = levelWords[place | COUNT]! - 1
  assert(count >= 0, 'a level has as many orders as rest at it')
  levelWords[place | COUNT] = count
  levels[level << 2]! -= remainingLots
  dequeue(queues, levelWords, place | ENDS, words[word | PLACE]!)
  if (count === 0) {
    markUnused(book, level, rank)
    if (rank === book.bestBid) book.bestBid = nextDown(book, rank)
    else if (rank === book.bestAsk) book.bestAsk = nextUp(book, rank)
  }
  if ((words[word | FLAGS]! & BUY) !== 0) {
    holding.buyLots -= remainingLots
    holding.buyMicroUsd -= microUsd
  } else {
    holding.sellLots -= remainingLots
    holding.sellMicroUsd -= microUsd
  }
  dequeue(queues, pool.ownEnds, holding.ownerIndex << 1, words[word | OWN_PLACE]!)
  holding.orderCount -= 1
  account.openOrderCount -= 1

  if (code === FILLED) records[at | REMAINING] = 0
  mixTwo(exchange.lanes, records[at]! * STATUS_SPAN + code, records[at | REMAINING]!)
  keepEnded(exchange.ended, account.index, pool, slot, market.instrument.assetId, code, tsMs)
  if (exchange.builderByOid.size !== 0) exchange.builderByOid.delete(records[at]!)
  shown.slot = slot
  exchange.sink.order(tsMs, STATUS_WORDS[code]!, shown)
  releaseSlot(pool, slot)
}
