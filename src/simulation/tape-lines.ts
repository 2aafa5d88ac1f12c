/**
 * Lines of a file, plain or gzip, one at a time. The unpacked text stays in one buffer; only the line asked for becomes a string. A gzip file that was cut short gives what is there: recorders die in mid-write.
 */
import { readFileSync } from 'node:fs'
import zlib from 'node:zlib'
import { SimulationError } from './errors.ts'

/** Unpacked size beyond which a tape is refused: it lies in memory. About three hours of a busy market. */
export const TAPE_BYTES_MAX: number = 1024 * 1024 * 1024

const NEWLINE = 10

export interface LineReader {
  readonly text: Buffer
  offset: number
  /** Number of the line read last, from 1. */
  line: number
}

/** @throws SimulationError TAPE_UNREADABLE when the file cannot be opened or unpacked, or is too large */
export function openLines(path: string): LineReader {
  return { text: unpack(path, readWhole(path)), offset: 0, line: 0 }
}

/** Moves on by one line. @returns where it ends, without its newline; -1 after the last. It began at the offset of before. */
export function passLine(reader: LineReader): number {
  const { text, offset } = reader
  if (offset >= text.length) return -1
  const newline = text.indexOf(NEWLINE, offset)
  const end = newline === -1 ? text.length : newline
  reader.offset = end + 1
  reader.line += 1
  return end
}

/** The next line without its end, or null after the last. */
export function nextLine(reader: LineReader): string | null {
  const start = reader.offset
  const end = passLine(reader)
  return end === -1 ? null : reader.text.toString('utf8', start, end)
}

function readWhole(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new SimulationError('TAPE_UNREADABLE', `tape ${path}: cannot be read; check the path`, { cause })
  }
}

/** Packings that are common and not read: by the bytes that a file begins with, and what unpacks it. */
const FOREIGN_PACKINGS: readonly (readonly [magic: number, name: string, remedy: string])[] = [
  [0xfd2fb528, 'Zstandard', 'zstd -d'],
  [0x184d2204, 'LZ4', 'lz4 -d'],
]

function unpack(path: string, bytes: Buffer): Buffer {
  const magic = bytes.length >= 4 ? bytes.readUInt32LE(0) : 0
  const foreign = FOREIGN_PACKINGS.find(([of]) => of === magic)
  if (foreign !== undefined) {
    const [, name, remedy] = foreign
    const message = `tape ${path}: is packed with ${name}; gzip and plain text are read, so unpack it first: ${remedy}`
    throw new SimulationError('TAPE_UNREADABLE', message)
  }
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b
  if (!isGzip) return bytes
  try {
    const { Z_SYNC_FLUSH } = zlib.constants
    return zlib.gunzipSync(bytes, { maxOutputLength: TAPE_BYTES_MAX, finishFlush: Z_SYNC_FLUSH })
  } catch (cause) {
    const reason =
      cause instanceof RangeError
        ? `is over ${TAPE_BYTES_MAX} bytes unpacked; split it`
        : 'is not a whole gzip file'
    throw new SimulationError('TAPE_UNREADABLE', `tape ${path}: ${reason}`, { cause })
  }
}
