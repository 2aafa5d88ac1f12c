/**
 * Walks a journal block by block and believes nothing: header checksum, links between segments, chain hash of each
 * block. Where the hash holds, the checksums inside the block need no second look; where it does not, they find the
 * first bad frame. One segment is in memory at a time.
 *
 * in   a folder   out  blocks of valid frames in order; the tally says what was seen and where it ended.
 * Long, because it is one way from the folder down to the frame.
 */
import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { hashOf } from './blocks.ts'
import { initSource } from './bytes.ts'
import type { ByteSource } from './bytes.ts'
import { frameEnd, isChainAt, isTornTail, isZero, readChain, validFrameEnd } from './damage.ts'
import { JournalError } from './errors.ts'
import {
  GZIP_SUFFIX,
  HASH_BYTES,
  SEGMENT_HEADER_BYTES_MAX,
  decodeSegmentHeader,
  segmentIndexOf,
  segmentName,
} from './format.ts'
import type { JournalHeader, SegmentHeader } from './format.ts'
import { unzip } from './unzip.ts'
import type { Unzipped } from './unzip.ts'

/** What a walk has seen so far; complete when the walk has ended. */
export interface WalkTally {
  header: JournalHeader
  segmentCount: number
  /** Chain hash at the end of the last whole block. */
  chainHash: Buffer
  /** Group of the last whole block. */
  group: number
  recordCount: number
  /** Bytes of headers and whole frames: the longest valid prefix. */
  validBytes: number
  /** What an interrupted write left behind the valid prefix. */
  tornBytes: number
  /** True when the last chain frame says that the writer closed in order. */
  isClosed: boolean
}

/** A stretch of whole, checked frames. */
export interface WalkBlock {
  readonly source: ByteSource
  readonly segment: number
  readonly start: number
  /** End of the last record frame: the chain frame is not included. */
  readonly end: number
}

/**
 * Reads the header of a journal without its records.
 * @throws JournalError BAD_DIRECTORY, NOT_A_JOURNAL, BAD_HEADER or UNKNOWN_VERSION
 */
export function readHeader(dir: string): JournalHeader {
  return openFirst(dir).header
}

export function initTally(dir: string): WalkTally {
  const { header, headerBytes } = openFirst(dir)
  return {
    header,
    segmentCount: 0,
    chainHash: hashOf(headerBytes, Buffer.alloc(0)),
    group: 0,
    recordCount: 0,
    validBytes: 0,
    tornBytes: 0,
    isClosed: false,
  }
}

function openFirst(dir: string): { header: JournalHeader; headerBytes: Buffer } {
  const [first] = segmentsOf(dir)
  if (first === undefined) {
    throw new JournalError('NOT_A_JOURNAL', `${dir} holds no journal: give the folder of one run`)
  }
  const { bytes, isDamaged } = readSegmentHead(dir, first)
  const decoded = decodeSegmentHeader(bytes)
  const because = typeof decoded === 'string' ? decoded : headerFault(decoded, 1, Buffer.alloc(HASH_BYTES))
  if (typeof decoded === 'string' || because !== null || decoded.header === null) {
    const packed = isDamaged ? 'the segment is not a whole gzip file: ' : ''
    throw new JournalError(
      'BAD_HEADER',
      `${join(dir, segmentName(first))}: ${packed}${because ?? 'no header'}`,
      {
        place: { segment: first, offset: 0 },
      },
    )
  }
  return { header: decoded.header, headerBytes: Buffer.from(bytes.subarray(0, decoded.end)) }
}

/** @returns the numbers of the segments in a folder, ascending */
export function segmentsOf(dir: string): number[] {
  let names: string[]
  try {
    names = readdirSync(dir)
  } catch (error) {
    throw new JournalError('BAD_DIRECTORY', `cannot read ${dir}: give the folder of one run`, {
      cause: error,
    })
  }
  // While a segment is being gzipped it is there twice.
  const indexes = new Set(names.map(segmentIndexOf).filter((index) => index !== null))
  return [...indexes].sort((left, right) => left - right)
}

