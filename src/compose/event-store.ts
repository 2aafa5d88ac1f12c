/**
 * A journal as an event store: what happened, how much, the state at any moment, and the hash that stands for all of it. The
 * same questions for the maker and for the exchange; every answer is derived by replay, and a replay that parts from what
 * was recorded says so instead of answering.
 */
import { assert } from '../core/assert.ts'
import { createEngine, step } from '../core/engine.ts'
import type { Engine } from '../core/engine.ts'
import type { MakerView } from '../core/view.ts'
import { viewOf } from '../core/view-of.ts'
import { stateHash as exchangeHash } from '../exchange/exchange.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { accountState, type PositionView } from '../exchange/queries/account.ts'
import { touch } from '../exchange/queries/book.ts'
import { instrumentContext } from '../exchange/queries/market.ts'
import { openOrders } from '../exchange/queries/orders.ts'
import { seqOf } from '../journal/inspect.ts'
import { readJournal, verifyJournal } from '../journal/reader.ts'
import { readHeader } from '../journal/walk.ts'
import { enginePartsOf } from './engine-parts.ts'
import { replayExchange } from './exchange-replay.ts'
import { makerConfigOf } from './journal-config.ts'
import { MomentError } from './moment-error.ts'
import { eventsOfRecord, eventsOfVenueCommand } from './oracle-events.ts'
import type { OracleEvent } from './oracle-events.ts'
import { proveMachine } from './verify.ts'
import type { MachineProof } from './verify.ts'

/** After this input or command, or after the last one that is not later. */
export type Moment = { readonly seq: number } | { readonly tsMs: number }

export interface PointInTime {
  readonly machine: 'maker' | 'exchange'
  readonly seq: number
  readonly tsMs: number
  readonly stateHash: string
  readonly state: MakerView | ExchangePicture
}

export interface ExchangePicture {
  readonly markets: readonly {
    readonly coin: string
    readonly assetId: number
    /** 0: that side is empty. */
    readonly bidTicks: number
    readonly askTicks: number
    readonly oracleTicks: number
    readonly markTicks: number
    readonly openInterestLots: number
  }[]
  /** Accounts that hold money, a position or an order on a DEX. */
  readonly accounts: readonly {
    readonly account: string
    readonly dex: string
    readonly accountValueMicroUsd: number
    readonly openOrderCount: number
    readonly positions: readonly Pick<PositionView, 'assetId' | 'sizeLots' | 'entryPriceTicks'>[]
  }[]
}

export interface EventStore {
  readonly machine: 'maker' | 'exchange'
  /** Records in the journal. */
  eventCount(): number
  /** All of it again, every byte, decision and hash compared. */
  replayAll(): MachineProof
  /** Tells what happened from this input or command on, in order. @returns how many happenings were told */
  replayFrom(seq: number, onEvent: (event: OracleEvent) => void): number
  /** After the last record. */
  stateHash(): string
  /** @throws MomentError UNKNOWN_SEQ for a moment before the first record or beyond the last */
  stateAt(moment: Moment): PointInTime
}

/** @throws JournalError when there is no journal; its methods also DAMAGED where damage begins */
export function openEventStore(dir: string): EventStore {
  const machine = readHeader(dir).machine === 'exchange' ? 'exchange' : 'maker'
  return {
    machine,
    eventCount: () => verifyJournal(dir).recordCount,
    replayAll: () => proveMachine(dir),
    replayFrom: (seq, onEvent) =>
      machine === 'maker' ? tellMaker(dir, seq, onEvent) : tellExchange(dir, seq, onEvent),
    stateHash: () => stateAt(dir, machine, { seq: Infinity }).stateHash,
    stateAt: (moment) => stateAt(dir, machine, moment),
  }
}

function tellMaker(dir: string, fromSeq: number, onEvent: (event: OracleEvent) => void): number {
  const { header, records } = readJournal(dir)
  let tsMs = header.createdTsMs
  let count = 0
  for (const record of records) {
    if (record.kind === 'input') tsMs = record.input.tsMs
    if (seqOf(record) < fromSeq) continue
    for (const event of eventsOfRecord(record, header, tsMs)) {
      onEvent(event)
      count += 1
    }
  }
  return count
}

