/** Reading a journal: its records in order, and the check of everything that a writer promises. */
import type { ByteSource } from './bytes.ts'
import { decodeRecord } from './codec.ts'
import { frameEnd } from './damage.ts'
import { JournalError } from './errors.ts'
import type { JournalPlace } from './errors.ts'
import { FRAME_LENGTH_BYTES } from './format.ts'
import type { JournalHeader, JournalRecord } from './format.ts'
import { initPlainCommand, takePlain } from './venue-codec.ts'
import type { PlainCommand } from './venue-codec.ts'
import { initTally, walkBlocks } from './walk.ts'
import type { WalkBlock, WalkTally } from './walk.ts'

export interface JournalReader {
  readonly header: JournalHeader
  /** Every record in order; can be iterated once. Throws JournalError DAMAGED where damage begins. */
  readonly records: Iterable<JournalRecord>
  /** What was seen so far; complete at the end of `records`. */
  readonly summary: ReadSummary
}

export interface ReadSummary {
  readonly recordCount: number
  /** Chain hash of the last whole block. */
  readonly headHash: string
  /** Bytes behind the longest valid prefix, left by a crash and not read. */
  readonly tornBytes: number
  /** True when the writer closed the journal in order. */
  readonly isClosed: boolean
  readonly segmentCount: number
  readonly validBytes: number
}

/**
 * Opens a journal for reading, also while it is being written (it then ends at what is on disk).
 * @throws JournalError BAD_DIRECTORY, NOT_A_JOURNAL, BAD_HEADER or UNKNOWN_VERSION
 */
export function readJournal(dir: string): JournalReader {
  const tally = initTally(dir)
  return { header: tally.header, records: recordsOf(dir, tally), summary: summaryOf(tally) }
}

function* recordsOf(dir: string, tally: WalkTally): Generator<JournalRecord> {
  for (const block of walkBlocks(dir, tally)) {
    const { source } = block
    for (let start = block.start; start < block.end;) {
      const end = frameEnd(source, start) ?? block.end
      yield decodeAt(block, source, start, end)
      start = end
    }
  }
}

/** A live view: the getters read the tally at the time of the call. */
function summaryOf(tally: WalkTally): ReadSummary {
  return {
    get recordCount() {
      return tally.recordCount
    },
    get headHash() {
      return tally.chainHash.toString('hex')
    },
    get tornBytes() {
      return tally.tornBytes
    },
    get isClosed() {
      return tally.isClosed
    },
    get segmentCount() {
      return tally.segmentCount
    },
    get validBytes() {
      return tally.validBytes
    },
  }
}

function decodeAt(block: WalkBlock, source: ByteSource, start: number, end: number): JournalRecord {
  source.at = start + FRAME_LENGTH_BYTES
  try {
    return decodeRecord(source, end - FRAME_LENGTH_BYTES)
  } catch (error) {
    throw new JournalError(
      'DAMAGED',
      `segment ${block.segment} at byte ${start}: the checksum holds but the content is no record`,
      { cause: error, place: { segment: block.segment, offset: start } },
    )
  }
}

/** What `hypermake journal verify` prints. */
export interface VerifyReport {
  readonly ok: boolean
  readonly recordCount: number
  readonly inputCount: number
  readonly commandCount: number
  /** Of the inputs, in an exchange's journal of its commands; 0 without any. */
  readonly firstSeq: number
  readonly lastSeq: number
  readonly headHash: string
  readonly tornBytes: number
  readonly isClosed: boolean
  readonly damage: (JournalPlace & { readonly because: string }) | null
}

/**
 * Checks every byte of a journal. Damage is reported, not thrown; a torn tail is reported and counts as ok.
 * @throws JournalError BAD_DIRECTORY, NOT_A_JOURNAL or UNKNOWN_VERSION: there is nothing to check
 */
export function verifyJournal(dir: string): VerifyReport {
  const counts = { inputCount: 0, commandCount: 0, firstSeq: 0, lastSeq: 0, tsMs: 0 }
  let summary: ReadSummary | null = null
  let damage: VerifyReport['damage'] = null
  try {
    const tally = initTally(dir)
    summary = summaryOf(tally)
    for (const block of walkBlocks(dir, tally)) checkBlock(block, counts)
  } catch (error) {
    if (!(error instanceof JournalError) || error.place === null) throw error
    damage = { ...error.place, because: error.message }
  }
  const { inputCount, commandCount, firstSeq, lastSeq } = counts
  return {
    ok: damage === null,
    recordCount: summary?.recordCount ?? 0,
    inputCount,
    commandCount,
    firstSeq,
    lastSeq,
    headHash: summary?.headHash ?? '',
    tornBytes: summary?.tornBytes ?? 0,
    isClosed: summary?.isClosed ?? false,
    damage,
  }
}

/** Plain commands of an exchange, which are nearly all, are read as numbers and make no object. */
function checkBlock(block: WalkBlock, counts: OrderCounts): void {
  const { source } = block
  for (let start = block.start; start < block.end;) {
    const end = frameEnd(source, start) ?? block.end
    const because = isPlainAt(source, start, end)
      ? checkCommandOrder(plainSeen.seq, counts)
      : checkOrder(decodeAt(block, source, start, end), counts)
    if (because !== null)
      throw new JournalError('DAMAGED', because, { place: { segment: block.segment, offset: start } })
    start = end
  }
}

/** Filled anew for each frame. */
const plainSeen: PlainCommand = initPlainCommand()

/** @returns true when the frame is a plain command to its last byte; then `plainSeen` tells of it */
function isPlainAt(source: ByteSource, start: number, end: number): boolean {
  try {
    return takePlain(source, start, plainSeen) && source.at === end - FRAME_LENGTH_BYTES
  } catch {
    return false // Whoever decodes it in full says what is wrong.
  }
}

interface OrderCounts {
  inputCount: number
  commandCount: number
  firstSeq: number
  lastSeq: number
  tsMs: number
}

/** The writer's promises about order, checked by the reader. @returns what is wrong, or null */
function checkOrder(record: JournalRecord, counts: OrderCounts): string | null {
  if (record.kind === 'venueCommand') return checkCommandOrder(record.seq, counts)
  if (record.kind !== 'input') {
    if (record.kind === 'command') counts.commandCount += 1
    return record.seq === counts.lastSeq
      ? null
      : `a ${record.kind} says it belongs to input ${record.seq}, but stands after input ${counts.lastSeq}`
  }
  const { seq, tsMs } = record.input
  if (seq !== counts.lastSeq + 1) return `input ${seq} stands after input ${counts.lastSeq}`
  if (tsMs < counts.tsMs) return `input ${seq} is earlier than the one before it`
  if (counts.inputCount === 0) counts.firstSeq = seq
  counts.inputCount += 1
  counts.lastSeq = seq
  counts.tsMs = tsMs
  return null
}

/** Of the exchange's commands. */
function checkCommandOrder(seq: number, counts: OrderCounts): string | null {
  if (seq !== counts.lastSeq + 1) return `command ${seq} stands after ${counts.lastSeq}`
  if (counts.commandCount === 0) counts.firstSeq = seq
  counts.commandCount += 1
  counts.lastSeq = seq
  return null
}
