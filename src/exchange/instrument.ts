/** What can be traded: DEXs, their instruments, their money. Plain data; new markets need no code. */
import type { Grid } from '../core/units.ts'

/** From `lowerBoundMicroUsd` of notional on, at most this leverage. */
export interface MarginTier {
  readonly lowerBoundMicroUsd: number
  readonly maxLeverage: number
}

/** `normal`: cross or isolated; `noCross`: isolated only, margin may be removed; `strictIsolated`: nor may it be removed. */
export type MarginPolicy = 'normal' | 'noCross' | 'strictIsolated'

export interface Instrument {
  /** Main: index in the universe; builder DEX: 100000 + 10000 × dexIndex + index. */
  readonly assetId: number
  readonly dexIndex: number
  /** Prefixed on a builder DEX: `hyna:BTC`. */
  readonly coin: string
  readonly grid: Grid
  readonly marginTableId: number
  /** Ascending; the first starts at 0. */
  readonly marginTiers: readonly MarginTier[]
  readonly marginPolicy: MarginPolicy
  /** Growth mode: all fees × 0.1. */
  readonly growthMode: boolean
  readonly isDelisted: boolean
  /** Notional used for impact prices in the premium, micro-dollars. */
  readonly impactNotionalMicroUsd: number
  /** Fraction per 8 h (main: 0.0001), and the multiplier on the rate (main: 1). */
  readonly interestPer8h: number
  readonly fundingMultiplier: number
  /** Largest open interest of one side in notional; null: no cap. */
  readonly openInterestCapMicroUsd: number | null
  /** Oracle price at genesis, ticks. */
  readonly initialOracleTicks: number
  /** Coin of the main DEX whose simulated price it follows; left out: the coin without its DEX. */
  readonly oracleSource?: string
}

/** A spot token in which a DEX keeps its money. One unit counts as one dollar. */
export interface CollateralToken {
  readonly name: string
  /** Spot token index: USDC 0, USDE 235, USDH 360. */
  readonly index: number
  /** An aligned quote token: its DEXs pay less as takers, and earn more rebate. */
  readonly isAligned?: boolean
}

export interface DexSpec {
  /** Position in `perpDexs`; 0 is the main DEX with the name ''. */
  readonly index: number
  readonly name: string
  readonly fullName: string
  readonly deployer: string
  readonly collateral: CollateralToken
  /** Fee scale d of the deployer: rates × (1 + d) below 1, × 2d from 1 on. 0 on the main DEX. */
  readonly deployerFeeScale: number
  /** Largest open interest of all its markets together; left out: no cap. */
  readonly openInterestCapMicroUsd?: number
}

/** Everything the exchange is born with. */
export interface VenueSpec {
  readonly dexs: readonly DexSpec[]
  /** Ascending asset ids. */
  readonly instruments: readonly Instrument[]
}

export const BUILDER_ASSET_BASE = 100_000
export const BUILDER_ASSET_STRIDE = 10_000

/** @see https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/asset-ids */
export function assetIdOf(dexIndex: number, indexInMeta: number): number {
  return dexIndex === 0 ? indexInMeta : BUILDER_ASSET_BASE + BUILDER_ASSET_STRIDE * dexIndex + indexInMeta
}

/** Margin tables below this id are implicit: one tier whose leverage is the id. */
export const IMPLICIT_MARGIN_TABLE_LIMIT = 50

/** @returns what is wrong with the tiers, in words; null when nothing is */
export function marginTiersFault(tiers: readonly MarginTier[]): string | null {
  const [first] = tiers
  if (first?.lowerBoundMicroUsd !== 0) return 'the first margin tier starts at 0'
  for (const [index, tier] of tiers.entries()) {
    const before = tiers[index - 1]
    if (!Number.isSafeInteger(tier.maxLeverage) || tier.maxLeverage < 1) {
      return `max leverage ${tier.maxLeverage} is a whole number from 1`
    }
    if (before === undefined) continue
    if (tier.lowerBoundMicroUsd <= before.lowerBoundMicroUsd || tier.maxLeverage >= before.maxLeverage) {
      return 'margin tiers ascend in notional and descend in leverage'
    }
  }
  return null
}

/** The same, with the rule of ids: what `meta` lists under an id must be that table. */
export function marginTableFault(marginTableId: number, tiers: readonly MarginTier[]): string | null {
  const fault = marginTiersFault(tiers)
  if (fault !== null) return fault
  if (!Number.isSafeInteger(marginTableId) || marginTableId < 1) {
    return `margin table id ${marginTableId} is a whole number from 1`
  }
  const isImplicit = marginTableId < IMPLICIT_MARGIN_TABLE_LIMIT
  if (isImplicit && (tiers.length > 1 || tiers[0]?.maxLeverage !== marginTableId)) {
    return `margin table ${marginTableId} is one tier of leverage ${marginTableId}; ids from ${IMPLICIT_MARGIN_TABLE_LIMIT} on may have any tiers`
  }
  return null
}
