/**
 * Fees: tier by 14-day volume, referral discount, the market's scale, and the split between venue and deployer.
 *
 * in      an account's daily volumes; the market's DEX scale and growth mode
 * out     rates in parts per billion of notional (1 bp = 100 000), positive costs
 * rule    the tier holds for a UTC day and counts the 14 days before it
 * source  https://hyperliquid.gitbook.io/hyperliquid-docs/trading/fees
 */
import { PPB_PER_BP } from '../core/math/integer.ts'
import type { DexSpec, Instrument } from './instrument.ts'
import type { Account, Exchange, Holding, Market, VolumeDays } from './state.ts'

export interface FeeTier {
  /** Volume above this. */
  readonly aboveMicroUsd: number
  readonly takerPpb: number
  readonly makerPpb: number
}

export interface FeeRates {
  readonly takerPpb: number
  readonly makerPpb: number
}

const tier = (aboveMillions: number, takerBp: number, makerBp: number): FeeTier => ({
  aboveMicroUsd: aboveMillions * 1e12,
  takerPpb: Math.round(takerBp * PPB_PER_BP),
  makerPpb: Math.round(makerBp * PPB_PER_BP),
})

export const FEE_TIERS: readonly FeeTier[] = [
  { ...tier(0, 4.5, 1.5), aboveMicroUsd: -1 },
  tier(5, 4, 1.2),
  tier(25, 3.5, 0.8),
  tier(100, 3, 0.4),
  tier(500, 2.8, 0),
  tier(2_000, 2.6, 0),
  tier(7_000, 2.4, 0),
]

/** Share of all maker volume above which the maker rate becomes this rebate. */
export const MAKER_REBATES: readonly { readonly aboveShare: number; readonly makerPpb: number }[] = [
  { aboveShare: 0.005, makerPpb: -0.1 * PPB_PER_BP },
  { aboveShare: 0.015, makerPpb: -0.2 * PPB_PER_BP },
  { aboveShare: 0.03, makerPpb: -0.3 * PPB_PER_BP },
]

const FEE_DAYS = 14
const RING_DAYS = FEE_DAYS + 1
const GROWTH_SCALE = 0.1
/** Off what an account pays when somebody brought it; rebates are left alone. */
export const REFERRAL_DISCOUNT = 0.04
const ALIGNED_TAKER_SCALE = 0.8
const ALIGNED_REBATE_SCALE = 1.5

export function tierRates(volumeMicroUsd: number): FeeRates {
  let rates: FeeRates = FEE_TIERS[0]!
  for (const one of FEE_TIERS) if (volumeMicroUsd > one.aboveMicroUsd) rates = one
  return { takerPpb: rates.takerPpb, makerPpb: rates.makerPpb }
}

/** @returns the maker rate with the rebate for this share, or null when the share earns none */
export function rebatePpb(share: number): number | null {
  let rebate: number | null = null
  for (const one of MAKER_REBATES) if (share > one.aboveShare) rebate = one.makerPpb
  return rebate
}

/** What the market makes of a base rate. Rebates are not scaled by the deployer, only by growth mode. */
export function scaledRatePpb(basePpb: number, dex: DexSpec, instrument: Instrument): number {
  const scale = dex.deployerFeeScale
  const byDeployer = basePpb < 0 ? 1 : scale < 1 ? 1 + scale : 2 * scale
  return Math.round(basePpb * byDeployer * (instrument.growthMode ? GROWTH_SCALE : 1))
}

/** The deployer's share of a fee on its DEX: d/(1 + d), at most one half. */
export function deployerShare(dex: DexSpec): number {
  const scale = dex.deployerFeeScale
  return scale <= 0 ? 0 : Math.min(0.5, scale / (1 + scale))
}

/** What an aligned quote token makes of rates: cheaper for takers, dearer rebates; the deployer's share is left alone. */
function alignedScale(dex: DexSpec, basePpb: number, isTaker: boolean): number {
  if (dex.collateral.isAligned !== true) return 1
  const share = deployerShare(dex)
  if (isTaker) return ALIGNED_TAKER_SCALE * (1 - share) + share
  return basePpb < 0 ? ALIGNED_REBATE_SCALE * (1 - share) + share : 1
}

/** Both rates of a market for base rates. */
export function scaledRates(base: FeeRates, dex: DexSpec, instrument: Instrument): FeeRates {
  const { takerPpb, makerPpb } = base
  return {
    takerPpb: scaledRatePpb(takerPpb * alignedScale(dex, takerPpb, true), dex, instrument),
    makerPpb: scaledRatePpb(makerPpb * alignedScale(dex, makerPpb, false), dex, instrument),
  }
}

