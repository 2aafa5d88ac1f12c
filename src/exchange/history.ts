/**
 * The last ended orders of every account, as numbers in one log. Orders end more often than anything else happens on a venue:
 * if each account had a log of its own, nearly every end would write to memory that is no longer in the processor's cache.
 *
 * state   64 bytes a record, in the order in which orders ended; each names the account's record before it:
 *           doubles  0 id · 1 price · 2 lots asked for · 3 lots that remained · 4 time placed · 5 time ended
 *           words    12 flags and status · 13 asset · 14 account · 15 previous record
 *         Records are counted from 1, and 0 means none. With −1 for none, words 14 and 15 seen as a double would be NaN,
 *         whose bits a copy may change; so records can be copied as doubles
 *         beside the log: per account its last record and how many of the log are its own; client ids; triggers
 * bound   ENDED_ORDERS_MAX an account. When the log is full, what is beyond that bound is dropped; when more than a third
 *         of it has to stay, the new log is twice as long
 */
import type { Address, TriggerSpec } from './command.ts'
import type { OrderStatusWord, OrderView } from './event.ts'
import { ENDED_ORDERS_MAX } from './limits.ts'
import { TIF_SHIFT, TIFS, type FLAG_NAMED, type OrderPool, type WORD_FLAGS } from './order-index.ts'
import { STATUS_WORDS } from './status.ts'

const CAPACITY_START = 256
const BUY = 1
const REDUCE_ONLY = 2
/** Above every flag. */
const STATUS_SHIFT = 8
const PACKED = 12
const ASSET = 13
const ACCOUNT = 14
const PREVIOUS = 15
const NAMED: typeof FLAG_NAMED = 8
const FLAGS: typeof WORD_FLAGS = 11

export interface EndedOrder {
  readonly order: OrderView
  readonly status: OrderStatusWord
  readonly statusTsMs: number
}

export interface EndedLog {
  /** Eight doubles a record, and the same memory as sixteen words. */
  records: Float64Array
  words: Int32Array
  /** Records in use. */
  count: number
  /** Two words an account, by its index: its last record, and how many of the log are its own. */
  accounts: Int32Array
  /** Empty until the first order with a client id or a trigger. */
  readonly cloids: (string | null)[]
  readonly triggers: (TriggerSpec | null)[]
}

export function createEndedLog(): EndedLog {
  const records = new Float64Array(CAPACITY_START * 8)
  return {
    records,
    words: new Int32Array(records.buffer),
    count: 0,
    accounts: new Int32Array(0),
    cloids: [],
    triggers: [],
  }
}

/** Keeps the order in a slot as ended. @param accountIndex of its owner */
export function keepEnded(
  log: EndedLog,
  accountIndex: number,
  pool: OrderPool<unknown>,
  slot: number,
  assetId: number,
  statusCode: number,
  tsMs: number,
): void {
  if (log.count << 3 === log.records.length || accountIndex << 1 >= log.accounts.length) {
    makeRoom(log, accountIndex)
  }
  const { records, words, accounts, count } = log
  const at = count << 3
  const word = count << 4
  const from = slot << 3
  const live = pool.records
  const flags = pool.words[(slot << 4) | FLAGS]!
  const owner = accountIndex << 1
  records[at] = live[from]!
  records[at | 1] = live[from | 1]!
  records[at | 2] = live[from | 2]!
  records[at | 3] = live[from | 3]!
  records[at | 4] = live[from | 4]!
  records[at | 5] = tsMs
  words[word | PACKED] = packEnded(flags, statusCode)
  words[word | ASSET] = assetId
  words[word | ACCOUNT] = accountIndex
  words[word | PREVIOUS] = accounts[owner]!
  accounts[owner] = count + 1
  accounts[owner + 1]! += 1
  log.count = count + 1
  if ((flags & NAMED) !== 0 || log.cloids.length > 0) {
    // The slot of what never rested still holds the names of an earlier order.
    const named = (flags & NAMED) !== 0
    keepNames(log, count, named ? pool.cloid[slot]! : null, named ? (pool.trigger[slot]?.spec ?? null) : null)
  }
}

/** What a live order's flags say and its status, in one word. */
export function packEnded(flags: number, statusCode: number): number {
  return flags | (statusCode << STATUS_SHIFT)
}

/** The two lists begin with the first order that has a client id or a trigger. */
export function keepNames(
  log: EndedLog,
  place: number,
  cloid: string | null,
  trigger: TriggerSpec | null,
): void {
  while (log.cloids.length < place) {
    log.cloids.push(null)
    log.triggers.push(null)
  }
  log.cloids[place] = cloid
  log.triggers[place] = trigger
}

