/** What the maker knows of its market and account before the first quote; learned from the venue, never guessed. */
import type { Grid } from './units.ts'

export type Network = 'local' | 'testnet' | 'mainnet'

export type MarginMode = 'cross' | 'isolated'

/** One coin on one DEX, as this account trades it. Plain data: part of the journal's first records. */
export interface MarketSpec {
  readonly network: Network
  /** '' is the main DEX; builder DEXs have names of 2–4 characters. */
  readonly dex: string
  /** Prefixed on a builder DEX: `hyna:BTC`. */
  readonly coin: string
  /** Main: index in `meta`; builder DEX: 100000 + 10000 × dexIndex + index. */
  readonly assetId: number
  readonly grid: Grid
  readonly maxLeverage: number
  readonly marginMode: MarginMode
  /** Absent: no. Margin of a strictly isolated position leaves it only as the position shrinks. */
  readonly isStrictIsolated?: boolean
  /** The token that this DEX counts money in (`USDC`, `USDE`, …). One unit is one dollar here. */
  readonly collateral: string
  /**
   * Rates of this account on this market, parts per billion of notional; negative is a rebate. A maker fee that the
   * venue does not tell is null: the strategy then uses the configured one.
   */
  readonly makerFeePpb: number | null
  readonly takerFeePpb: number
  readonly minNotionalMicroUsd: number
}
