/**
 * The recording as CSV files, whole numbers where the recording has them, so that every figure can be computed again elsewhere.
 * docs/backtest.md lists the columns.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeWhole } from '../journal/out-file.ts'
import { WATERFALL_TERMS } from '../core/contracts.ts'
import { SAMPLE_COLUMNS } from './recording.ts'
import { depthPointsOf } from './intensity.ts'
import type { Recording } from './recording.ts'

type Cell = string | number | boolean

/** Rows that become text at once, so that a long run does not make one giant string. */
const CHUNK_ROWS = 10_000

/** Writes the files into `directory`, which is made when it is missing. @returns their names */
export function writeCsvFiles(recording: Recording, directory: string): string[] {
  mkdirSync(directory, { recursive: true })
  const files: readonly (readonly [
    name: string,
    head: readonly string[],
    rows: Iterable<readonly Cell[]>,
  ])[] = [
    ['equity.csv', SAMPLE_COLUMNS.map(snakeOf), sampleRows(recording)],
    ['fills.csv', FILL_HEAD, fillRows(recording)],
    [
      'funding.csv',
      ['ts_ms', 'amount_micro_usd'],
      recording.funding.map((paid) => [paid.tsMs, paid.amountMicroUsd]),
    ],
    [
      'terms.csv',
      ['ts_ms', 'side', ...WATERFALL_TERMS.map((term) => `${snakeOf(term)}_bps`)],
      termRows(recording),
    ],
    [
      'depth.csv',
      ['distance_bps', 'rested_sec', 'fills'],
      depthPointsOf(recording).map((point) => [point.distanceBps, point.restedSec, point.fills]),
    ],
    ['run.csv', ['name', 'value'], runRows(recording)],
  ]
  writeWhole(
    files.map(([name]) => join(directory, name)),
    (drafts) => files.forEach(([, head, rows], index) => writeRows(drafts[index] ?? '', head, rows)),
  )
  return files.map(([name]) => name)
}

const FILL_HEAD = [
  'ts_ms',
  'tid',
  'oid',
  'side',
  'price_ticks',
  'size_lots',
  'fee_micro_usd',
  'crossed',
  'liquidation',
  'mid_ticks',
] as const

function* sampleRows({ samples }: Recording): Generator<readonly Cell[]> {
  for (let row = 0; row < samples.length; row += 1) {
    yield SAMPLE_COLUMNS.map((name) => samples.data[name][row] ?? 0)
  }
}

function fillRows({ fills }: Recording): (readonly Cell[])[] {
  return fills.map((fill) => [
    ...[fill.tsMs, fill.tid, fill.oid, fill.side, fill.priceTicks, fill.sizeLots, fill.feeMicroUsd],
    ...[fill.crossed, fill.liquidation, fill.midTicks],
  ])
}

function* termRows({ terms }: Recording): Generator<readonly Cell[]> {
  for (const { tsMs, bidBps, askBps } of terms) {
    if (bidBps !== null) yield [tsMs, 'buy', ...bidBps]
    if (askBps !== null) yield [tsMs, 'sell', ...askBps]
  }
}

function runRows(recording: Recording): (readonly Cell[])[] {
  const { requests } = recording
  return [
    ['block_ms', recording.blockMs],
    ['price_decimals', recording.priceDecimals],
    ['sz_decimals', recording.szDecimals],
    ['places', requests.places],
    ['modifies', requests.modifies],
    ['cancels', requests.cancels],
    ['other_requests', requests.others],
    ['shown_lots', requests.shownLots],
    ['liquidations', recording.liquidationCount],
    ['taken_over_micro_usd', recording.takenOverMicroUsd],
    ['cash_start_micro_usd', recording.cashStartMicroUsd],
    ['cash_end_micro_usd', recording.cashEndMicroUsd],
  ]
}

function writeRows(path: string, head: readonly string[], rows: Iterable<readonly Cell[]>): void {
  writeFileSync(path, `${head.join(',')}\n`)
  let chunk: string[] = []
  const flush = (): void => {
    if (chunk.length > 0) writeFileSync(path, chunk.join(''), { flag: 'a' })
    chunk = []
  }
  for (const row of rows) {
    chunk.push(`${row.join(',')}\n`)
    if (chunk.length === CHUNK_ROWS) flush()
  }
  flush()
}

/** `sizeLots` → `size_lots`. */
function snakeOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
