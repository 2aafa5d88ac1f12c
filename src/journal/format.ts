/**
 * What a journal is on disk: one folder per run with segment files `00000001.hmj`, `00000002.hmj`, …, each a header
 * and then frames; one that is complete may be gzipped (`00000001.hmj.gz`). docs/journal.md draws it.
 *
 *   header  magic 8 · format version u32 · segment number u32 · link 32 · JSON length u32 · JSON · CRC-32C u32
 *   frame   body length u32 · body · CRC-32C of both u32; a length of 0 ends the written part (zeros are reserve)
 *
 * Numbers are little-endian. `link` is the chain hash at the end of the segment before, zeros in the first; only the
 * first segment has JSON, the `JournalHeader`.
 */
import type { Command } from '../core/command.ts'
import type { Input } from '../core/input.ts'
import type { Network } from '../core/market.ts'
import type { ExchangeCommand } from '../exchange/command.ts'
import { crc32c } from './crc32c.ts'
import { JournalError } from './errors.ts'
import { toExactJson } from './exact-json.ts'

/** Who wrote the journal and under what rules; the first bytes of every run. */
export interface JournalHeader {
  readonly formatVersion: number
  /** Version and build of the program. */
  readonly build: string
  readonly network: Network
  readonly dex: string
  readonly coin: string
  readonly account: string
  readonly configHash: string
  /** The effective configuration, JSON-safe and without secrets. */
  readonly config: unknown
  readonly seed: number | null
  /** From `nextEpoch`. */
  readonly epoch: number
  readonly createdTsMs: number
  /** What was journalled; absent: the maker. A recorder keeps the market's inputs and decides nothing. */
  readonly machine?: 'exchange' | 'recorder'
  /** On paper no order left the process; what was assumed of the venue instead. Absent: orders were sent. */
  readonly paper?: { readonly queue: string; readonly latency: string; readonly capitalMicroUsd: number }
}

/**
 * One thing that happened. A maker's journal has inputs and commands, an exchange's venue commands alone; both number what
 * enters from 1, and all else has the number of what caused it, 0 before the first.
 */
export type JournalRecord =
  | { readonly kind: 'input'; readonly input: Input }
  | { readonly kind: 'command'; readonly seq: number; readonly command: Command }
  | { readonly kind: 'checkpoint'; readonly seq: number; readonly stateHash: string }
  | { readonly kind: 'note'; readonly seq: number; readonly text: string }
  | VenueCommandRecord

/**
 * A command on its way into the exchange, with the exchange's running hash before it: so each record proves the one before,
 * and a replay that goes astray is found at the very command.
 */
export interface VenueCommandRecord {
  readonly kind: 'venueCommand'
  readonly seq: number
  /** The two halves of the running hash, unsigned 32 bits each. */
  readonly hashHigh: number
  readonly hashLow: number
  readonly command: ExchangeCommand
}

/** Since 2 an exchange may be the writer, and a header says so in `machine`. Version 1 is read as well. */
export const FORMAT_VERSION = 2
const FORMAT_VERSION_OLDEST = 1
/** Largest body of a frame. The largest real one, an account with 1,000 open orders, has some 150 kB. */
export const RECORD_BYTES_MAX: number = 4 * 1024 * 1024
export const HASH_BYTES = 32
/** What a disk writes whole or not at all, at the least. */
export const SECTOR_BYTES = 512
export const FRAME_LENGTH_BYTES = 4
export const FRAME_OVERHEAD_BYTES = 8

const MAGIC = Buffer.from('hmjrnl\r\n', 'latin1')
const VERSION_AT = 8
const INDEX_AT = 12
const LINK_AT = 16
const JSON_LENGTH_AT = 48
const JSON_AT = 52
const CRC_BYTES = 4
const HEADER_JSON_BYTES_MAX: number = 1024 * 1024
/** No segment header is longer. */
export const SEGMENT_HEADER_BYTES_MAX: number = JSON_AT + HEADER_JSON_BYTES_MAX + CRC_BYTES
const SEGMENT_NAME_PATTERN = /^(\d{8})\.hmj(?:\.gz)?$/
export const GZIP_SUFFIX = '.gz'

