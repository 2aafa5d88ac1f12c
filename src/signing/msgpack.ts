/**
 * msgpack as the venue hashes it: maps in insertion order, the shortest integer form, 64-bit integers (never
 * floats) from 2^32 on, `undefined` members left out.
 *
 * Longer than most files: all forms of the format over one scratch buffer.
 *
 * in     a JSON-safe value
 * out    a fresh byte array
 * state  one scratch buffer of the module, grown by doubling
 * source https://github.com/msgpack/msgpack/blob/master/spec.md
 */
import { SigningError } from './bytes.ts'

/** Deeper nesting than any action has; keeps hostile input from exhausting the stack. */
const DEPTH_MAX = 32

let scratch = new Uint8Array(4096)
let view = new DataView(scratch.buffer)
let length = 0
const textEncoder = new TextEncoder()

/**
 * @param spareByteCount zeros after the encoded bytes, for what the caller appends
 * @throws SigningError BAD_VALUE for a value that JSON cannot hold, an unsafe integer, or nesting beyond 32
 */
export function encodeMsgpack(value: unknown, spareByteCount = 0): Uint8Array {
  length = 0
  writeValue(value, 0)
  const bytes = new Uint8Array(length + spareByteCount)
  bytes.set(scratch.subarray(0, length))
  return bytes
}

function writeValue(value: unknown, depth: number): void {
  if (depth > DEPTH_MAX) throw new SigningError('BAD_VALUE', `an action nests at most ${DEPTH_MAX} levels`)
  if (typeof value === 'string') writeText(value)
  else if (typeof value === 'number') writeNumber(value)
  else if (typeof value === 'boolean') writeByte(value ? 0xc3 : 0xc2)
  else if (value === null) writeByte(0xc0)
  else if (Array.isArray(value)) writeArray(value, depth)
  else if (typeof value === 'object') writeMap(value, depth)
  else throw new SigningError('BAD_VALUE', `an action holds JSON values only, got a ${typeof value}`)
}

function writeArray(items: readonly unknown[], depth: number): void {
  writeHead(items.length, 0x90, 0xdc)
  for (const item of items) writeValue(item, depth + 1)
}

function writeMap(map: object, depth: number): void {
  // Keys and two passes instead of entries: an order is a map of maps, and nothing is to be allocated for each.
  const members = map as Readonly<Record<string, unknown>>
  const keys = Object.keys(members)
  let memberCount = 0
  for (const key of keys) if (members[key] !== undefined) memberCount += 1
  writeHead(memberCount, 0x80, 0xde)
  for (const key of keys) {
    const member = members[key]
    if (member === undefined) continue
    writeText(key)
    writeValue(member, depth + 1)
  }
}

/** The count goes into the first byte when it is below 16, else into two or four bytes after a marker or the one above. */
function writeHead(count: number, shortBase: number, marker: number): void {
  if (count < 16) {
    writeByte(shortBase | count)
  } else if (count <= 0xffff) {
    writeByte(marker)
    writeUint16(count)
  } else {
    writeByte(marker + 1)
    writeUint32(count)
  }
}

function writeText(text: string): void {
  // Nearly every text of an action is short ASCII: no encoder, no copy.
  if (text.length < 32 && writeShortAscii(text)) return
  const bytes = textEncoder.encode(text)
  if (bytes.length < 32) {
    writeByte(0xa0 | bytes.length)
  } else if (bytes.length <= 0xff) {
    writeByte(0xd9)
    writeByte(bytes.length)
  } else if (bytes.length <= 0xffff) {
    writeByte(0xda)
    writeUint16(bytes.length)
  } else {
    writeByte(0xdb)
    writeUint32(bytes.length)
  }
  reserve(bytes.length)
  scratch.set(bytes, length)
  length += bytes.length
}

function writeShortAscii(text: string): boolean {
  const start = length
  reserve(text.length + 1)
  scratch[length] = 0xa0 | text.length
  length += 1
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code > 0x7f) {
      length = start
      return false
    }
    scratch[length] = code
    length += 1
  }
  return true
}

function writeNumber(value: number): void {
  if (!Number.isInteger(value)) return writeFloat64(value)
  if (!Number.isSafeInteger(value)) throw new SigningError('BAD_VALUE', `${value} is not an exact integer`)
  if (value >= 0) writeUnsigned(value)
  else writeNegative(value)
}

function writeUnsigned(value: number): void {
  if (value <= 0x7f) {
    writeByte(value)
  } else if (value <= 0xff) {
    writeByte(0xcc)
    writeByte(value)
  } else if (value <= 0xffff) {
    writeByte(0xcd)
    writeUint16(value)
  } else if (value <= 0xffffffff) {
    writeByte(0xce)
    writeUint32(value)
  } else {
    writeByte(0xcf)
    reserve(8)
    view.setBigUint64(length, BigInt(value))
    length += 8
  }
}

function writeNegative(value: number): void {
  if (value >= -0x20) {
    writeByte(value & 0xff)
  } else if (value >= -0x80) {
    writeByte(0xd0)
    writeByte(value & 0xff)
  } else if (value >= -0x8000) {
    writeByte(0xd1)
    writeUint16(value & 0xffff)
  } else if (value >= -0x80000000) {
    writeByte(0xd2)
    writeUint32(value >>> 0)
  } else {
    writeByte(0xd3)
    reserve(8)
    view.setBigInt64(length, BigInt(value))
    length += 8
  }
}

function writeFloat64(value: number): void {
  if (!Number.isFinite(value)) throw new SigningError('BAD_VALUE', `${value} is not a JSON number`)
  writeByte(0xcb)
  reserve(8)
  view.setFloat64(length, value)
  length += 8
}

function writeByte(byte: number): void {
  reserve(1)
  scratch[length] = byte
  length += 1
}

function writeUint16(value: number): void {
  reserve(2)
  view.setUint16(length, value)
  length += 2
}

function writeUint32(value: number): void {
  reserve(4)
  view.setUint32(length, value)
  length += 4
}

function reserve(byteCount: number): void {
  if (length + byteCount <= scratch.length) return
  const grown = new Uint8Array(Math.max(scratch.length * 2, length + byteCount))
  grown.set(scratch.subarray(0, length))
  scratch = grown
  view = new DataView(scratch.buffer)
}
