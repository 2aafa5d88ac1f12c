/**
 * The short way of the two frames that come most often, `l2Book` and `bbo`: bytes -> input without text or JSON between.
 *
 * in      the bytes of one frame, as the venue ordinarily writes it: no spaces, keys in one of two orders
 * out     the input that the decoders of `decode-book.ts` and `decode-bbo.ts` would give; null for everything else, however
 *         slight the difference, and for everything they refuse: the long way then decides and words the error
 * state   a cursor, the numbers and a copy of one frame, reused
 *
 * The frame is copied to where a view of several bytes at a time stands ready: keys are compared by eight of them, and digits are read
 * by four.
 * Behind its end stand zeros or what an earlier frame left; whoever read them ends beyond the end, which is looked at last.
 */
import type { BookInput, TouchInput } from '../../core/input.ts'
import type { Grid } from '../../core/units.ts'

/** The venue shows 20 a side; a longer side goes the long way. */
const SIDE_LEVELS_MAX = 64
/** A longer frame goes the long way: of as many levels as are read, none is. */
const FRAME_BYTES_MAX = 16_384
const frame: Uint8Array = new Uint8Array(FRAME_BYTES_MAX + 16)
const words: DataView = new DataView(frame.buffer)
/** Numbers of up to so many characters are below 2^31, and so many places more leave them exact. */
const SMALL_DIGITS_MAX = 9
const SMALL_PLACES_MAX = 6
/** A number of up to so many digits is exact in every step. */
const DIGITS_MAX = 15
const POWERS_OF_TEN = Float64Array.from({ length: DIGITS_MAX + 1 }, (_, power) => 10 ** power)
/** A packed list, and one of fractions holds any number as it is: a side is cut from such a one, which copies it in one go. */
const BLANKS: readonly number[] = Array.from({ length: 2 * SIDE_LEVELS_MAX }, () => 0.5)

const ZERO = 48
const NINE = 57
const POINT = 46
const QUOTE = 34
const COMMA = 44
const COLON = 58
const LETTER_B = 98
const LETTER_L = 108
const OPEN_LIST = 91
const CLOSE_LIST = 93
const CLOSE_OBJECT = 125

/** Text of at least eight bytes, compared by eight of them as a real number, since bytes of text make one that equals no other. */
interface Key {
  /** The last one may overlap with the one before. */
  readonly longs: readonly number[]
  readonly length: number
}
const TIME_KEY = keyOf(',"time":')
const LEVELS_KEY = keyOf(',"levels":[')
const BBO_KEY = keyOf(',"bbo":[')
const NULL = wordOf('null')
/** Where a frame says of which channel it is. */
const CHANNEL_AT = '{"channel":"'.length
/** Four characters less "0": a byte that is no digit is above 9 then, and with this added its high bit is set. */
const FOUR_ZEROS = 0x30303030
const ABOVE_NINE = 0x76767676
const HIGH_BITS = 0x80808080 | 0
/** What stands before a price, between price and size, and before the count of orders. */
const PRICE_KEY_FIRST = longOf('[{"px":"')
const PRICE_KEY = longOf(',{"px":"')
const SIZE_KEY = longOf('","sz":"')
const COUNT_KEY = wordOf('","n')
/** A count of one digit and the end of the level, less the digit; and the digit 9 there. */
const COUNT_ZERO = wordOf('":0}')
const NINE_AS_THIRD = 0x90000

export interface BookScanner {
  readonly bookHead: Key
  readonly bboHead: Key
  readonly priceDecimals: number
  readonly szDecimals: number
  /** Of the next byte to read. */
  at: number
  /** Flat: price, size, price, size, … */
  readonly bids: number[]
  readonly asks: number[]
}

