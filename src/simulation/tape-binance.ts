/**
 * Reads a recording of Binance futures: lines of `<receive time in ns> <frame as JSON>`, the frames being depth changes,
 * trades, best bid/ask and the REST depth snapshot.
 *
 * A line that cannot be read is counted and left out. Time is the time of receipt: the venue's own clock and ours differ.
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams
 */
import { SimulationError } from './errors.ts'
import { E8 } from './tape.ts'
import type { TapeMarketRecord, TapeSource } from './tape.ts'
import { DamagedLine, decodeLine } from './tape-binance-line.ts'
import type { DecodeState } from './tape-binance-line.ts'
import { initLineScanner, scanLine } from './tape-binance-scan.ts'
import type { LineScanner } from './tape-binance-scan.ts'
import { openLines, passLine } from './tape-lines.ts'
import type { LineReader } from './tape-lines.ts'

/** The first best bid/ask must come within this many lines. */
const HEAD_LINES_MAX = 20_000
const QUOTE_CURRENCIES = ['USDT', 'USDC', 'BUSD', 'USD'] as const

interface Reader extends DecodeState {
  readonly path: string
  readonly lines: LineReader
  readonly scanner: LineScanner
  firstDamage: string | null
}

/** Of one market alone. */
interface MarketTapeSource extends TapeSource {
  next(): TapeMarketRecord | null
}

/**
 * @param path a file as described above, plain or gzip
 * @throws SimulationError TAPE_UNREADABLE or TAPE_MALFORMED, naming the file and, where there is one, the line
 */
export function openTape(path: string): MarketTapeSource {
  const head = findHead(path)
  const reader = initReader(path, head.lines)
  return {
    path,
    symbol: head.symbol,
    coin: coinOf(head.symbol),
    reference: null,
    firstTsMs: head.firstTsMs,
    firstMidUsd: head.firstMidUsd,
    counters: reader.counters,
    get firstDamage() {
      return reader.firstDamage
    },
    next: () => nextRecord(reader),
  }
}

function initReader(path: string, lines: LineReader): Reader {
  return {
    path,
    lines: { text: lines.text, offset: 0, line: 0 },
    scanner: initLineScanner(),
    counters: { lines: 0, damagedLines: 0, foreignLines: 0, gaps: 0 },
    symbol: '',
    tsMsLast: 0,
    updateIdLast: 0,
    firstDamage: null,
  }
}

interface Head {
  readonly lines: LineReader
  readonly symbol: string
  readonly firstTsMs: number
  readonly firstMidUsd: number
}

/** Reads ahead to the first touch, so that prices can start where the recording does. */
function findHead(path: string): Head {
  const lines = openLines(path)
  const reader = initReader(path, lines)
  let firstTsMs: number | null = null
  while (reader.counters.lines < HEAD_LINES_MAX) {
    const record = nextRecord(reader)
    if (record === null) break
    firstTsMs ??= record.tsMs
    if (record.kind !== 'touch') continue
    const firstMidUsd = (record.bidE8 + record.askE8) / 2 / E8
    return { lines, symbol: reader.symbol, firstTsMs, firstMidUsd }
  }
  const seen = `no best bid/ask (bookTicker) in its first ${reader.counters.lines} lines`
  throw new SimulationError(
    'TAPE_MALFORMED',
    `tape ${path}: ${seen}; expected a Binance futures recording, a time in ns and a JSON frame per line` +
      (reader.firstDamage === null ? '' : ` (${reader.firstDamage})`),
  )
}

function nextRecord(reader: Reader): TapeMarketRecord | null {
  const { lines, scanner } = reader
  for (;;) {
    const start = lines.offset
    const end = passLine(lines)
    if (end === -1) return null
    reader.counters.lines += 1
    try {
      const record =
        scanLine(scanner, reader, lines.text, start, end) ??
        decodeLine(reader, lines.text.toString('utf8', start, end))
      if (record === null) {
        reader.counters.foreignLines += 1
        continue
      }
      reader.tsMsLast = record.tsMs
      return record
    } catch (error) {
      if (!(error instanceof DamagedLine)) throw error
      reader.counters.damagedLines += 1
      reader.firstDamage ??= `${reader.path}:${lines.line}: ${error.message}`
    }
  }
}

function coinOf(symbol: string): string {
  const quote = QUOTE_CURRENCIES.find(
    (currency) => symbol.endsWith(currency) && symbol.length > currency.length,
  )
  return quote === undefined ? symbol : symbol.slice(0, -quote.length)
}
