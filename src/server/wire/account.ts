/** An account on one DEX as the venue shows it: margin summaries and positions. */
import {
  accountState,
  leverageOf,
  type MarginSummary,
  type PositionView,
} from '../../exchange/queries/account.ts'
import { instrumentContext } from '../../exchange/queries/market.ts'
import type { Instrument } from '../../exchange/instrument.ts'
import { MICRO_USD_PER_USD } from '../../core/units.ts'
import type { VenueContext } from '../context.ts'
import { instrumentOf } from '../directory.ts'
import { averagePrice, fromMicroUsd, fromRate, fromRealTicks, fromWhole } from './decimals.ts'
import { toHex } from './hex.ts'
import type {
  WireActiveAssetData,
  WireClearinghouseState,
  WireLeverage,
  WireMarginSummary,
  WirePosition,
} from './types.ts'

export function toClearinghouseState(
  context: VenueContext,
  of: { readonly user: string; readonly dexIndex: number },
): WireClearinghouseState {
  const state = accountState(context.exchange, of.user, of.dexIndex)
  return {
    marginSummary: toMarginSummary(state.whole),
    crossMarginSummary: toMarginSummary(state.cross),
    crossMaintenanceMarginUsed: fromMicroUsd(state.crossMaintenanceMarginMicroUsd),
    withdrawable: fromMicroUsd(state.withdrawableMicroUsd),
    assetPositions: state.positions.map((position) => ({
      type: 'oneWay',
      position: toPosition(context, position),
    })),
    time: context.world.nowTsMs,
  }
}

/** What the account could still trade in one market, at the mark and its leverage. */
export function toActiveAssetData(
  context: VenueContext,
  user: string,
  instrument: Instrument,
): WireActiveAssetData {
  const { assetId, dexIndex, grid, coin } = instrument
  const state = accountState(context.exchange, user, dexIndex)
  const position = state.positions.find((one) => one.assetId === assetId)
  const { isCross, value } = leverageOf(context.exchange, user, assetId)
  const { markTicks } = instrumentContext(context.exchange, assetId)
  const freeMicroUsd = Math.max(0, state.cross.accountValueMicroUsd - state.cross.marginUsedMicroUsd)
  const freeLots = Math.floor((freeMicroUsd * value) / Math.max(markTicks, 1))
  // What closes the position needs no margin: it comes on top, on its side.
  const held = position?.sizeLots ?? 0
  const sizes = [freeLots + Math.max(0, -held), freeLots + Math.max(0, held)] as const
  const isolatedRaw = position?.leverage.isolatedRawMicroUsd ?? 0
  return {
    user: toHex(user),
    coin,
    leverage: toLeverage({ isCross, value, isolatedRawMicroUsd: isolatedRaw }),
    maxTradeSzs: [fromWhole(sizes[0], grid.szDecimals), fromWhole(sizes[1], grid.szDecimals)],
    availableToTrade: [fromMicroUsd(freeMicroUsd), fromMicroUsd(freeMicroUsd)],
    markPx: fromWhole(markTicks, grid.priceDecimals),
  }
}

function toMarginSummary(summary: MarginSummary): WireMarginSummary {
  return {
    // Clients read this field as unsigned: a bankrupt account shows zero.
    accountValue: fromMicroUsd(Math.max(0, summary.accountValueMicroUsd)),
    totalNtlPos: fromMicroUsd(summary.totalNotionalMicroUsd),
    totalRawUsd: fromMicroUsd(summary.rawUsdMicroUsd),
    totalMarginUsed: fromMicroUsd(summary.marginUsedMicroUsd),
  }
}

function toPosition(context: VenueContext, position: PositionView): WirePosition {
  const { coin, grid } = instrumentOf(context.directory, position.assetId)
  const { cumFunding, liquidationTicks, sizeLots } = position
  const cost = { notionalMicroUsd: position.costMicroUsd, lots: sizeLots }
  return {
    coin,
    szi: fromWhole(sizeLots, grid.szDecimals),
    leverage: toLeverage(position.leverage),
    entryPx: averagePrice(cost, grid.priceDecimals),
    positionValue: fromMicroUsd(position.positionValueMicroUsd),
    unrealizedPnl: fromMicroUsd(position.unrealizedPnlMicroUsd),
    returnOnEquity: fromRate(position.returnOnEquity),
    // No price at or below zero can be reached.
    liquidationPx:
      liquidationTicks === null || liquidationTicks <= 0
        ? null
        : fromRealTicks(liquidationTicks, grid.priceDecimals),
    marginUsed: fromMicroUsd(position.marginUsedMicroUsd),
    maxLeverage: position.maxLeverage,
    cumFunding: {
      allTime: fromMicroUsd(cumFunding.allTimeMicroUsd),
      sinceOpen: fromMicroUsd(cumFunding.sinceOpenMicroUsd),
      sinceChange: fromMicroUsd(cumFunding.sinceChangeMicroUsd),
    },
  }
}

function toLeverage(leverage: {
  readonly isCross: boolean
  readonly value: number
  readonly isolatedRawMicroUsd: number | null
}): WireLeverage {
  if (leverage.isCross) return { type: 'cross', value: leverage.value }
  return { type: 'isolated', value: leverage.value, rawUsd: fromMicroUsd(leverage.isolatedRawMicroUsd ?? 0) }
}

/** Volume in whole cents is enough for limits: two decimals, as the venue shows it. */
export function volumeText(microUsd: number): string {
  const cent = MICRO_USD_PER_USD / 100
  return fromWhole(Math.floor(microUsd / cent), 2)
}
