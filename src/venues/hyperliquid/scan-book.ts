/**
 * The short way of the two frames that come most often, `l2Book` and `bbo`: bytes -> input without text or JSON between.
 *
 * in      the bytes of one frame, as the venue ordinarily writes it: no spaces, keys in one of two orders
 * out     the input that the decoders of `decode-book.ts` and `decode-bbo.ts` would give; null for everything else, however
 *         slight the difference, and for everything they refuse: the long way then decides and words the error
 * state   a cursor and the numbers of one frame, reused
 *
 * Reads past the end give undefined, which is no byte at all: that is why `as number` may stand behind a read.
 */
import type { BookInput, TouchInput } from '../../core/input.ts'
import { take } from '../../core/scan-bytes.ts'
import type { Grid } from '../../core/units.ts'

/** The venue shows 20 a side; a longer side goes the long way. */
const SIDE_LEVELS_MAX = 64
/** Numbers of up to so many digits are exact in every step. */
const DIGITS_MAX = 15
const POWERS_OF_TEN: readonly number[] = Array.from({ length: DIGITS_MAX + 1 }, (_, power) => 10 ** power)
/** A packed list to cut sides from: copying it is cheaper than growing one. */
const ZEROS: readonly number[] = Array.from({ length: 2 * SIDE_LEVELS_MAX }, () => 0)

const ZERO = 48
const NINE = 57
const POINT = 46
const QUOTE = 34
const COMMA = 44
const COLON = 58
const OPEN_LIST = 91
const CLOSE_LIST = 93
const CLOSE_OBJECT = 125
const OPEN_OBJECT = 123
const LETTER_N = 110
const LETTER_P = 112
const LETTER_S = 115
const LETTER_X = 120
const LETTER_Z = 122

const TIME_KEY = bytesOf(',"time":')
const LEVELS_KEY = bytesOf(',"levels":[')
const BBO_KEY = bytesOf(',"bbo":[')
const NULL = bytesOf('null')
const END = bytesOf('}}')

export interface BookScanner {
  readonly bookHead: Uint8Array
  readonly bboHead: Uint8Array
  readonly priceDecimals: number
  readonly szDecimals: number
  /** Of the next byte to read. */
  at: number
  /** Flat: price, size, price, size, … */
  readonly bids: Float64Array
  readonly asks: Float64Array
}

