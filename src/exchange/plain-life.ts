/**
 * Start and end of a plain order, each in one piece: it has no client id and no trigger, is not reduce-only, and nobody
 * waits for it. The outcome is that of the steps in order-life.ts, order-book.ts, order-index.ts and emit.ts, which serve
 * all other orders. Most messages of a venue come through here; by those steps, each of which looks for the arrays anew, an
 * add costs a fifth more and a trade a tenth.
 *
 * Long because one function each is the point.
 */
import { assert } from '../core/assert.ts'
import * as lanes from './hash-lanes.ts'
import * as history from './history.ts'
import * as orderBook from './order-book.ts'
import * as orderIndex from './order-index.ts'
import * as orderQueue from './order-queue.ts'
import type { Exchange, Holding } from './state.ts'
import * as status from './status.ts'

// Own constants are folded into the machine code, imported ones are looked up at every use, and so are functions.
const { mixOrderEvent } = lanes
const { keepNames, makeRoom, packEnded } = history
const { addPage, leaveLevel, markUsed } = orderBook
const { releaseSpare, takeSlot } = orderIndex
const { addChunk, freeChunk, putInChunk } = orderQueue
const { STATUS_WORDS } = status
const NO_PAGE = -1
const PAGE_BITS = 10
const IN_PAGE = 1023
const ENDS = 2
const LAST = 3
const COUNT = 4
/** As in order-queue.ts. */
const CHUNK_BITS = 4
const IN_CHUNK = 15
const FULL = 1 << IN_CHUNK
/** As in history.ts. */
const ENDED = 5
const ENDED_PACKED = 12
const ENDED_ASSET = 13
const ENDED_ACCOUNT = 14
const ENDED_PREVIOUS = 15
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
const OPEN: typeof status.STATUS_OPEN = 0
const FILLED: typeof status.STATUS_FILLED = 1
/** Reduce-only, waiting, named, parent. */
const NOT_PLAIN = 2 | 4 | 8 | 64

/** True for the flags of an order that may come through here. */
export function isPlainFlags(flags: number): boolean {
  return (flags & NOT_PLAIN) === 0
}

/**
 * Rests the plain order that got the last id: slot, owner's list, book, hash and event.
 * What may call comes first: after a call the compiled code looks for every array anew, and without one it does so once.
 * @param flags side and time in force alone
 */
export function restPlain(
  exchange: Exchange,
  holding: Holding,
  priceTicks: number,
  rank: number,
  originalLots: number,
  remainingLots: number,
  flags: number,
): void {
  const { pool, tsMs, shown, oidLast: oid } = exchange
  const { market, account, ownerIndex } = holding
  const { book } = market
  const isBuy = (flags & BUY) !== 0
  const slot = takeSlot(pool, oid)
  const { queues, ownEnds } = pool
  const own = (ownerIndex << 1) | 1
  const pageNumber = rank >> PAGE_BITS
  const page = pageNumber < book.pageOf.length ? book.pageOf[pageNumber]! : NO_PAGE
  const level = page === NO_PAGE ? addPage(book, rank) : (page << PAGE_BITS) | (rank & IN_PAGE)
  const place = level << 3
  let ownChunk = ownEnds[own]!
  let chunk = book.levelWords[place | LAST]!
  if (((queues.taken[ownChunk]! | queues.taken[chunk]!) & FULL) !== 0) {
    if ((queues.taken[ownChunk]! & FULL) !== 0) ownChunk = addChunk(queues, ownEnds, own - 1)
    if ((queues.taken[chunk]! & FULL) !== 0) chunk = addChunk(queues, book.levelWords, place | ENDS)
  }

  const { records, words } = pool
  const at = slot << 3
  records[at | PRICE] = priceTicks
  records[at | ORIGINAL] = originalLots
  records[at | REMAINING] = remainingLots
  records[at | PLACED] = tsMs
  const word = slot << 4
  words[word | RANK] = rank
  words[word | FLAGS] = flags
  words[word | OWNER] = ownerIndex
  words[word | OWN_PLACE] = putInChunk(queues, ownChunk, slot)
  words[word | PLACE] = putInChunk(queues, chunk, slot)
  holding.orderCount += 1
  account.openOrderCount += 1

  const { levels, levelWords } = book
  const count = levelWords[place | COUNT]!
  levelWords[place | COUNT] = count + 1
  levels[level << 2]! += remainingLots
  if (count === 0) markUsed(book, level, rank)
  if (isBuy) {
    if (rank >= book.bestAsk) assert(false, 'a resting bid is below the best ask')
    if (rank > book.bestBid) book.bestBid = rank
    holding.buyLots += remainingLots
    holding.buyMicroUsd += remainingLots * priceTicks
  } else {
    if (rank <= book.bestBid) assert(false, 'a resting ask is above the best bid')
    if (rank < book.bestAsk) book.bestAsk = rank
    holding.sellLots += remainingLots
    holding.sellMicroUsd += remainingLots * priceTicks
  }
  mixOrderEvent(exchange.lanes, oid, OPEN, remainingLots, originalLots)
  shown.slot = slot
  exchange.sink.order(tsMs, 'open', shown)
}

