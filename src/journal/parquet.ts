/** A journal as one Parquet table, the columns of the CSV form; `json` holds each record whole. Written group by group. */
import type { ColumnSource } from 'hyparquet-writer'
import { CSV_COLUMNS, fieldsOf } from './inspect.ts'
import { writeWholeAsync } from './out-file.ts'
import { readJournal } from './reader.ts'

const ROWS_PER_GROUP = 20_000
const NUMBER_COLUMNS: ReadonlySet<string> = new Set(['seq', 'tsMs', 'priceTicks', 'sizeLots', 'oid', 'tid'])

/**
 * @returns rows written
 * @throws JournalError as `readJournal`, DAMAGED where damage begins; then no file is left behind
 */
export function exportParquet(dir: string, path: string): Promise<number> {
  return writeWholeAsync(path, (draft) => exportTo(dir, draft))
}

async function exportTo(dir: string, path: string): Promise<number> {
  const { ParquetWriter, fileWriter, schemaFromColumnData } = await import('hyparquet-writer')
  const { records } = readJournal(dir)
  const writer = new ParquetWriter({
    writer: fileWriter(path),
    schema: schemaFromColumnData({ columnData: columnsOf([]) }),
  })
  let rows: Readonly<Record<string, unknown>>[] = []
  let count = 0
  for (const record of records) {
    rows.push(fieldsOf(record))
    count += 1
    if (rows.length < ROWS_PER_GROUP) continue
    await writer.write({ columnData: withoutTypes(columnsOf(rows)), rowGroupSize: ROWS_PER_GROUP })
    rows = []
  }
  if (rows.length > 0) await writer.write({ columnData: withoutTypes(columnsOf(rows)) })
  await writer.finish()
  return count
}

function columnsOf(rows: readonly Readonly<Record<string, unknown>>[]): ColumnSource[] {
  return CSV_COLUMNS.map((name) => {
    const isNumber = NUMBER_COLUMNS.has(name)
    const data = rows.map((row) => cellOf(row[name], isNumber))
    return { name, data, type: isNumber ? 'DOUBLE' : 'STRING', nullable: true }
  })
}

/** A batch of modifies has many prices; they stand in `json`. */
function cellOf(value: unknown, isNumber: boolean): number | string | null {
  if (isNumber) return typeof value === 'number' ? value : null
  return typeof value === 'string' ? value : null
}

/** With a schema given, the writer takes no types beside it. */
function withoutTypes(columns: readonly ColumnSource[]): ColumnSource[] {
  return columns.map(({ name, data }) => ({ name, data }))
}
