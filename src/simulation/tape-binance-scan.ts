/**
 * The short way of the frames that a Binance recording is made of (depth changes, best bid/ask, trades): bytes of a line -> record,
 * without text or JSON between.
 *
 * in      the bytes of one line, as recorders ordinarily write it: no spaces within the frame, keys of the data in any order
 * out     the record that `decodeLine` would give; null for everything else, however slight the difference, and for
 *         everything it refuses or leaves out: the long way then decides, counts and words the error
 * state   a cursor and the fields of one frame, reused
 * long    because each part of a frame has its reader, and they are to be read together
 *
 * Reads past the end give undefined, which is no byte at all: that is why `as number` may stand behind a read.
 */
import { take } from '../core/scan-bytes.ts'
import type { DecodeState } from './tape-binance-line.ts'
import { E8 } from './tape.ts'
import type { TapeMarketRecord } from './tape.ts'

const ZERO = 48
const NINE = 57
const POINT = 46
const QUOTE = 34
const COMMA = 44
const COLON = 58
const BACKSLASH = 92
const OPEN_LIST = 91
const CLOSE_LIST = 93
const CLOSE_OBJECT = 125
const LETTER_F = 102
const LETTER_T = 116
const PRINTABLE_MIN = 32
const PRINTABLE_MAX = 126

/** Nanoseconds since 1970, and a space. */
const TIME_DIGITS = 19
const SECOND_DIGITS = 10
const NS_PER_SEC = 1e9
const NS_PER_MS = 1e6
/** Up to here seconds × 10^9 is exact, so that the sum is rounded once, as when the digits are read as one number. */
const SECONDS_MAX = 4e9
/** Digits before and behind the point of a price or size. */
const PLACES_MAX = 8
/** Whole numbers of up to so many digits are exact in every step. */
const ID_DIGITS_MAX = 15
const POWERS_OF_TEN: readonly number[] = Array.from({ length: PLACES_MAX + 1 }, (_, power) => 10 ** power)

const STREAM = bytesOf('{"stream":"')
const DATA = bytesOf(',"data":{')
const TRUE = bytesOf('true')
const FALSE = bytesOf('false')
const BOOK_TICKER = bytesOf('bookTicker')
const TRADE = bytesOf('trade')
const DEPTH_UPDATE = bytesOf('depthUpdate')

/** A key of one letter is its byte less this; the one of two letters has a place of its own. */
const KEY_BASE = 64
const KEYS = 64
const KEY_PU = 63
const LARGE_A = 65 - KEY_BASE
const LARGE_B = 66 - KEY_BASE
const SMALL_A = 97 - KEY_BASE
const SMALL_B = 98 - KEY_BASE
const SMALL_E = 101 - KEY_BASE
const SMALL_M = 109 - KEY_BASE
const SMALL_P = 112 - KEY_BASE
const SMALL_Q = 113 - KEY_BASE
const SMALL_S = 115 - KEY_BASE
const SMALL_U = 117 - KEY_BASE

export interface LineScanner {
  /** Of the next byte to read. */
  at: number
  /** What `symbol` was when `symbolBytes` was made from it. */
  symbol: string
  symbolBytes: Uint8Array
  /** By key: whole number, decimal text in 1e-8, or 1 and 0 for true and false; NaN: not in this frame, or something else. */
  readonly numbers: Float64Array
  /** By key: where its text begins; -1: not in this frame, or no text. */
  readonly textStart: Int32Array
  readonly textEnd: Int32Array
  bids: number[] | null
  asks: number[] | null
}

