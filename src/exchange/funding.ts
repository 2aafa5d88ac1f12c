/**
 * Funding: the premium is sampled every 5 s, averaged over the hour, and paid at the hour on size × oracle price.
 *
 * rate     F = P + clamp(I − P, ±0.0005) per 8 h, times the market's multiplier; F/8 an hour, at most 4 %
 * payment  size × oracle × rate to the nearest micro-dollar; longs pay when the rate is positive; what rounding
 *          leaves over goes to the residue account
 * source   docs/math/accounting.md; https://hyperliquid.gitbook.io/hyperliquid-docs/trading/funding
 */
import { mulDivHalfEven } from '../core/math/integer.ts'
import { emit } from './emit.ts'
import { premiumOf } from './oracle.ts'
import { touchPurse } from './risk-list.ts'
import { HOUR_MS, type Exchange, type Holding, type Market } from './state.ts'

export const PREMIUM_SAMPLE_MS = 5_000
const CLAMP_PER_8H = 0.0005
const HOURS_PER_RATE = 8
const RATE_PER_HOUR_MAX = 0.04
/** Rates are taken to 10^-12 before they meet integers. */
const RATE_UNIT = 1e12

export interface FundingTerms {
  readonly premium: number
  readonly interestPer8h: number
  readonly multiplier: number
}

/** Fraction per 8 hours. */
export function rateOf8h(terms: FundingTerms): number {
  const gap = terms.interestPer8h - terms.premium
  return (terms.premium + Math.min(Math.max(gap, -CLAMP_PER_8H), CLAMP_PER_8H)) * terms.multiplier
}

/** Fraction per hour, within ±4 %. */
export function hourlyRate(terms: FundingTerms): number {
  const rate = rateOf8h(terms) / HOURS_PER_RATE
  return Math.min(Math.max(rate, -RATE_PER_HOUR_MAX), RATE_PER_HOUR_MAX)
}

/** What a holder receives, micro-dollars; negative: it pays. */
export function fundingAmount(sizeLots: number, oracleTicks: number, rate: number): number {
  const units = Math.round(rate * RATE_UNIT)
  const amount = mulDivHalfEven(sizeLots * oracleTicks, units, RATE_UNIT)
  return amount === 0 ? 0 : -amount
}

/** The rate the hour would pay if it ended now. */
export function currentRate(market: Market): number {
  const { interestPer8h, fundingMultiplier } = market.instrument
  const premium = market.premiumCount > 0 ? market.premiumSum / market.premiumCount : premiumOf(market)
  return hourlyRate({ premium, interestPer8h, multiplier: fundingMultiplier })
}

/** Samples premiums and pays hours in (exchange time, tsMs], in order. */
export function advanceFunding(exchange: Exchange, tsMs: number): void {
  const firstSample = Math.floor(exchange.tsMs / PREMIUM_SAMPLE_MS) + 1
  const lastSample = Math.floor(tsMs / PREMIUM_SAMPLE_MS)
  if (lastSample < firstSample) return
  const samplesPerHour = HOUR_MS / PREMIUM_SAMPLE_MS
  for (const market of exchange.markets) {
    // Nothing trades within the step, so all its samples are equal and only their count per hour matters.
    const premium = premiumOf(market)
    let sample = firstSample
    while (sample <= lastSample) {
      const hourEnd = Math.ceil(sample / samplesPerHour) * samplesPerHour
      const until = Math.min(hourEnd, lastSample)
      market.premiumSum += premium * (until - sample + 1)
      market.premiumCount += until - sample + 1
      if (until === hourEnd) payHour(exchange, market, hourEnd * PREMIUM_SAMPLE_MS)
      sample = until + 1
    }
  }
}

function payHour(exchange: Exchange, market: Market, tsMs: number): void {
  const rate = currentRate(market)
  market.fundingPerHour = rate
  market.premiumSum = 0
  market.premiumCount = 0
  for (const holding of market.holders) payHolder(exchange, holding, rate, tsMs)
}

function payHolder(exchange: Exchange, holding: Holding, rate: number, tsMs: number): void {
  const { market, purse } = holding
  const amount = fundingAmount(holding.sizeLots, market.oracleTicks, rate)
  if (holding.isCross) purse.cashMicroUsd += amount
  else holding.isolatedMicroUsd += amount
  touchPurse(purse)
  market.dex.books.fundingResidueMicroUsd -= amount
  holding.fundingAllTimeMicroUsd -= amount
  holding.fundingSinceOpenMicroUsd -= amount
  holding.fundingSinceChangeMicroUsd -= amount
  emit(exchange, {
    kind: 'funding',
    tsMs,
    account: holding.account.address,
    assetId: market.instrument.assetId,
    positionLots: holding.sizeLots,
    rate,
    amountMicroUsd: amount,
  })
}
