/**
 * An account on one DEX: its margin, its positions, its leverage, in lots and micro-dollars. Nothing here changes the state.
 * Long because each view stands beside its type.
 */
import { rawMicroUsd } from '../accounting.ts'
import type { Address } from '../command.ts'
import {
  crossEquity,
  crossMaintenance,
  crossMarginUsed,
  isolatedEquity,
  isolatedEquityOf,
  liquidationPrice,
  maintenanceOfHolding,
  positionMargin,
  totalNotional,
  withdrawable,
} from '../margin.ts'
import { FLAG_BUY, firstOwn, flagsOf, nextOwn, NO_SLOT, priceOf } from '../order-index.ts'
import { positionNotional, unrealisedMicroUsd } from '../position.ts'
import type { Exchange, Holding, Purse } from '../state.ts'
import { marketOf } from './market.ts'

export interface MarginSummary {
  readonly accountValueMicroUsd: number
  readonly totalNotionalMicroUsd: number
  /** Cash less the cost of longs plus that of shorts; may be far below zero. */
  readonly rawUsdMicroUsd: number
  /** Positions and the hold of resting orders. */
  readonly marginUsedMicroUsd: number
}

export interface PositionView {
  readonly assetId: number
  /** Signed. */
  readonly sizeLots: number
  /** Average entry, a real number. */
  readonly entryPriceTicks: number
  readonly costMicroUsd: number
  readonly positionValueMicroUsd: number
  readonly unrealizedPnlMicroUsd: number
  /** Profit over the initial margin at entry, a fraction. */
  readonly returnOnEquity: number
  readonly marginUsedMicroUsd: number
  readonly liquidationTicks: number | null
  readonly leverage: {
    readonly isCross: boolean
    readonly value: number
    /** Null when cross. */
    readonly isolatedRawMicroUsd: number | null
  }
  /** Of the market. */
  readonly maxLeverage: number
  /** Paid positive. */
  readonly cumFunding: {
    readonly allTimeMicroUsd: number
    readonly sinceOpenMicroUsd: number
    readonly sinceChangeMicroUsd: number
  }
}

export interface AccountState {
  readonly whole: MarginSummary
  readonly cross: MarginSummary
  readonly crossMaintenanceMarginMicroUsd: number
  readonly withdrawableMicroUsd: number
  /** Open positions in the order the account first touched their markets. */
  readonly positions: PositionView[]
}

export function hasAccount(exchange: Exchange, account: Address): boolean {
  return exchange.accountByAddress.has(account)
}

const NOTHING: MarginSummary = {
  accountValueMicroUsd: 0,
  totalNotionalMicroUsd: 0,
  rawUsdMicroUsd: 0,
  marginUsedMicroUsd: 0,
}

/** Zeros for an account or DEX without money. */
export function accountState(exchange: Exchange, account: Address, dexIndex: number): AccountState {
  const purse = exchange.accountByAddress.get(account)?.purses[dexIndex]
  if (!purse) {
    return {
      whole: NOTHING,
      cross: NOTHING,
      crossMaintenanceMarginMicroUsd: 0,
      withdrawableMicroUsd: 0,
      positions: [],
    }
  }
  const cross = crossSummary(purse)
  const isolated = isolatedEquityOf(purse)
  return {
    whole: {
      accountValueMicroUsd: cross.accountValueMicroUsd + isolated,
      totalNotionalMicroUsd: totalNotional(purse),
      rawUsdMicroUsd: rawMicroUsd(purse),
      marginUsedMicroUsd: cross.marginUsedMicroUsd + isolated,
    },
    cross,
    crossMaintenanceMarginMicroUsd: Math.ceil(crossMaintenance(purse)),
    withdrawableMicroUsd: withdrawable(purse),
    positions: purse.holdings.filter((holding) => holding.sizeLots !== 0).map(positionView),
  }
}

function crossSummary(purse: Purse): MarginSummary {
  let notional = 0
  let raw = purse.cashMicroUsd
  for (const holding of purse.holdings) {
    if (!holding.isCross) continue
    notional += positionNotional(holding)
    raw -= Math.sign(holding.sizeLots) * holding.costMicroUsd
  }
  return {
    accountValueMicroUsd: crossEquity(purse),
    totalNotionalMicroUsd: notional,
    rawUsdMicroUsd: raw,
    marginUsedMicroUsd: crossMarginUsed(purse),
  }
}