function growAccounts(log: EndedLog, accountIndex: number): void {
  const accounts = new Int32Array(Math.max(accountIndex + 1, log.accounts.length) * 2)
  accounts.set(log.accounts)
  log.accounts = accounts
}

/** Makes room for one more order of this account. */
export function makeRoom(log: EndedLog, accountIndex: number): void {
  if (log.count << 3 === log.records.length) dropOldest(log)
  if (accountIndex << 1 >= log.accounts.length) growAccounts(log, accountIndex)
}

/** All of a full log is kept. */
function lengthen(log: EndedLog): void {
  const records = new Float64Array(log.records.length * 2)
  records.set(log.records)
  log.records = records
  log.words = new Int32Array(records.buffer)
}

/** Moves what is kept to the front, in a longer log when that is more than a third of this one. */
function dropOldest(log: EndedLog): void {
  const { accounts, words, records } = log
  let keptCount = 0
  for (let owner = 0; owner < accounts.length; owner += 2) {
    keptCount += Math.min(accounts[owner + 1]!, ENDED_ORDERS_MAX)
  }
  if (keptCount === log.count) return lengthen(log)
  const to = keptCount * 24 > records.length ? new Float64Array(records.length * 2) : records
  // Of each account: its last record at the new place, and how many were seen.
  const moved = new Int32Array(accounts.length)
  let next = 0
  // What stays comes in long runs, since an account that goes on loses its oldest: a run is moved at once.
  let runStart = 0
  for (let place = 0; place < log.count; place += 1) {
    const word = place << 4
    const owner = words[word | ACCOUNT]! << 1
    const seenCount = moved[owner + 1]! + 1
    moved[owner + 1] = seenCount
    if (accounts[owner + 1]! - seenCount >= ENDED_ORDERS_MAX) {
      next = moveRun(log, to, runStart, place, next)
      runStart = place + 1
      continue
    }
    words[word | PREVIOUS] = moved[owner]!
    moved[owner] = next + (place - runStart) + 1
  }
  next = moveRun(log, to, runStart, log.count, next)
  if (log.cloids.length > next) log.cloids.length = log.triggers.length = next
  for (let owner = 0; owner < accounts.length; owner += 2) {
    accounts[owner] = moved[owner]!
    accounts[owner + 1] = Math.min(accounts[owner + 1]!, ENDED_ORDERS_MAX)
  }
  log.records = to
  if (to !== records) log.words = new Int32Array(to.buffer)
  log.count = next
}

/** Moves the records from `start` until `end`, with their names, to a place not behind them. @returns the place behind them */
function moveRun(log: EndedLog, to: Float64Array, start: number, end: number, place: number): number {
  if (end === start) return place
  const { records, cloids, triggers } = log
  if (to !== records) to.set(records.subarray(start * 8, end * 8), place * 8)
  else if (place !== start) records.copyWithin(place * 8, start * 8, end * 8)
  for (let from = start, target = place; from < end && from < cloids.length; from += 1, target += 1) {
    cloids[target] = cloids[from]!
    triggers[target] = triggers[from]!
  }
  return place + (end - start)
}

/** The kept orders of an account as the venue shows them, newest first. */
export function* newestEnded(log: EndedLog, accountIndex: number, account: Address): Generator<EndedOrder> {
  const keptCount = Math.min(log.accounts[accountIndex * 2 + 1] ?? 0, ENDED_ORDERS_MAX)
  let number = log.accounts[accountIndex * 2] ?? 0
  for (let index = 0; index < keptCount; index += 1) {
    const { records, words } = log
    const place = number - 1
    const at = place * 8
    const word = place * 16
    const packed = words[word + PACKED]!
    yield {
      order: {
        oid: records[at]!,
        account,
        assetId: words[word + ASSET]!,
        side: (packed & BUY) !== 0 ? 'buy' : 'sell',
        priceTicks: records[at + 1]!,
        originalLots: records[at + 2]!,
        remainingLots: records[at + 3]!,
        reduceOnly: (packed & REDUCE_ONLY) !== 0,
        tif: TIFS[(packed >> TIF_SHIFT) & 3]!,
        trigger: log.triggers[place] ?? null,
        cloid: log.cloids[place] ?? null,
        placedTsMs: records[at + 4]!,
      },
      status: STATUS_WORDS[packed >> STATUS_SHIFT]!,
      statusTsMs: records[at + 5]!,
    }
    number = words[word + PREVIOUS]!
  }
}
