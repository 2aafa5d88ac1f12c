/**
 * What a venue does to its traders without being asked: another margin table, a forced liquidation, a halt. Each is a
 * command, so that scripts can cause it at a known time and a replay repeats it.
 */
import { DONE, refused } from './command-answer.ts'
import type { Address, CommandAnswer, ExchangeCommand } from './command.ts'
import { marginTableFault, type MarginTier } from './instrument.ts'
import { liquidateHolders, liquidatePurse, settleLosses } from './liquidation.ts'
import { settleFree } from './matching.ts'
import { endOwnOrders } from './order-life.ts'
import { touchPurse } from './risk-list.ts'
import type { Exchange, Holding, Market } from './state.ts'

/** Holds for the market at once: positions below the new maintenance are liquidated in this command. */
export function setMarginTable(
  exchange: Exchange,
  command: Extract<ExchangeCommand, { readonly kind: 'marginTable' }>,
): CommandAnswer {
  const { assetId, marginTableId, marginTiers } = command
  const market = exchange.marketByAssetId.get(assetId)
  if (market === undefined) return refused(`Unknown asset ${assetId}`)
  const fault = marginTableFault(marginTableId, marginTiers) ?? tableTaken(market, marginTableId, marginTiers)
  if (fault !== null) return refused(`Margin table of ${market.instrument.coin}: ${fault}`)
  market.instrument = { ...market.instrument, marginTableId, marginTiers: [...marginTiers] }
  for (const holding of market.holders) touchPurse(holding.purse)
  liquidateHolders(exchange, market)
  return DONE
}

/** Within a DEX an id means one table: `meta` lists each once. */
function tableTaken(market: Market, marginTableId: number, tiers: readonly MarginTier[]): string | null {
  const other = market.dex.markets.find(
    (one) => one !== market && one.instrument.marginTableId === marginTableId,
  )
  if (other === undefined || sameTiers(other.instrument.marginTiers, tiers)) return null
  return `${other.instrument.coin} has another table with the id ${marginTableId}: choose a free id`
}

function sameTiers(a: readonly MarginTier[], b: readonly MarginTier[]): boolean {
  return (
    a.length === b.length &&
    a.every(
      (tier, index) =>
        tier.lowerBoundMicroUsd === b[index]?.lowerBoundMicroUsd && tier.maxLeverage === b[index].maxLeverage,
    )
  )
}

/** Through the book as far as it reaches, the rest to the backstop or the other side. */
export function forceLiquidation(exchange: Exchange, address: Address, dexIndex: number): CommandAnswer {
  const account = exchange.accountByAddress.get(address)
  const purse = account?.purses[dexIndex]
  if (!purse || purse.account.isBackstop || !liquidatePurse(exchange, purse)) {
    return refused(`Nothing to liquidate: ${address} holds no position on DEX ${dexIndex}`)
  }
  touchPurse(purse)
  return DONE
}

/** Orders end and positions settle at the mark, against nobody: longs and shorts cancel out. */
export function haltMarket(exchange: Exchange, assetId: number, isHalted: boolean): CommandAnswer {
  const market = exchange.marketByAssetId.get(assetId)
  if (market === undefined) return refused(`Unknown asset ${assetId}`)
  market.instrument = { ...market.instrument, isDelisted: isHalted }
  if (!isHalted) return DONE
  for (const account of exchange.accounts) {
    const holding = account.holdings.get(market.index)
    if (holding !== undefined) endOwnOrders(exchange, holding, 'delistedCanceled')
  }
  for (const holding of [...market.holders]) settleAtMark(exchange, holding)
  return DONE
}

function settleAtMark(exchange: Exchange, holding: Holding): void {
  const { market, purse, sizeLots } = holding
  const cashBefore = purse.cashMicroUsd
  exchange.tidLast += 1
  exchange.oidLast += 1
  const lots = Math.abs(sizeLots)
  const { tidLast, oidLast } = exchange
  settleFree(exchange, holding, tidLast, oidLast, sizeLots < 0, market.markTicks, lots, true, null)
  if (!holding.account.isBackstop) settleLosses(exchange, purse, holding.isCross ? null : holding, cashBefore)
}
