/**
 * A position changes by a fill: average cost in exact integers.
 *
 * same way   cost += price × lots
 * other way  the closed part releases its share of the cost, to the nearest micro-dollar; profit = what it brought − what it cost
 * flip       close all, then open the rest at the fill's price
 *
 * Cash plus positions is exact: cash − cost (longs) or cash + cost (shorts) moves by price × lots, to the micro-dollar.
 */
import { assert } from '../core/assert.ts'
import { shareOf } from './integer-money.ts'
import { unlist } from './risk-list.ts'
import type { Holding, Market } from './state.ts'

/**
 * The purse is not touched: the caller knows what else the fill costs.
 * @param signedLots positive bought, negative sold
 * @returns the closed profit, micro-dollars, before fees; 0 for an opening fill
 */
export function applyFillToPosition(holding: Holding, signedLots: number, priceTicks: number): number {
  const before = holding.sizeLots
  let profit = 0
  let opening = signedLots
  if (before !== 0 && before > 0 !== signedLots > 0) {
    const closed = Math.min(Math.abs(signedLots), Math.abs(before))
    profit = closePart(holding, closed, priceTicks)
    opening = signedLots > 0 ? signedLots - closed : signedLots + closed
  }
  if (opening !== 0) openPart(holding, opening, priceTicks)
  holding.fundingSinceChangeMicroUsd = 0
  if (before === 0 || before > 0 !== holding.sizeLots > 0) holding.fundingSinceOpenMicroUsd = 0
  trackHolder(holding, before)
  return profit
}

function closePart(holding: Holding, closedLots: number, priceTicks: number): number {
  const long = holding.sizeLots > 0
  const size = Math.abs(holding.sizeLots)
  const released = shareOf(holding.costMicroUsd, closedLots, size)
  const brought = priceTicks * closedLots
  const profit = long ? brought - released : released - brought
  const margin = holding.isolatedMicroUsd === 0 ? 0 : shareOf(holding.isolatedMicroUsd, closedLots, size)
  holding.costMicroUsd -= released
  holding.isolatedMicroUsd -= margin
  holding.sizeLots += long ? -closedLots : closedLots
  holding.purse.cashMicroUsd += profit + margin
  // The market may have lost its cross margin while the position stood (`setMarginModes`).
  if (closedLots === size && holding.market.instrument.marginPolicy !== 'normal') {
    holding.isCross &&= holding.account.isBackstop
  }
  return profit
}

function openPart(holding: Holding, signedLots: number, priceTicks: number): void {
  const notional = priceTicks * Math.abs(signedLots)
  holding.costMicroUsd += notional
  holding.sizeLots += signedLots
  if (!holding.isCross) {
    const margin = Math.ceil(notional / holding.leverage)
    holding.isolatedMicroUsd += margin
    holding.purse.cashMicroUsd -= margin
  }
}

/** Keeps the market's open interest and its list of position holders. */
function trackHolder(holding: Holding, beforeLots: number): void {
  const market = holding.market
  market.openInterestLots += Math.max(holding.sizeLots, 0) - Math.max(beforeLots, 0)
  if (holding.sizeLots !== 0 && holding.holderIndex < 0) {
    holding.holderIndex = market.holders.length
    market.holders.push(holding)
  } else if (holding.sizeLots === 0 && holding.holderIndex >= 0) {
    removeHolder(market, holding)
    unlist(holding)
    assert(holding.costMicroUsd === 0 && holding.isolatedMicroUsd === 0, 'a flat position has no cost left')
  }
}

function removeHolder(market: Market, holding: Holding): void {
  const last = market.holders.pop()!
  if (last !== holding) {
    market.holders[holding.holderIndex] = last
    last.holderIndex = holding.holderIndex
  }
  holding.holderIndex = -1
}

/** Exact: a position is worth its lots at the mark, less what it cost. */
export function unrealisedMicroUsd(holding: Holding, markTicks: number): number {
  if (holding.sizeLots === 0) return 0
  const value = holding.sizeLots * markTicks
  return holding.sizeLots > 0 ? value - holding.costMicroUsd : value + holding.costMicroUsd
}

export function positionNotional(holding: Holding): number {
  return Math.abs(holding.sizeLots) * holding.market.markTicks
}
