/** A journal up to a point in time, as a journal of its own: the state of that point is a replay away. */
import { JournalError } from './errors.ts'
import { FORMAT_VERSION } from './format.ts'
import type { JournalRecord } from './format.ts'
import { seqOf } from './inspect.ts'
import { readJournal } from './reader.ts'
import { openJournal } from './writer.ts'

/**
 * Where to stop: after the last record of this input, before the first input later than this time, or where it ends or damage
 * begins.
 */
export type CutPoint =
  { readonly throughSeq: number } | { readonly throughTsMs: number } | { readonly through: 'damage' }

export interface CutReport {
  readonly recordCount: number
  readonly lastSeq: number
  readonly headHash: string
  /** What ended a copy up to the damage; null: the journal was whole. */
  readonly damage: string | null
}

/** Records copied between two waits for the disk; bounds the writer's buffer. */
const RECORDS_PER_WAIT = 10_000

/**
 * Copies a prefix into a new folder, with the same run header. A source that is damaged behind the point, or that ends
 * before it, is no obstacle: the copy holds what there is.
 * @throws JournalError as `readJournal` and `openJournal`; DAMAGED, with nothing written, when the damage lies before the point
 */
export async function cutJournal(dir: string, targetDir: string, point: CutPoint): Promise<CutReport> {
  checkReach(dir, 'through' in point ? { throughSeq: 0 } : point)
  const reader = readJournal(dir)
  const writer = await openJournal({
    dir: targetDir,
    // A copy is written in this build's format, whatever the original's.
    header: { ...reader.header, formatVersion: FORMAT_VERSION },
    sync: 'group',
    // The same error is thrown by the next append, durable or close.
    onFailure: () => undefined,
  })
  let lastSeq = 0
  let damage: string | null = null
  try {
    for (const record of reader.records) {
      if (isBeyond(record, point)) break
      lastSeq = seqOf(record)
      writer.append(record)
      if (writer.recordCount % RECORDS_PER_WAIT === 0) await writer.durable()
    }
  } catch (error) {
    if (!isDamage(error) || !isReached(point, lastSeq)) throw error
    damage = error.message
  } finally {
    await writer.close()
  }
  return { recordCount: writer.recordCount, lastSeq, headHash: writer.headHash, damage }
}

/** Reads up to the point, so that no half copy is left behind when damage lies before it. */
function checkReach(dir: string, point: CutPoint): void {
  let lastSeq = 0
  try {
    for (const record of readJournal(dir).records) {
      if (isBeyond(record, point)) return
      lastSeq = seqOf(record)
    }
  } catch (error) {
    if (!isDamage(error) || lastSeq === 0) throw error
    if (isReached(point, lastSeq)) return
    const message = `${error.message}; input ${lastSeq} is the last that stands before it`
    throw new JournalError('DAMAGED', message, error.place === null ? {} : { place: error.place })
  }
}

/** Damage right behind the last input that is wanted takes at most some of what it caused. */
function isReached(point: CutPoint, lastSeq: number): boolean {
  return 'through' in point || ('throughSeq' in point && lastSeq >= point.throughSeq && lastSeq > 0)
}

function isDamage(error: unknown): error is JournalError {
  return error instanceof JournalError && error.code === 'DAMAGED'
}

/** Effects follow their input, so the first input beyond the point ends the copy. */
function isBeyond(record: JournalRecord, point: CutPoint): boolean {
  if ('through' in point) return false
  if ('throughSeq' in point) return seqOf(record) > point.throughSeq
  if (record.kind === 'input') return record.input.tsMs > point.throughTsMs
  // Time moves in an exchange with its blocks.
  return (
    record.kind === 'venueCommand' &&
    record.command.kind === 'block' &&
    record.command.tsMs > point.throughTsMs
  )
}
