/**
 * Rows of a foreign CSV as frames of the market, one at a time. A row that cannot be read is told with its line, field, value and
 * remedy, and left out.
 *
 * in      one file, its columns by meaning
 * out     events in the order of the file, times in nanoseconds since 1970, prices and sizes as the decimal texts that they were
 */
import { parse } from 'csv-parse/sync'
import type { Side } from '../core/units.ts'
import { nextLine, openLines } from '../simulation/tape-lines.ts'
import type { LineReader } from '../simulation/tape-lines.ts'
import { SimulationError } from '../simulation/errors.ts'
import { columnsOf } from './csv-columns.ts'
import type { CsvColumns, LevelColumns, Meaning } from './csv-columns.ts'
import type { TapeLevelText } from './tape-format.ts'

export type CsvEvent =
  | { readonly kind: 'trade'; readonly tsNs: bigint; readonly aggressor: Side; readonly level: TapeLevelText }
  | {
      readonly kind: 'touch' | 'book'
      readonly tsNs: bigint
      readonly bids: readonly TapeLevelText[]
      readonly asks: readonly TapeLevelText[]
    }

export type TimeUnit = 's' | 'ms' | 'us' | 'ns'

export interface CsvOptions {
  readonly mapping: ReadonlyMap<Meaning, string>
  /** Null: told by the number of digits. */
  readonly timeUnit: TimeUnit | null
  /** Of the rows to take; null: a file with several is refused. */
  readonly symbol: string | null
  /** Told of each row that is left out: where it is, and what to do. */
  readonly onBadRow: (text: string) => void
  readonly onProgress?: (share: number) => void
}

export interface CsvSource {
  readonly columns: CsvColumns
  /** Of the rows taken; '' before the first and without such a column. */
  symbol: string
  readonly events: Generator<CsvEvent>
}

class BadField extends Error {}

const PROGRESS_LINES = 5_000
const NS_PER: Readonly<Record<TimeUnit, bigint>> = { s: 1_000_000_000n, ms: 1_000_000n, us: 1_000n, ns: 1n }

/** @throws SimulationError TAPE_UNREADABLE, TAPE_MALFORMED for a header without the needed columns */
export function openCsv(path: string, options: CsvOptions): CsvSource {
  const reader = openLines(path)
  const head = nextLine(reader)
  if (head === null)
    throw new SimulationError('TAPE_MALFORMED', `${path}: is empty; the first line names the columns`)
  const columns = columnsOf(path, namesOf(path, head), options.mapping)
  const source: { columns: CsvColumns; symbol: string; events: Generator<CsvEvent> } = {
    columns,
    symbol: '',
    events: (function* () {})(),
  }
  source.events = eventsOf(path, reader, source, options)
  return source
}

function namesOf(path: string, head: string): string[] {
  try {
    return cellsOf(head.replace(/^\uFEFF/, ''))
  } catch (error) {
    if (!(error instanceof BadField)) throw error
    throw new SimulationError(
      'TAPE_MALFORMED',
      `${path}:1: does not name columns: ${error.message}; or give --from the kind of recording that it is`,
    )
  }
}

function* eventsOf(
  path: string,
  reader: LineReader,
  source: Omit<CsvSource, 'events'>,
  options: CsvOptions,
): Generator<CsvEvent> {
  for (let line = nextLine(reader); line !== null; line = nextLine(reader)) {
    if (reader.line % PROGRESS_LINES === 0) options.onProgress?.(reader.offset / reader.text.length)
    if (line.trim() === '') continue
    try {
      const cells = cellsOf(line)
      const symbol = symbolOf(cells, source.columns)
      if (options.symbol !== null && symbol !== null && symbol !== options.symbol) continue
      // What cannot be read is no row of another market: half a row, say, at the end of a file that was cut off.
      const event = eventOf(cells, source.columns, options)
      if (symbol !== null) checkSymbol(path, reader.line, symbol, source)
      yield event
    } catch (error) {
      if (!(error instanceof BadField)) throw error
      options.onBadRow(`${path}:${reader.line}: ${error.message}`)
    }
  }
}

/** Quotes are rare in such files, and splitting is ten times as fast. */
function cellsOf(line: string): string[] {
  const text = line.endsWith('\r') ? line.slice(0, -1) : line
  if (!text.includes('"')) return text.split(',')
  try {
    const [row] = parse(text)
    return row ?? []
  } catch {
    throw new BadField(
      `row ${JSON.stringify(text.slice(0, 60))}: its quotes do not end; repair or remove the row`,
    )
  }
}

/** @returns null without such a column */
function symbolOf(cells: readonly string[], { symbol }: CsvColumns): string | null {
  return symbol === -1 ? null : (cells[symbol]?.trim() ?? '')
}

