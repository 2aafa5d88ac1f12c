/**
 * The running state hash over commands and outcomes, and the full one over the whole state.
 * The running one costs the size of the command and its events; a replay with the same hash took every same step.
 * Events are mixed where they happen (emit.ts). Long because every command names what it mixes.
 */
import { hashToHex, initHash, mixNumber, mixText, mixValue, type StateHash } from '../core/math/state-hash.ts'
import { assertNever } from '../core/assert.ts'
import type { AccountAction, CommandAnswer, ExchangeCommand, OrderRef, OrderRequest } from './command.ts'
import { deskRecord } from './deployer-desk.ts'
import { rolledDays } from './fees.ts'
import * as hashLanes from './hash-lanes.ts'
import type { HashLanes } from './hash-lanes.ts'
import { newestEnded } from './history.ts'
import { protectionRecord } from './mmp.ts'
import {
  firstOwn,
  FLAG_WAITING,
  flagsOf,
  nextOwn,
  NO_SLOT,
  oidOf,
  previousInLevel,
  tifCode,
} from './order-index.ts'
import { viewOfSlot } from './order-life.ts'
import type { Exchange, Holding } from './state.ts'

// Own constants are folded into the machine code, imported ones are looked up at every use, and so are functions.
const { lanesToHex, mixAny, mixFour, mixOne, mixString, mixThree, mixTwo } = hashLanes
/** Without nonce and expiry. */
const BARE_SENDER = 5
const ASSET_SPAN = 1024
/** Above every order's flags. */
const REFERS = 512
const CANCEL = 11
const GROUPINGS = { na: 0, normalTpsl: 1, positionTpsl: 2 } as const

/** 16 hexadecimal digits over every command so far and what it caused. */
export function stateHash(exchange: Exchange): string {
  return lanesToHex(exchange.lanes)
}

export function mixCommand(exchange: Exchange, command: ExchangeCommand): void {
  const { lanes } = exchange
  switch (command.kind) {
    case 'block':
      mixTwo(lanes, 1, command.tsMs)
      break
    case 'oracle':
      mixThree(lanes, 2, command.assetId, command.oracleTicks)
      break
    case 'deposit':
      mixString(lanes, command.account)
      mixThree(lanes, 3, command.dexIndex, command.amountMicroUsd)
      break
    case 'marginTable':
    case 'liquidate':
    case 'halt':
    case 'protect':
    case 'resetProtection':
      mixAny(lanes, command)
      break
    case 'action':
      mixEnvelope(exchange, command.account, command.nonce, command.expiresAfterMs)
      mixAction(lanes, command.action)
      break
    default:
      assertNever(command)
  }
}

/** A known account by its number: forty characters cost more than an order. */
function mixEnvelope(
  exchange: Exchange,
  address: string,
  nonce: number | null,
  expiresAfterMs: number | null,
): void {
  const account = exchange.accountByAddress.get(address)
  if (account === undefined) mixString(exchange.lanes, address)
  mixSender(exchange.lanes, account?.index ?? -1, nonce ?? -1, expiresAfterMs ?? -1)
}

function mixSender(lanes: HashLanes, accountIndex: number, nonce: number, expiresAfterMs: number): void {
  if (nonce === -1 && expiresAfterMs === -1) mixOne(lanes, accountIndex * 8 + BARE_SENDER)
  else mixThree(lanes, accountIndex * 8 + 4, nonce, expiresAfterMs)
}

function mixAction(lanes: HashLanes, action: AccountAction): void {
  switch (action.kind) {
    case 'order':
      for (const order of action.orders) mixOrder(lanes, order, GROUPINGS[action.grouping])
      if (action.builder !== undefined) mixAny(lanes, action.builder)
      break
    case 'cancel':
      for (const cancel of action.cancels) mixRef(lanes, CANCEL, cancel.assetId, cancel.ref)
      break
    case 'modify':
      for (const one of action.modifies) {
        mixRef(lanes, action.always ? 13 : 12, one.order.assetId, one.ref)
        mixOrder(lanes, one.order, 0)
      }
      break
    default:
      mixAny(lanes, action)
  }
}

function mixRef(lanes: HashLanes, code: number, assetId: number, ref: OrderRef): void {
  if (!('oid' in ref)) mixString(lanes, ref.cloid)
  mixTwo(lanes, assetId * ASSET_SPAN + REFERS + code, 'oid' in ref ? ref.oid : -1)
}

/** What a bare sender and the cancel of one order mix. */
export function mixDirectCancel(lanes: HashLanes, accountIndex: number, assetId: number, oid: number): void {
  mixThree(lanes, accountIndex * 8 + BARE_SENDER, assetId * ASSET_SPAN + REFERS + CANCEL, oid)
}

/** What a bare sender and `mixOrder` mix for an order without client id, trigger and group. @param tif as of `tifCode` */
export function mixDirectOrder(
  lanes: HashLanes,
  accountIndex: number,
  assetId: number,
  isBuy: boolean,
  reduceOnly: boolean,
  tif: number,
  priceTicks: number,
  sizeLots: number,
): void {
  const packed = (isBuy ? 1 : 0) | (reduceOnly ? 2 : 0) | (tif << 2)
  mixFour(lanes, accountIndex * 8 + BARE_SENDER, assetId * ASSET_SPAN + packed, sizeLots + 0, priceTicks + 0)
}