function tellExchange(dir: string, fromSeq: number, onEvent: (event: OracleEvent) => void): number {
  let tsMs = 0
  let count = 0
  const { report } = replayExchange(dir, {
    onCommand: (seq, command, events) => {
      if (command.kind === 'block') tsMs = Math.max(tsMs, command.tsMs)
      if (seq < fromSeq) return
      for (const event of eventsOfVenueCommand(command, events, { seq, tsMs })) {
        onEvent(event)
        count += 1
      }
    },
  })
  refuseDifference(report.difference)
  return count
}

function stateAt(dir: string, machine: EventStore['machine'], moment: Moment): PointInTime {
  const found = machine === 'maker' ? makerAt(dir, moment) : exchangeAt(dir, moment)
  if (found.seq === 0) throw new MomentError('UNKNOWN_SEQ', `${dir} has nothing at or before that moment`)
  if ('seq' in moment && moment.seq !== Infinity && found.seq < moment.seq) {
    throw new MomentError('UNKNOWN_SEQ', `${dir} ends with ${found.seq}: there is no ${moment.seq} in it`)
  }
  return found
}

function makerAt(dir: string, moment: Moment): PointInTime {
  const { header, records } = readJournal(dir)
  let engine: Engine | null = null
  for (const record of records) {
    if (record.kind !== 'input') continue
    const { input } = record
    if ('seq' in moment ? input.seq > moment.seq : input.tsMs > moment.tsMs) break
    if (engine === null) {
      assert(input.kind === 'sessionStarted', 'a journal starts with its session')
      engine = createEngine(enginePartsOf(makerConfigOf(header), input.market))
    }
    step(engine, input)
  }
  if (engine === null) throw new MomentError('UNKNOWN_SEQ', `${dir} has no input at or before that moment`)
  const state = viewOf(engine)
  const { seq, tsMs, stateHash } = state
  return { machine: 'maker', seq, tsMs, stateHash, state }
}

function exchangeAt(dir: string, moment: Moment): PointInTime {
  const { report, exchange } = replayExchange(dir, {
    stopBefore: (seq, command) =>
      'seq' in moment ? seq > moment.seq : command.kind === 'block' && command.tsMs > moment.tsMs,
  })
  refuseDifference(report.difference)
  return {
    machine: 'exchange',
    seq: report.finalSeq,
    tsMs: exchange.tsMs,
    stateHash: exchangeHash(exchange),
    state: pictureOf(exchange),
  }
}

/** A state that parts from the recorded one is no answer. */
function refuseDifference(difference: { readonly seq: number } | null): void {
  if (difference === null) return
  throw new MomentError(
    'DIVERGED',
    `this build parts from the journal after ${difference.seq}: see hypermake verify`,
  )
}

function pictureOf(exchange: Exchange): ExchangePicture {
  const { dexs, markets } = exchange
  return {
    markets: markets.map(({ instrument: { coin, assetId } }) => {
      const { bidTicks, askTicks } = touch(exchange, assetId)
      const { oracleTicks, markTicks, openInterestLots } = instrumentContext(exchange, assetId)
      return { coin, assetId, bidTicks, askTicks, oracleTicks, markTicks, openInterestLots }
    }),
    accounts: exchange.accounts.flatMap(({ address }) =>
      dexs.flatMap(({ spec: { index, name } }) => {
        const { whole, positions } = accountState(exchange, address, index)
        const openOrderCount = openOrders(exchange, address, index).length
        if (whole.accountValueMicroUsd === 0 && positions.length === 0 && openOrderCount === 0) return []
        return [
          {
            account: address,
            dex: name,
            accountValueMicroUsd: whole.accountValueMicroUsd,
            openOrderCount,
            positions: positions.map(({ assetId, sizeLots, entryPriceTicks }) => {
              return { assetId, sizeLots, entryPriceTicks }
            }),
          },
        ]
      }),
    ),
  }
}
