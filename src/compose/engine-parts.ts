/** From the configuration and the venue's grid to the parts of the engine: amounts become lots and micro-dollars here. */
import { createPipeline } from '../../estimators/index.ts'
import {
  createAvellanedaStoikov,
  createFixedSpread,
  createGlftLadder,
  fixedSpreadDefaults,
} from '../../strategies/index.ts'
import { toLots, toMicroUsd } from '../config/amounts.ts'
import type { Config } from '../config/config.ts'
import { assertNever } from '../core/assert.ts'
import type { EstimatePipeline, Strategy } from '../core/contracts.ts'
import type { EngineParts } from '../core/engine.ts'
import type { MarginSettings } from '../core/margin.ts'
import { isolatedLeverageOf } from '../core/margin.ts'
import type { MarketSpec } from '../core/market.ts'
import type { Capital } from '../core/risk/limits.ts'
import type { EngineSettings } from '../core/settings.ts'
import { withSizes } from './sizes.ts'

const PERCENT = 0.01
const MS_PER_SEC = 1_000

/**
 * @param capital what sizes that were not given are derived from; left out where nobody knows it
 * @throws ConfigError when an amount is too small or too large for the market's grid, or neither given nor derivable
 */
export function enginePartsOf(given: Config, market: MarketSpec, capital?: Capital): EngineParts {
  const config = withSizes(given, market, capital ?? null)
  return {
    settings: settingsOf(config, market),
    // The engine keeps the states opaque and hands each back to the part that made it.
    pipeline: createPipeline(config.estimators, config.market.reference !== '') as EstimatePipeline<unknown>,
    strategy: strategyOf(config, market) as Strategy<unknown>,
  }
}

function settingsOf(config: Config, market: MarketSpec): EngineSettings {
  const { risk, execution, venue } = config
  const maxPositionLots = toLots(risk.maxPosition, market.grid)
  return {
    maxPositionLots,
    maxOrderLots: Math.floor(maxPositionLots * risk.maxOrderShare),
    maxBpsDiff: execution.maxBpsDiff,
    minOrderAgeMs: execution.minOrderAgeMs,
    requoteIntervalMs: execution.requoteIntervalMs,
    submitExpiryMs: venue.submitExpiryMs,
    maxBookAgeMs: risk.maxBookAgeMs,
    priceCollarBps: risk.priceCollarBps,
    maxOrdersPerSec: execution.maxOrdersPerSec,
    maxOrdersPerFill: execution.maxOrdersPerFill,
    maxDailyLossMicroUsd: toMicroUsd(risk.maxDailyLossUsd),
    maxDrawdownShare: risk.maxDrawdownPct * PERCENT,
    minDrawdownMicroUsd: toMicroUsd(risk.minDrawdownUsd),
    ...marginOf(config, market),
    resyncIntervalMs: execution.resyncIntervalMs,
    mmp: {
      window: risk.mmp.window,
      windowMs: risk.mmp.windowMs,
      frozenMs: risk.mmp.freezeMs,
      quantityMax: Math.ceil(maxPositionLots * risk.mmp.maxQuantityShare),
      notionalMax: toMicroUsd(risk.mmp.maxNotionalUsd),
      deltaMax: Math.ceil(maxPositionLots * risk.mmp.maxDeltaShare),
      vegaMax: 0,
    },
    quoteAlone: risk.quoteAlone,
    aloneWidenBps: risk.aloneWidenBps,
    startOrders: execution.startOrders,
    maxClockSkewMs: risk.maxClockSkewMs,
    maxLoopLagMs: risk.maxLoopLagMs,
    sweepLevels: risk.sweep.levels,
    sweepWindowMs: risk.sweep.windowMs,
    sweepCooldownMs: risk.sweep.cooldownMs,
    burstFills: risk.burst.fills,
    burstWindowMs: risk.burst.windowMs,
    burstCooldownMs: risk.burst.cooldownMs,
    velocityPullBps: risk.velocityPullBps,
    velocityWindowMs: risk.velocityWindowMs,
    lopsidedShare: risk.lopsidedShare,
    maxLopsidedMs: risk.maxLopsidedSec * MS_PER_SEC,
    maxRefusalShare: risk.maxRefusalShare,
    minLiquidationShare: risk.minLiquidationDistancePct * PERCENT,
    pullHoldMs: risk.pullHoldMs,
    pullMaxMs: risk.pullMaxMs,
    killPolicy: risk.kill.policy,
    killSlippageBps: risk.kill.slippageBps,
    killFlattenMs: risk.kill.flattenSec * MS_PER_SEC,
  }
}

function marginOf({ market: { initialIsolatedMargin }, margin }: Config, market: MarketSpec): MarginSettings {
  return {
    isolatedMarginMicroUsd: toMicroUsd(initialIsolatedMargin),
    marginFreeShare: margin.freeShare,
    marginTopUpShare: margin.topUpDistancePct * PERCENT,
    marginTargetShare: margin.targetDistancePct * PERCENT,
    marginReleaseShare: margin.releaseDistancePct === 0 ? Infinity : margin.releaseDistancePct * PERCENT,
    isolatedLeverage: isolatedLeverageOf(market, margin.leverage),
    collateralDailyMicroUsd: margin.collateralSource === 'off' ? 0 : toMicroUsd(margin.collateralDailyUsd),
    collateralKeepMicroUsd: toMicroUsd(margin.collateralKeepUsd),
  }
}

function strategyOf(config: Config, market: MarketSpec): Strategy<unknown> {
  const { risk, quoting, stochastic, strategy } = config
  const targetLots = toLots(quoting.targetLiquidity, market.grid)
  switch (strategy.name) {
    case 'glft-ladder':
      return createGlftLadder({
        ...strategy.glft,
        ...stochastic,
        ...quoting.ladder,
        gammaBase: risk.gammaBase,
        minSpreadFloorBps: risk.minSpreadFloorBps,
        makerFeeRateBps: risk.makerFeeRateBps,
        flowSensitivity: risk.flowSensitivity,
        toxicHours: risk.toxicHours,
        toxicHoursMultiplier: risk.toxicHoursMultiplier,
        targetLots,
      }) as Strategy<unknown>
    case 'avellaneda-stoikov':
      return createAvellanedaStoikov({
        gammaBase: risk.gammaBase,
        horizonSec: strategy.avellanedaStoikov.horizonSec,
        minSpreadBps: risk.minSpreadFloorBps,
        levels: quoting.ladder.levels,
        levelStepBps: fixedSpreadDefaults.levelStepBps,
        targetLots,
      }) as Strategy<unknown>
    case 'fixed-spread':
    case 'size-skew':
      return createFixedSpread({
        ...fixedSpreadDefaults,
        spreadBps: risk.minSpreadFloorBps,
        levels: quoting.ladder.levels,
        targetLots,
        // Symmetric prices in both; with the skew only the size of the adding side shrinks, to nothing at the limit.
        sizeSkewShare: strategy.name === 'size-skew' ? 1 : 0,
      }) as Strategy<unknown>
    default:
      return assertNever(strategy.name)
  }
}
