/**
 * Reads a recording in a folder from end to end and says what is wrong with it: every checksum and hash, then its market inputs.
 * Places are the numbers of inputs, where a tape has lines. Behind the first damage nothing is read.
 */
import type { Input } from '../core/input.ts'
import { JournalError } from '../journal/errors.ts'
import { readJournal, verifyJournal } from '../journal/reader.ts'
import type { Fault, FaultKind, TapeCheck } from './verify-tape.ts'

/** While connected the venue sends a book at least twice a second; so long without a word is a gap, ms. */
const SILENCE_MS_MAX = 10_000

/** @throws JournalError for a folder that holds no journal */
export function verifyRecording(path: string): TapeCheck {
  const faults = new Map<FaultKind, Fault>()
  const state = {
    ...{ symbol: '', lines: 0, foreignLines: 0, longestSilenceMs: 0 },
    ...{ book: 0, touch: 0, trade: 0 },
    firstTsMs: null as number | null,
    lastTsMs: null as number | null,
    venueTsMs: { book: 0, touch: 0, trade: 0 },
  }
  const note = (kind: FaultKind, seq: number, text: string): void => {
    const fault = faults.get(kind)
    if (fault === undefined) faults.set(kind, { kind, count: 1, firstLine: seq, firstText: text })
    else fault.count += 1
  }
  const look = (input: Input): void => {
    if (input.kind === 'sessionStarted') state.symbol = input.market.coin
    if (input.kind === 'connection' && !input.up)
      note('gap', input.seq, `the connection was lost: ${input.text}`)
    if (input.kind !== 'book' && input.kind !== 'touch' && input.kind !== 'trade') {
      state.foreignLines += 1
      return
    }
    const silenceMs = input.tsMs - (state.lastTsMs ?? input.tsMs)
    state.longestSilenceMs = Math.max(state.longestSilenceMs, silenceMs)
    if (silenceMs > SILENCE_MS_MAX) note('gap', input.seq, `nothing for ${silenceMs} ms`)
    state.firstTsMs ??= input.tsMs
    state.lastTsMs = input.tsMs
    state[input.kind] += 1
    const backMs = state.venueTsMs[input.kind] - input.venueTsMs
    if (backMs > 0) note('timeBack', input.seq, `${input.kind}: ${backMs} ms back`)
    state.venueTsMs[input.kind] = Math.max(state.venueTsMs[input.kind], input.venueTsMs)
    if (isCrossed(input)) note('crossed', input.seq, 'best bid at or above best ask')
  }
  const report = verifyJournal(path)
  if (report.damage !== null) note('damaged', report.lastSeq, report.damage.because)
  let isOfExchange = false
  try {
    const { header, records } = readJournal(path)
    isOfExchange = header.machine === 'exchange'
    for (const record of records) {
      if (record.kind === 'input') {
        if (record.input.seq > report.lastSeq) break
        look(record.input)
      }
      state.lines += 1
    }
  } catch (error) {
    // The same damage again; what stands before it was looked at.
    if (report.damage === null || !(error instanceof JournalError)) throw error
  }
  const { symbol, lines, foreignLines, firstTsMs, lastTsMs, longestSilenceMs } = state
  return {
    ...{ path, symbol, lines, foreignLines, firstTsMs, lastTsMs, longestSilenceMs },
    ...{ depths: state.book, touches: state.touch, trades: state.trade },
    faults: [...faults.values()],
    folder: {
      ...{ isOfExchange, tornBytes: report.tornBytes, isClosed: report.isClosed, lastSeq: report.lastSeq },
      damage: report.damage?.because ?? null,
    },
  }
}

function isCrossed(input: Input): boolean {
  if (input.kind === 'touch')
    return input.bidLots > 0 && input.askLots > 0 && input.bidTicks >= input.askTicks
  if (input.kind !== 'book') return false
  const [bid, ask] = [input.bids[0], input.asks[0]]
  return bid !== undefined && ask !== undefined && bid >= ask
}
