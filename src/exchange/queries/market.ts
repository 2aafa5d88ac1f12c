/** What is known of a market besides its book: prices, funding, open interest, volume. Nothing here changes the state. */
import { InvariantError } from '../../core/assert.ts'
import { currentRate } from '../funding.ts'
import { impactPrices, midTicks, premiumOf } from '../oracle.ts'
import type { Exchange, Market } from '../state.ts'

const DAY_HOURS = 24

export interface InstrumentContext {
  readonly markTicks: number
  readonly oracleTicks: number
  /** Halves possible; null while a side is empty. */
  readonly midTicks: number | null
  /** Fraction per hour that the running hour would pay. */
  readonly fundingPerHour: number
  readonly premium: number
  readonly openInterestLots: number
  /** Real numbers; null while a side is too thin. */
  readonly impactBidTicks: number | null
  readonly impactAskTicks: number | null
  /** Of the last 24 hours, to the hour. */
  readonly dayNotionalMicroUsd: number
  readonly dayBaseLots: number
  /** The mark 24 hours ago, to the hour. */
  readonly previousDayTicks: number
}

/** @throws InvariantError for an unknown asset */
export function marketOf(exchange: Exchange, assetId: number): Market {
  const market = exchange.marketByAssetId.get(assetId)
  // The sentence is made only when it is needed: it costs more than the rest.
  if (market === undefined) throw new InvariantError(`asset ${assetId} is traded here`)
  return market
}

/** The part of `instrumentContext` that costs nothing to read. @throws InvariantError for an unknown asset */
export function pricesOf(
  exchange: Exchange,
  assetId: number,
): Pick<InstrumentContext, 'markTicks' | 'oracleTicks' | 'fundingPerHour'> {
  const market = marketOf(exchange, assetId)
  const { markTicks, oracleTicks } = market
  return { markTicks, oracleTicks, fundingPerHour: currentRate(market) }
}

/** @throws InvariantError for an unknown asset */
export function instrumentContext(exchange: Exchange, assetId: number): InstrumentContext {
  const market = marketOf(exchange, assetId)
  const impact = impactPrices(market)
  const sum = (ring: Float64Array): number => ring.reduce((total, value) => total + value, 0)
  return {
    markTicks: market.markTicks,
    oracleTicks: market.oracleTicks,
    midTicks: midTicks(market),
    fundingPerHour: currentRate(market),
    premium: premiumOf(market),
    openInterestLots: market.openInterestLots,
    impactBidTicks: impact.impactBidTicks,
    impactAskTicks: impact.impactAskTicks,
    dayNotionalMicroUsd: sum(market.hourNotionalMicroUsd),
    dayBaseLots: sum(market.hourLots),
    previousDayTicks: market.hourMarkTicks[(market.hourNumber + 1) % DAY_HOURS]!,
  }
}