export function initLineScanner(): LineScanner {
  return {
    at: 0,
    symbol: '',
    symbolBytes: bytesOf(''),
    numbers: new Float64Array(KEYS),
    textStart: new Int32Array(KEYS),
    textEnd: new Int32Array(KEYS),
    bids: null,
    asks: null,
  }
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** @returns the record of the line from `start` to before `end`, or null when it must go the long way */
export function scanLine(
  scanner: LineScanner,
  state: DecodeState,
  bytes: Uint8Array,
  start: number,
  end: number,
): TapeMarketRecord | null {
  if (state.symbol === '') return null
  if (scanner.symbol !== state.symbol) {
    scanner.symbol = state.symbol
    scanner.symbolBytes = bytesOf(state.symbol)
  }
  scanner.at = start
  const tsMs = takeTsMs(scanner, bytes)
  if (tsMs < 0 || !take(scanner, bytes, STREAM) || !takeText(scanner, bytes, -1)) return null
  if (!take(scanner, bytes, DATA) || !takeFields(scanner, bytes)) return null
  if (bytes[scanner.at] !== CLOSE_OBJECT || scanner.at + 1 !== end) return null
  if (!isText(scanner, bytes, SMALL_S, scanner.symbolBytes)) return null
  return recordOf(scanner, state, bytes, Math.max(tsMs, state.tsMsLast))
}

function recordOf(
  scanner: LineScanner,
  state: DecodeState,
  bytes: Uint8Array,
  tsMs: number,
): TapeMarketRecord | null {
  const { numbers } = scanner
  if (isText(scanner, bytes, SMALL_E, BOOK_TICKER)) {
    const updateId = idOf(scanner, SMALL_U)
    const [bidE8, bidSizeE8] = [decimalOf(scanner, bytes, SMALL_B), decimalOf(scanner, bytes, LARGE_B)]
    const [askE8, askSizeE8] = [decimalOf(scanner, bytes, SMALL_A), decimalOf(scanner, bytes, LARGE_A)]
    if (updateId < 0 || bidE8 < 0 || bidSizeE8 < 0 || askE8 < 0 || askSizeE8 < 0) return null
    return { kind: 'touch', tsMs, updateId, bidE8, bidSizeE8, askE8, askSizeE8 }
  }
  if (isText(scanner, bytes, SMALL_E, TRADE)) {
    const isMakerBuyer = numbers[SMALL_M]
    const [priceE8, sizeE8] = [decimalOf(scanner, bytes, SMALL_P), decimalOf(scanner, bytes, SMALL_Q)]
    if (priceE8 < 0 || sizeE8 < 0 || (isMakerBuyer !== TRUTH && isMakerBuyer !== UNTRUTH)) return null
    return { kind: 'trade', tsMs, aggressor: isMakerBuyer === TRUTH ? 'sell' : 'buy', priceE8, sizeE8 }
  }
  const { bids, asks } = scanner
  const updateId = idOf(scanner, SMALL_U)
  if (!isText(scanner, bytes, SMALL_E, DEPTH_UPDATE) || bids === null || asks === null || updateId < 0)
    return null
  // A number that is none equals nothing, so a missing predecessor counts as a gap here, too.
  if (state.updateIdLast !== 0 && numbers[KEY_PU] !== state.updateIdLast) state.counters.gaps += 1
  state.updateIdLast = updateId
  return { kind: 'depth', tsMs, isSnapshot: false, updateId, bids, asks }
}

/** How true and false stand among the numbers: no id is negative. */
const TRUTH = -1
const UNTRUTH = -2

function idOf({ numbers }: LineScanner, key: number): number {
  const id = numbers[key] as number
  return id >= 0 ? id : -1
}

/** @returns the text of a key in units of 1e-8, or -1 */
function decimalOf(scanner: LineScanner, bytes: Uint8Array, key: number): number {
  const start = scanner.textStart[key] as number
  if (start < 0) return -1
  scanner.at = start
  const value = takeDecimal(scanner, bytes)
  return scanner.at === (scanner.textEnd[key] as number) ? value : -1
}

function isText(scanner: LineScanner, bytes: Uint8Array, key: number, expected: Uint8Array): boolean {
  const start = scanner.textStart[key] as number
  if (start < 0 || (scanner.textEnd[key] as number) - start !== expected.length) return false
  for (let index = 0; index < expected.length; index += 1) {
    if (bytes[start + index] !== expected[index]) return false
  }
  return true
}

function takeTsMs(scanner: LineScanner, bytes: Uint8Array): number {
  const { at } = scanner
  const seconds = digitsAt(bytes, at, SECOND_DIGITS)
  const rest = digitsAt(bytes, at + SECOND_DIGITS, TIME_DIGITS - SECOND_DIGITS)
  if (seconds < 0 || seconds > SECONDS_MAX || rest < 0 || bytes[at + TIME_DIGITS] !== PRINTABLE_MIN) return -1
  scanner.at = at + TIME_DIGITS + 1
  return (seconds * NS_PER_SEC + rest) / NS_PER_MS
}

function digitsAt(bytes: Uint8Array, at: number, count: number): number {
  let value = 0
  for (let index = at; index < at + count; index += 1) {
    const digit = (bytes[index] as number) - ZERO
    if (!(digit >= 0 && digit <= 9)) return -1
    value = value * 10 + digit
  }
  return value
}

/** The fields of the data up to behind its closing brace. A key that comes twice counts as it came last. */
function takeFields(scanner: LineScanner, bytes: Uint8Array): boolean {
  scanner.numbers.fill(Number.NaN)
  scanner.textStart.fill(-1)
  scanner.bids = null
  scanner.asks = null
  for (;;) {
    const key = takeKey(scanner, bytes)
    if (key < 0 || !takeValue(scanner, bytes, key)) return false
    const next = bytes[scanner.at]
    scanner.at += 1
    if (next === CLOSE_OBJECT) return true
    if (next !== COMMA) return false
  }
}

/** `"x":` or `"pu":`; @returns the key, or -1 for every other */
function takeKey(scanner: LineScanner, bytes: Uint8Array): number {
  const { at } = scanner
  if (bytes[at] !== QUOTE) return -1
  const key = (bytes[at + 1] as number) - KEY_BASE
  if (bytes[at + 2] === QUOTE && bytes[at + 3] === COLON) {
    scanner.at = at + 4
    return isLetter(key) ? key : -1
  }
  const isPu = key === SMALL_P && bytes[at + 2] === SMALL_U + KEY_BASE
  if (!isPu || bytes[at + 3] !== QUOTE || bytes[at + 4] !== COLON) return -1
  scanner.at = at + 5
  return KEY_PU
}

function isLetter(key: number): boolean {
  return (key >= 1 && key <= 26) || (key >= 33 && key <= 58)
}

function takeValue(scanner: LineScanner, bytes: Uint8Array, key: number): boolean {
  const { numbers, textStart } = scanner
  numbers[key] = Number.NaN
  textStart[key] = -1
  if (key === SMALL_B) scanner.bids = null
  if (key === SMALL_A) scanner.asks = null
  const first = bytes[scanner.at] as number
  if (first === QUOTE) {
    scanner.at += 1
    return takeText(scanner, bytes, key)
  }
  if (first === OPEN_LIST) {
    const levels = takeLevels(scanner, bytes)
    if (key === SMALL_B) scanner.bids = levels
    if (key === SMALL_A) scanner.asks = levels
    return levels !== null
  }
  if (first === LETTER_T || first === LETTER_F) {
    numbers[key] = first === LETTER_T ? TRUTH : UNTRUTH
    return take(scanner, bytes, first === LETTER_T ? TRUE : FALSE)
  }
  const value = takeWhole(scanner, bytes)
  numbers[key] = value
  return value >= 0
}

/** A text up to behind its closing quote; @param key -1: it is of no interest */
function takeText(scanner: LineScanner, bytes: Uint8Array, key: number): boolean {
  const start = scanner.at
  let at = start
  while (bytes[at] !== QUOTE) {
    const letter = bytes[at] as number
    if (!(letter >= PRINTABLE_MIN && letter <= PRINTABLE_MAX) || letter === BACKSLASH) return false
    at += 1
  }
  if (key >= 0) {
    scanner.textStart[key] = start
    scanner.textEnd[key] = at
  }
  scanner.at = at + 1
  return true
}

/** `[["price","size"],…]`, flat, in units of 1e-8. */
function takeLevels(scanner: LineScanner, bytes: Uint8Array): number[] | null {
  const flat: number[] = []
  scanner.at += 1
  if (bytes[scanner.at] === CLOSE_LIST) {
    scanner.at += 1
    return flat
  }
  for (;;) {
    if (bytes[scanner.at] !== OPEN_LIST || bytes[scanner.at + 1] !== QUOTE) return null
    scanner.at += 2
    const priceE8 = takeDecimal(scanner, bytes)
    if (priceE8 < 0 || bytes[scanner.at] !== QUOTE || bytes[scanner.at + 1] !== COMMA) return null
    if (bytes[scanner.at + 2] !== QUOTE) return null
    scanner.at += 3
    const sizeE8 = takeDecimal(scanner, bytes)
    if (sizeE8 < 0 || bytes[scanner.at] !== QUOTE || bytes[scanner.at + 1] !== CLOSE_LIST) return null
    scanner.at += 2
    flat.push(priceE8, sizeE8)
    const next = bytes[scanner.at]
    scanner.at += 1
    if (next === CLOSE_LIST) return flat
    if (next !== COMMA) return null
  }
}

/** A decimal of at most eight digits on either side of its point, in units of 1e-8; -1 when it is none. */
function takeDecimal(scanner: LineScanner, bytes: Uint8Array): number {
  const start = scanner.at
  let at = start
  let whole = 0
  for (; at < start + PLACES_MAX; at += 1) {
    const code = bytes[at] as number
    if (!(code >= ZERO && code <= NINE)) break
    whole = whole * 10 + (code - ZERO)
  }
  if (at === start) return -1
  if (bytes[at] !== POINT) {
    scanner.at = at
    return scaled(whole, 0)
  }
  const pointAt = at
  let fraction = 0
  for (at += 1; at <= pointAt + PLACES_MAX; at += 1) {
    const code = bytes[at] as number
    if (!(code >= ZERO && code <= NINE)) break
    fraction = fraction * 10 + (code - ZERO)
  }
  const places = at - pointAt - 1
  if (places === 0) return -1
  scanner.at = at
  return scaled(whole, fraction * (POWERS_OF_TEN[PLACES_MAX - places] as number))
}

function scaled(whole: number, fractionE8: number): number {
  const value = whole * E8 + fractionE8
  return value <= Number.MAX_SAFE_INTEGER ? value : -1
}

/** A whole number of JSON before a comma or brace, or -1: no sign, no leading zero, at most fifteen digits. */
function takeWhole(scanner: LineScanner, bytes: Uint8Array): number {
  const start = scanner.at
  let at = start
  let value = 0
  for (; at < start + ID_DIGITS_MAX; at += 1) {
    const code = bytes[at] as number
    if (!(code >= ZERO && code <= NINE)) break
    value = value * 10 + (code - ZERO)
  }
  const isLong = at - start > 1
  if (at === start || (isLong && bytes[start] === ZERO)) return -1
  const next = bytes[at] as number
  if (next !== COMMA && next !== CLOSE_OBJECT) return -1
  scanner.at = at
  return value
}