/** @param index from 1 */
export function segmentName(index: number): string {
  return `${String(index).padStart(8, '0')}.hmj`
}

/** @returns the number of the segment, or null for a file that is none */
export function segmentIndexOf(fileName: string): number | null {
  const match = SEGMENT_NAME_PATTERN.exec(fileName)
  return match ? Number(match[1]) : null
}

/**
 * @param header null in all segments but the first
 * @throws JournalError BAD_HEADER when the header has another version or is too large
 */
export function encodeSegmentHeader(index: number, link: Buffer, header: JournalHeader | null): Buffer {
  if (header && header.formatVersion !== FORMAT_VERSION) {
    throw new JournalError(
      'BAD_HEADER',
      `header.formatVersion is ${header.formatVersion}; this build writes ${FORMAT_VERSION}: pass FORMAT_VERSION`,
    )
  }
  const json = Buffer.from(header ? headerJson(header) : '', 'utf8')
  if (json.length > HEADER_JSON_BYTES_MAX) {
    throw new JournalError(
      'BAD_HEADER',
      `the header has ${json.length} bytes of JSON, at most ${HEADER_JSON_BYTES_MAX} are allowed: shorten the config`,
    )
  }
  const bytes = Buffer.alloc(JSON_AT + json.length + CRC_BYTES)
  MAGIC.copy(bytes)
  bytes.writeUInt32LE(FORMAT_VERSION, VERSION_AT)
  bytes.writeUInt32LE(index, INDEX_AT)
  link.copy(bytes, LINK_AT)
  bytes.writeUInt32LE(json.length, JSON_LENGTH_AT)
  json.copy(bytes, JSON_AT)
  bytes.writeUInt32LE(crc32c(bytes, 0, JSON_AT + json.length), JSON_AT + json.length)
  return bytes
}

function headerJson(header: JournalHeader): string {
  try {
    return toExactJson(header)
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error)
    throw new JournalError('BAD_HEADER', `the header is not JSON-safe: ${because}`, { cause: error })
  }
}

export interface SegmentHeader {
  readonly index: number
  readonly link: Buffer
  readonly header: JournalHeader | null
  /** Where the frames begin. */
  readonly end: number
}

/** @returns the header, or why there is none, in words */
export function decodeSegmentHeader(bytes: Buffer): SegmentHeader | string {
  if (bytes.length < JSON_AT + CRC_BYTES) return 'the segment header is cut off'
  if (!bytes.subarray(0, VERSION_AT).equals(MAGIC)) return 'the file does not begin as a journal segment'
  const jsonEnd = JSON_AT + bytes.readUInt32LE(JSON_LENGTH_AT)
  if (jsonEnd + CRC_BYTES > bytes.length) return 'the segment header is cut off'
  if (bytes.readUInt32LE(jsonEnd) !== crc32c(bytes, 0, jsonEnd))
    return 'the segment header has a wrong checksum'
  const version = bytes.readUInt32LE(VERSION_AT)
  if (version < FORMAT_VERSION_OLDEST || version > FORMAT_VERSION) {
    throw new JournalError(
      'UNKNOWN_VERSION',
      `the journal has format ${version}; this build reads ${FORMAT_VERSION_OLDEST} to ${FORMAT_VERSION}: use the build that wrote it`,
    )
  }
  return {
    index: bytes.readUInt32LE(INDEX_AT),
    link: Buffer.from(bytes.subarray(LINK_AT, LINK_AT + HASH_BYTES)),
    // The checksum held and the version is ours, so the JSON is what `encodeSegmentHeader` wrote.
    header:
      jsonEnd > JSON_AT ? (JSON.parse(bytes.toString('utf8', JSON_AT, jsonEnd)) as JournalHeader) : null,
    end: jsonEnd + CRC_BYTES,
  }
}
