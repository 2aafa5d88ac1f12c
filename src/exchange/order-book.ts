/**
 * One market's book: first-in first-out queues by price rank, with a bitmap over the ranks in use.
 *
 * state   pages of 1024 ranks, made when first touched; a level is 32 bytes, seen as doubles and as 32-bit words:
 *           double 0 lots · words 2 first, 3 last chunk of its queue (order-queue.ts), 4 count
 *         one bit per used level, a word of bits per 32 levels, a word per page over those, and a bitmap over pages, so
 *         the next best price is found by a few bit scans however far it lies
 * note    a book is never crossed, so one bitmap serves both sides: used ranks up to the best bid are bids, from the
 *         best ask on are asks
 * Long because the whole array structure, its growth and its searches, is one invariant.
 */
import { assert } from '../core/assert.ts'
import { PRICE_INDEX_MAX } from './limits.ts'
import { createBounds, type PlainBounds } from './price-bounds.ts'
import type { FLAG_BUY, OrderPool, WORD_FLAGS, WORD_PLACE, WORD_RANK } from './order-index.ts'
import * as orderQueue from './order-queue.ts'

const PAGE_BITS = 10
const PAGE_SIZE = 1 << PAGE_BITS
const WORDS_PER_PAGE = PAGE_SIZE / 32
const NO_PAGE = -1
// Own constants are folded into the machine code, imported ones are looked up at every use, and so are functions.
const { dequeue, enqueue, firstQueued } = orderQueue
const ENDS = 2
const COUNT = 4
const BUY: typeof FLAG_BUY = 1
const REMAINING = 3
const RANK: typeof WORD_RANK = 10
const PLACE: typeof WORD_PLACE = 13
const FLAGS: typeof WORD_FLAGS = 11

/** Rank of an empty bid side, below every price. */
export const NO_BID = 0
/** Rank of an empty ask side, above every price. */
export const NO_ASK: number = PRICE_INDEX_MAX + 1

export interface Book {
  readonly pool: OrderPool<unknown>
  readonly bounds: PlainBounds
  bestBid: number
  bestAsk: number
  pageCount: number
  /** Page number → its place in the arrays below. */
  pageOf: Int32Array
  /** One bit per page number in use. */
  pageBits: Int32Array
  /** Four doubles a level, and the same memory as eight words a level. */
  levels: Float64Array
  levelWords: Int32Array
  levelBits: Int32Array
  wordBits: Int32Array
}

export function createBook(pool: OrderPool<unknown>): Book {
  return {
    pool,
    bounds: createBounds(),
    bestBid: NO_BID,
    bestAsk: NO_ASK,
    pageCount: 0,
    pageOf: new Int32Array(32).fill(NO_PAGE),
    pageBits: new Int32Array(1),
    levels: new Float64Array(0),
    levelWords: new Int32Array(0),
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

/** Lots that rest at a level. @param level as of `levelOf`, of a touched page */
export function lotsOfLevel(book: Book, level: number): number {
  return book.levels[level << 2]!
}

/** Orders that rest at a level. */
export function countOfLevel(book: Book, level: number): number {
  return book.levelWords[(level << 3) | COUNT]!
}

/** The oldest order of a level, or NO_SLOT. */
export function firstOfLevel(book: Book, level: number): number {
  return firstQueued(book.pool.queues, book.levelWords, (level << 3) | ENDS)
}

export function addPage(book: Book, index: number): number {
  const pageNumber = index >> PAGE_BITS
  if (pageNumber >= book.pageOf.length) growPageTable(book, pageNumber)
  const page = book.pageCount
  if ((page + 1) * PAGE_SIZE * 4 > book.levels.length) growLevels(book, Math.max(2, page * 2))
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
  const wider = (old: Int32Array, length: number): Int32Array => {
    const array = new Int32Array(length)
    array.set(old)
    return array
  }
  // A level without orders is all zeros.
  const levels = new Float64Array(pages * PAGE_SIZE * 4)
  levels.set(book.levels)
  book.levels = levels
  book.levelWords = new Int32Array(levels.buffer)
  book.levelBits = wider(book.levelBits, pages * WORDS_PER_PAGE)
  book.wordBits = wider(book.wordBits, pages)
}

/** Appends an order to the end of its level's queue. The slot's price, side and remaining size are set. */
export function addToBook(book: Book, slot: number): void {
  const { records, words, queues } = book.pool
  const index = words[(slot << 4) | RANK]!
  const pageNumber = index >> PAGE_BITS
  const page = pageNumber < book.pageOf.length ? book.pageOf[pageNumber]! : NO_PAGE
  const level = page === NO_PAGE ? addPage(book, index) : (page << PAGE_BITS) | (index & (PAGE_SIZE - 1))
  const { levels, levelWords } = book
  const place = level << 3
  const count = levelWords[place | COUNT]!
  levelWords[place | COUNT] = count + 1
  levels[level << 2]! += records[(slot << 3) | REMAINING]!
  if (count === 0) markUsed(book, level, index)
  words[(slot << 4) | PLACE] = enqueue(queues, levelWords, place | ENDS, slot)
  if ((words[(slot << 4) | FLAGS]! & BUY) !== 0) {
    assert(index < book.bestAsk, 'a resting bid is below the best ask')
    if (index > book.bestBid) book.bestBid = index
  } else {
    assert(index > book.bestBid, 'a resting ask is above the best bid')
    if (index < book.bestAsk) book.bestAsk = index
  }
}

/** Takes an order out of its queue, wherever it stands. */
export function removeFromBook(book: Book, slot: number): void {
  const { records, words, queues } = book.pool
  const { levels, levelWords } = book
  const index = words[(slot << 4) | RANK]!
  const level = (book.pageOf[index >> PAGE_BITS]! << PAGE_BITS) | (index & (PAGE_SIZE - 1))
  const place = level << 3
  const count = levelWords[place | COUNT]! - 1
  assert(count >= 0, 'a level has as many orders as rest at it')
  levelWords[place | COUNT] = count
  levels[level << 2]! -= records[(slot << 3) | REMAINING]!
  dequeue(queues, levelWords, place | ENDS, words[(slot << 4) | PLACE]!)
  if (count === 0) leaveLevel(book, level, index)
}

/** Nothing rests at a level any more: its bit is cleared, and a best price moves on. */
export function leaveLevel(book: Book, level: number, index: number): void {
  markUnused(book, level, index)
  if (index === book.bestBid) book.bestBid = nextDown(book, index)
  else if (index === book.bestAsk) book.bestAsk = nextUp(book, index)
}

/** Makes a resting order smaller; it keeps its place. */
export function reduceInBook(book: Book, slot: number, lots: number): void {
  const { records, words } = book.pool
  const at = (slot << 3) | REMAINING
  const remaining = records[at]!
  assert(lots > 0 && lots < remaining, 'a reduced order keeps a positive size')
  records[at] = remaining - lots
  const index = words[(slot << 4) | RANK]!
  const level = (book.pageOf[index >> PAGE_BITS]! << PAGE_BITS) | (index & (PAGE_SIZE - 1))
  book.levels[level << 2]! -= lots
}

export function markUsed(book: Book, level: number, index: number): void {
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
