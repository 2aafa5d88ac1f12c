/** Reads a recording from end to end and says what is wrong with it, with the line of the first case of each kind. */
import { applyDepth, applyTouch, initTapeBook, isSound } from '../simulation/tape-book.ts'
import { DamagedLine, decodeLine } from '../simulation/tape-binance-line.ts'
import type { DecodeState } from '../simulation/tape-binance-line.ts'
import { nextLine, openLines } from '../simulation/tape-lines.ts'

export const FAULT_KINDS = ['damaged', 'gap', 'crossed', 'timeBack'] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

export interface Fault {
  readonly kind: FaultKind
  count: number
  readonly firstLine: number
  readonly firstText: string
}

export interface TapeCheck {
  readonly path: string
  readonly symbol: string
  readonly lines: number
  readonly depths: number
  readonly touches: number
  readonly trades: number
  /** Lines of another symbol or stream: left out when played, no fault. */
  readonly foreignLines: number
  /** Milliseconds since 1970 of the first and last record; null without any. */
  readonly firstTsMs: number | null
  readonly lastTsMs: number | null
  /** The longest time without a record. */
  readonly longestSilenceMs: number
  readonly faults: readonly Fault[]
  /** Of a folder; null for a file. Its places are numbers of inputs. */
  readonly folder: FolderCheck | null
}

/** What the checksums of a folder say. */
export interface FolderCheck {
  /** True when it is the journal of an exchange, which holds no recorded market. */
  readonly isOfExchange: boolean
  /** Behind the last whole record, left by a crash; not read, and no fault. */
  readonly tornBytes: number
  /** False while it is still written, or when it was cut off. */
  readonly isClosed: boolean
  /** The last input before the damage, or of all. */
  readonly lastSeq: number
  /** What the first damage is and where: file and byte; null without any. */
  readonly damage: string | null
}

/**
 * @param onProgress called now and then with the share that was read, 0…1
 * @throws SimulationError TAPE_UNREADABLE
 */
export function verifyTape(path: string, onProgress?: (share: number) => void): TapeCheck {
  const reader = openLines(path)
  const state: DecodeState = {
    counters: { lines: 0, damagedLines: 0, foreignLines: 0, gaps: 0 },
    symbol: '',
    tsMsLast: 0,
    updateIdLast: 0,
  }
  const counts = { depth: 0, touch: 0, trade: 0 }
  const faults = new Map<FaultKind, Fault>()
  const book = initTapeBook()
  let firstTsMs: number | null = null
  let silenceMs = 0
  let nsLast = 0n
  const note = (kind: FaultKind, text: string): void => {
    const fault = faults.get(kind)
    if (fault === undefined) faults.set(kind, { kind, count: 1, firstLine: reader.line, firstText: text })
    else fault.count += 1
  }
  for (let line = nextLine(reader); line !== null; line = nextLine(reader)) {
    if (reader.line % PROGRESS_LINES === 0) onProgress?.(reader.offset / reader.text.length)
    const gapsBefore = state.counters.gaps
    try {
      const record = decodeLine(state, line)
      // The decoder holds time still where it steps back; the line itself tells.
      const tsNs = BigInt(line.slice(0, line.indexOf(' ')))
      if (tsNs < nsLast) note('timeBack', `${(nsLast - tsNs) / 1_000n} µs back`)
      else nsLast = tsNs
      if (record === null) {
        state.counters.foreignLines += 1
        continue
      }
      if (firstTsMs !== null) {
        const silentMs = record.tsMs - state.tsMsLast
        silenceMs = Math.max(silenceMs, silentMs)
        if (silentMs > SILENCE_MS_MAX) note('gap', `nothing for ${Math.round(silentMs)} ms`)
      }
      firstTsMs ??= record.tsMs
      state.tsMsLast = record.tsMs
      counts[record.kind] += 1
      if (state.counters.gaps > gapsBefore) note('gap', 'the change before this one is missing')
      if (record.kind === 'trade') continue
      if (record.kind === 'touch' && record.bidE8 >= record.askE8)
        note('crossed', 'best bid at or above best ask')
      const wasTwoSided = book.touch !== null
      if (record.kind === 'depth') applyDepth(book, record)
      else applyTouch(book, record)
      const isBoth = book.bids.keys.length > 0 && book.asks.keys.length > 0
      if (wasTwoSided && isBoth && !isSound(book)) note('crossed', 'the rebuilt book crosses')
    } catch (error) {
      if (!(error instanceof DamagedLine)) throw error
      note('damaged', error.message)
    }
  }
  return {
    path,
    symbol: state.symbol,
    lines: reader.line,
    depths: counts.depth,
    touches: counts.touch,
    trades: counts.trade,
    foreignLines: state.counters.foreignLines,
    firstTsMs,
    lastTsMs: firstTsMs === null ? null : state.tsMsLast,
    longestSilenceMs: silenceMs,
    faults: [...faults.values()],
    folder: null,
  }
}

const PROGRESS_LINES = 5_000
/** Who quotes looks at a book a minute old as at none; files of others may be of markets where this is seldom. */
const SILENCE_MS_MAX = 60_000
