/**
 * A recording as a flat table, CSV or Parquet: one row per changed level, best bid or ask, trade, mid of a reference market, and
 * price or rate of a context. Columns: ts_ms, kind (depth, snapshot, touch, trade, reference, mark, oracle, funding), side (of
 * the book, or of the aggressor; empty for a reference and a context), price (of funding: the rate an hour), quantity (0 for both).
 */
import { closeSync, openSync, writeFileSync } from 'node:fs'
import { EXPORT_HEAD } from './csv-columns.ts'
import { openData } from './open-data.ts'
import { writeWholeAsync } from '../journal/out-file.ts'
import type { ToldContext } from './open-data.ts'
import { E8 } from '../simulation/tape.ts'
import type { TapeRecord } from '../simulation/tape.ts'

export type ExportFormat = 'csv' | 'parquet'

interface TapeRow {
  readonly tsMs: number
  readonly kind: string
  readonly side: string
  readonly price: number
  readonly quantity: number
}

const PARQUET_ROW_GROUP = 100_000
const CHUNK_ROWS = 20_000
const PROGRESS_ROWS = 10_000

/** @returns rows written. @throws SimulationError TAPE_UNREADABLE, TAPE_MALFORMED */
export async function exportTape(
  path: string,
  format: ExportFormat,
  out: string,
  onProgress?: (rows: number) => void,
): Promise<number> {
  return writeWholeAsync(out, async (draft) =>
    format === 'csv' ? exportCsv(path, draft, onProgress) : exportParquet(path, draft, onProgress),
  )
}

function exportCsv(path: string, out: string, onProgress?: (rows: number) => void): number {
  const file = openSync(out, 'w')
  let count = 0
  let chunk = `${EXPORT_HEAD.join(',')}\n`
  for (const { tsMs, kind, side, price, quantity } of rowsOf(path)) {
    chunk += `${tsMs},${kind},${side},${price},${quantity}\n`
    count += 1
    if (count % PROGRESS_ROWS === 0) onProgress?.(count)
    if (count % CHUNK_ROWS === 0) {
      writeFileSync(file, chunk)
      chunk = ''
    }
  }
  writeFileSync(file, chunk)
  closeSync(file)
  return count
}

async function exportParquet(
  path: string,
  out: string,
  onProgress?: (rows: number) => void,
): Promise<number> {
  const { parquetWriteFile } = await import('hyparquet-writer')
  const columns = {
    tsMs: [] as number[],
    kind: [] as string[],
    side: [] as string[],
    price: [] as number[],
    quantity: [] as number[],
  }
  for (const row of rowsOf(path)) {
    columns.tsMs.push(row.tsMs)
    columns.kind.push(row.kind)
    columns.side.push(row.side)
    columns.price.push(row.price)
    columns.quantity.push(row.quantity)
    if (columns.kind.length % PROGRESS_ROWS === 0) onProgress?.(columns.kind.length)
  }
  parquetWriteFile({
    filename: out,
    rowGroupSize: PARQUET_ROW_GROUP,
    columnData: [
      { name: 'ts_ms', data: columns.tsMs, type: 'DOUBLE' },
      { name: 'kind', data: columns.kind, type: 'STRING' },
      { name: 'side', data: columns.side, type: 'STRING' },
      { name: 'price', data: columns.price, type: 'DOUBLE' },
      { name: 'quantity', data: columns.quantity, type: 'DOUBLE' },
    ],
  })
  return columns.kind.length
}

function* rowsOf(path: string): Generator<TapeRow> {
  let contexts: TapeRow[] = []
  const tape = openData(path, (context) => contexts.push(...rowsOfContext(context)))
  for (let record = tape.next(); ; record = tape.next()) {
    yield* contexts
    contexts = []
    if (record === null) return
    yield* rowsOfRecord(record)
  }
}

function rowsOfContext({ tsMs, markUsd, oracleUsd, fundingPerHour }: ToldContext): TapeRow[] {
  const row = (kind: string, price: number): TapeRow => ({ tsMs, kind, side: '', price, quantity: 0 })
  return [row('mark', markUsd), row('oracle', oracleUsd), row('funding', fundingPerHour)]
}

function* rowsOfRecord(record: TapeRecord): Generator<TapeRow> {
  const { tsMs } = record
  if (record.kind === 'trade') {
    yield {
      tsMs,
      kind: 'trade',
      side: record.aggressor,
      price: record.priceE8 / E8,
      quantity: record.sizeE8 / E8,
    }
  } else if (record.kind === 'touch') {
    yield { tsMs, kind: 'touch', side: 'buy', price: record.bidE8 / E8, quantity: record.bidSizeE8 / E8 }
    yield { tsMs, kind: 'touch', side: 'sell', price: record.askE8 / E8, quantity: record.askSizeE8 / E8 }
  } else if (record.kind === 'reference') {
    yield { tsMs, kind: 'reference', side: '', price: record.midE8 / E8, quantity: 0 }
  } else {
    const kind = record.isSnapshot ? 'snapshot' : 'depth'
    for (const [side, levels] of [
      ['buy', record.bids],
      ['sell', record.asks],
    ] as const) {
      for (let index = 0; index + 1 < levels.length; index += 2) {
        yield { tsMs, kind, side, price: (levels[index] ?? 0) / E8, quantity: (levels[index + 1] ?? 0) / E8 }
      }
    }
  }
}