/** @param coin frames of other coins go the long way, which leaves them out */
export function initBookScanner(coin: string, grid: Grid): BookScanner {
  const name = JSON.stringify(coin)
  return {
    bookHead: bytesOf(`{"channel":"l2Book","data":{"coin":${name}`),
    bboHead: bytesOf(`{"channel":"bbo","data":{"coin":${name}`),
    priceDecimals: grid.priceDecimals,
    szDecimals: grid.szDecimals,
    at: 0,
    bids: new Float64Array(2 * SIDE_LEVELS_MAX),
    asks: new Float64Array(2 * SIDE_LEVELS_MAX),
  }
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** @returns the snapshot, or null when the frame must go the long way */
export function scanBook(scanner: BookScanner, bytes: Uint8Array): BookInput | null {
  scanner.at = 0
  if (!take(scanner, bytes, scanner.bookHead)) return null
  let venueTsMs = take(scanner, bytes, TIME_KEY) ? takeWhole(scanner, bytes) : -1
  if (!take(scanner, bytes, LEVELS_KEY)) return null
  const bidNumbers = takeSide(scanner, bytes, scanner.bids, -1)
  if (bidNumbers < 0 || bytes[scanner.at] !== COMMA) return null
  scanner.at += 1
  const askNumbers = takeSide(scanner, bytes, scanner.asks, 1)
  if (askNumbers < 0 || bytes[scanner.at] !== CLOSE_LIST) return null
  scanner.at += 1
  if (venueTsMs < 0 && take(scanner, bytes, TIME_KEY)) venueTsMs = takeWhole(scanner, bytes)
  if (venueTsMs < 0 || !take(scanner, bytes, END) || scanner.at !== bytes.length) return null
  const { bids, asks } = scanner
  const isCrossed = bidNumbers > 0 && askNumbers > 0 && (bids[0] as number) >= (asks[0] as number)
  if (isCrossed) return null
  return { kind: 'book', venueTsMs, bids: listOf(bids, bidNumbers), asks: listOf(asks, askNumbers) }
}

/** @returns the touch, or null when the frame must go the long way */
export function scanTouch(scanner: BookScanner, bytes: Uint8Array): TouchInput | null {
  const { bids, asks } = scanner
  scanner.at = 0
  if (!take(scanner, bytes, scanner.bboHead) || !take(scanner, bytes, TIME_KEY)) return null
  const venueTsMs = takeWhole(scanner, bytes)
  if (venueTsMs < 0 || !take(scanner, bytes, BBO_KEY)) return null
  if (!takeTouchLevel(scanner, bytes, bids) || bytes[scanner.at] !== COMMA) return null
  scanner.at += 1
  if (!takeTouchLevel(scanner, bytes, asks) || bytes[scanner.at] !== CLOSE_LIST) return null
  scanner.at += 1
  if (!take(scanner, bytes, END) || scanner.at !== bytes.length) return null
  const [bidTicks, bidLots] = [bids[0] as number, bids[1] as number]
  const [askTicks, askLots] = [asks[0] as number, asks[1] as number]
  if (bidLots > 0 && askLots > 0 && bidTicks >= askTicks) return null
  return { kind: 'touch', venueTsMs, bidTicks, bidLots, askTicks, askLots }
}

function listOf(flat: Float64Array, count: number): number[] {
  const list = ZEROS.slice(0, count)
  for (let index = 0; index < count; index += 1) list[index] = flat[index] as number
  return list
}

/**
 * One side with its brackets.
 * @param direction −1: prices fall from the best on (bids); 1: they rise (asks)
 * @returns how many numbers it has (two a level), or −1
 */
function takeSide(scanner: BookScanner, bytes: Uint8Array, flat: Float64Array, direction: 1 | -1): number {
  if (bytes[scanner.at] !== OPEN_LIST) return -1
  scanner.at += 1
  if (bytes[scanner.at] === CLOSE_LIST) {
    scanner.at += 1
    return 0
  }
  let count = 0
  let previousTicks = 0
  for (;;) {
    if (count === flat.length || !takeLevel(scanner, bytes, flat, count)) return -1
    const ticks = flat[count] as number
    if (count > 0 && (ticks - previousTicks) * direction <= 0) return -1
    previousTicks = ticks
    count += 2
    const next = bytes[scanner.at]
    scanner.at += 1
    if (next === CLOSE_LIST) return count
    if (next !== COMMA) return -1
  }
}

/** A level, or `null` for a side without orders. */
function takeTouchLevel(scanner: BookScanner, bytes: Uint8Array, flat: Float64Array): boolean {
  if (!take(scanner, bytes, NULL)) return takeLevel(scanner, bytes, flat, 0)
  flat[0] = 0
  flat[1] = 0
  return true
}

/** Price and size, both positive, into `flat`; the count of orders is read and left. */
function takeLevel(scanner: BookScanner, bytes: Uint8Array, flat: Float64Array, index: number): boolean {
  if (bytes[scanner.at] !== OPEN_OBJECT) return false
  scanner.at += 1
  if (!takeTextKey(scanner, bytes, LETTER_P, LETTER_X)) return false
  const priceTicks = takeDecimal(scanner, bytes, scanner.priceDecimals)
  if (!(priceTicks > 0) || bytes[scanner.at] !== COMMA) return false
  scanner.at += 1
  if (!takeTextKey(scanner, bytes, LETTER_S, LETTER_Z)) return false
  const sizeLots = takeDecimal(scanner, bytes, scanner.szDecimals)
  if (!(sizeLots > 0) || !takeCount(scanner, bytes) || bytes[scanner.at] !== CLOSE_OBJECT) return false
  scanner.at += 1
  flat[index] = priceTicks
  flat[index + 1] = sizeLots
  return true
}

/** `"px":"` or `"sz":"`, letter by letter, because such keys are most of the frame. */
function takeTextKey(scanner: BookScanner, bytes: Uint8Array, first: number, second: number): boolean {
  const { at } = scanner
  if (bytes[at] !== QUOTE || bytes[at + 1] !== first || bytes[at + 2] !== second) return false
  if (bytes[at + 3] !== QUOTE || bytes[at + 4] !== COLON || bytes[at + 5] !== QUOTE) return false
  scanner.at = at + 6
  return true
}

/** `,"n":3`, or nothing. */
function takeCount(scanner: BookScanner, bytes: Uint8Array): boolean {
  const { at } = scanner
  if (bytes[at] !== COMMA) return true
  if (bytes[at + 1] !== QUOTE || bytes[at + 2] !== LETTER_N || bytes[at + 3] !== QUOTE) return false
  if (bytes[at + 4] !== COLON) return false
  scanner.at = at + 5
  return takeWhole(scanner, bytes) >= 0
}

/** A decimal number up to its closing quote, in units of the grid; −1 when it is no such number or not on the grid. */
function takeDecimal(scanner: BookScanner, bytes: Uint8Array, decimals: number): number {
  const start = scanner.at
  const endMax = Math.min(start + DIGITS_MAX + 1, bytes.length - 1)
  let at = start
  let pointAt = 0
  let value = 0
  for (; at < endMax; at += 1) {
    const digit = (bytes[at] as number) - ZERO
    if (digit >= 0 && digit <= 9) value = value * 10 + digit
    else if (digit === POINT - ZERO && pointAt === 0) pointAt = at
    else break
  }
  // At least one digit on both sides of a point.
  if (bytes[at] !== QUOTE || at === start || pointAt === start || pointAt === at - 1) return -1
  scanner.at = at + 1
  const given = pointAt === 0 ? 0 : at - 1 - pointAt
  if (given === decimals) return value
  return given < decimals ? widened(value, decimals - given) : cut(value, given - decimals)
}

function widened(value: number, places: number): number {
  const whole = value * (POWERS_OF_TEN[places] as number)
  return whole <= Number.MAX_SAFE_INTEGER ? whole : -1
}

/** Places beyond the grid must be zeros. */
function cut(value: number, places: number): number {
  const unit = POWERS_OF_TEN[places] as number
  return value % unit === 0 ? value / unit : -1
}

/** A whole number of JSON, or −1: no sign, no leading zero, at most fifteen digits. */
function takeWhole(scanner: BookScanner, bytes: Uint8Array): number {
  const start = scanner.at
  const endMax = Math.min(start + DIGITS_MAX, bytes.length)
  let at = start
  let value = 0
  while (at < endMax) {
    const code = bytes[at] as number
    if (code < ZERO || code > NINE) break
    value = value * 10 + (code - ZERO)
    at += 1
  }
  const length = at - start
  if (length === 0 || (length > 1 && bytes[start] === ZERO)) return -1
  const next = bytes[at] as number
  // A digit, point, or exponent behind it makes it another number.
  if (next !== COMMA && next !== CLOSE_OBJECT) return -1
  scanner.at = at
  return value
}
