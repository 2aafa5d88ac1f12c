/**
 * The journal of an exchange through a fresh exchange: before every command the running state hash must be the recorded one,
 * and at the end the checkpoint's. Plain orders and cancels go in as numbers, which is what makes a replay fast; everything
 * else as the command it was.
 *
 * in   a folder   out  the report, and the exchange as it stood after the last command that was asked for
 */
import { assert } from '../core/assert.ts'
import type { ExchangeCommand } from '../exchange/command.ts'
import { cancelDirect, placeDirect } from '../exchange/direct.ts'
import { apply, createExchange, stateHash } from '../exchange/exchange.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { ExchangeEvent } from '../exchange/event.ts'
import { lanesOf, wordsToHex } from '../exchange/hash-lanes.ts'
import type { EventSink } from '../exchange/ports.ts'
import { ADDRESS_BYTES } from '../journal/bytes.ts'
import type { ByteSource } from '../journal/bytes.ts'
import { decodeRecord } from '../journal/codec.ts'
import { FRAME_LENGTH_BYTES, FRAME_OVERHEAD_BYTES } from '../journal/format.ts'
import type { JournalHeader } from '../journal/format.ts'
import { initPlainCommand, takePlain } from '../journal/venue-codec.ts'
import type { PlainCommand } from '../journal/venue-codec.ts'
import { initTally, walkBlocks } from '../journal/walk.ts'
import type { ExchangeGenesis } from './exchange-journal.ts'

export interface ExchangeDifference {
  /** The command after which recorded and replayed state part; 0: they parted before the first. */
  readonly seq: number
  readonly recorded: string
  readonly came: string
}

export interface ExchangeReplayReport {
  readonly ok: boolean
  readonly header: JournalHeader
  readonly recordCount: number
  readonly commandCount: number
  readonly checkpointCount: number
  readonly finalSeq: number
  readonly finalStateHash: string
  readonly headHash: string
  readonly tornBytes: number
  readonly isClosed: boolean
  readonly elapsedMs: number
  readonly recordsPerSec: number
  readonly difference: ExchangeDifference | null
}

export interface ExchangeReplayOptions {
  /** Asked before each command, with its sequence and the exchange's time; true ends the replay there. */
  readonly stopBefore?: (seq: number, command: ExchangeCommand) => boolean
  /** Hears what each command caused, in order. Slower: every command goes in as an object. */
  readonly onCommand?: (seq: number, command: ExchangeCommand, events: readonly ExchangeEvent[]) => void
}

/** Events of a replay that nobody listens to. */
const quiet: EventSink = {
  order: () => undefined,
  fill: () => undefined,
  trade: () => undefined,
  other: () => undefined,
}

/** What is open between one record and the next. */
interface Replay {
  readonly exchange: Exchange
  readonly plain: PlainCommand
  readonly accounts: AccountPlaces
  readonly options: ExchangeReplayOptions
  readonly isWatched: boolean
  seq: number
  checkpointCount: number
  difference: ExchangeDifference | null
  isStopped: boolean
}

/** @throws JournalError when the journal cannot be read, DAMAGED included: half a proof is none */
export function replayExchange(
  dir: string,
  options: ExchangeReplayOptions = {},
): { readonly report: ExchangeReplayReport; readonly exchange: Exchange } {
  const startedMs = performance.now()
  const tally = initTally(dir)
  assert(tally.header.machine === 'exchange', 'the journal is that of an exchange')
  // The header was written by this program and its checksum held.
  const { spec, options: rules } = tally.header.config as ExchangeGenesis
  const exchange = createExchange(spec, rules)
  exchange.sink = quiet
  const replay: Replay = {
    exchange,
    plain: initPlainCommand(),
    accounts: initAccountPlaces(exchange),
    options,
    isWatched: options.onCommand !== undefined || options.stopBefore !== undefined,
    seq: 0,
    checkpointCount: 0,
    difference: null,
    isStopped: false,
  }
  for (const { source, start, end } of walkBlocks(dir, tally)) {
    replayFrames(replay, source, start, end)
    if (replay.difference !== null || replay.isStopped) break
  }
  const elapsedMs = performance.now() - startedMs
  const { recordCount, chainHash, tornBytes, isClosed, header } = tally
  const report: ExchangeReplayReport = {
    ok: replay.difference === null,
    header,
    recordCount,
    commandCount: replay.seq,
    checkpointCount: replay.checkpointCount,
    finalSeq: replay.seq,
    finalStateHash: stateHash(exchange),
    headHash: chainHash.toString('hex'),
    tornBytes,
    isClosed,
    elapsedMs,
    recordsPerSec: elapsedMs > 0 ? (recordCount / elapsedMs) * 1000 : 0,
    difference: replay.difference,
  }
  return { report, exchange }
}

