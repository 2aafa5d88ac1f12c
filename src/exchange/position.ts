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
import * as money from './integer-money.ts'
import { unlist } from './risk-list.ts'
import type { Holding, Market } from './state.ts'

// Own constants are folded into the machine code, imported ones are looked up at every use, and so are functions.
const { shareOf } = money

/**
 * The purse is not touched: the caller knows what else the fill costs.
 * @param signedLots positive bought, negative sold
 * @returns the closed profit, micro-dollars, before fees; 0 for an opening fill
 */
export function applyFillToPosition(holding: Holding, signedLots: number, priceTicks: number): number {
  const { market, sizeLots: before } = holding
  const after = before + signedLots
  let openingLots = signedLots > 0 ? signedLots : -signedLots
  let profit = 0
  if (before > 0 ? signedLots < 0 : before < 0 && signedLots > 0) {
    const size = before > 0 ? before : -before
    const closedLots = openingLots < size ? openingLots : size
    const released = shareOf(holding.costMicroUsd, closedLots, size)
    const brought = priceTicks * closedLots
    profit = before > 0 ? brought - released : released - brought
    holding.costMicroUsd -= released
    holding.purse.cashMicroUsd += profit
    if (holding.isCross === false) releaseMargin(holding, closedLots, size)
    // The market may have lost its cross margin while the position stood (`setMarginModes`).
    else if (closedLots === size && market.instrument.marginPolicy !== 'normal') {
      holding.isCross = holding.account.isBackstop
    }
    openingLots -= closedLots
  }
  if (openingLots !== 0) {
    holding.costMicroUsd += priceTicks * openingLots
    if (holding.isCross === false) bindMargin(holding, priceTicks * openingLots)
  }
  holding.sizeLots = after
  market.openInterestLots += (after > 0 ? after : 0) - (before > 0 ? before : 0)
  holding.fundingSinceChangeMicroUsd = 0
  if (before > 0 ? after <= 0 : after > 0 || before === 0) holding.fundingSinceOpenMicroUsd = 0
  if (before === 0 || after === 0) trackHolder(market, holding)
  return profit
}

/** What closes part of an isolated position takes that part of its margin back. */
function releaseMargin(holding: Holding, closedLots: number, size: number): void {
  const margin = holding.isolatedMicroUsd === 0 ? 0 : shareOf(holding.isolatedMicroUsd, closedLots, size)
  holding.isolatedMicroUsd -= margin
  holding.purse.cashMicroUsd += margin
}

function bindMargin(holding: Holding, notionalMicroUsd: number): void {
  const margin = Math.ceil(notionalMicroUsd / holding.leverage)
  holding.isolatedMicroUsd += margin
  holding.purse.cashMicroUsd -= margin
}

/** Keeps the market's list of position holders: the position began or ended. */
function trackHolder(market: Market, holding: Holding): void {
  if (holding.sizeLots !== 0) {
    holding.holderIndex = market.holders.length
    market.holders.push(holding)
  } else {
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
