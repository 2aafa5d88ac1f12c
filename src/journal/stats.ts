/** What is in a journal, in numbers: records and bytes by kind, time span, rate. */
import type { JournalRecord } from './format.ts'
import { kindOf } from './inspect.ts'
import { readJournal } from './reader.ts'

export interface KindStats {
  readonly record: JournalRecord['kind']
  readonly kind: string
  readonly count: number
}

export interface JournalStats {
  readonly recordCount: number
  readonly inputCount: number
  readonly commandCount: number
  readonly kinds: readonly KindStats[]
  readonly segmentCount: number
  /** Headers, records and chain frames; without reserve and torn bytes. */
  readonly validBytes: number
  readonly bytesPerRecord: number
  /** Of the inputs, in an exchange's journal of its blocks; null without one. */
  readonly firstTsMs: number | null
  readonly lastTsMs: number | null
  /** In an exchange's journal: commands. */
  readonly inputsPerSec: number
  readonly tornBytes: number
  readonly isClosed: boolean
  readonly headHash: string
}

/** @throws JournalError as `readJournal`, DAMAGED where damage begins */
export function journalStats(dir: string): JournalStats {
  const reader = readJournal(dir)
  const byKind = new Map<string, { record: KindStats['record']; kind: string; count: number }>()
  let firstTsMs: number | null = null
  let lastTsMs: number | null = null
  let inputCount = 0
  let commandCount = 0
  for (const record of reader.records) {
    const kind = kindOf(record)
    const key = `${record.kind}/${kind}`
    const entry = byKind.get(key)
    if (entry) entry.count += 1
    else byKind.set(key, { record: record.kind, kind, count: 1 })
    if (record.kind === 'command' || record.kind === 'venueCommand') commandCount += 1
    if (record.kind === 'venueCommand' && record.command.kind === 'block') {
      firstTsMs ??= record.command.tsMs
      lastTsMs = record.command.tsMs
    }
    if (record.kind !== 'input') continue
    inputCount += 1
    firstTsMs ??= record.input.tsMs
    lastTsMs = record.input.tsMs
  }
  const { recordCount, segmentCount, validBytes, tornBytes, isClosed, headHash } = reader.summary
  const spanMs = firstTsMs !== null && lastTsMs !== null ? lastTsMs - firstTsMs : 0
  return {
    recordCount,
    inputCount,
    commandCount,
    kinds: [...byKind.values()].sort((left, right) => right.count - left.count),
    segmentCount,
    validBytes,
    bytesPerRecord: recordCount > 0 ? validBytes / recordCount : 0,
    firstTsMs,
    lastTsMs,
    inputsPerSec: spanMs > 0 ? ((inputCount || commandCount) / spanMs) * 1000 : 0,
    tornBytes,
    isClosed,
    headHash,
  }
}
