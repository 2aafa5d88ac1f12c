/**
 * One line of a Binance futures recording: `<receive time in ns> <frame as JSON>` to a record. Prices and sizes become whole
 * numbers of 1e-8, exactly.
 */
import { E8 } from './tape.ts'
import type { TapeCounters, TapeDepth, TapeMarketRecord } from './tape.ts'

/** Says why a line was left out. Caught by the reader, never seen outside. */
export class DamagedLine extends Error {}

/** What one line must know of those before it. */
export interface DecodeState {
  readonly counters: TapeCounters
  /** '' until the first frame that carries one. */
  symbol: string
  tsMsLast: number
  updateIdLast: number
}

type Json = Readonly<Record<string, unknown>>

/**
 * @returns the record, or null for a frame of another symbol or stream
 * @throws DamagedLine when the line cannot be read
 */
export function decodeLine(state: DecodeState, line: string): TapeMarketRecord | null {
  const space = line.indexOf(' ')
  const tsMs = toTsMs(state, line.slice(0, Math.max(space, 0)))
  const frame = toObject(parseJson(line.slice(space + 1)), 'frame')
  // The depth snapshot comes from REST: no stream name, no symbol.
  if (typeof frame['lastUpdateId'] === 'number') {
    return toDepth(tsMs, frame['lastUpdateId'], frame['bids'], frame['asks'], true)
  }
  const data = toObject(frame['data'], 'data')
  const symbol = data['s']
  if (typeof symbol !== 'string') throw new DamagedLine('data.s is not a symbol')
  if (state.symbol === '') state.symbol = symbol
  if (symbol !== state.symbol) return null
  return decodeFrame(state, data, tsMs)
}

function decodeFrame(state: DecodeState, data: Json, tsMs: number): TapeMarketRecord | null {
  switch (data['e']) {
    case 'bookTicker':
      return {
        kind: 'touch',
        tsMs,
        updateId: toId(data['u'], 'u'),
        bidE8: toE8(data['b']),
        bidSizeE8: toE8(data['B']),
        askE8: toE8(data['a']),
        askSizeE8: toE8(data['A']),
      }
    case 'trade':
      if (typeof data['m'] !== 'boolean') throw new DamagedLine('m is not true or false')
      // `m`: the buyer was the maker, so the aggressor sold.
      return {
        kind: 'trade',
        tsMs,
        aggressor: data['m'] ? 'sell' : 'buy',
        priceE8: toE8(data['p']),
        sizeE8: toE8(data['q']),
      }
    case 'depthUpdate': {
      const record = toDepth(tsMs, toId(data['u'], 'u'), data['b'], data['a'], false)
      if (state.updateIdLast !== 0 && data['pu'] !== state.updateIdLast) state.counters.gaps += 1
      state.updateIdLast = record.updateId
      return record
    }
    default:
      return null
  }
}

function toDepth(
  tsMs: number,
  updateId: number,
  bids: unknown,
  asks: unknown,
  isSnapshot: boolean,
): TapeDepth {
  return { kind: 'depth', tsMs, isSnapshot, updateId, bids: toLevels(bids), asks: toLevels(asks) }
}

function toLevels(value: unknown): number[] {
  if (!Array.isArray(value)) throw new DamagedLine('a side of the book is not a list')
  const flat: number[] = []
  for (const level of value as readonly unknown[]) {
    if (!Array.isArray(level) || level.length < 2) throw new DamagedLine('a level is not a price and a size')
    flat.push(toE8(level[0]), toE8(level[1]))
  }
  return flat
}

/** A clock that stepped back would run the tape backwards: its records keep the last time instead. */
function toTsMs(state: DecodeState, text: string): number {
  if (!/^\d{19}$/.test(text)) throw new DamagedLine('the line does not begin with a time in nanoseconds')
  return Math.max(Number(text) / 1e6, state.tsMsLast)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new DamagedLine('the frame is not JSON')
  }
}

function toObject(value: unknown, name: string): Json {
  if (typeof value !== 'object' || value === null) throw new DamagedLine(`${name} is not an object`)
  return value as Json
}

function toId(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value))
    throw new DamagedLine(`${name} is not a whole number`)
  return value
}

/** Decimal text to whole 1e-8, exactly. */
function toE8(value: unknown): number {
  const match = typeof value === 'string' ? /^(\d{1,8})(?:\.(\d{1,8}))?$/.exec(value) : null
  if (match === null) throw new DamagedLine(`${JSON.stringify(value)} is not a decimal with at most 8 places`)
  const whole = Number(match[1])
  const fraction = Number((match[2] ?? '').padEnd(8, '0'))
  const scaled = whole * E8 + fraction
  if (!Number.isSafeInteger(scaled)) throw new DamagedLine(`${JSON.stringify(value)} is too large`)
  return scaled
}
