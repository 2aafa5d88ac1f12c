/** Records for people and programs: one line each, JSON lines, CSV. Pure formatting; the command line prints it. */
import type { Command } from '../core/command.ts'
import type { Input } from '../core/input.ts'
import type { ExchangeCommand } from '../exchange/command.ts'
import { toExactJson } from './exact-json.ts'
import type { JournalRecord } from './format.ts'
import { readJournal } from './reader.ts'

/** Levels of a book that a line shows. */
const LEVELS_SHOWN = 2

export const CSV_COLUMNS = [
  'seq',
  'tsMs',
  'record',
  'kind',
  'side',
  'priceTicks',
  'sizeLots',
  'cloid',
  'oid',
  'tid',
  'json',
] as const

/** The kind of what a record holds: `book`, `place`, `checkpoint`, … */
export function kindOf(record: JournalRecord): string {
  switch (record.kind) {
    case 'input':
      return record.input.kind
    case 'command':
      return record.command.kind
    case 'venueCommand':
      return record.command.kind === 'action' ? record.command.action.kind : record.command.kind
    default:
      return record.kind
  }
}

export function seqOf(record: JournalRecord): number {
  return record.kind === 'input' ? record.input.seq : record.seq
}

/**
 * One line for people: sequence, time of the input (UTC), direction, kind and the fields.
 *   `     12 2024-11-21T09:15:00.123Z < trade  aggressor=buy priceTicks=1000005 …`
 */
export function toLine(record: JournalRecord): string {
  const seq = String(seqOf(record)).padStart(9)
  const kind = kindOf(record).padEnd(14)
  if (record.kind === 'input') {
    const { kind: _kind, seq: _seq, tsMs, ...fields } = record.input
    return `${seq} ${toUtc(tsMs)} < ${kind} ${inputFields(record.input, fields)}`.trimEnd()
  }
  const blank = ' '.repeat(24)
  switch (record.kind) {
    case 'command':
      return `${seq} ${blank} > ${kind} ${commandFields(record.command)}`.trimEnd()
    case 'venueCommand':
      return `${seq} ${blank} < ${kind} ${venueFields(record.command)}`.trimEnd()
    case 'checkpoint':
      return `${seq} ${blank} # ${kind} ${record.stateHash}`
    default:
      return `${seq} ${blank} # ${kind} ${record.text}`
  }
}

/** What the kind column does not say. */
function venueFields(command: ExchangeCommand): string {
  const { kind: _kind, ...fields } = command
  if (command.kind !== 'action') return toPairs(fields)
  const { account, signer, nonce, expiresAfterMs, action } = command
  const { kind: _actionKind, ...content } = action
  const signed = nonce === null ? {} : { signer, nonce, expiresAfterMs }
  return toPairs({ account, ...signed, ...content })
}

/** The time as people write it; a number that is no time stays a number. */
function toUtc(tsMs: number): string {
  const date = new Date(tsMs)
  return Number.isNaN(date.getTime()) ? String(tsMs).padEnd(24) : date.toISOString().padEnd(24)
}

function inputFields(input: Input, fields: object): string {
  if (input.kind !== 'book') return toPairs(fields)
  return `bids=${levels(input.bids)} asks=${levels(input.asks)} venueTsMs=${input.venueTsMs}`
}

/** `100×5 99×7 +18`: the best levels, and how many more. */
function levels(flat: readonly number[]): string {
  const shown = flat.slice(0, 2 * LEVELS_SHOWN)
  const parts: string[] = []
  for (let index = 0; index < shown.length; index += 2)
    parts.push(`${shown[index] ?? ''}×${shown[index + 1] ?? ''}`)
  const more = Math.ceil((flat.length - shown.length) / 2)
  return `[${parts.join(' ')}${more > 0 ? ` +${more}` : ''}]`
}

function commandFields(command: Command): string {
  const { kind: _kind, ...fields } = command
  if (command.kind === 'place') return toPairs(command.order)
  return toPairs(fields)
}

function toPairs(fields: object): string {
  return Object.entries(fields)
    .map(
      ([name, value]) =>
        `${name}=${typeof value === 'string' && !value.includes(' ') ? value : toText(value)}`,
    )
    .join(' ')
}

/** Market inputs may hold what JSON does not (NaN); a line shows it all the same. */
function toText(value: unknown): string {
  return typeof value === 'number' ? String(Object.is(value, -0) ? '-0' : value) : JSON.stringify(value)
}

/** One JSON object a line: `record` is input, command, venueCommand, checkpoint or note; the rest are the contract's fields. */
export function toJsonLine(record: JournalRecord): string {
  switch (record.kind) {
    case 'input':
      return JSON.stringify({ record: 'input', ...record.input })
    case 'command':
      return JSON.stringify({ record: 'command', seq: record.seq, ...record.command })
    case 'venueCommand': {
      const { seq, hashHigh, hashLow, command } = record
      return JSON.stringify({ record: 'venueCommand', seq, hashHigh, hashLow, ...command })
    }
    case 'checkpoint':
      return JSON.stringify({ record: 'checkpoint', seq: record.seq, stateHash: record.stateHash })
    default:
      return JSON.stringify({ record: 'note', seq: record.seq, text: record.text })
  }
}

/** One CSV row under `CSV_COLUMNS` (RFC 4180); `json` holds the whole record, the other columns what is common. */
export function toCsvRow(record: JournalRecord): string {
  const fields = fieldsOf(record)
  return toCsvLine(CSV_COLUMNS.map((column) => fields[column]))
}

/** Values as one CSV row; null and undefined are empty cells. */
export function toCsvLine(values: readonly unknown[]): string {
  return values.map(toCsvCell).join(',')
}

/** A record by `CSV_COLUMNS`; what its kind does not have is absent. */
export function fieldsOf(record: JournalRecord): Readonly<Record<string, unknown>> {
  const content: object =
    record.kind === 'input'
      ? record.input
      : record.kind === 'command' || record.kind === 'venueCommand'
        ? record.command
        : record
  const order = record.kind === 'command' && 'order' in record.command ? record.command.order : {}
  const side =
    record.kind === 'input' && record.input.kind === 'trade' ? { side: record.input.aggressor } : {}
  const json = toJsonLine(record)
  return {
    ...content,
    ...order,
    ...side,
    seq: seqOf(record),
    record: record.kind,
    kind: kindOf(record),
    json,
  }
}

function toCsvCell(value: unknown): string {
  if (value === undefined || value === null) return ''
  const text = typeof value === 'object' ? toExactJson(value) : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

export type ExportFormat = 'csv' | 'jsonl'

/**
 * The whole journal as text lines without line ends, CSV with its header line first.
 * @throws JournalError as `readJournal`, DAMAGED where damage begins
 */
export function* exportLines(dir: string, format: ExportFormat): Generator<string> {
  if (format === 'csv') yield CSV_COLUMNS.join(',')
  const toText = format === 'csv' ? toCsvRow : toJsonLine
  for (const record of readJournal(dir).records) yield toText(record)
}

/** @returns the last `count` records; memory is bounded by `count` */
export function tailRecords(dir: string, count: number): JournalRecord[] {
  const ring: JournalRecord[] = []
  let written = 0
  for (const record of readJournal(dir).records) {
    if (count <= 0) break
    ring[written % count] = record
    written += 1
  }
  const cut = written > count ? written % count : 0
  return [...ring.slice(cut), ...ring.slice(0, cut)]
}
