/**
 * One market's book: first-in first-out queues by price rank, with a bitmap over the ranks in use.
 *
 * state   pages of 1024 ranks, made when first touched: queue ends, lots and count per level, one bit per used level;
 *         a word of bits per 32 levels, a word per page over those, and a bitmap over pages, so the next best price
 *         is found by a few bit scans however far it lies
 * note    a book is never crossed, so one bitmap serves both sides: used ranks up to the best bid are bids, from the
 *         best ask on are asks
 * Long because the whole array structure, its growth and its searches, is one invariant.
 */
import { assert } from '../core/assert.ts'
import { PRICE_INDEX_MAX } from './limits.ts'
import { FLAG_BUY, NO_SLOT, type OrderPool } from './order-index.ts'

const PAGE_BITS = 10
const PAGE_SIZE = 1 << PAGE_BITS
const WORDS_PER_PAGE = PAGE_SIZE / 32
const NO_PAGE = -1

/** Rank of an empty bid side, below every price. */
export const NO_BID = 0
/** Rank of an empty ask side, above every price. */
export const NO_ASK: number = PRICE_INDEX_MAX + 1

export interface Book {
  readonly pool: OrderPool<unknown>
  bestBid: number
  bestAsk: number
  pageCount: number
  /** Page number → its place in the arrays below. */
  pageOf: Int32Array
  /** One bit per page number in use. */
  pageBits: Int32Array
  head: Int32Array
  tail: Int32Array
  count: Int32Array
  lots: Float64Array
  levelBits: Int32Array
  wordBits: Int32Array
}

export function createBook(pool: OrderPool<unknown>): Book {
  return {
    pool,
    bestBid: NO_BID,
    bestAsk: NO_ASK,
    pageCount: 0,
    pageOf: new Int32Array(32).fill(NO_PAGE),
    pageBits: new Int32Array(1),
    head: new Int32Array(0),
    tail: new Int32Array(0),
    count: new Int32Array(0),
    lots: new Float64Array(0),
    levelBits: new Int32Array(0),
    wordBits: new Int32Array(0),
  }
}

/** Where a rank's level lies in the arrays, or NO_PAGE when its page was never touched. */
export function levelOf(book: Book, index: number): number {
  const pageNumber = index >> PAGE_BITS
  if (pageNumber >= book.pageOf.length) return NO_PAGE
  const page = book.pageOf[pageNumber]!
  return page === NO_PAGE ? NO_PAGE : (page << PAGE_BITS) | (index & (PAGE_SIZE - 1))
}

function levelForAdding(book: Book, index: number): number {
  const level = levelOf(book, index)
  return level === NO_PAGE ? addPage(book, index) : level
}

function addPage(book: Book, index: number): number {
  const pageNumber = index >> PAGE_BITS
  if (pageNumber >= book.pageOf.length) growPageTable(book, pageNumber)
  const page = book.pageCount
  if ((page + 1) * PAGE_SIZE > book.head.length) growLevels(book, Math.max(2, page * 2))
  book.pageOf[pageNumber] = page
  book.pageCount = page + 1
  return (page << PAGE_BITS) | (index & (PAGE_SIZE - 1))
}

function growPageTable(book: Book, pageNumber: number): void {
  let length = book.pageOf.length
  while (length <= pageNumber) length *= 2
  const pageOf = new Int32Array(length).fill(NO_PAGE)
  pageOf.set(book.pageOf)
  const pageBits = new Int32Array(length / 32)
  pageBits.set(book.pageBits)
  book.pageOf = pageOf
  book.pageBits = pageBits
}

function growLevels(book: Book, pages: number): void {
  const wider = (old: Int32Array, length: number, fill: number): Int32Array => {
    const array = new Int32Array(length).fill(fill)
    array.set(old)
    return array
  }
  const levels = pages * PAGE_SIZE
  book.head = wider(book.head, levels, NO_SLOT)
  book.tail = wider(book.tail, levels, NO_SLOT)
  book.count = wider(book.count, levels, 0)
  const lots = new Float64Array(levels)
  lots.set(book.lots)
  book.lots = lots
  book.levelBits = wider(book.levelBits, pages * WORDS_PER_PAGE, 0)
  book.wordBits = wider(book.wordBits, pages, 0)
}

/** Appends an order to the end of its level's queue. The slot's price, side and remaining size are set. */
export function addToBook(book: Book, slot: number): void {
  const pool = book.pool
  const index = pool.priceIndex[slot]!
  const level = levelForAdding(book, index)
  const last = book.tail[level]!
  pool.previous[slot] = last
  pool.next[slot] = NO_SLOT
  if (last === NO_SLOT) {
    book.head[level] = slot
    markUsed(book, level, index)
  } else {
    pool.next[last] = slot
  }
  book.tail[level] = slot
  book.count[level]! += 1
  book.lots[level]! += pool.remainingLots[slot]!
  if ((pool.flags[slot]! & FLAG_BUY) !== 0) {
    assert(index < book.bestAsk, 'a resting bid is below the best ask')
    if (index > book.bestBid) book.bestBid = index
  } else {
    assert(index > book.bestBid, 'a resting ask is above the best bid')
    if (index < book.bestAsk) book.bestAsk = index
  }
}

