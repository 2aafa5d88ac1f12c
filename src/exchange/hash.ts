/**
 * The running state hash over commands and outcomes, and the full one over the whole state.
 * The running one costs the size of the command and its events; a replay with the same hash took every same step.
 * Long because every command and event names what it mixes.
 */
import {
  hashToHex,
  initHash,
  mixNumber,
  mixText,
  mixUint32,
  mixValue,
  type StateHash,
} from '../core/math/state-hash.ts'
import { assertNever } from '../core/assert.ts'
import type { AccountAction, CommandAnswer, ExchangeCommand, OrderRef, OrderRequest } from './command.ts'
import type { ExchangeEvent, OrderStatusWord } from './event.ts'
import { rolledDays } from './fees.ts'
import { FLAG_WAITING, NO_SLOT } from './order-index.ts'
import { viewOfSlot } from './order-life.ts'
import type { Exchange } from './state.ts'

/** Numbers for the status words: part of the hash, so a new word is added at the end. */
const STATUS_CODES: Readonly<Record<OrderStatusWord, number>> = {
  open: 20,
  filled: 21,
  canceled: 22,
  triggered: 23,
  rejected: 24,
  marginCanceled: 25,
  openInterestCapCanceled: 26,
  selfTradeCanceled: 27,
  reduceOnlyCanceled: 28,
  siblingFilledCanceled: 29,
  delistedCanceled: 30,
  liquidatedCanceled: 31,
  scheduledCancel: 32,
  tickRejected: 33,
  minTradeNtlRejected: 34,
  perpMarginRejected: 35,
  reduceOnlyRejected: 36,
  badAloPxRejected: 37,
  iocCancelRejected: 38,
  badTriggerPxRejected: 39,
  marketOrderNoLiquidityRejected: 40,
  positionIncreaseAtOpenInterestCapRejected: 41,
  positionFlipAtOpenInterestCapRejected: 42,
  tooAggressiveAtOpenInterestCapRejected: 43,
  openInterestIncreaseRejected: 44,
  oracleRejected: 45,
  perpMaxPositionRejected: 46,
  tooManyOpenOrdersRejected: 47,
}

/** 16 hexadecimal digits over every command so far and what it caused. */
export function stateHash(exchange: Exchange): string {
  return hashToHex(exchange.hash)
}

export function mixCommand(exchange: Exchange, command: ExchangeCommand): void {
  const { hash } = exchange
  switch (command.kind) {
    case 'block':
      mixUint32(hash, 1)
      mixNumber(hash, command.tsMs)
      break
    case 'oracle':
      mixUint32(hash, 2)
      mixNumber(hash, command.assetId)
      mixNumber(hash, command.oracleTicks)
      break
    case 'deposit':
      mixUint32(hash, 3)
      mixText(hash, command.account)
      mixNumber(hash, command.dexIndex)
      mixNumber(hash, command.amountMicroUsd)
      break
    case 'action':
      mixUint32(hash, 4)
      mixAddress(exchange, command.account)
      mixNumber(hash, command.nonce ?? -1)
      mixNumber(hash, command.expiresAfterMs ?? -1)
      mixAction(hash, command.action)
      break
    default:
      assertNever(command)
  }
}

/** A known account by its number: forty characters cost more than an order. */
function mixAddress(exchange: Exchange, address: string): void {
  const account = exchange.accountByAddress.get(address)
  if (account === undefined) mixText(exchange.hash, address)
  else mixUint32(exchange.hash, account.index)
}

function mixAction(hash: StateHash, action: AccountAction): void {
  switch (action.kind) {
    case 'order':
      mixUint32(hash, 10)
      mixText(hash, action.grouping)
      for (const order of action.orders) mixOrder(hash, order)
      break
    case 'cancel':
      mixUint32(hash, 11)
      for (const cancel of action.cancels) {
        mixNumber(hash, cancel.assetId)
        mixRef(hash, cancel.ref)
      }
      break
    case 'modify':
      mixUint32(hash, action.always ? 13 : 12)
      for (const one of action.modifies) {
        mixRef(hash, one.ref)
        mixOrder(hash, one.order)
      }
      break
    default:
      mixUint32(hash, 14)
      mixValue(hash, action)
  }
}