/** @param coin frames of other coins go the long way, which leaves them out */
export function initBookScanner(coin: string, grid: Grid): BookScanner {
  const name = JSON.stringify(coin)
  return {
    bookHead: keyOf(`{"channel":"l2Book","data":{"coin":${name}`),
    bboHead: keyOf(`{"channel":"bbo","data":{"coin":${name}`),
    priceDecimals: grid.priceDecimals,
    szDecimals: grid.szDecimals,
    at: 0,
    bids: BLANKS.slice(),
    asks: BLANKS.slice(),
  }
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function keyOf(text: string): Key {
  const bytes = bytesOf(text)
  const view = new DataView(bytes.buffer)
  const { length } = bytes
  const count = Math.ceil(length / 8)
  const longs = Array.from({ length: count }, (_, index) =>
    view.getFloat64(Math.min(8 * index, length - 8), true),
  )
  return { longs, length }
}

function longOf(text: string): number {
  return new DataView(bytesOf(text).buffer).getFloat64(0, true)
}

function wordOf(text: string): number {
  return new DataView(bytesOf(text).buffer).getInt32(0, true)
}

/** @returns the snapshot, or null when the frame must go the long way */
export function scanBook(scanner: BookScanner, bytes: Uint8Array): BookInput | null {
  if (bytes[CHANNEL_AT] !== LETTER_L || !copyFrame(scanner, bytes) || !take(scanner, scanner.bookHead))
    return null
  let venueTsMs = take(scanner, TIME_KEY) ? takeWhole(scanner) : -1
  if (!take(scanner, LEVELS_KEY)) return null
  const bidNumbers = takeSide(scanner, scanner.bids, -1)
  if (bidNumbers < 0 || frame[scanner.at] !== COMMA) return null
  scanner.at += 1
  const askNumbers = takeSide(scanner, scanner.asks, 1)
  if (askNumbers < 0 || frame[scanner.at] !== CLOSE_LIST) return null
  scanner.at += 1
  if (venueTsMs < 0 && take(scanner, TIME_KEY)) venueTsMs = takeWhole(scanner)
  if (venueTsMs < 0 || !isEnd(scanner, bytes)) return null
  const { bids, asks } = scanner
  const isCrossed = bidNumbers > 0 && askNumbers > 0 && (bids[0] as number) >= (asks[0] as number)
  if (isCrossed) return null
  return { kind: 'book', venueTsMs, bids: bids.slice(0, bidNumbers), asks: asks.slice(0, askNumbers) }
}

/** @returns the touch, or null when the frame must go the long way */
export function scanTouch(scanner: BookScanner, bytes: Uint8Array): TouchInput | null {
  const { bids, asks } = scanner
  if (bytes[CHANNEL_AT] !== LETTER_B || !copyFrame(scanner, bytes) || !take(scanner, scanner.bboHead))
    return null
  if (!take(scanner, TIME_KEY)) return null
  const venueTsMs = takeWhole(scanner)
  if (venueTsMs < 0 || !take(scanner, BBO_KEY)) return null
  if (!takeTouchLevel(scanner, bids) || frame[scanner.at] !== COMMA) return null
  scanner.at += 1
  if (!takeTouchLevel(scanner, asks) || frame[scanner.at] !== CLOSE_LIST) return null
  scanner.at += 1
  if (!isEnd(scanner, bytes)) return null
  const [bidTicks, bidLots] = [bids[0] as number, bids[1] as number]
  const [askTicks, askLots] = [asks[0] as number, asks[1] as number]
  if (bidLots > 0 && askLots > 0 && bidTicks >= askTicks) return null
  return { kind: 'touch', venueTsMs, bidTicks, bidLots, askTicks, askLots }
}

/** @returns false when there is no room for it; else the cursor stands at its beginning, in the copy */
function copyFrame(scanner: BookScanner, bytes: Uint8Array): boolean {
  if (bytes.length > FRAME_BYTES_MAX) return false
  frame.set(bytes)
  scanner.at = 0
  return true
}

/** Moves past `key`, or stays where it is. @returns whether it stood there */
function take(scanner: BookScanner, { longs, length }: Key): boolean {
  const { at } = scanner
  for (let index = 0; index < longs.length; index += 1) {
    if (words.getFloat64(at + Math.min(8 * index, length - 8), true) !== longs[index]) return false
  }
  scanner.at = at + length
  return true
}

/** True when the rest of the frame closes its two objects. */
function isEnd({ at }: BookScanner, bytes: Uint8Array): boolean {
  return frame[at] === CLOSE_OBJECT && frame[at + 1] === CLOSE_OBJECT && at + 2 === bytes.length
}

/**
 * One side with its brackets.
 * @param direction −1: prices fall from the best on (bids); 1: they rise (asks)
 * @returns how many numbers it has (two a level), or −1
 */
function takeSide(scanner: BookScanner, flat: number[], direction: 1 | -1): number {
  if (frame[scanner.at] !== OPEN_LIST) return -1
  scanner.at += 1
  const count = frame[scanner.at] === CLOSE_LIST ? 0 : takeLevels(scanner, flat, flat.length, direction)
  if (frame[scanner.at] !== CLOSE_LIST) return -1
  scanner.at += 1
  return count
}

/** A level, or `null` for a side without orders. */
function takeTouchLevel(scanner: BookScanner, flat: number[]): boolean {
  if (words.getInt32(scanner.at, true) !== NULL) return takeLevels(scanner, flat, 2, 1) === 2
  scanner.at += 4
  flat[0] = 0
  flat[1] = 0
  return true
}

/**
 * Levels with commas between, as they must follow each other: of each price and size, both positive and in units of the grid, into
 * `flat`; the count of orders is read and left. What is read from is kept as constants of the function: as those of the file the
 * compiler looks at their type and length again at each byte.
 * @param direction −1: prices fall from the best on (bids); 1: they rise (asks)
 * @returns how many numbers there were, at most `countMax`; −1 when one of them is none, not on the grid or out of order
 */
function takeLevels(scanner: BookScanner, flat: number[], countMax: number, direction: 1 | -1): number {
  const { priceDecimals, szDecimals } = scanner
  const view = words
  const bytes = frame
  let at = scanner.at - 1
  let better = -direction * Infinity
  for (let count = 0; ;) {
    const key = view.getFloat64(at, true)
    if (key !== PRICE_KEY && !(key === PRICE_KEY_FIRST && count === 0)) return -1
    const price = takeDecimal(scanner, at + 8, priceDecimals)
    at = scanner.at
    if (view.getFloat64(at, true) !== SIZE_KEY) return -1
    const size = takeDecimal(scanner, at + 8, szDecimals)
    at = scanner.at
    if (!(price > 0 && size > 0 && (price - better) * direction > 0)) return -1
    better = price
    flat[count] = price
    flat[count + 1] = size
    count += 2
    // Nearly all counts of orders have one digit.
    const rest = view.getInt32(at + 4, true) ^ COUNT_ZERO
    const isShort =
      view.getInt32(at, true) === COUNT_KEY && (rest & 0xff00ffff) === 0 && rest <= NINE_AS_THIRD
    at = isShort ? at + 8 : endOfLevel(at)
    if (at < 0) return -1
    if (count === countMax || bytes[at] !== COMMA) {
      scanner.at = at
      return count
    }
  }
}

/**
 * The decimal that begins at `start`; the cursor stands behind it then.
 * @returns it in units of the grid, or −1 when it is none or not on the grid
 */
function takeDecimal(scanner: BookScanner, start: number, decimals: number): number {
  const bytes = frame
  const view = words
  let at = start
  let value = 0
  let missing = decimals
  for (let from = start; ;) {
    const word = view.getInt32(at, true) ^ FOUR_ZEROS
    if (((word | (word + ABOVE_NINE)) & HIGH_BITS) === 0) {
      const pairs = Math.imul(word, 10) + (word >>> 8)
      value = (Math.imul(value, 10_000) + (pairs & 0xff) * 100 + ((pairs >>> 16) & 0xff)) | 0
      at += 4
    }
    let digit = (bytes[at] as number) ^ ZERO
    while (digit <= 9) {
      value = (Math.imul(value, 10) + digit) | 0
      at += 1
      digit = (bytes[at] as number) ^ ZERO
    }
    // At least one digit on both sides of a point.
    if (at === from) return -1
    if (from !== start) {
      missing -= at - from
      break
    }
    if (digit !== (POINT ^ ZERO)) break
    at += 1
    from = at
  }
  scanner.at = at
  if (at - start > SMALL_DIGITS_MAX || missing < 0 || missing > SMALL_PLACES_MAX)
    return otherDecimal(start, at, missing)
  return value * (POWERS_OF_TEN[missing] as number)
}

/** A decimal of many digits, or of more than the grid has: once more. */
function otherDecimal(start: number, end: number, missing: number): number {
  return toGrid(wideNumber(start, end), missing)
}

/** @returns where a level ends that began with price and size, or −1 */
function endOfLevel(start: number): number {
  let at = start + 1
  if (words.getInt32(start, true) === COUNT_KEY && frame[start + 4] === QUOTE && frame[start + 5] === COLON) {
    const from = start + 6
    at = from
    while (isDigit(frame[at] as number)) at += 1
    if (at === from || at - from > DIGITS_MAX || (frame[from] === ZERO && at - from > 1)) return -1
  }
  return frame[start] === QUOTE && frame[at] === CLOSE_OBJECT ? at + 1 : -1
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE
}

/** The digits between two places once more, with a point among them or not: the exact number, or −1 when it may not be exact. */
function wideNumber(start: number, end: number): number {
  if (end - start > DIGITS_MAX + 1) return -1
  let value = 0
  for (let at = start; at < end; at += 1) {
    if (frame[at] !== POINT) value = value * 10 + ((frame[at] as number) - ZERO)
  }
  return value <= Number.MAX_SAFE_INTEGER ? value : -1
}

/** @param places that are missing; negative: given beyond the grid, which must be zeros */
function toGrid(value: number, places: number): number {
  const unit = POWERS_OF_TEN[Math.abs(places)] as number
  if (places < 0) return value % unit === 0 ? value / unit : -1
  const whole = value * unit
  return whole <= Number.MAX_SAFE_INTEGER ? whole : -1
}

/** A whole number of JSON, or −1: no sign, no leading zero, exact. */
function takeWhole(scanner: BookScanner): number {
  const start = scanner.at
  let at = start
  let value = 0
  let digit = (frame[at] as number) - ZERO
  while (digit >= 0 && digit <= 9) {
    value = value * 10 + digit
    at += 1
    digit = (frame[at] as number) - ZERO
  }
  const length = at - start
  if (length === 0 || length > DIGITS_MAX + 1 || (length > 1 && frame[start] === ZERO)) return -1
  // A point or exponent behind it makes it another number.
  if (digit !== COMMA - ZERO && digit !== CLOSE_OBJECT - ZERO) return -1
  scanner.at = at
  // Beyond it a number may have been rounded on the way, but never to below it.
  return value <= Number.MAX_SAFE_INTEGER ? value : -1
}
