/**
 * Brings recordings of others into the played format, or cleans one that is in it already. Lines that cannot be read are left
 * out, counted and named.
 *
 *   binance       raw futures streams behind a receive time: foreign streams and damaged lines go
 *   hyperliquid   `l2Book` messages, one JSON a line, bare or inside the archive's envelope: each is a whole snapshot
 */
import { nextLine, openLines } from '../simulation/tape-lines.ts'
import { SimulationError } from '../simulation/errors.ts'
import { openTapeWriter } from './tape-format.ts'
import type { TapeLevelText, TapeWriter } from './tape-format.ts'
import { openTape } from '../simulation/tape-binance.ts'
import { E8 } from '../simulation/tape.ts'

export const IMPORT_SOURCES = ['binance', 'hyperliquid'] as const
export type ImportSource = (typeof IMPORT_SOURCES)[number]

export interface ImportOutcome {
  /** Written. */
  readonly lines: number
  readonly skipped: number
  readonly firstSkipped: string | null
  /** The first of the skipped, each with its place, field, value and remedy; absent: the first alone is known. */
  readonly told?: readonly string[]
}

const NS_PER_MS = 1_000_000
const PROGRESS_LINES = 5_000
/** Bad lines that are told one by one; the others are counted. */
export const BAD_LINES_TOLD_MAX = 10
/** Of a bad value. */
const SHOWN_CHARS = 60

/** @throws SimulationError TAPE_UNREADABLE; TAPE_MALFORMED when nothing in the file is of this kind */
export function importTape(
  source: ImportSource,
  path: string,
  out: string,
  onProgress?: (share: number) => void,
): ImportOutcome {
  return source === 'binance' ? importBinance(path, out) : importHyperliquid(path, out, onProgress)
}

function importBinance(path: string, out: string): ImportOutcome {
  const tape = openTape(path)
  const writer = openTapeWriter(out, tape.symbol)
  for (let record = tape.next(); record !== null; record = tape.next()) {
    const tsNs = BigInt(Math.round(record.tsMs * NS_PER_MS))
    if (record.kind === 'trade') {
      writer.trade(tsNs, 0, record.aggressor, [textOf(record.priceE8), textOf(record.sizeE8)])
    } else if (record.kind === 'touch') {
      const { updateId, bidE8, bidSizeE8, askE8, askSizeE8 } = record
      writer.touch(tsNs, updateId, [textOf(bidE8), textOf(bidSizeE8)], [textOf(askE8), textOf(askSizeE8)])
    } else {
      const kind = record.isSnapshot ? 'snapshot' : 'depth'
      writer[kind](tsNs, record.updateId, pairsOf(record.bids), pairsOf(record.asks))
    }
  }
  return { lines: writer.close(), skipped: tape.counters.damagedLines, firstSkipped: tape.firstDamage }
}

function importHyperliquid(path: string, out: string, onProgress?: (share: number) => void): ImportOutcome {
  const reader = openLines(path)
  let writer: TapeWriter | null = null
  let coin = ''
  let updateId = 0
  let skipped = 0
  const told: string[] = []
  for (let line = nextLine(reader); line !== null; line = nextLine(reader)) {
    if (reader.line % PROGRESS_LINES === 0) onProgress?.(reader.offset / reader.text.length)
    if (line.trim() === '') continue
    const book = bookOf(line)
    if (typeof book === 'string' || (coin !== '' && book.coin !== coin)) {
      skipped += 1
      const because =
        typeof book === 'string'
          ? book
          : `coin ${JSON.stringify(book.coin)}: the lines before are of ${coin}; import each coin by itself`
      if (told.length < BAD_LINES_TOLD_MAX) told.push(`${path}:${reader.line}: ${because}`)
      continue
    }
    coin = book.coin
    writer ??= openTapeWriter(out, `${coin.slice(coin.indexOf(':') + 1)}USD`)
    updateId += 1
    const tsNs = BigInt(book.tsMs) * BigInt(NS_PER_MS)
    writer.snapshot(tsNs, updateId, book.bids, book.asks)
    const [bid, ask] = [book.bids[0], book.asks[0]]
    if (bid !== undefined && ask !== undefined) writer.touch(tsNs + 1n, updateId, bid, ask)
  }
  if (writer === null) {
    throw new SimulationError(
      'TAPE_MALFORMED',
      `tape ${path}: no l2Book message in it (${told[0] ?? 'it is empty'})`,
    )
  }
  return { lines: writer.close(), skipped, firstSkipped: told[0] ?? null, told }
}

