/** Ready-made plain data for tests of the core: a market, settings, facts. Numbers avoid 1 so that a missing unit shows. */
import type { MarketSpec } from '../../src/core/market.ts'
import type { GateFacts } from '../../src/core/risk/gate.ts'
import type { RiskFacts } from '../../src/core/risk/monitors.ts'
import type { EngineSettings } from '../../src/core/settings.ts'
import { gridOf } from '../../src/core/units.ts'

export const btcMarket: MarketSpec = {
  network: 'local',
  dex: 'hyna',
  coin: 'hyna:BTC',
  assetId: 110_000,
  grid: gridOf(5),
  maxLeverage: 40,
  marginMode: 'cross',
  collateral: 'USDE',
  makerFeePpb: 300_000,
  takerFeePpb: 900_000,
  minNotionalMicroUsd: 10_000_000,
}

export const settings: EngineSettings = {
  maxPositionLots: 50_000,
  maxOrderLots: 20_000,
  maxBpsDiff: 2,
  minOrderAgeMs: 500,
  requoteIntervalMs: 100,
  submitExpiryMs: 10_000,
  maxBookAgeMs: 3_000,
  priceCollarBps: 300,
  maxOrdersPerSec: 40,
  maxDailyLossMicroUsd: 200_000_000,
  maxDrawdownShare: 0.05,
  minDrawdownMicroUsd: 20_000_000,
  isolatedMarginMicroUsd: 1_000_000_000,
  resyncIntervalMs: 15_000,
  mmp: {
    window: 'sliding',
    windowMs: 5_000,
    frozenMs: 7_000,
    quantityMax: 60_000,
    notionalMax: 0,
    deltaMax: 40_000,
    vegaMax: 0,
  },
  burstFills: 4,
  burstWindowMs: 2_000,
  burstCooldownMs: 30_000,
  velocityPullBps: 150,
  velocityWindowMs: 1_000,
  lopsidedShare: 0.8,
  maxLopsidedMs: 900_000,
  maxRefusalShare: 0.5,
  minLiquidationShare: 0.1,
  pullHoldMs: 2_000,
  pullMaxMs: 60_000,
  killPolicy: 'cancel',
  killSlippageBps: 40,
  killFlattenMs: 20_000,
}

export const calmGate: GateFacts = {
  market: btcMarket,
  isReady: true,
  isKilled: false,
  midTicks: 600_005,
  positionLots: 0,
  openBuyLots: 0,
  openSellLots: 0,
  ownBidTicks: null,
  ownAskTicks: null,
  isKnownCloid: () => false,
  orderAllowance: 40,
}

export const calmRisk: RiskFacts = {
  tsMs: 5_000,
  isConnected: true,
  isTwoSided: true,
  bookAgeMs: 120,
  positionLots: 0,
  positionMismatchLots: 0,
  dailyPnlMicroUsd: 0,
  equityMicroUsd: 10_000_000_000,
  equityPeakMicroUsd: 10_000_000_000,
  overfillCount: 0,
  markGapBps: 3,
  velocityBps: 12,
  mmpBecause: null,
  buyCooldownMs: 0,
  sellCooldownMs: 0,
  lopsidedMs: 0,
  answeredCount: 400,
  refusedCount: 7,
  liquidationShare: 0.3,
}
