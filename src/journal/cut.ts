/** A journal up to a point in time, as a journal of its own: the state of that point is a replay away. */
import { FORMAT_VERSION } from './format.ts'
import type { JournalRecord } from './format.ts'
import { seqOf } from './inspect.ts'
import { readJournal } from './reader.ts'
import { openJournal } from './writer.ts'

/** Where to stop: after the last record of this input, or before the first input later than this time. */
export type CutPoint = { readonly throughSeq: number } | { readonly throughTsMs: number }

export interface CutReport {
  readonly recordCount: number
  readonly lastSeq: number
  readonly headHash: string
}

/** Records copied between two waits for the disk; bounds the writer's buffer. */
const RECORDS_PER_WAIT = 10_000

/**
 * Copies a prefix into a new folder, with the same run header. A source that is damaged behind the point, or that ends
 * before it, is no obstacle: the copy holds what there is.
 * @throws JournalError as `readJournal` and `openJournal`; DAMAGED when the damage lies before the point
 */
export async function cutJournal(dir: string, targetDir: string, point: CutPoint): Promise<CutReport> {
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
  try {
    for (const record of reader.records) {
      if (isBeyond(record, point)) break
      lastSeq = seqOf(record)
      writer.append(record)
      if (writer.recordCount % RECORDS_PER_WAIT === 0) await writer.durable()
    }
  } finally {
    await writer.close()
  }
  return { recordCount: writer.recordCount, lastSeq, headHash: writer.headHash }
}

/** Effects follow their input, so the first input beyond the point ends the copy. */
function isBeyond(record: JournalRecord, point: CutPoint): boolean {
  if ('throughSeq' in point) return seqOf(record) > point.throughSeq
  if (record.kind === 'input') return record.input.tsMs > point.throughTsMs
  // Time moves in an exchange with its blocks.
  return (
    record.kind === 'venueCommand' &&
    record.command.kind === 'block' &&
    record.command.tsMs > point.throughTsMs
  )
}
