/** Relations between values: each alone may be right and both together impossible, or allowed and surely not meant. */
import { ConfigError } from './errors.ts'
import type { Config } from './config.ts'

/** Where a key's value came from, for the message. */
export type OriginOf = (key: string) => string

/** Twice the least lead that the venue takes. */
const DEAD_MAN_SEC_MIN = 10

/** `high` must not be below `low` (`isStrict`: must be above it). */
interface Relation {
  readonly low: readonly [key: string, value: number]
  readonly high: readonly [key: string, value: number]
  readonly isStrict?: true
  readonly because: string
}

/** @throws ConfigError IMPOSSIBLE naming both keys, their values and where they came from */
export function checkRelations(config: Config, originOf: OriginOf): void {
  const shown = ([key, value]: readonly [string, number]): string => `${key} = ${value} (${originOf(key)})`
  for (const { low, high, isStrict, because } of [
    ...tradingRelations(config),
    ...estimatorRelations(config),
  ]) {
    if (isStrict ? high[1] > low[1] : high[1] >= low[1]) continue
    throw new ConfigError('IMPOSSIBLE', `${shown(high)} does not go with ${shown(low)}: ${because}`)
  }
  const { deadManSec } = config.venue
  if (deadManSec > 0 && deadManSec < DEAD_MAN_SEC_MIN) {
    throw new ConfigError(
      'IMPOSSIBLE',
      `${shown(['venue.dead_man_sec', deadManSec])} is too short: one lost refresh would cancel everything; use at least ${DEAD_MAN_SEC_MIN}, or 0 for none`,
    )
  }
  const { makerFeeRateBps, minSpreadFloorBps } = config.risk
  if (minSpreadFloorBps < 2 * makerFeeRateBps) {
    throw new ConfigError(
      'IMPOSSIBLE',
      `${shown(['risk.min_spread_floor_bps', minSpreadFloorBps])} does not go with ${shown(['risk.maker_fee_rate_bps', makerFeeRateBps])}: a spread below two maker fees loses money on every round trip`,
    )
  }
}

function tradingRelations(config: Config): Relation[] {
  const { risk, venue, execution } = config
  const { ladder } = config.quoting
  const relations: Relation[] = [
    ...marginRelations(config),
    {
      low: ['quoting.ladder.min_depth_bps', ladder.minDepthBps],
      high: ['quoting.ladder.max_depth_bps', ladder.maxDepthBps],
      because: 'the outermost level cannot be nearer than the innermost',
    },
    {
      low: ['quoting.ladder.max_depth_bps', ladder.maxDepthBps],
      high: ['risk.price_collar_bps', risk.priceCollarBps],
      because: 'the outer levels would be refused by our own collar',
    },
    {
      low: ['risk.kill.slippage_bps', risk.kill.slippageBps],
      high: ['risk.price_collar_bps', risk.priceCollarBps],
      because: 'closing orders of the kill switch would be refused by our own collar',
    },
    {
      low: ['venue.reconnect_min_ms', venue.reconnectMinMs],
      high: ['venue.reconnect_max_ms', venue.reconnectMaxMs],
      because: 'the longest pause cannot be shorter than the first',
    },
    {
      low: ['execution.timer_ms', execution.timerMs],
      high: ['risk.max_book_age_ms', risk.maxBookAgeMs],
      because: 'a stale book is noticed by the timer, which must be at least as quick',
    },
  ]
  if (venue.network === 'local') {
    relations.push({
      low: ['exchange.block_ms', config.exchange.blockMs],
      high: ['risk.max_book_age_ms', risk.maxBookAgeMs],
      because: 'the book of the embedded exchange changes once a block and would always be stale',
    })
  }
  return relations
}

