/** A quoting situation with sound values everywhere, for tests to change one thing at a time. No unit equals one. */
import { initEstimates } from '../../src/core/contracts.ts'
import type { Estimates, QuoteContext, Reading } from '../../src/core/contracts.ts'
import type { MarketSpec } from '../../src/core/market.ts'
import { gridOf } from '../../src/core/units.ts'

/** Tuesday 2024-01-02 03:30:00 UTC: an hour that no list excludes. */
export const QUIET_HOUR_MS = 1_704_166_200_000
/** 14:30 UTC of the same day. */
export const TOXIC_HOUR_MS: number = QUIET_HOUR_MS + 11 * 3_600_000

export const market: MarketSpec = {
  network: 'local',
  dex: 'hyna',
  coin: 'hyna:BTC',
  assetId: 110_003,
  grid: gridOf(5),
  maxLeverage: 40,
  marginMode: 'isolated',
  collateral: 'USDE',
  makerFeePpb: 150_000,
  takerFeePpb: 450_000,
  minNotionalMicroUsd: 10_000_000,
}

export function measured(value: number, confidence = 0.8): Reading {
  return { value, status: 'measured', tsMs: QUIET_HOUR_MS, confidence }
}

/** A book of 64 000 with a touch of 2 dollars, ordinary flow, nothing alarming. */
export function calmEstimates(): Estimates {
  return {
    ...initEstimates(),
    tsMs: QUIET_HOUR_MS,
    bestBidTicks: 639_990,
    bestAskTicks: 640_010,
    midTicks: measured(640_000),
    fairTicks: measured(640_000),
    sigmaPerSqrtSec: measured(1.2e-4),
    sigmaFastPerSqrtSec: measured(1.2e-4),
    sigmaSlowPerSqrtSec: measured(1.2e-4),
    regime: 'normal',
    jumpRatio: measured(1.05),
    jumpZ: measured(0.3),
    kappaBid: measured(2_200, 0.9),
    kappaAsk: measured(2_200, 0.9),
    fillRateBidPerSec: measured(0.25),
    fillRateAskPerSec: measured(0.25),
    momentumZ: [measured(0), measured(0), measured(0), measured(0)],
    flowImbalance: measured(0),
    orderFlowImbalance: measured(0),
    toxicity: measured(0.05),
    fillBurstBid: measured(0.5),
    fillBurstAsk: measured(0.5),
    tradeIntensityRatio: measured(0.9),
    tradeBranchingRatio: measured(0.4),
    bookImbalance: measured(0),
    depthUsd: measured(400_000),
    holeBidBps: measured(0.2),
    holeAskBps: measured(0.3),
    spreadPercentile: measured(0.5),
    adverseSelectionBidBps: measured(0.6),
    adverseSelectionAskBps: measured(0.6),
    fundingPerHour: measured(0),
    fundingDueSec: measured(1_800),
  }
}

export function contextOf(change: Partial<QuoteContext> = {}): QuoteContext {
  return {
    market,
    tsMs: QUIET_HOUR_MS,
    estimates: calmEstimates(),
    positionLots: 0,
    maxPositionLots: 50_000,
    minSizeLots: 16,
    marginRoomLots: Infinity,
    levelCountMax: Infinity,
    riskWidenBps: 0,
    ...change,
  }
}