interface WireBook {
  readonly coin: string
  readonly tsMs: number
  readonly bids: TapeLevelText[]
  readonly asks: TapeLevelText[]
}

type Json = Readonly<Record<string, unknown>>

/** The book of a line, or why there is none. */
function bookOf(line: string): WireBook | string {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return `${JSON.stringify(line.slice(0, SHOWN_CHARS))}: is no JSON; repair or remove the line`
  }
  // The archive wraps the message twice: {time, ver_num, raw: {channel, data}}; the stream once; the request not at all.
  const raw = fieldOf(value, 'raw') ?? value
  const data = fieldOf(raw, 'data') ?? raw
  const [coin, time, levels] = [fieldOf(data, 'coin'), fieldOf(data, 'time'), fieldOf(data, 'levels')]
  if (typeof coin !== 'string') return faultOf('coin', coin, 'the name of the market as text')
  if (typeof time !== 'number' || !Number.isSafeInteger(time))
    return faultOf('time', time, 'whole milliseconds since 1970')
  if (!Array.isArray(levels) || levels.length !== 2)
    return faultOf('levels', levels, 'two lists, bids and asks')
  const [bids, asks] = [sideOf(levels[0], 'levels[0]'), sideOf(levels[1], 'levels[1]')]
  if (typeof bids === 'string') return bids
  return typeof asks === 'string' ? asks : { coin, tsMs: time, bids, asks }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Json)[name] : undefined
}

/** The levels, or what is wrong with the first that is none. */
function sideOf(value: unknown, field: string): TapeLevelText[] | string {
  if (!Array.isArray(value)) return faultOf(field, value, 'a list of levels')
  const side: TapeLevelText[] = []
  for (const [index, level] of (value as readonly unknown[]).entries()) {
    const [price, size] = [fieldOf(level, 'px'), fieldOf(level, 'sz')]
    if (!isDecimal(price)) return faultOf(`${field}[${index}].px`, price, DECIMAL_TEXT)
    if (!isDecimal(size)) return faultOf(`${field}[${index}].sz`, size, DECIMAL_TEXT)
    side.push([price, size])
  }
  return side
}

const DECIMAL_TEXT = 'a decimal text with at most 8 digits on each side of the point'

/** Field, value and what should stand there. */
function faultOf(field: string, value: unknown, wanted: string): string {
  const text = value === undefined ? 'is missing' : (JSON.stringify(value) ?? 'null').slice(0, SHOWN_CHARS)
  return `${field} ${text}: write ${wanted}`
}

function isDecimal(value: unknown): value is string {
  return typeof value === 'string' && /^\d{1,8}(\.\d{1,8})?$/.test(value)
}

function pairsOf(flat: readonly number[]): TapeLevelText[] {
  const pairs: TapeLevelText[] = []
  for (let index = 0; index + 1 < flat.length; index += 2)
    pairs.push([textOf(flat[index] ?? 0), textOf(flat[index + 1] ?? 0)])
  return pairs
}

/** Whole 1e-8 as a decimal, exactly. */
function textOf(valueE8: number): string {
  const whole = Math.floor(valueE8 / E8)
  const fraction = String(valueE8 - whole * E8)
    .padStart(8, '0')
    .replace(/0+$/, '')
  return fraction === '' ? String(whole) : `${whole}.${fraction}`
}
