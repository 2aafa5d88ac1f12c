/**
 * The shipped universe: a main DEX and two builder DEXs with other collateral, laid out as on the venue. Data, no rules.
 * @see https://hyperliquid.gitbook.io/hyperliquid-docs/trading/margin-tiers
 */
import { gridOf, MICRO_USD_PER_USD } from '../core/units.ts'
import { assetIdOf } from '../exchange/instrument.ts'
import type { DexSpec, Instrument, MarginPolicy, MarginTier, VenueSpec } from '../exchange/instrument.ts'

/** One coin as people say it: dollars and leverages. */
interface CoinRow {
  readonly coin: string
  readonly szDecimals: number
  readonly usd: number
  /** Max leverage from 0 on, and optionally [from this notional in USD, this leverage]. */
  readonly leverage: number
  readonly tier?: readonly [number, number]
  /** Ids below 50 stand for one tier with that leverage. */
  readonly marginTableId: number
  readonly policy?: MarginPolicy
  readonly growthMode?: true
  readonly isDelisted?: true
  readonly openInterestCapUsd?: number
}

const MAIN: DexSpec = {
  index: 0,
  name: '',
  fullName: 'Main',
  deployer: '0x0000000000000000000000000000000000000000',
  collateral: { name: 'USDC', index: 0 },
  deployerFeeScale: 0,
}
const HYNA: DexSpec = {
  index: 1,
  name: 'hyna',
  fullName: 'HyENA',
  deployer: '0x68796e6100000000000000000000000000000001',
  collateral: { name: 'USDE', index: 235 },
  deployerFeeScale: 1,
}
const FLX: DexSpec = {
  index: 2,
  name: 'flx',
  fullName: 'Felix Exchange',
  deployer: '0x666c780000000000000000000000000000000002',
  collateral: { name: 'USDH', index: 360 },
  deployerFeeScale: 0.5,
}

const MAIN_COINS: readonly CoinRow[] = [
  { coin: 'BTC', szDecimals: 5, usd: 60_000, leverage: 40, tier: [150e6, 20], marginTableId: 56 },
  { coin: 'ETH', szDecimals: 4, usd: 3_000, leverage: 25, tier: [100e6, 15], marginTableId: 55 },
  { coin: 'SOL', szDecimals: 2, usd: 150, leverage: 20, tier: [70e6, 10], marginTableId: 54 },
  { coin: 'HYPE', szDecimals: 2, usd: 35, leverage: 10, tier: [20e6, 5], marginTableId: 52 },
  { coin: 'PURR', szDecimals: 0, usd: 0.2, leverage: 3, marginTableId: 3, policy: 'strictIsolated' },
  { coin: 'MATIC', szDecimals: 1, usd: 0.4, leverage: 20, marginTableId: 20, isDelisted: true },
  { coin: 'XRP', szDecimals: 0, usd: 2.1, leverage: 20, tier: [40e6, 10], marginTableId: 53 },
  { coin: 'DOGE', szDecimals: 0, usd: 0.15, leverage: 10, tier: [20e6, 5], marginTableId: 52 },
]

const HYNA_COINS: readonly CoinRow[] = [
  { coin: 'BTC', szDecimals: 5, usd: 60_000, leverage: 40, marginTableId: 40, openInterestCapUsd: 1e9 },
  { coin: 'ETH', szDecimals: 4, usd: 3_000, leverage: 25, marginTableId: 25, openInterestCapUsd: 5e8 },
  { coin: 'SOL', szDecimals: 2, usd: 150, leverage: 20, marginTableId: 20, openInterestCapUsd: 2e8 },
  {
    coin: 'HYPE',
    szDecimals: 2,
    usd: 35,
    leverage: 10,
    marginTableId: 10,
    growthMode: true,
    openInterestCapUsd: 2e8,
  },
]

const FLX_COINS: readonly CoinRow[] = [
  {
    coin: 'BTC',
    szDecimals: 5,
    usd: 60_000,
    leverage: 20,
    marginTableId: 20,
    policy: 'noCross',
    openInterestCapUsd: 5e8,
  },
  { coin: 'ETH', szDecimals: 4, usd: 3_000, leverage: 20, marginTableId: 20, openInterestCapUsd: 5e8 },
  { coin: 'SOL', szDecimals: 2, usd: 150, leverage: 10, marginTableId: 10, openInterestCapUsd: 2e8 },
  { coin: 'HYPE', szDecimals: 2, usd: 35, leverage: 10, marginTableId: 10, openInterestCapUsd: 2e8 },
  {
    coin: 'GOLD',
    szDecimals: 4,
    usd: 2_600,
    leverage: 20,
    marginTableId: 20,
    policy: 'strictIsolated',
    openInterestCapUsd: 1e8,
  },
]

/** Coins whose premium is measured with the larger impact notional. */
const MAJORS: ReadonlySet<string> = new Set(['BTC', 'ETH'])

/** @returns a fresh spec: main, `hyna` (USDE) and `flx` (USDH) */
export function defaultVenue(): VenueSpec {
  return {
    dexs: [MAIN, HYNA, FLX],
    instruments: [
      ...MAIN_COINS.map((row, index) => toInstrument(MAIN, row, index)),
      ...HYNA_COINS.map((row, index) => toInstrument(HYNA, row, index)),
      ...FLX_COINS.map((row, index) => toInstrument(FLX, row, index)),
    ],
  }
}

function toInstrument(dex: DexSpec, row: CoinRow, index: number): Instrument {
  const grid = gridOf(row.szDecimals)
  return {
    assetId: assetIdOf(dex.index, index),
    dexIndex: dex.index,
    coin: dex.name === '' ? row.coin : `${dex.name}:${row.coin}`,
    grid,
    marginTableId: row.marginTableId,
    marginTiers: toTiers(row),
    marginPolicy: row.policy ?? 'normal',
    growthMode: row.growthMode ?? false,
    isDelisted: row.isDelisted ?? false,
    impactNotionalMicroUsd: (MAJORS.has(row.coin) ? 20_000 : 6_000) * MICRO_USD_PER_USD,
    interestPer8h: 0.0001,
    fundingMultiplier: 1,
    openInterestCapMicroUsd:
      row.openInterestCapUsd === undefined ? null : row.openInterestCapUsd * MICRO_USD_PER_USD,
    initialOracleTicks: Math.round(row.usd * 10 ** grid.priceDecimals),
  }
}

function toTiers(row: CoinRow): MarginTier[] {
  const tiers: MarginTier[] = [{ lowerBoundMicroUsd: 0, maxLeverage: row.leverage }]
  if (row.tier !== undefined) {
    tiers.push({ lowerBoundMicroUsd: row.tier[0] * MICRO_USD_PER_USD, maxLeverage: row.tier[1] })
  }
  return tiers
}
