/**
 * Orders and cancels without command objects: the same rules, events and hash as `apply`, told in numbers.
 * For drivers that replay millions of messages (backtests, benches). Events go to `exchange.sink`, the outcome of an
 * order to `exchange.outcome`; accounts and markets are named by their places in `exchange.accounts` and `.markets`.
 */
import { assert } from '../core/assert.ts'
import type { OrderTif } from './command.ts'
import * as hash from './hash.ts'
import * as orderIndex from './order-index.ts'
import { endOrder } from './order-life.ts'
import * as plainLife from './plain-life.ts'
import * as outcomes from './outcome.ts'
import * as placing from './placing.ts'
import * as plainPlacing from './plain-placing.ts'
import type { Exchange } from './state.ts'
import type { STATUS_CANCELED } from './status.ts'

// Own constants are folded into the machine code, imported ones are looked up at every use, and so are functions.
const CANCELED: typeof STATUS_CANCELED = 2
const { mixDirectCancel, mixDirectOrder, mixRefusal } = hash
const { flagsOf, NO_SLOT, ownerOf, slotOfOid, tifCode } = orderIndex
const { endPlain, isPlainFlags } = plainLife
const { unknownOrderText } = outcomes
const { ALONE, placeByRules } = placing
const { placePlain } = plainPlacing

function failUnknown(what: 'order' | 'cancel'): never {
  assert(false, `a direct ${what} names an account and a market by their places`)
}

/**
 * Places one plain order of a known account, as the command `action/order` without nonce and expiry does.
 * @returns the order id when it rests or filled, 0 when it was refused (`exchange.outcome.text` says why)
 * @throws InvariantError for an unknown account or market place
 */
export function placeDirect(
  exchange: Exchange,
  accountIndex: number,
  marketIndex: number,
  isBuy: boolean,
  priceTicks: number,
  sizeLots: number,
  tif: OrderTif,
  reduceOnly: boolean,
): number {
  const account = exchange.accounts[accountIndex]
  const market = exchange.markets[marketIndex]
  if (account === undefined || market === undefined) failUnknown('order')
  const { requested, outcome, lanes } = exchange
  const code = tifCode(tif)
  exchange.commandCount += 1
  const { assetId } = market.instrument
  mixDirectOrder(lanes, accountIndex, assetId, isBuy, reduceOnly, code, priceTicks, sizeLots)
  const { recent } = account
  if (
    reduceOnly ||
    recent === null ||
    recent.market !== market ||
    !placePlain(exchange, recent, isBuy, priceTicks, sizeLots, code)
  ) {
    requested.assetId = market.instrument.assetId
    requested.side = isBuy ? 'buy' : 'sell'
    requested.priceTicks = priceTicks
    requested.sizeLots = sizeLots
    requested.reduceOnly = reduceOnly
    requested.tif = tif
    placeByRules(exchange, account, market, requested, ALONE)
  }
  if (outcome.kind !== 'error') return outcome.oid
  mixRefusal(lanes, outcome.text)
  return 0
}

/**
 * Cancels one order by id, as the command `action/cancel` does.
 * @returns false when the account has no such live order in this market
 * @throws InvariantError for an unknown account or market place
 */
export function cancelDirect(
  exchange: Exchange,
  accountIndex: number,
  marketIndex: number,
  oid: number,
): boolean {
  const account = exchange.accounts[accountIndex]
  const market = exchange.markets[marketIndex]
  if (account === undefined || market === undefined) failUnknown('cancel')
  const { lanes, pool } = exchange
  exchange.commandCount += 1
  mixDirectCancel(lanes, accountIndex, market.instrument.assetId, oid)
  const slot = slotOfOid(pool, oid)
  const holding = slot === NO_SLOT ? null : ownerOf(pool, slot)
  if (holding === null || holding.account !== account || holding.market !== market) {
    mixRefusal(lanes, unknownOrderText(market.instrument.assetId))
    return false
  }
  if (isPlainFlags(flagsOf(pool, slot))) endPlain(exchange, holding, slot, CANCELED)
  else endOrder(exchange, slot, 'canceled')
  return true
}