function marginRelations({ margin }: Config): Relation[] {
  const because = 'margin would be added and taken back in turn'
  const topUp = ['margin.top_up_distance_pct', margin.topUpDistancePct] as const
  const target = ['margin.target_distance_pct', margin.targetDistancePct] as const
  const relations: Relation[] = [{ low: topUp, high: target, isStrict: true, because }]
  if (margin.releaseDistancePct > 0) {
    const release = ['margin.release_distance_pct', margin.releaseDistancePct] as const
    relations.push({ low: target, high: release, isStrict: true, because })
  }
  if (margin.collateralSource !== 'off') {
    relations.push({
      low: ['margin.collateral_daily_usd, at least', 1],
      high: ['margin.collateral_daily_usd', margin.collateralDailyUsd],
      because: 'collateral is moved up to a limit, and without one not at all',
    })
  }
  return relations
}

function estimatorRelations({ estimators }: Config): Relation[] {
  const halfLives = 'the half lives of sigma ascend from fast to slow'
  const kappaBounds = 'the prior is within the bounds of what is believed'
  return [
    {
      low: ['estimators.volatility_sample_ms', estimators.volatilitySampleMs],
      high: ['estimators.stale_ms', estimators.staleMs],
      because: 'every sample would be stale before the next',
    },
    {
      low: ['estimators.volatility_fast_half_life_sec', estimators.volatilityFastHalfLifeSec],
      high: ['estimators.volatility_half_life_sec', estimators.volatilityHalfLifeSec],
      isStrict: true,
      because: halfLives,
    },
    {
      low: ['estimators.volatility_half_life_sec', estimators.volatilityHalfLifeSec],
      high: ['estimators.volatility_slow_half_life_sec', estimators.volatilitySlowHalfLifeSec],
      isStrict: true,
      because: halfLives,
    },
    {
      low: ['estimators.sigma_min_per_sqrt_sec', estimators.sigmaMinPerSqrtSec],
      high: ['estimators.sigma_prior_per_sqrt_sec', estimators.sigmaPriorPerSqrtSec],
      because: 'the prior is not below the least sigma',
    },
    {
      low: ['estimators.kappa_min', estimators.kappaMin],
      high: ['estimators.kappa_prior', estimators.kappaPrior],
      because: kappaBounds,
    },
    {
      low: ['estimators.kappa_prior', estimators.kappaPrior],
      high: ['estimators.kappa_max', estimators.kappaMax],
      because: kappaBounds,
    },
    {
      low: ['estimators.kappa_min', estimators.kappaMin],
      high: ['estimators.kappa_max', estimators.kappaMax],
      isStrict: true,
      because: 'between them there must be something to estimate',
    },
    {
      low: ['estimators.microprice_gate_usd_low', estimators.micropriceGateUsdLow],
      high: ['estimators.microprice_gate_usd_high', estimators.micropriceGateUsdHigh],
      isStrict: true,
      because: 'the microprice fades in between the two',
    },
    {
      low: ['estimators.toxicity_buckets_min', estimators.toxicityBucketsMin],
      high: ['estimators.toxicity_bucket_count', estimators.toxicityBucketCount],
      because: 'toxicity would never be warm',
    },
  ]
}

const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|localhost|::1)$/

/** Sentences about what is allowed but looks unintended. */
export function warningsOf(config: Config): string[] {
  const { quoting, risk, metrics, venue, margin } = config
  const warnings: string[] = []
  if (margin.topUpDistancePct > 0 && margin.topUpDistancePct <= risk.minLiquidationDistancePct) {
    warnings.push(
      `margin.top_up_distance_pct = ${margin.topUpDistancePct} is not above risk.min_liquidation_distance_pct = ${risk.minLiquidationDistancePct}: accumulating stops before margin is added.`,
    )
  }
  if (risk.maxPosition > 0 && quoting.targetLiquidity > risk.maxPosition) {
    warnings.push(
      `quoting.target_liquidity = ${quoting.targetLiquidity} is more than risk.max_position = ${risk.maxPosition}: one side filled would pass the limit, so less is shown.`,
    )
  }
  if (metrics.port !== 0 && !LOOPBACK.test(metrics.host)) {
    warnings.push(
      `metrics.host = ${metrics.host} lets other machines read positions and PnL; nothing asks them for a password.`,
    )
  }
  if (venue.network !== 'local' && venue.apiUrl.startsWith('http://')) {
    warnings.push(`venue.api_url = ${venue.apiUrl} is not encrypted, on ${venue.network}.`)
  }
  return warnings
}