/** Takes an order out of its queue, wherever it stands. */
export function removeFromBook(book: Book, slot: number): void {
  const pool = book.pool
  const index = pool.priceIndex[slot]!
  const level = levelOf(book, index)
  const before = pool.previous[slot]!
  const after = pool.next[slot]!
  if (before === NO_SLOT) book.head[level] = after
  else pool.next[before] = after
  if (after === NO_SLOT) book.tail[level] = before
  else pool.previous[after] = before
  book.count[level]! -= 1
  book.lots[level]! -= pool.remainingLots[slot]!
  if (before === NO_SLOT && after === NO_SLOT) {
    markUnused(book, level, index)
    if (index === book.bestBid) book.bestBid = nextDown(book, index)
    else if (index === book.bestAsk) book.bestAsk = nextUp(book, index)
  }
}

/** Makes a resting order smaller; it keeps its place. */
export function reduceInBook(book: Book, slot: number, lots: number): void {
  const pool = book.pool
  assert(lots > 0 && lots < pool.remainingLots[slot]!, 'a reduced order keeps a positive size')
  pool.remainingLots[slot]! -= lots
  book.lots[levelOf(book, pool.priceIndex[slot]!)]! -= lots
}

function markUsed(book: Book, level: number, index: number): void {
  const word = level >> 5
  book.levelBits[word]! |= 1 << (level & 31)
  const page = level >> PAGE_BITS
  book.wordBits[page]! |= 1 << (word & (WORDS_PER_PAGE - 1))
  const pageNumber = index >> PAGE_BITS
  book.pageBits[pageNumber >> 5]! |= 1 << (pageNumber & 31)
}

function markUnused(book: Book, level: number, index: number): void {
  const word = level >> 5
  if ((book.levelBits[word]! &= ~(1 << (level & 31))) !== 0) return
  const page = level >> PAGE_BITS
  if ((book.wordBits[page]! &= ~(1 << (word & (WORDS_PER_PAGE - 1)))) !== 0) return
  const pageNumber = index >> PAGE_BITS
  book.pageBits[pageNumber >> 5]! &= ~(1 << (pageNumber & 31))
}

/** The lowest used rank above `index`, or NO_ASK. */
export function nextUp(book: Book, index: number): number {
  const pageNumber = index >> PAGE_BITS
  const page = pageNumber < book.pageOf.length ? book.pageOf[pageNumber]! : NO_PAGE
  if (page !== NO_PAGE) {
    const inPage = index & (PAGE_SIZE - 1)
    const word = inPage >> 5
    // −2 << 31 is 0: above the last bit of a word lies nothing in that word.
    const bits = book.levelBits[page * WORDS_PER_PAGE + word]! & (-2 << (inPage & 31))
    if (bits !== 0) return (pageNumber << PAGE_BITS) | (word << 5) | lowestBit(bits)
    const words = book.wordBits[page]! & (-2 << word)
    if (words !== 0) return lowestInPage(book, pageNumber, page, lowestBit(words))
  }
  let group = pageNumber >> 5
  if (group >= book.pageBits.length) return NO_ASK
  let pages = book.pageBits[group]! & (-2 << (pageNumber & 31))
  while (pages === 0) {
    group += 1
    if (group >= book.pageBits.length) return NO_ASK
    pages = book.pageBits[group]!
  }
  const found = (group << 5) | lowestBit(pages)
  const foundPage = book.pageOf[found]!
  return lowestInPage(book, found, foundPage, lowestBit(book.wordBits[foundPage]!))
}

/** The highest used rank below `index`, or NO_BID. */
export function nextDown(book: Book, index: number): number {
  const pageNumber = index >> PAGE_BITS
  const page = pageNumber < book.pageOf.length ? book.pageOf[pageNumber]! : NO_PAGE
  if (page !== NO_PAGE) {
    const inPage = index & (PAGE_SIZE - 1)
    const word = inPage >> 5
    const bits = book.levelBits[page * WORDS_PER_PAGE + word]! & bitsBelow(inPage & 31)
    if (bits !== 0) return (pageNumber << PAGE_BITS) | (word << 5) | highestBit(bits)
    const words = book.wordBits[page]! & bitsBelow(word)
    if (words !== 0) return highestInPage(book, pageNumber, page, highestBit(words))
  }
  let group = Math.min(pageNumber >> 5, book.pageBits.length - 1)
  let pages = book.pageBits[group]!
  if (group === pageNumber >> 5) pages &= bitsBelow(pageNumber & 31)
  while (pages === 0) {
    group -= 1
    if (group < 0) return NO_BID
    pages = book.pageBits[group]!
  }
  const found = (group << 5) | highestBit(pages)
  const foundPage = book.pageOf[found]!
  return highestInPage(book, found, foundPage, highestBit(book.wordBits[foundPage]!))
}

function lowestInPage(book: Book, pageNumber: number, page: number, word: number): number {
  return (pageNumber << PAGE_BITS) | (word << 5) | lowestBit(book.levelBits[page * WORDS_PER_PAGE + word]!)
}

function highestInPage(book: Book, pageNumber: number, page: number, word: number): number {
  return (pageNumber << PAGE_BITS) | (word << 5) | highestBit(book.levelBits[page * WORDS_PER_PAGE + word]!)
}

function bitsBelow(bit: number): number {
  return (1 << bit) - 1
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits)
}

function highestBit(bits: number): number {
  return 31 - Math.clz32(bits)
}
