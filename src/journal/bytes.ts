/**
 * Writing and reading numbers and client ids as bytes. Every number comes back as the same double:
 *
 *   varint  whole 0…2^53 − 1, seven bits a byte, low bits first
 *   number  varint of zigzag + 1 for whole |value| < 2^51; else byte 0 and the eight bytes of the double
 *
 * A sink does not grow: the caller has checked the room (`codec.ts` bounds each record beforehand).
 */
import { assert } from '../core/assert.ts'

export interface ByteSink {
  readonly bytes: Buffer
  readonly view: DataView
  at: number
}

export interface ByteSource {
  readonly bytes: Buffer
  readonly view: DataView
  at: number
}

/** Longest encodings, for room checks. */
export const NUMBER_BYTES_MAX = 9
export const CLOID_BYTES = 16
export const ADDRESS_BYTES = 20

/** Bits of four bytes of a varint: they fit a signed word. */
const SHORT_VARINT_BITS = 28
const SHORT_VARINT_LIMIT = 0x10000000
/** The bit of each of four bytes that says that it is not the last. */
const MORE_FOLLOW = 0x80808080 | 0
const WORD_LIMIT = 2 ** 31
/** Below this, zigzag + 1 is a positive word. */
const NARROW_LIMIT = 0x40000000
/** Below this, zigzag + 1 is itself a whole number that a double holds. */
const WHOLE_LIMIT = 2 ** 51
const CLOID_PATTERN = /^0x[0-9a-f]{32}$/
const ADDRESS_PATTERN = /^0x[0-9a-f]{40}$/

export function initSink(capacity: number): ByteSink {
  const buffer = Buffer.alloc(capacity)
  return { bytes: buffer, view: viewOf(buffer), at: 0 }
}

export function initSource(bytes: Buffer): ByteSource {
  return { bytes, view: viewOf(bytes), at: 0 }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** True for the values that the short form of `putNumber` takes. −0 is not one of them: it would come back as 0. */
export function isShortWhole(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) < WHOLE_LIMIT && (value !== 0 || 1 / value > 0)
}

export function putByte(sink: ByteSink, value: number): void {
  sink.bytes[sink.at] = value
  sink.at += 1
}

/** @param value whole, 0…2^53 − 1 */
export function putVarint(sink: ByteSink, value: number): void {
  const { view, at } = sink
  if (value < WORD_LIMIT) {
    sink.at = writeWord(view, at, value | 0)
    return
  }
  // Bit operations see 32 bits: the part above the first four bytes is taken off by arithmetic first.
  const upper = (value / SHORT_VARINT_LIMIT) | 0
  view.setInt32(at, spread((value - upper * SHORT_VARINT_LIMIT) | 0) | MORE_FOLLOW, true)
  sink.at = writeWord(view, at + 4, upper)
}

/**
 * Writes a varint below 2^31, up to three bytes behind it included: what follows overwrites them.
 * @returns where it ends
 */
function writeWord(view: DataView, at: number, value: number): number {
  if (value < 0x80) {
    view.setUint8(at, value)
    return at + 1
  }
  if (value < 0x4000) {
    view.setUint16(at, (value & 0x7f) | ((value << 1) & 0x7f00) | 0x80, true)
    return at + 2
  }
  if (value >= 0x200000) return writeLongWord(view, at, value)
  view.setInt32(at, spread(value) | 0x8080, true)
  return at + 3
}

function writeLongWord(view: DataView, at: number, value: number): number {
  if (value < SHORT_VARINT_LIMIT) {
    view.setInt32(at, spread(value) | 0x808080, true)
    return at + 4
  }
  view.setInt32(at, spread(value) | MORE_FOLLOW, true)
  view.setUint8(at + 4, value >>> SHORT_VARINT_BITS)
  return at + 5
}

/** The low 28 bits as four bytes of seven. */
function spread(value: number): number {
  return (value & 0x7f) | ((value << 1) & 0x7f00) | ((value << 2) & 0x7f0000) | ((value << 3) & 0x7f000000)
}

/** @throws RangeError where the bytes end in the middle of it */
export function takeVarint(source: ByteSource): number {
  const { bytes, view, at } = source
  if (at + 4 > bytes.length) return takeLastVarint(source)
  // Most are short: one word holds all their bytes, and a byte below 128 is the last.
  const word = view.getInt32(at, true)
  const one = word & 0x7f
  source.at = at + 1
  if ((word & 0x80) === 0) return one
  const two = one | ((word >> 1) & 0x3f80)
  source.at = at + 2
  if ((word & 0x8000) === 0) return two
  const three = two | ((word >> 2) & 0x1fc000)
  source.at = at + 3
  if ((word & 0x800000) === 0) return three
  const four = three | ((word >> 3) & 0xfe00000)
  source.at = at + 4
  return word >= 0 ? four : four + takeUpperVarint(source)
}

/** The same where fewer than four bytes are left. */
function takeLastVarint(source: ByteSource): number {
  let value = 0
  for (let shift = 0; ; shift += 7) {
    const byte = source.view.getUint8(source.at)
    source.at += 1
    value |= (byte & 127) << shift
    if (byte < 128) return value
  }
}

/** What stands above the first bits of a long varint. */
function takeUpperVarint(source: ByteSource): number {
  const { view } = source
  let { at } = source
  let upper = 0
  let scale = 2 ** SHORT_VARINT_BITS
  let byte = 128
  while (byte >= 128) {
    byte = view.getUint8(at++)
    upper += (byte & 127) * scale
    scale *= 128
  }
  source.at = at
  return upper
}