function readSegment(dir: string, index: number): Unzipped {
  const path = join(dir, segmentName(index))
  const isGzipped = !existsSync(path) && existsSync(path + GZIP_SUFFIX)
  try {
    return isGzipped
      ? unzip(readFileSync(path + GZIP_SUFFIX))
      : { bytes: readFileSync(path), isDamaged: false }
  } catch (error) {
    throw new JournalError('BAD_DIRECTORY', `cannot read ${path}`, { cause: error })
  }
}

/** Enough of a segment for its header; all of one that is gzipped. */
function readSegmentHead(dir: string, index: number): Unzipped {
  const path = join(dir, segmentName(index))
  if (!existsSync(path)) return readSegment(dir, index)
  try {
    const file = openSync(path, 'r')
    try {
      const bytes = Buffer.allocUnsafe(Math.min(fstatSync(file).size, SEGMENT_HEADER_BYTES_MAX))
      const readBytes = readSync(file, bytes, 0, bytes.length, 0)
      return { bytes: bytes.subarray(0, readBytes), isDamaged: false }
    } finally {
      closeSync(file)
    }
  } catch (error) {
    throw new JournalError('BAD_DIRECTORY', `cannot read ${path}`, { cause: error })
  }
}

function headerFault(found: SegmentHeader, index: number, link: Buffer): string | null {
  if (found.index !== index) return `the segment says it is number ${found.index}`
  if (!found.link.equals(link)) return 'the segment does not follow the one before it'
  return (found.header !== null) === (index === 1) ? null : 'the run header stands in the first segment only'
}

/**
 * @throws JournalError DAMAGED at the first damage before the tail, after the blocks before it were given out
 */
export function* walkBlocks(dir: string, tally: WalkTally): Generator<WalkBlock> {
  const segments = segmentsOf(dir)
  for (const [position, index] of segments.entries()) {
    if (index !== position + 1) throw damaged(dir, position + 1, 0, 'the segment file is missing')
    const { bytes, isDamaged } = readSegment(dir, index)
    const isLast = position === segments.length - 1
    yield* walkSegment({ dir, source: initSource(bytes), isDamaged, segment: index, isLast }, tally)
  }
}

interface Segment {
  readonly dir: string
  readonly source: ByteSource
  /** It was unpacked from a file that is not what was packed, so that it ends in damage whatever its end looks like. */
  readonly isDamaged: boolean
  readonly segment: number
  readonly isLast: boolean
}

/** Frames up to a chain frame, by their lengths alone. */
interface Stretch {
  readonly start: number
  readonly chainStart: number
  readonly recordCount: number
}

function* walkSegment(segment: Segment, tally: WalkTally): Generator<WalkBlock> {
  const { source } = segment
  const decoded = decodeSegmentHeader(source.bytes)
  const link = segment.segment === 1 ? Buffer.alloc(HASH_BYTES) : tally.chainHash
  const fault = typeof decoded === 'string' ? decoded : headerFault(decoded, segment.segment, link)
  if (typeof decoded === 'string' || fault !== null) {
    // A crash between two segments leaves the new one without a whole header, and then nothing after it.
    endAt(segment, tally, 0, fault ?? 'bad segment header', typeof decoded === 'string' ? 0 : null)
    return
  }
  if (tally.isClosed) throw damaged(segment.dir, segment.segment, 0, 'the journal was closed before this')

  tally.segmentCount += 1
  tally.validBytes += decoded.end
  let start = decoded.end
  for (;;) {
    const stretch = findChain(source, start)
    if (stretch === null || !acceptBlock(segment, tally, stretch)) break
    const { chainStart } = stretch
    // Decoding moves `source.at`, so it is read before the block is given out.
    const next = source.at
    if (chainStart > start) yield { source, segment: segment.segment, start, end: chainStart }
    start = next
  }
  const end = lastWholeFrame(segment, start)
  if (end > start) {
    if (tally.isClosed)
      throw damaged(segment.dir, segment.segment, start, 'records stand behind the end mark')
    tally.recordCount += countFrames(source, start, end)
    tally.validBytes += end - start
    yield { source, segment: segment.segment, start, end }
  }
  endAt(segment, tally, end, 'a record is cut off or has a wrong checksum', start)
}

