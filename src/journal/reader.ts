/** Reading a journal: its records in order, and the check of everything that a writer promises. */
import type { ByteSource } from './bytes.ts'
import { decodeRecord } from './codec.ts'
import { frameEnd } from './damage.ts'
import { JournalError } from './errors.ts'
import type { JournalPlace } from './errors.ts'
import { FRAME_LENGTH_BYTES } from './format.ts'
import type { JournalHeader, JournalRecord } from './format.ts'
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
  return openPlaced(dir)
}

/** The place of the record given out last. */
interface Cursor {
  segment: number
  offset: number
}

function openPlaced(dir: string): JournalReader & { readonly cursor: Cursor } {
  const tally = initTally(dir)
  const cursor = { segment: 1, offset: 0 }
  return {
    header: tally.header,
    records: recordsOf(dir, tally, cursor),
    summary: summaryOf(tally),
    cursor,
  }
}

function* recordsOf(dir: string, tally: WalkTally, cursor: Cursor): Generator<JournalRecord> {
  for (const block of walkBlocks(dir, tally)) {
    const { source } = block
    cursor.segment = block.segment
    for (let start = block.start; start < block.end;) {
      const end = frameEnd(source, start) ?? block.end
      cursor.offset = start
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
    const reader = openPlaced(dir)
    summary = reader.summary
    for (const record of reader.records) {
      const because = checkOrder(record, counts)
      if (because !== null) throw new JournalError('DAMAGED', because, { place: { ...reader.cursor } })
    }
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

interface OrderCounts {
  inputCount: number
  commandCount: number
  firstSeq: number
  lastSeq: number
  tsMs: number
}

/** The writer's promises about order, checked by the reader. @returns what is wrong, or null */
function checkOrder(record: JournalRecord, counts: OrderCounts): string | null {
  if (record.kind === 'venueCommand') {
    if (record.seq !== counts.lastSeq + 1) return `command ${record.seq} stands after ${counts.lastSeq}`
    if (counts.commandCount === 0) counts.firstSeq = record.seq
    counts.commandCount += 1
    counts.lastSeq = record.seq
    return null
  }
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