function positionView(holding: Holding): PositionView {
  const { market, sizeLots, costMicroUsd, leverage } = holding
  const unrealized = unrealisedMicroUsd(holding, market.markTicks)
  const signedCost = Math.sign(sizeLots) * costMicroUsd
  return {
    assetId: market.instrument.assetId,
    sizeLots,
    entryPriceTicks: costMicroUsd / Math.abs(sizeLots),
    costMicroUsd,
    positionValueMicroUsd: positionNotional(holding),
    unrealizedPnlMicroUsd: unrealized,
    returnOnEquity: costMicroUsd === 0 ? 0 : (unrealized * leverage) / costMicroUsd,
    marginUsedMicroUsd: holding.isCross ? positionMargin(holding) : Math.max(0, isolatedEquity(holding)),
    liquidationTicks: liquidationTicksOf(holding),
    leverage: {
      isCross: holding.isCross,
      value: leverage,
      isolatedRawMicroUsd: holding.isCross ? null : holding.isolatedMicroUsd - signedCost,
    },
    maxLeverage: market.instrument.marginTiers[0]!.maxLeverage,
    cumFunding: {
      allTimeMicroUsd: holding.fundingAllTimeMicroUsd,
      sinceOpenMicroUsd: holding.fundingSinceOpenMicroUsd,
      sinceChangeMicroUsd: holding.fundingSinceChangeMicroUsd,
    },
  }
}

/** The mark at which equity meets maintenance, the other positions standing still. A real number of ticks. */
export function liquidationTicksOf(holding: Holding): number | null {
  const { market, purse } = holding
  const equity = holding.isCross
    ? crossEquity(purse) - (crossMaintenance(purse) - maintenanceOfHolding(holding))
    : isolatedEquity(holding)
  return liquidationPrice({
    tiers: market.instrument.marginTiers,
    sizeLots: holding.sizeLots,
    priceTicks: market.markTicks,
    equityMicroUsd: equity,
  })
}

/** Leverage and mode of an account in a market; what it would start with where it never was. */
export function leverageOf(
  exchange: Exchange,
  account: Address,
  assetId: number,
): { readonly isCross: boolean; readonly value: number } {
  const market = marketOf(exchange, assetId)
  const holding = exchange.accountByAddress.get(account)?.holdings.get(market.index)
  if (holding !== undefined) return { isCross: holding.isCross, value: holding.leverage }
  const { marginPolicy, marginTiers } = market.instrument
  const value = Math.min(exchange.options.defaultLeverage, marginTiers[0]!.maxLeverage)
  return { isCross: marginPolicy === 'normal', value }
}

/** What a sampler of every block asks of an account: read without the rest of its state. */
export interface AccountSample {
  /** As `whole` of `AccountState` has them. */
  accountValueMicroUsd: number
  rawUsdMicroUsd: number
  /** In the market that was asked for; signed. */
  positionLots: number
  markTicks: number
  /** Limits of the account's live orders there, oldest first, untriggered ones included; asks negative. */
  readonly signedTicks: number[]
}

/** @param out filled anew. @throws InvariantError for an unknown asset */
export function sampleAccount(
  exchange: Exchange,
  account: Address,
  assetId: number,
  out: AccountSample,
): void {
  const market = marketOf(exchange, assetId)
  const known = exchange.accountByAddress.get(account)
  const purse = known?.purses[market.instrument.dexIndex]
  const holding = known?.holdings.get(market.index)
  out.accountValueMicroUsd = purse ? crossEquity(purse) + isolatedEquityOf(purse) : 0
  out.rawUsdMicroUsd = purse ? rawMicroUsd(purse) : 0
  out.positionLots = holding === undefined ? 0 : holding.sizeLots
  out.markTicks = market.markTicks
  const { signedTicks } = out
  let count = 0
  const { pool } = exchange
  let slot = holding === undefined ? NO_SLOT : firstOwn(pool, holding.ownerIndex)
  for (; slot !== NO_SLOT; slot = nextOwn(pool, slot)) {
    const priceTicks = priceOf(pool, slot)
    signedTicks[count] = (flagsOf(pool, slot) & FLAG_BUY) === 0 ? -priceTicks : priceTicks
    count += 1
  }
  while (signedTicks.length > count) signedTicks.pop()
}