function mixRef(hash: StateHash, ref: OrderRef): void {
  if ('oid' in ref) mixNumber(hash, ref.oid)
  else mixText(hash, ref.cloid)
}

function mixOrder(hash: StateHash, order: OrderRequest): void {
  mixNumber(hash, order.assetId)
  mixNumber(hash, order.side === 'buy' ? order.sizeLots : -order.sizeLots)
  mixNumber(hash, order.priceTicks)
  mixUint32(hash, order.tif.charCodeAt(0) + (order.reduceOnly ? 256 : 0))
  if (order.cloid !== null) mixText(hash, order.cloid)
  if (order.trigger !== null) mixValue(hash, order.trigger)
}

export function mixOutcome(hash: StateHash, answer: CommandAnswer, events: readonly ExchangeEvent[]): void {
  if (answer.kind === 'refused') mixText(hash, answer.text)
  else if (answer.kind === 'orders' || answer.kind === 'cancels') {
    for (const one of answer.answers) if (one.kind === 'error') mixText(hash, one.text)
  }
  for (const event of events) mixEvent(hash, event)
}

function mixEvent(hash: StateHash, event: ExchangeEvent): void {
  switch (event.kind) {
    case 'order':
      mixUint32(hash, STATUS_CODES[event.status])
      mixNumber(hash, event.order.oid)
      mixNumber(hash, event.order.remainingLots)
      break
    case 'fill':
      mixNumber(hash, event.tid)
      mixNumber(hash, event.oid)
      mixNumber(hash, event.sizeLots)
      mixNumber(hash, event.feeMicroUsd)
      mixNumber(hash, event.closedPnlMicroUsd)
      break
    case 'trade':
      mixNumber(hash, event.priceTicks)
      break
    case 'funding':
    case 'ledger':
      mixText(hash, event.account)
      mixNumber(hash, event.amountMicroUsd)
      break
    case 'liquidation':
      mixValue(hash, event)
      break
    default:
      assertNever(event)
  }
}

/** Walks everything: books with their queues, accounts, positions, venue money, means and counters. */
export function fullStateHash(exchange: Exchange): string {
  const hash = initHash()
  mixNumber(hash, exchange.tsMs)
  mixNumber(hash, exchange.oidLast)
  mixNumber(hash, exchange.tidLast)
  for (const dex of exchange.dexs) mixValue(hash, dex.books)
  for (const market of exchange.markets) {
    const { instrument, book, dex, holders, triggers, ...plain } = market
    mixValue(hash, plain)
    mixValue(hash, triggers)
    mixNumber(hash, instrument.assetId + dex.spec.index)
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
  const { address, tradedMicroUsd, scheduledCancelTsMs, firingCount, firingDay, ended } = account
  // Days are rolled when someone looks; their rolled form is the state.
  mixValue(hash, rolledDays(exchange, account.volume))
  mixValue(hash, [address, tradedMicroUsd, scheduledCancelTsMs, firingCount, firingDay, ended])
  for (const purse of account.purses) {
    if (purse) mixValue(hash, [purse.cashMicroUsd, purse.liquidationSpellEndTsMs])
  }
  for (const holding of account.holdings.values()) {
    const { account: _account, purse: _purse, market, ...plain } = holding
    mixNumber(hash, market.index)
    mixValue(hash, { ...plain, firstOrder: 0, lastOrder: 0, holderIndex: 0 })
    // Queue order shows in each order's neighbour by id, not by slot: slots depend on history, ids do not.
    for (let slot = holding.firstOrder; slot !== NO_SLOT; slot = exchange.pool.ownNext[slot]!) {
      const before =
        (exchange.pool.flags[slot]! & FLAG_WAITING) === 0 ? exchange.pool.previous[slot]! : NO_SLOT
      mixValue(hash, viewOfSlot(exchange, slot))
      mixNumber(hash, before === NO_SLOT ? 0 : exchange.pool.oid[before]!)
    }
  }
}