/** @returns the frames up to the next chain frame, or null when their lengths lead nowhere */
function findChain(source: ByteSource, start: number): Stretch | null {
  let at = start
  for (let recordCount = 0; ; recordCount += 1) {
    const end = frameEnd(source, at)
    if (end === null) return null
    if (isChainAt(source, at)) return { start, chainStart: at, recordCount }
    at = end
  }
}

/** Checks the block against its chain frame. Leaves `source.at` behind it and the tally moved on when it holds. */
function acceptBlock(segment: Segment, tally: WalkTally, stretch: Stretch): boolean {
  const { source } = segment
  const { start, chainStart } = stretch
  const end = validFrameEnd(source, chainStart)
  const chain = end === null ? null : readChain(source, chainStart, end)
  if (end === null || chain === null) return false

  const hash = hashOf(tally.chainHash, source.bytes.subarray(start, chain.hashAt))
  if (!hash.equals(source.bytes.subarray(chain.hashAt, chain.hashAt + HASH_BYTES))) {
    if (lastWholeFrame(segment, start) < end) return false
    const because = 'the chain hash differs although every checksum holds: the block was rewritten'
    throw damaged(segment.dir, segment.segment, start, because)
  }
  tally.recordCount += stretch.recordCount
  if (chain.recordCount !== tally.recordCount) {
    throw damaged(segment.dir, segment.segment, chainStart, 'the number of records is not the one recorded')
  }
  tally.chainHash = hash
  tally.group = chain.group
  tally.isClosed = chain.isEnd
  tally.validBytes += end - start
  source.at = end
  return true
}

function countFrames(source: ByteSource, start: number, end: number): number {
  let count = 0
  for (let at = start; at < end; count += 1) at = frameEnd(source, at) ?? end
  return count
}

/** @returns where the run of frames with right checksums that begins at `start` ends */
function lastWholeFrame(segment: Segment, start: number): number {
  let at = start
  for (let end = validFrameEnd(segment.source, at); end !== null; end = validFrameEnd(segment.source, at))
    at = end
  return at
}

/**
 * The readable part of a segment ends at `offset`: in order, torn, or damaged.
 * @param blockStart where the unfinished block begins; null when an interrupted write cannot explain the end
 */
function endAt(
  segment: Segment,
  tally: WalkTally,
  offset: number,
  because: string,
  blockStart: number | null,
): void {
  const { source } = segment
  const size = source.bytes.length
  if (segment.isDamaged) {
    const lost = 'the segment is not a whole gzip file, and this is as far as it can be unpacked and believed'
    throw damaged(segment.dir, segment.segment, offset, lost)
  }
  // Zeros are unused reserve. That no block is missing before them is seen at the next segment's link.
  if (offset > 0 && isZero(source.bytes, offset, size)) return
  const bad = { offset, isGroupStart: offset === blockStart, groupLast: tally.group }
  if (!segment.isLast || blockStart === null || tally.isClosed || !isTornTail(source, bad)) {
    throw damaged(segment.dir, segment.segment, offset, because)
  }
  let tornEnd = size
  while (tornEnd > offset && source.bytes[tornEnd - 1] === 0) tornEnd -= 1
  tally.tornBytes += tornEnd - offset
}

function damaged(dir: string, segment: number, offset: number, because: string): JournalError {
  const path = join(dir, segmentName(segment))
  return new JournalError('DAMAGED', `${path} at byte ${offset}: ${because}`, { place: { segment, offset } })
}
