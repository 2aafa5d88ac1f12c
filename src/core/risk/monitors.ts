/**
 * Risk monitors: each looks at one danger and says how severe it is and why. Pure; the aggregator joins them.
 * A threshold is met when it is reached, not passed.
 */
import type { EngineSettings } from '../settings.ts'
import type { Side } from '../units.ts'
import type { RiskAction, RiskFinding } from './finding.ts'

/** What the monitors look at, in plain numbers. */
export interface RiskFacts {
  readonly tsMs: number
  readonly isConnected: boolean
  readonly isTwoSided: boolean
  /** Null before the first book. */
  readonly bookAgeMs: number | null
  readonly positionLots: number
  readonly positionMismatchLots: number
  readonly dailyPnlMicroUsd: number
  readonly equityMicroUsd: number | null
  readonly equityPeakMicroUsd: number | null
  readonly overfillCount: number
  /** |mark/mid − 1|, bps; null when the venue has not told a mark. */
  readonly markGapBps: number | null
  /** Range of the mid within the configured window, bps. */
  readonly velocityBps: number
  /** Why market maker protection holds us back; null when it does not. */
  readonly mmpBecause: string | null
  /** ms for which a burst of fills keeps each side off; 0: not. */
  readonly buyCooldownMs: number
  readonly sellCooldownMs: number
  /** How long the position has been lopsided, ms. */
  readonly lopsidedMs: number
  /** Orders answered and refused within the last minute. */
  readonly answeredCount: number
  readonly refusedCount: number
  /** |liquidation price/mark − 1|; null without a position or when the venue tells none. */
  readonly liquidationShare: number | null
}

type Monitor = (facts: RiskFacts, settings: EngineSettings) => RiskFinding | null

/** Beyond this gap between mark and mid one of the two prices is wrong. */
const MARK_GAP_PULL_BPS = 200
/** Accumulating stops at this share of the position limit. */
const REDUCE_ONLY_SHARE = 0.95
/** Fewer orders than this in a minute say nothing about refusals. */
const ANSWERED_COUNT_MIN = 10
const USD = 1_000_000

export const MONITORS: readonly Monitor[] = [
  connection,
  staleness,
  mark,
  position,
  mismatch,
  dailyLoss,
  drawdown,
  overfill,
  velocity,
  protection,
  burst('buy'),
  burst('sell'),
  lopsided,
  refusals,
  liquidation,
]

function connection(facts: RiskFacts): RiskFinding | null {
  return facts.isConnected ? null : blind('connection', 'the venue connection is down')
}

function staleness(facts: RiskFacts, settings: EngineSettings): RiskFinding | null {
  if (facts.bookAgeMs === null) return blind('staleness', 'no book yet')
  if (!facts.isTwoSided) return blind('staleness', 'the book has only one side')
  if (facts.bookAgeMs < settings.maxBookAgeMs) return null
  return blind('staleness', `the book is ${facts.bookAgeMs} ms old, limit ${settings.maxBookAgeMs} ms`)
}

function mark(facts: RiskFacts): RiskFinding | null {
  if (facts.markGapBps === null || facts.markGapBps < MARK_GAP_PULL_BPS) return null
  return finding('mark', 'pull', `mark and mid are ${facts.markGapBps.toFixed(0)} bps apart`)
}

function position(facts: RiskFacts, settings: EngineSettings): RiskFinding | null {
  const held = Math.abs(facts.positionLots)
  if (held < settings.maxPositionLots * REDUCE_ONLY_SHARE) return null
  return finding('position', 'reduceOnly', `position ${held} lots of ${settings.maxPositionLots}`)
}

function mismatch(facts: RiskFacts): RiskFinding | null {
  if (facts.positionMismatchLots === 0) return null
  return finding('mismatch', 'pull', `venue's position differs by ${facts.positionMismatchLots} lots`)
}

function dailyLoss(facts: RiskFacts, settings: EngineSettings): RiskFinding | null {
  if (-facts.dailyPnlMicroUsd < settings.maxDailyLossMicroUsd) return null
  const loss = (-facts.dailyPnlMicroUsd / USD).toFixed(2)
  return finding('dailyLoss', 'kill', `lost $${loss} today, limit $${settings.maxDailyLossMicroUsd / USD}`)
}

/** Both rules must hold: the share, so that size does not matter, and the amount, so that cents do not. */
function drawdown(facts: RiskFacts, settings: EngineSettings): RiskFinding | null {
  const { equityMicroUsd, equityPeakMicroUsd } = facts
  if (equityMicroUsd === null || equityPeakMicroUsd === null || equityPeakMicroUsd <= 0) return null
  const fall = equityPeakMicroUsd - equityMicroUsd
  if (fall < settings.minDrawdownMicroUsd || fall < settings.maxDrawdownShare * equityPeakMicroUsd)
    return null
  const percent = ((100 * fall) / equityPeakMicroUsd).toFixed(1)
  return finding('drawdown', 'kill', `equity fell ${percent}% ($${(fall / USD).toFixed(2)}) from its peak`)
}

function overfill(facts: RiskFacts): RiskFinding | null {
  if (facts.overfillCount === 0) return null
  return finding('overfill', 'kill', 'the venue filled an order beyond its size')
}

function velocity(facts: RiskFacts, settings: EngineSettings): RiskFinding | null {
  if (facts.velocityBps < settings.velocityPullBps) return null
  const moved = facts.velocityBps.toFixed(0)
  return finding('velocity', 'pull', `the price moved ${moved} bps within ${settings.velocityWindowMs} ms`)
}

function protection(facts: RiskFacts): RiskFinding | null {
  return facts.mmpBecause === null ? null : finding('protection', 'pull', facts.mmpBecause)
}

function burst(side: Side): Monitor {
  return (facts) => {
    const waitMs = side === 'buy' ? facts.buyCooldownMs : facts.sellCooldownMs
    if (waitMs === 0) return null
    const quotes = side === 'buy' ? 'bids' : 'asks'
    return {
      ...finding('burst', 'sideOff', `a burst of fills took our ${quotes}; off for ${waitMs} ms`),
      side,
    }
  }
}

function lopsided(facts: RiskFacts, settings: EngineSettings): RiskFinding | null {
  if (facts.lopsidedMs < settings.maxLopsidedMs) return null
  const minutes = (facts.lopsidedMs / 60_000).toFixed(1)
  return finding('lopsided', 'reduceOnly', `a large position has stood for ${minutes} minutes`)
}

function refusals(facts: RiskFacts, settings: EngineSettings): RiskFinding | null {
  const { answeredCount, refusedCount } = facts
  if (answeredCount < ANSWERED_COUNT_MIN || refusedCount < settings.maxRefusalShare * answeredCount)
    return null
  return finding(
    'refusals',
    'pull',
    `the venue refused ${refusedCount} of ${answeredCount} orders in a minute`,
  )
}

function liquidation(facts: RiskFacts, settings: EngineSettings): RiskFinding | null {
  if (facts.liquidationShare === null || facts.liquidationShare >= settings.minLiquidationShare) return null
  const percent = (100 * facts.liquidationShare).toFixed(1)
  return finding('liquidation', 'reduceOnly', `the liquidation price is ${percent}% away`)
}

function finding(monitor: string, action: RiskAction, because: string): RiskFinding {
  return { monitor, action, because, widenBps: 0, side: null, isBlind: false }
}

function blind(monitor: string, because: string): RiskFinding {
  return { monitor, action: 'pull', because, widenBps: 0, side: null, isBlind: true }
}