/** Rates of an account in a market at exchange time. */
export function ratesOf(exchange: Exchange, account: Account, market: Market): FeeRates {
  refreshTier(exchange, account)
  return scaledRates(account, market.dex.spec, market.instrument)
}

/** The account's rates are made anew before its next fill. */
export function forgetRates(account: Account): void {
  account.feeDay = -1
  for (const holding of account.holdings.values()) holding.ratesDay = -1
}

/** Brings the rates kept in a holding to the day: they hold for a day, and fills ask for them every time. */
export function refreshRates(exchange: Exchange, holding: Holding): void {
  if (holding.ratesDay === exchange.day) return
  const rates = ratesOf(exchange, holding.account, holding.market)
  holding.takerPpb = rates.takerPpb
  holding.makerPpb = rates.makerPpb
  holding.ratesDay = exchange.day
}

function refreshTier(exchange: Exchange, account: Account): void {
  const today = exchange.day
  if (account.feeDay === today) return
  rollDays(account.volume, today)
  const maker = sumBefore(account.volume.makerMicroUsd, today)
  const taker = sumBefore(account.volume.takerMicroUsd, today)
  const rates = tierRates(maker + taker)
  account.feeDay = today
  account.takerPpb = rates.takerPpb
  account.makerPpb = rates.makerPpb
  if (exchange.options.makerRebates) {
    rollDays(exchange.venueVolume, today)
    const all = sumBefore(exchange.venueVolume.makerMicroUsd, today)
    const rebate = all > 0 ? rebatePpb(maker / all) : null
    if (rebate !== null) account.makerPpb = rebate
  }
  if (account.isReferred) {
    account.takerPpb *= 1 - REFERRAL_DISCOUNT
    if (account.makerPpb > 0) account.makerPpb *= 1 - REFERRAL_DISCOUNT
  }
}

/** What counts of a notional in growth mode. */
export function growthCredit(notionalMicroUsd: number): number {
  return Math.floor(notionalMicroUsd * GROWTH_SCALE)
}

/** Books what one fill of a resting order counts; the venue's own sum is the taker's matter. */
export function countMaker(account: Account, today: number, creditMicroUsd: number): void {
  const { volume } = account
  if (volume.day !== today) rollDays(volume, today)
  account.tradedMicroUsd += creditMicroUsd
  volume.makerTodayMicroUsd += creditMicroUsd
}

/** Books what all fills of a taker count, for it and for the venue. */
export function countTaker(exchange: Exchange, account: Account, creditMicroUsd: number): void {
  const { day: today, venueVolume } = exchange
  const { volume } = account
  if (volume.day !== today) rollDays(volume, today)
  if (venueVolume.day !== today) rollDays(venueVolume, today)
  account.tradedMicroUsd += creditMicroUsd
  volume.takerTodayMicroUsd += creditMicroUsd
  venueVolume.makerTodayMicroUsd += creditMicroUsd
}

/** Puts the last day seen into the rings, and clears the days between it and today. */
function rollDays(days: VolumeDays, today: number): void {
  if (days.day === today) return
  days.takerMicroUsd[days.day % RING_DAYS] = days.takerTodayMicroUsd
  days.makerMicroUsd[days.day % RING_DAYS] = days.makerTodayMicroUsd
  days.takerTodayMicroUsd = days.makerTodayMicroUsd = 0
  const stale = Math.min(today - days.day, RING_DAYS)
  for (let back = 0; back < stale; back += 1) {
    const place = (today - back) % RING_DAYS
    days.takerMicroUsd[place] = 0
    days.makerMicroUsd[place] = 0
  }
  days.day = today
}

function sumBefore(ring: Float64Array, today: number): number {
  let sum = 0
  for (let back = 1; back <= FEE_DAYS; back += 1) sum += ring[(today - back + RING_DAYS) % RING_DAYS]!
  return sum
}

export interface VolumeDay {
  readonly day: number
  readonly takerMicroUsd: number
  readonly makerMicroUsd: number
}

/** The last 15 days up to today, oldest first. @returns days since 1970 and both volumes */
export function rolledDays(exchange: Exchange, volume: VolumeDays): VolumeDay[] {
  const today = exchange.day
  rollDays(volume, today)
  const days: VolumeDay[] = []
  for (let back = FEE_DAYS; back > 0; back -= 1) {
    const place = (today - back + RING_DAYS) % RING_DAYS
    days.push({
      day: today - back,
      takerMicroUsd: volume.takerMicroUsd[place]!,
      makerMicroUsd: volume.makerMicroUsd[place]!,
    })
  }
  const { takerTodayMicroUsd: takerMicroUsd, makerTodayMicroUsd: makerMicroUsd } = volume
  days.push({ day: today, takerMicroUsd, makerMicroUsd })
  return days
}
