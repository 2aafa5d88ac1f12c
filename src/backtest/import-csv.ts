/**
 * Brings CSV files of trades, best prices and books into the played format; several files of one market are joined by time.
 *
 * in      files, each with a header line (csv-columns.ts)
 * out     one recording; rows that cannot be read are left out and told
 */
import type { Side } from '../core/units.ts'
import { SimulationError } from '../simulation/errors.ts'
import { openCsv } from './csv-rows.ts'
import type { CsvEvent, CsvOptions, CsvSource } from './csv-rows.ts'
import { BAD_LINES_TOLD_MAX } from './import-tape.ts'
import type { ImportOutcome } from './import-tape.ts'
import { openTapeWriter } from './tape-format.ts'
import type { TapeLevelText, TapeWriter } from './tape-format.ts'

export interface CsvImport extends Omit<CsvOptions, 'onBadRow'> {
  readonly paths: readonly string[]
  readonly out: string
  /** What the recording is called, `BTCUSD`; null: as the symbol column says. */
  readonly name: string | null
  /** Trades alone: take the last buyer's price for the ask and the last seller's for the bid. */
  readonly quotesFromTrades: boolean
}

/** @throws SimulationError TAPE_UNREADABLE, TAPE_MALFORMED; nothing is written when the columns do not serve */
export function importCsv(of: CsvImport): ImportOutcome {
  let skipped = 0
  const told: string[] = []
  const onBadRow = (text: string): void => {
    skipped += 1
    if (told.length < BAD_LINES_TOLD_MAX) told.push(text)
  }
  const shares = of.paths.map(() => 0)
  const sources = of.paths.map((path, index) =>
    openCsv(path, {
      ...of,
      onBadRow,
      onProgress: (share) => {
        shares[index] = share
        of.onProgress?.(shares.reduce((sum, one) => sum + one, 0) / shares.length)
      },
    }),
  )
  if (!of.quotesFromTrades && sources.every(({ columns }) => columns.kind === 'trades')) {
    throw new SimulationError(
      'TAPE_MALFORMED',
      `${of.paths.join(', ')}: trades alone cannot be played, because orders rest beside a book; name a file of best prices or books too, or add --quotes-from-trades`,
    )
  }
  const heads = sources.map(({ events }) => takeNext(events))
  if (heads.every((head) => head === null)) throw noRows(of.paths, told[0])
  const symbol = of.name ?? nameOf(sources)
  const writer = openTapeWriter(of.out, symbol)
  const quotes: TradeQuotes = { bid: null, ask: null }
  let updateId = 0
  for (let next = earliest(heads); next !== -1; next = earliest(heads)) {
    const event = heads[next]
    const source = sources[next]
    if (event === undefined || event === null || source === undefined) break
    updateId += 1
    write(writer, event, updateId)
    if (of.quotesFromTrades && event.kind === 'trade') writeQuotes(writer, quotes, event, updateId)
    heads[next] = takeNext(source.events)
  }
  return { lines: writer.close(), skipped, firstSkipped: told[0] ?? null, told }
}

function noRows(paths: readonly string[], firstFault: string | undefined): SimulationError {
  const because = firstFault === undefined ? 'there is none below the header' : `the first: ${firstFault}`
  return new SimulationError('TAPE_MALFORMED', `${paths.join(', ')}: no row that can be read; ${because}`)
}

function takeNext(events: Generator<CsvEvent>): CsvEvent | null {
  const found = events.next()
  return found.done === true ? null : found.value
}

function nameOf(sources: readonly CsvSource[]): string {
  const symbols = [...new Set(sources.map(({ symbol }) => symbol).filter((symbol) => symbol !== ''))]
  const [symbol] = symbols
  if (symbol !== undefined && symbols.length === 1 && !/^\d+$/.test(symbol)) return symbol.toUpperCase()
  throw new SimulationError(
    'TAPE_MALFORMED',
    symbols.length > 1
      ? `the files are of ${symbols.join(' and ')}; bring them in one by one`
      : 'the rows do not say by name of which market they are; add --name BTCUSD',
  )
}

/** @returns the index of the file that comes next, the first of several; −1 at the end */
function earliest(heads: readonly (CsvEvent | null)[]): number {
  let best = -1
  for (const [index, head] of heads.entries()) {
    if (head === null) continue
    const found = heads[best]
    if (found === undefined || found === null || head.tsNs < found.tsNs) best = index
  }
  return best
}

function write(writer: TapeWriter, event: CsvEvent, updateId: number): void {
  const { tsNs } = event
  if (event.kind === 'trade') {
    writer.trade(tsNs, updateId, event.aggressor, event.level)
    return
  }
  const [bid, ask] = [event.bids[0], event.asks[0]]
  if (event.kind === 'book') writer.snapshot(tsNs, updateId, event.bids, event.asks)
  if (bid !== undefined && ask !== undefined) writer.touch(tsNs, updateId, bid, ask)
}

interface TradeQuotes {
  bid: TapeLevelText | null
  ask: TapeLevelText | null
}

/** A buyer met the best ask, a seller the best bid. A side that the other one passed is not known until it trades again. */
function writeQuotes(
  writer: TapeWriter,
  quotes: TradeQuotes,
  {
    tsNs,
    aggressor,
    level,
  }: { readonly tsNs: bigint; readonly aggressor: Side; readonly level: TapeLevelText },
  updateId: number,
): void {
  if (aggressor === 'buy') quotes.ask = level
  else quotes.bid = level
  const { bid, ask } = quotes
  if (bid === null || ask === null) return
  if (Number(bid[0]) < Number(ask[0])) writer.touch(tsNs, updateId, bid, ask)
  else if (aggressor === 'buy') quotes.bid = null
  else quotes.ask = null
}