/** @param start of whole frames, whose lengths the walk has followed to `blockEnd` */
function replayFrames(replay: Replay, source: ByteSource, start: number, blockEnd: number): void {
  const { plain } = replay
  for (let at = start; at < blockEnd;) {
    const end = at + FRAME_OVERHEAD_BYTES + source.view.getUint32(at, true)
    if (!replay.isWatched && takePlain(source, at, plain) && applyPlain(replay, source)) at = end
    else {
      replayRecord(replay, source, at, end)
      at = end
    }
    if (replay.difference !== null || replay.isStopped) return
  }
}

/** @returns false when account or market is not known: then the command itself says what happens */
function applyPlain(replay: Replay, source: ByteSource): boolean {
  const { plain, exchange, accounts } = replay
  const accountIndex = placeOfAccount(accounts, source, plain.accountAt)
  const market = exchange.marketByAssetId.get(plain.assetId)
  if (accountIndex < 0 || market === undefined) return false
  if (!isSameHash(replay, plain.hashHigh, plain.hashLow)) return true
  replay.seq += 1
  if (plain.isCancel) cancelDirect(exchange, accountIndex, market.index, plain.oid)
  else {
    const { isBuy, priceTicks, sizeLots, tif, reduceOnly } = plain
    placeDirect(exchange, accountIndex, market.index, isBuy, priceTicks, sizeLots, tif, reduceOnly)
  }
  return true
}

function replayRecord(replay: Replay, source: ByteSource, start: number, end: number): void {
  const { exchange, options } = replay
  source.at = start + FRAME_LENGTH_BYTES
  const record = decodeRecord(source, end - FRAME_LENGTH_BYTES)
  if (record.kind === 'checkpoint') {
    const came = stateHash(exchange)
    replay.checkpointCount += 1
    if (came !== record.stateHash) replay.difference = { seq: replay.seq, recorded: record.stateHash, came }
    return
  }
  if (record.kind !== 'venueCommand') return
  const { command, seq } = record
  if (options.stopBefore?.(seq, command) === true) {
    replay.isStopped = true
    return
  }
  if (!isSameHash(replay, record.hashHigh, record.hashLow)) return
  replay.seq = seq
  const { events } = apply(exchange, command)
  options.onCommand?.(seq, command, events)
}

function isSameHash(replay: Replay, high: number, low: number): boolean {
  const lanes = lanesOf(replay.exchange.lanes)
  if (lanes[0] === (high | 0) && lanes[1] === (low | 0)) return true
  const recorded = wordsToHex(Int32Array.of(high, low))
  replay.difference = { seq: replay.seq, recorded, came: wordsToHex(lanes) }
  return false
}

/** From the twenty bytes of an address to the account's place: a table by the last four, compared in full. */
interface AccountPlaces {
  readonly exchange: Exchange
  /** Places of accounts where the hash of their bytes or the next free cell is; −1: free. */
  readonly places: Int32Array
  /** Those of each place. */
  readonly words: Int32Array
}

/** An address is compared four bytes at a time. */
const ADDRESS_WORDS: number = ADDRESS_BYTES / 4
/** Accounts kept by bytes; those beyond are looked up by their name each time. */
const ACCOUNTS_MAX = 65_536
/** Twice as many cells, so that the next free one is near. */
const CELL_BITS = 17
const CELL_MASK: number = (1 << CELL_BITS) - 1

function initAccountPlaces(exchange: Exchange): AccountPlaces {
  return {
    exchange,
    places: new Int32Array(1 << CELL_BITS).fill(-1),
    words: new Int32Array(ACCOUNTS_MAX * ADDRESS_WORDS),
  }
}

/** @returns −1 when there is no such account, or it is beyond those that are kept */
function placeOfAccount(accounts: AccountPlaces, source: ByteSource, at: number): number {
  const { places, words } = accounts
  const { view } = source
  const last = view.getInt32(at + 16, true)
  let cell = Math.imul(last, 0x9e3779b1) >>> (32 - CELL_BITS)
  // The mask keeps every read inside the table.
  for (let place = places[cell] as number; place !== -1; place = places[cell] as number) {
    const first = place * ADDRESS_WORDS
    if (
      words[first + 4] === last &&
      words[first] === view.getInt32(at, true) &&
      words[first + 1] === view.getInt32(at + 4, true) &&
      words[first + 2] === view.getInt32(at + 8, true) &&
      words[first + 3] === view.getInt32(at + 12, true)
    ) {
      return place
    }
    cell = (cell + 1) & CELL_MASK
  }
  return learn(accounts, source, at, cell)
}

function learn(accounts: AccountPlaces, source: ByteSource, at: number, cell: number): number {
  const address = `0x${source.bytes.toString('hex', at, at + ADDRESS_BYTES)}`
  const account = accounts.exchange.accountByAddress.get(address)
  if (account === undefined || account.index >= ACCOUNTS_MAX) return -1
  for (let word = 0; word < ADDRESS_WORDS; word += 1) {
    accounts.words[account.index * ADDRESS_WORDS + word] = source.view.getInt32(at + 4 * word, true)
  }
  accounts.places[cell] = account.index
  return account.index
}
