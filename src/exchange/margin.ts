/**
 * Margin: what positions and resting orders bind, and when an account falls below maintenance.
 *
 * initial      |size| × mark / leverage, rounded up to the micro-dollar
 * hold         resting orders that would open, at their limits / leverage; of the two sides the larger
 * maintenance  half the initial margin at the tier's leverage, less the deduction that keeps it continuous
 * source       docs/math/margin.md; https://hyperliquid.gitbook.io/hyperliquid-docs/trading/margining
 */
import type { MarginTier } from './instrument.ts'
import { positionNotional, unrealisedMicroUsd } from './position.ts'
import type { Holding, Purse } from './state.ts'

/** Of the position value that must stay when margin is taken out. */
const TRANSFER_MARGIN_DIVISOR = 10

export interface Maintenance {
  /** 1/(2 × max leverage) of the tier that holds at this notional. */
  readonly rate: number
  readonly deductionMicroUsd: number
  readonly maintenanceMicroUsd: number
}

/** @param notionalMicroUsd ≥ 0 */
export function maintenanceOf(tiers: readonly MarginTier[], notionalMicroUsd: number): Maintenance {
  let rate = 0
  let deduction = 0
  for (const tier of tiers) {
    if (tier.lowerBoundMicroUsd > notionalMicroUsd) break
    const tierRate = 1 / (2 * tier.maxLeverage)
    // The first tier starts at 0, so it adds no deduction.
    deduction += tier.lowerBoundMicroUsd * (tierRate - rate)
    rate = tierRate
  }
  return { rate, deductionMicroUsd: deduction, maintenanceMicroUsd: notionalMicroUsd * rate - deduction }
}

/** The largest leverage allowed at this notional. */
export function maxLeverageAt(tiers: readonly MarginTier[], notionalMicroUsd: number): number {
  let leverage = tiers[0]!.maxLeverage
  for (const tier of tiers) if (tier.lowerBoundMicroUsd <= notionalMicroUsd) leverage = tier.maxLeverage
  return leverage
}

export interface LiquidationInput {
  readonly tiers: readonly MarginTier[]
  readonly sizeLots: number
  readonly priceTicks: number
  /** Margin of the position with its unrealised profit at `priceTicks`, less what other positions need. */
  readonly equityMicroUsd: number
}

/**
 * The price at which equity meets maintenance, each tier's root taken only inside its own tier.
 * @returns ticks as a real number, or null when no positive price liquidates
 */
export function liquidationPrice(input: LiquidationInput): number | null {
  const side = input.sizeLots > 0 ? 1 : -1
  const size = Math.abs(input.sizeLots)
  if (size === 0) return null
  let rate = 0
  let deduction = 0
  for (const [index, tier] of input.tiers.entries()) {
    const tierRate = 1 / (2 * tier.maxLeverage)
    deduction += tier.lowerBoundMicroUsd * (tierRate - rate)
    rate = tierRate
    const root = (side * size * input.priceTicks - input.equityMicroUsd - deduction) / (size * (side - rate))
    const notional = size * root
    const upper = input.tiers[index + 1]?.lowerBoundMicroUsd ?? Infinity
    if (root > 0 && notional >= tier.lowerBoundMicroUsd && notional <= upper) return root
  }
  return null
}

export function initialMargin(notionalMicroUsd: number, leverage: number): number {
  return Math.ceil(notionalMicroUsd / leverage)
}

export function positionMargin(holding: Holding): number {
  return holding.sizeLots === 0 ? 0 : initialMargin(positionNotional(holding), holding.leverage)
}

/** The part of `notional` that opens once `closable` lots of the position are closed by the same orders. */
function openingPart(lots: number, notional: number, closable: number): number {
  if (lots <= closable) return 0
  return closable === 0 ? notional : Math.ceil((notional / lots) * (lots - closable))
}