/** @param grouping 0 for none */
export function mixOrder(lanes: HashLanes, order: OrderRequest, grouping: number): void {
  const packed =
    (order.side === 'buy' ? 1 : 0) |
    (order.reduceOnly ? 2 : 0) |
    (tifCode(order.tif) << 2) |
    (order.cloid !== null ? 16 : 0) |
    (order.trigger !== null ? 32 : 0) |
    (grouping << 6)
  mixThree(lanes, order.assetId * ASSET_SPAN + packed, order.sizeLots, order.priceTicks)
  if (order.cloid !== null) mixString(lanes, order.cloid)
  if (order.trigger !== null) mixAny(lanes, order.trigger)
}

/** What was refused left no event, so the refusal itself is mixed. */
export function mixRefusals(lanes: HashLanes, answer: CommandAnswer): void {
  if (answer.kind === 'refused') mixString(lanes, answer.text)
  else if (answer.kind === 'twap') mixString(lanes, answer.text ?? '')
  else if (answer.kind === 'orders' || answer.kind === 'cancels') {
    for (const one of answer.answers) if (one.kind === 'error') mixRefusal(lanes, one.text)
  }
}

export function mixRefusal(lanes: HashLanes, text: string): void {
  mixThree(lanes, 70, text.length, text.charCodeAt(0))
}

/** Walks everything: books with their queues, accounts, positions, venue money, means and counters. */
export function fullStateHash(exchange: Exchange): string {
  const hash = initHash()
  mixNumber(hash, exchange.tsMs)
  mixNumber(hash, exchange.oidLast)
  mixNumber(hash, exchange.tidLast)
  for (const dex of exchange.dexs) mixValue(hash, dex.books)
  for (const dex of exchange.dexs) if (dex.desk !== null) mixValue(hash, deskRecord(dex, dex.desk))
  for (const { token: _token, ...books } of exchange.tokens) mixValue(hash, books)
  for (const [oid, builder] of exchange.builderByOid) mixValue(hash, [oid, builder])
  for (const [builder, owed] of exchange.builders) mixValue(hash, [builder, owed])
  for (const { account, market, ...plain } of exchange.twaps.values()) {
    mixValue(hash, [account.index, market.index, plain])
  }
  for (const market of exchange.markets) {
    const {
      instrument,
      book,
      dex,
      holders,
      triggers,
      riskLongs: _longs,
      riskShorts: _shorts,
      ...plain
    } = market
    mixValue(hash, plain)
    mixValue(hash, triggers)
    mixNumber(hash, instrument.assetId + dex.spec.index)
    mixValue(hash, [instrument.marginTiers, instrument.marginTableId, instrument.isDelisted])
    mixNumber(hash, book.bestBid)
    mixNumber(hash, book.bestAsk)
    mixNumber(hash, holders.length)
  }
  for (const account of exchange.accounts) mixAccount(exchange, hash, account)
  mixValue(hash, rolledDays(exchange, exchange.venueVolume))
  for (const [signer, nonces] of exchange.nonces) {
    mixText(hash, signer)
    mixValue(hash, nonces)
  }
  return hashToHex(hash)
}

function mixAccount(exchange: Exchange, hash: StateHash, account: Exchange['accounts'][number]): void {
  const { pool } = exchange
  const { address, tradedMicroUsd, scheduledCancelTsMs, firingCount, firingDay } = account
  // Days are rolled when someone looks; their rolled form is the state.
  mixValue(hash, rolledDays(exchange, account.volume))
  mixValue(hash, [address, tradedMicroUsd, scheduledCancelTsMs, firingCount, firingDay])
  mixValue(hash, [account.isReferred, [...account.spot]])
  for (const one of newestEnded(exchange.ended, account.index, address)) mixValue(hash, one)
  for (const purse of account.purses) {
    if (purse) mixValue(hash, [purse.cashMicroUsd, purse.liquidationSpellEndTsMs])
  }
  for (const holding of account.holdings.values()) {
    mixNumber(hash, holding.market.index)
    mixValue(hash, holdingRecord(holding))
    if (holding.protection !== null) mixValue(hash, protectionRecord(holding.protection, exchange.tsMs))
    // Queue order shows in each order's neighbour by id, not by slot: slots depend on history, ids do not.
    for (let slot = firstOwn(pool, holding.ownerIndex); slot !== NO_SLOT; slot = nextOwn(pool, slot)) {
      const before = (flagsOf(pool, slot) & FLAG_WAITING) === 0 ? previousInLevel(pool, slot) : NO_SLOT
      mixValue(hash, viewOfSlot(exchange, slot))
      mixNumber(hash, before === NO_SLOT ? 0 : oidOf(pool, before))
    }
  }
}

/**
 * What of a holding is state. Places depend on history, and the day's rates on who looked: they are noughts, and stand
 * here because journals were written with them.
 */
function holdingRecord(holding: Holding): Record<string, number | boolean> {
  const { account: _account, purse: _purse, market: _market, ...plain } = holding
  const {
    ownerIndex: _owner,
    holderIndex: _holder,
    fundingAllTimeMicroUsd,
    fundingSinceOpenMicroUsd,
    fundingSinceChangeMicroUsd,
    riskTicks: _ticks,
    riskPlace: _place,
    riskLong: _long,
    ratesDay: _day,
    takerPpb: _taker,
    makerPpb: _maker,
    protection: _protection,
    ...sums
  } = plain
  return {
    ...sums,
    ownerIndex: 0,
    firstOrder: 0,
    lastOrder: 0,
    holderIndex: 0,
    fundingAllTimeMicroUsd,
    fundingSinceOpenMicroUsd,
    fundingSinceChangeMicroUsd,
    riskTicks: 0,
    riskPlace: 0,
    riskLong: false,
    ratesDay: 0,
    takerPpb: 0,
    makerPpb: 0,
  }
}