function checkSymbol(path: string, line: number, symbol: string, source: { symbol: string }): void {
  if (source.symbol === '') source.symbol = symbol
  if (symbol === source.symbol) return
  const [first, other] = [source.symbol, symbol].map((name) => JSON.stringify(name))
  throw new SimulationError(
    'TAPE_MALFORMED',
    `${path}:${line}: rows of ${first} and of ${other} in one file; choose one: --only ${source.symbol}`,
  )
}

function eventOf(cells: readonly string[], columns: CsvColumns, { timeUnit }: CsvOptions): CsvEvent {
  const tsNs = timeOf(cells[columns.time] ?? '', timeUnit)
  if (columns.kind === 'trades') {
    const level = [decimalOf(cells, columns.price, 'price'), decimalOf(cells, columns.size, 'size')] as const
    return { kind: 'trade', tsNs, aggressor: sideOf(cells, columns), level }
  }
  if (columns.kind === 'touches') checkWhole(cells, columns)
  const [bids, asks] = [sideLevels(cells, columns.bids, 'bid'), sideLevels(cells, columns.asks, 'ask')]
  const [bid, ask] = [bids[0], asks[0]]
  if (bid !== undefined && ask !== undefined && Number(bid[0]) >= Number(ask[0])) {
    throw new BadField(`bid ${bid[0]}: is not below the ask ${ask[0]}; correct or remove the row`)
  }
  return { kind: columns.kind === 'books' ? 'book' : 'touch', tsNs, bids, asks }
}

/** An empty side has its empty cells; without them the row was cut off. Books end at their last level. */
function checkWhole(cells: readonly string[], { bids, asks }: CsvColumns): void {
  const needed = 1 + Math.max(...[...bids, ...asks].flat())
  if (cells.length >= needed) return
  throw new BadField(`row of ${cells.length} cells: best prices take ${needed}; repair or remove the row`)
}

/** Empty cells end a side: vendors fill books that are too thin so. */
function sideLevels(
  cells: readonly string[],
  columns: readonly LevelColumns[],
  side: string,
): TapeLevelText[] {
  const levels: TapeLevelText[] = []
  for (const [index, [price, size]] of columns.entries()) {
    if ((cells[price] ?? '').trim() === '') break
    levels.push([
      decimalOf(cells, price, `${side}[${index}] price`),
      decimalOf(cells, size, `${side}[${index}] size`),
    ])
  }
  return levels
}

function decimalOf(cells: readonly string[], index: number, field: string): string {
  const text = (cells[index] ?? '').trim()
  if (/^\d{1,8}(\.\d{1,8})?$/.test(text) && Number(text) > 0) return text
  throw new BadField(
    `${field} ${JSON.stringify(text)}: write a positive decimal with at most 8 digits on each side of the point`,
  )
}

const BUY_WORDS: ReadonlySet<string> = new Set(['buy', 'b', 'bid', '1', 'true'])
const SELL_WORDS: ReadonlySet<string> = new Set(['sell', 's', 'a', 'ask', '-1', '2', 'false'])

function sideOf(cells: readonly string[], { side, buyerIsMaker }: CsvColumns): Side {
  const isMakerColumn = side === -1
  const text = (cells[isMakerColumn ? buyerIsMaker : side] ?? '').trim()
  const word = text.toLowerCase()
  if (isMakerColumn && (word === 'true' || word === '1')) return 'sell'
  if (isMakerColumn && (word === 'false' || word === '0')) return 'buy'
  if (!isMakerColumn && BUY_WORDS.has(word)) return 'buy'
  if (!isMakerColumn && SELL_WORDS.has(word)) return 'sell'
  throw new BadField(
    isMakerColumn
      ? `buyer_is_maker ${JSON.stringify(text)}: write true or false`
      : `side ${JSON.stringify(text)}: write the taker's side as buy or sell`,
  )
}

/** From 2001 to 2286, seconds have 10 digits, and each finer unit three more. */
const UNIT_OF_DIGITS: Readonly<Record<number, TimeUnit>> = { 10: 's', 13: 'ms', 16: 'us', 19: 'ns' }

function timeOf(cell: string, unit: TimeUnit | null): bigint {
  const text = cell.trim()
  const match = /^(\d{1,19})(?:\.(\d{1,9}))?$/.exec(text)
  if (match !== null) {
    const [, whole = '', fraction = ''] = match
    const found = unit ?? UNIT_OF_DIGITS[whole.length]
    if (found !== undefined) {
      const ns = NS_PER[found]
      return BigInt(whole) * ns + (BigInt(fraction.padEnd(9, '0')) * ns) / 1_000_000_000n
    }
  }
  const tsMs = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isFinite(tsMs)) return BigInt(tsMs) * NS_PER.ms
  throw new BadField(
    `time ${JSON.stringify(text)}: write seconds, ms, µs or ns since 1970 (10, 13, 16 or 19 digits, or with --time-unit), or 2024-08-08T12:00:00Z`,
  )
}