/**
 * Ends a live plain order and says so.
 * What may call comes last here, but for room in the log: see `restPlain`.
 * @param code as of `statusCode`; when it is that of `filled`, nothing remains
 */
export function endPlain(exchange: Exchange, holding: Holding, slot: number, code: number): void {
  const { pool, tsMs, shown, ended } = exchange
  const { market, account, ownerIndex } = holding
  const { book } = market
  const owner = account.index << 1
  if (ended.count << 3 === ended.records.length || owner >= ended.accounts.length)
    makeRoom(ended, account.index)
  const { records, words, queues } = pool
  const { levels, levelWords } = book
  const { taken } = queues
  const at = slot << 3
  const word = slot << 4
  const rank = words[word | RANK]!
  const flags = words[word | FLAGS]!
  const place = words[word | PLACE]!
  const ownPlace = words[word | OWN_PLACE]!
  const oid = records[at]!
  const priceTicks = records[at | PRICE]!
  const originalLots = records[at | ORIGINAL]!
  const remainingLots = records[at | REMAINING]!
  const leftLots = code === FILLED ? 0 : remainingLots
  if (code === FILLED) records[at | REMAINING] = 0

  const { records: log, words: logWords, accounts, count: logCount } = ended
  const to = logCount << 3
  const toWord = logCount << 4
  log[to] = oid
  log[to | PRICE] = priceTicks
  log[to | ORIGINAL] = originalLots
  log[to | REMAINING] = leftLots
  log[to | PLACED] = records[at | PLACED]!
  log[to | ENDED] = tsMs
  logWords[toWord | ENDED_PACKED] = packEnded(flags, code)
  logWords[toWord | ENDED_ASSET] = market.instrument.assetId
  logWords[toWord | ENDED_ACCOUNT] = account.index
  logWords[toWord | ENDED_PREVIOUS] = accounts[owner]!
  accounts[owner] = logCount + 1
  accounts[owner | 1]! += 1
  ended.count = logCount + 1

  const level = (book.pageOf[rank >> PAGE_BITS]! << PAGE_BITS) | (rank & IN_PAGE)
  const levelWord = level << 3
  const count = levelWords[levelWord | COUNT]! - 1
  if (count < 0) assert(false, 'a level has as many orders as rest at it')
  levelWords[levelWord | COUNT] = count
  levels[level << 2]! -= remainingLots
  const chunk = place >> CHUNK_BITS
  const left = taken[chunk]! & ~(1 << (place & IN_CHUNK))
  taken[chunk] = left
  const ownChunk = ownPlace >> CHUNK_BITS
  const ownLeft = taken[ownChunk]! & ~(1 << (ownPlace & IN_CHUNK))
  taken[ownChunk] = ownLeft
  if ((flags & BUY) !== 0) {
    holding.buyLots -= remainingLots
    holding.buyMicroUsd -= remainingLots * priceTicks
  } else {
    holding.sellLots -= remainingLots
    holding.sellMicroUsd -= remainingLots * priceTicks
  }
  holding.orderCount -= 1
  account.openOrderCount -= 1

  if (ownLeft === 0) freeChunk(queues, pool.ownEnds, ownerIndex << 1, ownChunk)
  if (left === 0) freeChunk(queues, levelWords, levelWord | ENDS, chunk)
  if (count === 0) leaveLevel(book, level, rank)
  if (ended.cloids.length > 0) keepNames(ended, logCount, null, null)
  if (exchange.builderByOid.size !== 0) exchange.builderByOid.delete(oid)
  mixOrderEvent(exchange.lanes, oid, code, leftLots, originalLots)
  shown.slot = slot
  exchange.sink.order(tsMs, STATUS_WORDS[code]!, shown)
  // As `releaseSlot` does for an order that has neither names nor children.
  records[at] = 0
  pool.live -= 1
  if (slot !== (oid & (pool.homeCount - 1))) releaseSpare(pool, slot, oid)
}
