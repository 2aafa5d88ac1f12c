/** What a market looks like from outside: mid, mark, oracle, funding, open interest, volume. */
import { touch } from '../../exchange/queries/book.ts'
import { instrumentContext } from '../../exchange/queries/market.ts'
import type { Instrument } from '../../exchange/instrument.ts'
import type { VenueContext } from '../context.ts'
import { universeAt } from '../directory.ts'
import { newestOf } from '../ring.ts'
import { fromMicroUsd, fromRate, fromRealTicks, fromWhole } from './decimals.ts'
import type { WireAssetCtx } from './types.ts'

export function toAssetCtx(context: VenueContext, instrument: Instrument): WireAssetCtx {
  const market = instrumentContext(context.exchange, instrument.assetId)
  const price = (ticks: number): string => fromWhole(ticks, instrument.grid.priceDecimals)
  const { impactBidTicks, impactAskTicks } = market
  const isThin = impactBidTicks === null || impactAskTicks === null
  return {
    funding: fromRate(market.fundingPerHour),
    openInterest: fromWhole(market.openInterestLots, instrument.grid.szDecimals),
    prevDayPx: price(market.previousDayTicks),
    dayNtlVlm: fromMicroUsd(market.dayNotionalMicroUsd),
    premium: isThin ? null : fromRate(market.premium),
    oraclePx: price(market.oracleTicks),
    markPx: price(market.markTicks),
    midPx: midText(context, instrument),
    impactPxs: isThin
      ? null
      : [impactBidTicks, impactAskTicks].map((ticks) => fromRealTicks(ticks, instrument.grid.priceDecimals)),
    dayBaseVlm: fromWhole(market.dayBaseLots, instrument.grid.szDecimals),
  }
}

export function assetCtxsOf(context: VenueContext, dexIndex: number): WireAssetCtx[] {
  return universeAt(context.directory, dexIndex).map((instrument) => toAssetCtx(context, instrument))
}

/** Main DEX or one builder DEX: coin → mid, else the last trade, else the mark. */
export function midsOf(context: VenueContext, dexIndex: number): Record<string, string> {
  const mids: Record<string, string> = {}
  for (const instrument of universeAt(context.directory, dexIndex)) {
    mids[instrument.coin] = midText(context, instrument) ?? lastText(context, instrument)
  }
  return mids
}

/** The mid may lie on half a tick: one decimal more than the grid has. */
function midText(context: VenueContext, instrument: Instrument): string | null {
  const { bidTicks, askTicks } = touch(context.exchange, instrument.assetId)
  if (bidTicks === 0 || askTicks === 0) return null
  return fromWhole((bidTicks + askTicks) * 5, instrument.grid.priceDecimals + 1)
}

function lastText(context: VenueContext, { assetId, grid }: Instrument): string {
  const trade = newestOf(context.history.markets.get(assetId)?.trades)
  const ticks = trade?.priceTicks ?? instrumentContext(context.exchange, assetId).markTicks
  return fromWhole(ticks, grid.priceDecimals)
}
