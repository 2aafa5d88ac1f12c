/**
 * What the columns of a foreign CSV mean: named by the user, or recognised by the names that data vendors give them.
 *
 * in      the header line and `meaning=column` pairs
 * out     a column index for each meaning; trades, best prices or whole books, by what is there
 */
import { SimulationError } from '../simulation/errors.ts'

/** Meanings that a column can have, and vendors' names for them (lower case), the usual one first. */
const ALIASES = {
  time: ['timestamp', 'time', 'ts', 'timestamp_ns', 'ts_ms', 'transact_time', 'local_timestamp'],
  price: ['price', 'px'],
  size: ['quantity', 'qty', 'size', 'amount', 'sz'],
  side: ['side', 'aggressor', 'taker_side'],
  buyer_is_maker: ['is_buyer_maker', 'isbuyermaker'],
  symbol: ['symbol_id', 'symbol', 'coin', 'instrument'],
  bid: ['bid_price', 'best_bid_price', 'bid', 'bid_px'],
  bid_size: ['bid_amount', 'best_bid_qty', 'bid_size', 'bid_qty', 'bid_sz'],
  ask: ['ask_price', 'best_ask_price', 'ask', 'ask_px'],
  ask_size: ['ask_amount', 'best_ask_qty', 'ask_size', 'ask_qty', 'ask_sz'],
} as const
export type Meaning = keyof typeof ALIASES
const MEANINGS = Object.keys(ALIASES) as readonly Meaning[] // Its own keys.

/** Columns of what we export: books, best prices, trades and contexts in one table. */
export const EXPORT_HEAD: readonly string[] = ['ts_ms', 'kind', 'side', 'price', 'quantity']

/** Price and size columns of one level. */
export type LevelColumns = readonly [price: number, size: number]

export interface CsvColumns {
  readonly kind: 'trades' | 'touches' | 'books'
  readonly time: number
  /** −1: there is no such column. */
  readonly symbol: number
  readonly price: number
  readonly size: number
  readonly side: number
  readonly buyerIsMaker: number
  /** Best first: one level of a best price, all of a book. */
  readonly bids: readonly LevelColumns[]
  readonly asks: readonly LevelColumns[]
}

/** `bids[0].price`, `bids[0].amount`, as vendors name the levels of a book. */
const LEVEL_PATTERN = /^(bids|asks)\[(\d+)\]\.(price|amount|size|quantity)$/

/** @throws SimulationError TAPE_MALFORMED for a pair that is none */
export function parseMapping(pairs: readonly string[]): ReadonlyMap<Meaning, string> {
  const mapping = new Map<Meaning, string>()
  for (const pair of pairs.flatMap((text) => text.split(','))) {
    const [name = '', column = ''] = pair.split('=')
    const meaning = MEANINGS.find((known) => known === name.trim())
    if (meaning === undefined || column.trim() === '') {
      throw malformed(`--map ${pair}: write meaning=column, with one of ${MEANINGS.join(', ')}`)
    }
    mapping.set(meaning, column.trim())
  }
  return mapping
}

/** @throws SimulationError TAPE_MALFORMED when a needed column is not there */
export function columnsOf(
  path: string,
  names: readonly string[],
  mapping: ReadonlyMap<Meaning, string>,
): CsvColumns {
  const lower = names.map((name) => name.trim().toLowerCase())
  if (lower.join() === EXPORT_HEAD.join()) {
    const message = `${path}:1: is a table of books and trades that hypermake data export wrote; play the recording itself, or take its rows of one kind out and name their columns`
    throw malformed(message)
  }
  const find = (meaning: Meaning): number => {
    const wished = mapping.get(meaning)
    const index =
      wished === undefined ? firstOf(lower, ALIASES[meaning]) : lower.indexOf(wished.toLowerCase())
    if (wished !== undefined && index === -1)
      throw malformed(
        `${path}:1: there is no column ${wished} for ${meaning}; the columns are ${names.join(', ')}`,
      )
    return index
  }
  const [bids, asks] = [levelsOf(lower, 'bids'), levelsOf(lower, 'asks')]
  const best = [find('bid'), find('bid_size'), find('ask'), find('ask_size')] as const
  const of = {
    ...{ time: find('time'), symbol: find('symbol'), price: find('price'), size: find('size') },
    ...{ side: find('side'), buyerIsMaker: find('buyer_is_maker') },
  }
  if (of.time === -1) throw missing(path, 'time', names)
  if (bids.length > 0 && asks.length > 0) return { ...of, kind: 'books', bids, asks }
  if (best.every((index) => index >= 0)) {
    const [bid, bidSize, ask, askSize] = best
    return { ...of, kind: 'touches', bids: [[bid, bidSize]], asks: [[ask, askSize]] }
  }
  for (const name of ['price', 'size'] as const) if (of[name] === -1) throw missing(path, name, names)
  if (of.side === -1 && of.buyerIsMaker === -1) throw missing(path, 'side', names)
  return { ...of, kind: 'trades', bids: [], asks: [] }
}

function firstOf(names: readonly string[], aliases: readonly string[]): number {
  for (const alias of aliases) {
    const index = names.indexOf(alias)
    if (index !== -1) return index
  }
  return -1
}

function levelsOf(names: readonly string[], side: 'bids' | 'asks'): LevelColumns[] {
  const levels: { price: number; size: number }[] = []
  for (const [index, name] of names.entries()) {
    const match = LEVEL_PATTERN.exec(name)
    if (match === null || match[1] !== side) continue
    const level = (levels[Number(match[2])] ??= { price: -1, size: -1 })
    level[match[3] === 'price' ? 'price' : 'size'] = index
  }
  const whole: LevelColumns[] = []
  for (const level of levels) {
    if (level === undefined || level.price === -1 || level.size === -1) break
    whole.push([level.price, level.size])
  }
  return whole
}

function missing(path: string, meaning: Meaning, names: readonly string[]): SimulationError {
  return malformed(
    `${path}:1: no column for ${meaning} among ${names.join(', ')}; name it: --map ${meaning}=COLUMN`,
  )
}

function malformed(message: string): SimulationError {
  return new SimulationError('TAPE_MALFORMED', message)
}
