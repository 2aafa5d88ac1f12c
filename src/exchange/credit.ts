/**
 * A purse's credit: margin that is free for certain, so that most orders and fills need no sum over its positions.
 *
 * set      from the exact sum, less a guard; holds while the marks of the DEX stand (`dex.markEpoch`)
 * spent    by an admitted order the most it can bind, by a fill the most it can take; a cancel gives nothing back
 * ended    by whatever else moves money or positions (risk-list.ts)
 *
 * It is only ever too small, and then the exact sum decides: derived, not state.
 */
import * as riskList from './risk-list.ts'
import type { Holding, Purse } from './state.ts'

// Own constants are folded into the machine code, imported functions are looked up at every call.
const { touchPurse, touchPurseBy } = riskList
/** Micro-dollars: sums of floats may be off in the last digits, and holds are rounded up. */
const GUARD_MICRO_USD = 16
const FILL_GUARD_MICRO_USD = 6

/** What an exact check left free, less what the order it admitted may bind. */
export function setCredit(purse: Purse, freeMicroUsd: number): void {
  purse.creditMicroUsd = freeMicroUsd - GUARD_MICRO_USD
  purse.creditEpoch = purse.dex.markEpoch
}

/**
 * Takes from the credit what a fill of these lots can cost at most:
 *   their margin at the mark · the distance of their price from it · the fee · and, when they close a position, the hold
 *   of resting orders of their side that now open instead of closing it, at the average price of that side
 * @param before the position before the fill
 */
export function spendOnFill(
  holding: Holding,
  isBuy: boolean,
  before: number,
  priceTicks: number,
  lots: number,
  feeMicroUsd: number,
): void {
  const { purse } = holding
  if (holding.isCross === false) return touchPurse(purse)
  const mark = holding.market.markTicks
  let boundTicks = mark
  if (isBuy ? before < 0 : before > 0) {
    const resting = isBuy ? holding.buyLots : holding.sellLots
    if (resting > 0) boundTicks += (isBuy ? holding.buyMicroUsd : holding.sellMicroUsd) / resting
  }
  const awayTicks = priceTicks > mark ? priceTicks - mark : mark - priceTicks
  // A quotient first: products of whole numbers would be tried as small integers.
  const gone = lots * (boundTicks / holding.leverage + awayTicks)
  touchPurseBy(purse, gone + (feeMicroUsd > 0 ? feeMicroUsd : 0) + FILL_GUARD_MICRO_USD)
}

/**
 * Whether the credit alone carries what a fill of a resting order would open. Resting orders, this one among them, hold
 * margin that the credit does not count, so it is less than what the fill may bind.
 */
export function creditCovers(holding: Holding, openingLots: number, priceTicks: number): boolean {
  const { purse } = holding
  if (purse.creditEpoch !== purse.dex.markEpoch) return false
  const mark = holding.market.markTicks
  // Both are at most what the fill may bind for each lot; that it could also gain is left to the exact sum.
  const awayTicks = priceTicks > mark ? priceTicks - mark : mark - priceTicks
  const marginTicks = (priceTicks > mark ? priceTicks : mark) / holding.leverage
  return purse.creditMicroUsd >= openingLots * (marginTicks + awayTicks)
}