/** @param value any double; a value of another type is a bug of the caller */
export function putNumber(sink: ByteSink, value: number): void {
  if (isNarrow(value)) sink.at = writeWord(sink.view, sink.at, narrowCode(value))
  else if (isShortWhole(value)) putVarint(sink, value >= 0 ? value * 2 + 1 : value * -2)
  else putDouble(sink, value)
}

/** True for whole numbers whose code is a word; then bit operations do. −0 is not one of them. */
function isNarrow(value: number): boolean {
  return (value | 0) === value && value < NARROW_LIMIT && value > -NARROW_LIMIT && !Object.is(value, -0)
}

/** Zigzag + 1 of a narrow number. */
function narrowCode(value: number): number {
  return value >= 0 ? (value << 1) | 1 : -value << 1
}

function putDouble(sink: ByteSink, value: number): void {
  assert(typeof value === 'number', 'a number field of a journal record holds a number')
  sink.view.setUint8(sink.at, 0)
  sink.view.setFloat64(sink.at + 1, value, true)
  sink.at += 9
}

export function takeNumber(source: ByteSource): number {
  return fromCode(source, takeVarint(source), 0)
}

/**
 * A number near `base`: whole values go as their difference, all others as themselves.
 * The reader must pass the same base.
 */
export function putNear(sink: ByteSink, value: number, base: number): void {
  const step = value - near(base)
  // The way back is exact, so a value with a fraction cannot hide behind a large base; −0 would come back as 0.
  if (isNarrow(step) && near(base) + step === value && value !== 0)
    sink.at = writeWord(sink.view, sink.at, narrowCode(step))
  // Within ±2^50 on both sides the difference is exact and short.
  else if (isShortWhole(value) && Math.abs(value) < WHOLE_LIMIT / 2) putNumber(sink, step)
  else putDouble(sink, value)
}

/** A time since 1970 and another near it, as `putNumber` and `putNear` write them. */
export function putTimes(sink: ByteSink, tsMs: number, otherTsMs: number): void {
  const step = otherTsMs - tsMs
  const isUsual = tsMs >= WORD_LIMIT && tsMs < WHOLE_LIMIT / 2 && Math.floor(tsMs) === tsMs
  if (isUsual && isNarrow(step) && tsMs + step === otherTsMs) {
    putVarint(sink, tsMs * 2 + 1)
    sink.at = writeWord(sink.view, sink.at, narrowCode(step))
  } else {
    putNumber(sink, tsMs)
    putNear(sink, otherTsMs, tsMs)
  }
}

/** Two numbers, the first as its step from `before`, as `putNear` and `putNumber` write them: a price and a size. */
export function putPair(sink: ByteSink, first: number, second: number, before: number): void {
  if (isNarrowCount(first) && isNarrowCount(second) && isNarrowCount(before)) {
    const { view } = sink
    const at = writeWord(view, sink.at, stepCode(first, before))
    sink.at = writeWord(view, at, (second << 1) | 1)
  } else {
    putNear(sink, first, before)
    putNumber(sink, second)
  }
}

/**
 * Pairs of numbers, the first of each as its step from the one before, as `putNear` and `putNumber` write them: all in one go, for
 * the levels of a book are most of what a journal holds.
 * @returns how many numbers were written: up to the first pair that is not narrow and positive
 */
export function putPairs(sink: ByteSink, flat: readonly number[]): number {
  const { view } = sink
  let { at } = sink
  let index = 0
  let before = 0
  for (const last = flat.length - 1; index < last; index += 2) {
    const first = flat[index] as number
    const second = flat[index + 1] as number
    if (!isNarrowCount(first) || !isNarrowCount(second)) break
    at = writeWord(view, at, stepCode(first, before))
    at = writeWord(view, at, (second << 1) | 1)
    before = first
  }
  sink.at = at
  return index
}

/** `narrowCode` of the way from one narrow count to another. */
function stepCode(value: number, before: number): number {
  return value >= before ? ((value - before) << 1) | 1 : (before - value) << 1
}

function isNarrowCount(value: number): boolean {
  return (value | 0) === value && value >= 0 && value < NARROW_LIMIT && !Object.is(value, -0)
}

export function takeNear(source: ByteSource, base: number): number {
  return fromCode(source, takeVarint(source), near(base))
}

function near(base: number): number {
  return Number.isInteger(base) && Math.abs(base) < WHOLE_LIMIT / 2 ? base : 0
}

function fromCode(source: ByteSource, code: number, base: number): number {
  if (code === 0) {
    const value = source.view.getFloat64(source.at, true)
    source.at += 8
    return value
  }
  if (code < WORD_LIMIT) return (code & 1) === 1 ? base + (code >> 1) : base - (code >> 1)
  return code % 2 === 1 ? base + (code - 1) / 2 : base - code / 2
}

export function isCloid(text: string): boolean {
  return CLOID_PATTERN.test(text)
}

export function isAddress(text: string): boolean {
  return ADDRESS_PATTERN.test(text)
}

/** @param text 0x and an even number of lower-case hexadecimal digits, as `isCloid` and `isAddress` take */
export function putHex(sink: ByteSink, text: string): void {
  const { bytes } = sink
  let { at } = sink
  for (let digit = 2; digit < text.length; digit += 2, at += 1) {
    bytes[at] = (nibble(text.charCodeAt(digit)) << 4) | nibble(text.charCodeAt(digit + 1))
  }
  sink.at = at
}

/** '0'…'9' are 48…57, 'a'…'f' 97…102. */
function nibble(charCode: number): number {
  return charCode < 58 ? charCode - 48 : charCode - 87
}

/** @param byteCount `CLOID_BYTES` or `ADDRESS_BYTES` */
export function takeHex(source: ByteSource, byteCount: number): string {
  const { at } = source
  source.at = at + byteCount
  return `0x${source.bytes.toString('hex', at, at + byteCount)}`
}
