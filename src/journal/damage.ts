/**
 * Torn tail or damage? When a frame cannot be read, everything hangs on what follows it.
 *
 * A crash or power cut can only spoil the group that was being written: the one before was on disk before it began.
 * Within that group sectors may be missing in any order, and a missing sector reads as zeros. Everything else that
 * has something valid behind it was on disk once and was changed later: that is damage, and no prefix hides it.
 */
import { takeVarint } from './bytes.ts'
import type { ByteSource } from './bytes.ts'
import { CHAIN_FLAG_END } from './blocks.ts'
import { crc32cOf } from './crc32c.ts'
import {
  FRAME_LENGTH_BYTES,
  FRAME_OVERHEAD_BYTES,
  HASH_BYTES,
  RECORD_BYTES_MAX,
  SECTOR_BYTES,
} from './format.ts'
import { BODY_KIND } from './frame.ts'

const FRAME_BYTES_MIN: number = FRAME_OVERHEAD_BYTES + 2
const bodyKinds: ReadonlySet<number> = new Set(Object.values(BODY_KIND))

export interface ChainFrame {
  readonly group: number
  readonly isEnd: boolean
  readonly recordCount: number
  /** Where the hash begins: it covers the block up to here. */
  readonly hashAt: number
}

/** @returns the end of a whole frame with a right checksum at `start`, or null */
export function validFrameEnd(source: ByteSource, start: number): number | null {
  const end = frameEnd(source, start)
  if (end === null) return null
  const crcAt = end - FRAME_LENGTH_BYTES
  return source.view.getUint32(crcAt, true) === crc32cOf(source.view, start, crcAt) ? end : null
}

/** @returns the end of the frame at `start` by its length alone, or null when that cannot be */
export function frameEnd(source: ByteSource, start: number): number | null {
  const size = source.bytes.length
  if (start + FRAME_BYTES_MIN > size) return null
  const bodyBytes = source.view.getUint32(start, true)
  const end = start + FRAME_OVERHEAD_BYTES + bodyBytes
  return bodyBytes < 2 || bodyBytes > RECORD_BYTES_MAX || end > size ? null : end
}

export function isChainAt(source: ByteSource, start: number): boolean {
  return source.view.getUint8(start + FRAME_LENGTH_BYTES) === BODY_KIND.chain
}

/** @returns the fields of the chain frame at `start`, or null when its content does not fit its length */
export function readChain(source: ByteSource, start: number, end: number): ChainFrame | null {
  source.at = start + FRAME_LENGTH_BYTES + 1
  takeVarint(source)
  const group = takeVarint(source)
  const flags = source.view.getUint8(source.at)
  source.at += 1
  const recordCount = takeVarint(source)
  const hashAt = source.at
  if (hashAt + HASH_BYTES + FRAME_LENGTH_BYTES !== end) return null
  return { group, isEnd: (flags & CHAIN_FLAG_END) !== 0, recordCount, hashAt }
}

/** The first frame that cannot be read. */
export interface BadFrame {
  readonly offset: number
  /** True when a whole block ends there, so that a group may begin there. */
  readonly isGroupStart: boolean
  /** The group of the last whole block before it. */
  readonly groupLast: number
}

/** @returns true when the bytes from the bad frame on are what an interrupted write leaves */
export function isTornTail(source: ByteSource, bad: BadFrame): boolean {
  let firstValidAt: number | null = null
  const size = source.bytes.length
  for (let at = bad.offset + 1; at + FRAME_BYTES_MIN <= size; at += 1) {
    if (!bodyKinds.has(source.view.getUint8(at + FRAME_LENGTH_BYTES))) continue
    const end = validFrameEnd(source, at)
    if (end === null) continue
    firstValidAt ??= at
    const chain = isChainAt(source, at) ? readChain(source, at, end) : null
    if (chain && (chain.isEnd || chain.group > bad.groupLast + 1)) return false
    at = end - 1
  }
  return firstValidAt === null || hasMissingSector(source.bytes, bad, firstValidAt)
}

/**
 * A sector of zeros that reaches into the bad frame. The sector in which a group begins also holds the end of the
 * group before: when it is missing, only its later part is zero.
 */
function hasMissingSector(bytes: Buffer, bad: BadFrame, to: number): boolean {
  const first = Math.floor(bad.offset / SECTOR_BYTES) * SECTOR_BYTES
  for (let sector = first; sector < to; sector += SECTOR_BYTES) {
    const from = bad.isGroupStart ? Math.max(sector, bad.offset) : sector
    if (isZero(bytes, from, sector + SECTOR_BYTES)) return true
  }
  return false
}

/** True when all of `bytes[start…end)` that exists is zero. */
export function isZero(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < Math.min(end, bytes.length); at += 1) if (bytes[at] !== 0) return false
  return true
}
