/**
 * One vocabulary for what happened in either machine: orders placed and executed, positions opened and liquidated, prices and
 * accounts updated. Derived from a journal, never stored: the maker's from its records, the exchange's from a replay of its
 * commands, which is checked on the way.
 */
import type { Command } from '../core/command.ts'
import type { Input } from '../core/input.ts'
import type { Side } from '../core/units.ts'
import type { ExchangeCommand } from '../exchange/command.ts'
import type { ExchangeEvent } from '../exchange/event.ts'
import type { JournalHeader, JournalRecord } from '../journal/format.ts'

export const ORACLE_EVENT_KINDS = [
  'orderPlaced',
  'orderExecuted',
  'positionOpened',
  'positionLiquidated',
  'priceUpdated',
  'accountUpdated',
] as const
export type OracleEventKind = (typeof ORACLE_EVENT_KINDS)[number]

/** One happening; null where a field says nothing of its kind. */
export interface OracleEvent {
  /** Of the input or command that caused it. */
  readonly seq: number
  readonly tsMs: number
  readonly kind: OracleEventKind
  readonly account: string | null
  /** Coin in a maker's journal, asset id in that of an exchange. */
  readonly market: string | null
  readonly side: Side | null
  readonly priceTicks: number | null
  /** Of a position: signed. */
  readonly sizeLots: number | null
  readonly oid: number | null
  /** Of an account: money that came or went, micro-dollars; of an execution: its fee. */
  readonly amountMicroUsd: number | null
}

const NOTHING = {
  account: null,
  market: null,
  side: null,
  priceTicks: null,
  sizeLots: null,
  oid: null,
  amountMicroUsd: null,
} as const

type Stamp = Pick<OracleEvent, 'seq' | 'tsMs'>

/** @param tsMs time of the last input, for commands */
export function eventsOfRecord(record: JournalRecord, header: JournalHeader, tsMs: number): OracleEvent[] {
  const { account, coin: market } = header
  if (record.kind === 'input') return eventsOfInput(record.input, account, market)
  if (record.kind !== 'command') return []
  return eventsOfOwnCommand(record.command, { ...NOTHING, seq: record.seq, tsMs, account, market })
}

function eventsOfOwnCommand(command: Command, base: Omit<OracleEvent, 'kind'>): OracleEvent[] {
  if (command.kind !== 'place' && command.kind !== 'modify') return []
  const { side, priceTicks, sizeLots } = command.order
  return [{ ...base, kind: 'orderPlaced', side, priceTicks, sizeLots }]
}

function eventsOfInput(input: Input, account: string, market: string): OracleEvent[] {
  const { seq, tsMs } = input
  const base = { ...NOTHING, seq, tsMs, account, market }
  switch (input.kind) {
    case 'fill': {
      const events = executed(base, input)
      return input.liquidation
        ? [...events, { ...base, kind: 'positionLiquidated', sizeLots: input.startPositionLots }]
        : events
    }
    case 'context':
      return [{ ...base, kind: 'priceUpdated', account: null, priceTicks: input.oracleTicks }]
    case 'account':
      return [{ ...base, kind: 'accountUpdated', amountMicroUsd: input.accountValueMicroUsd }]
    case 'fundingPaid':
      return [{ ...base, kind: 'accountUpdated', amountMicroUsd: input.amountMicroUsd }]
    default:
      return []
  }
}

interface Execution {
  readonly side: Side
  readonly priceTicks: number
  readonly sizeLots: number
  readonly oid: number
  readonly feeMicroUsd: number
  readonly startPositionLots: number
}

/** A position opens when one stands after the fill that did not stand, or stood on the other side, before it. */
function executed(base: Omit<OracleEvent, 'kind'>, fill: Execution): OracleEvent[] {
  const { side, priceTicks, sizeLots, oid, feeMicroUsd, startPositionLots } = fill
  const event: OracleEvent = {
    ...base,
    kind: 'orderExecuted',
    side,
    priceTicks,
    sizeLots,
    oid,
    amountMicroUsd: feeMicroUsd,
  }
  const after = startPositionLots + (side === 'buy' ? sizeLots : -sizeLots)
  const isOpened = after !== 0 && Math.sign(after) !== Math.sign(startPositionLots)
  if (!isOpened) return [event]
  return [event, { ...base, kind: 'positionOpened', side, priceTicks, sizeLots: after }]
}

/** @param stamp its time is the exchange's when the command was applied */
export function eventsOfVenueCommand(
  command: ExchangeCommand,
  events: readonly ExchangeEvent[],
  stamp: Stamp,
): OracleEvent[] {
  const out: OracleEvent[] = []
  const base = { ...NOTHING, ...stamp }
  if (command.kind === 'oracle') {
    const market = String(command.assetId)
    out.push({ ...base, kind: 'priceUpdated', market, priceTicks: command.oracleTicks })
  }
  for (const event of events) out.push(...eventsOfVenueEvent(event, base))
  return out
}

function eventsOfVenueEvent(event: ExchangeEvent, base: Omit<OracleEvent, 'kind'>): OracleEvent[] {
  switch (event.kind) {
    case 'order': {
      if (event.status !== 'open') return []
      const { account, assetId, side, priceTicks, originalLots, oid } = event.order
      const market = String(assetId)
      return [
        { ...base, kind: 'orderPlaced', account, market, side, priceTicks, sizeLots: originalLots, oid },
      ]
    }
    case 'fill':
      return executed({ ...base, account: event.account, market: String(event.assetId) }, event)
    case 'liquidation':
      return event.positions.map(({ assetId, sizeLots }) => {
        return {
          ...base,
          kind: 'positionLiquidated',
          account: event.account,
          market: String(assetId),
          sizeLots,
        }
      })
    case 'funding':
    case 'ledger': {
      const { account, amountMicroUsd } = event
      return [{ ...base, kind: 'accountUpdated', account, amountMicroUsd }]
    }
    case 'trade': // Its two fills are told.
    case 'twap': // So are the fills of its slices.
      return []
  }
}