/** Margin bound by resting orders, with `extraBuy` or `extraSell` thought to rest too. */
export function orderHold(holding: Holding, extraBuyLots = 0, extraSellLots = 0, extraMicroUsd = 0): number {
  const long = Math.max(holding.sizeLots, 0)
  const short = Math.max(-holding.sizeLots, 0)
  const buyMicroUsd = holding.buyMicroUsd + (extraBuyLots > 0 ? extraMicroUsd : 0)
  const sellMicroUsd = holding.sellMicroUsd + (extraSellLots > 0 ? extraMicroUsd : 0)
  const buys = openingPart(holding.buyLots + extraBuyLots, buyMicroUsd, short)
  const sells = openingPart(holding.sellLots + extraSellLots, sellMicroUsd, long)
  return initialMargin(Math.max(buys, sells), holding.leverage)
}

/** Cash plus the unrealised profit of cross positions. */
export function crossEquity(purse: Purse): number {
  let equity = purse.cashMicroUsd
  for (const holding of purse.holdings) {
    if (holding.isCross && holding.sizeLots !== 0)
      equity += unrealisedMicroUsd(holding, holding.market.markTicks)
  }
  return equity
}

/** Initial margin of cross positions plus the hold of all resting orders (isolated ones draw on the same cash). */
export function crossMarginUsed(purse: Purse): number {
  let used = 0
  for (const holding of purse.holdings) {
    if (holding.isCross) used += positionMargin(holding)
    if (holding.orderCount !== 0) used += orderHold(holding)
  }
  return used
}

/** What a further order may bind. May be negative. */
export function freeMargin(purse: Purse): number {
  return crossEquity(purse) - crossMarginUsed(purse)
}

/** As `freeMargin`, but counting positions only: what a fill may bind whatever else rests. */
export function freeForFill(purse: Purse): number {
  let free = purse.cashMicroUsd
  for (const holding of purse.holdings) {
    if (!holding.isCross || holding.sizeLots === 0) continue
    free += unrealisedMicroUsd(holding, holding.market.markTicks) - positionMargin(holding)
  }
  return free
}

/** Margin with unrealised profit of an isolated position. */
export function isolatedEquity(holding: Holding): number {
  return holding.isolatedMicroUsd + unrealisedMicroUsd(holding, holding.market.markTicks)
}

export function maintenanceOfHolding(holding: Holding): number {
  if (holding.sizeLots === 0) return 0
  return maintenanceOf(holding.market.instrument.marginTiers, positionNotional(holding)).maintenanceMicroUsd
}

export function crossMaintenance(purse: Purse): number {
  let sum = 0
  for (const holding of purse.holdings) if (holding.isCross) sum += maintenanceOfHolding(holding)
  return sum
}

/** Value of all positions of the purse, cross and isolated, at their marks. */
export function totalNotional(purse: Purse): number {
  let sum = 0
  for (const holding of purse.holdings) sum += positionNotional(holding)
  return sum
}

/** Equity of the isolated positions: all of it is in use. */
export function isolatedEquityOf(purse: Purse): number {
  let sum = 0
  for (const holding of purse.holdings)
    if (!holding.isCross && holding.sizeLots !== 0) sum += isolatedEquity(holding)
  return sum
}

/** max(0, account value − max(margin used, a tenth of the positions' value)), isolated positions included on both sides. */
export function withdrawable(purse: Purse): number {
  const isolated = isolatedEquityOf(purse)
  const tenth = Math.ceil(totalNotional(purse) / TRANSFER_MARGIN_DIVISOR)
  const bound = Math.max(crossMarginUsed(purse) + isolated, tenth)
  return Math.max(0, crossEquity(purse) + isolated - bound)
}

/** How much margin of an isolated position may be taken out. */
export function removableIsolated(holding: Holding): number {
  const bound = Math.max(
    positionMargin(holding),
    Math.ceil(positionNotional(holding) / TRANSFER_MARGIN_DIVISOR),
  )
  return Math.max(0, Math.min(isolatedEquity(holding) - bound, holding.isolatedMicroUsd))
}
