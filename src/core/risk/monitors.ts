/**
 * Risk monitors: each looks at one danger and says how severe it is and why. Pure; the aggregator joins them.
 * A threshold is met when it is reached, not passed.
 */
import type { EngineSettings } from '../settings.ts'
import type { StuckCancel } from '../orders/stuck-cancel.ts'
import type { Side } from '../units.ts'
import type { RiskAction, RiskFinding } from './finding.ts'
import { dailyLossLimit, drawdownFloor } from './limits.ts'
import { openInterest } from './open-interest.ts'

/** What the monitors look at, in plain numbers. */
export interface RiskFacts {
  readonly tsMs: number
  readonly isConnected: boolean
  readonly isTwoSided: boolean
  /** Nobody else makes a side of the book; then whether the venue has told a mark lately. */
  readonly isAlone: boolean
  readonly hasMark: boolean
  /** Null before the first book. */
  readonly bookAgeMs: number | null
  readonly positionLots: number
  readonly positionMismatchLots: number
  /** Orders of ours that rest although they ended, or that should rest and are not listed, at the last comparison. */
  readonly orderMismatchCount: number
  readonly dailyPnlMicroUsd: number
  /** Of the account at the start of the run; null before the venue has told it. */
  readonly equityStartMicroUsd: number | null
  readonly equityMicroUsd: number | null
  readonly equityPeakMicroUsd: number | null
  readonly overfillCount: number
  /** The order that most cancels have not taken back. */
  readonly stuckCancel: StuckCancel | null
  /** |mark/mid − 1|, bps; null when the venue has not told a mark. */
  readonly markGapBps: number | null
  /** |oracle/mid − 1|, bps; null when the venue has not told an oracle price. */
  readonly oracleGapBps: number | null
  /** Range of the mid within the configured window, bps. */
  readonly velocityBps: number
  /** Why market maker protection holds us back; null when it does not. */
  readonly mmpBecause: string | null
  /** ms for which a burst of fills keeps each side off; 0: not. */
  readonly buyCooldownMs: number
  readonly sellCooldownMs: number
  /** ms for which a sweep of the market keeps each side off; 0: not. */
  readonly buySweepMs: number
  readonly sellSweepMs: number
  /** Our clock less the venue's, by the quickest books of the last minutes, ms; null before any. */
  readonly clockSkewMs: number | null
  /** Longest stall of the event loop within the last sample, ms. */
  readonly loopLagMs: number
  /** Epoch of another run whose orders come to rest beside ours; null: none. */
  readonly rivalEpoch: number | null
  readonly epoch: number
  /** How long the position has been lopsided, ms. */
  readonly lopsidedMs: number
  /** Orders answered and refused within the last minute. */
  readonly answeredCount: number
  readonly refusedCount: number
  /** |liquidation price/mark − 1|; null without a position or when the venue tells none. */
  readonly liquidationShare: number | null
  /** Absent: the venue has not said. */
  readonly isAtOpenInterestCap?: boolean
}

/** Beyond this gap between mark and mid one of the two prices is wrong. */
const MARK_GAP_PULL_BPS = 200
/** Beyond this gap no mood of the market explains it: twice what the send gate lets a new order stand from mark and oracle. */
const FAR_PRICE_PULL_BPS = 1_000
/** What a stall of the event loop asks for, bps; from so many times the limit on it is a pull. */
const LAG_WIDEN_BPS = 10
const LAG_PULL_FACTOR = 4
/** What a position that has stood for half of the time it may asks for, bps. */
const LOPSIDED_SKEW_BPS = 5
/** Accumulating stops at this share of the position limit. */
const REDUCE_ONLY_SHARE = 0.95
/** Fewer orders than this in a minute say nothing about refusals. */
const ANSWERED_COUNT_MIN = 10
/** Cancels of one order in a row without effect that stop new orders; so many over so long trip the switch. */
const STUCK_PULL_TRIES = 3
const STUCK_KILL_TRIES = 5
const STUCK_KILL_MS = 20_000
const USD = 1_000_000

/**
 * What all of them find, in their order; null, the ordinary case, when nobody finds anything. Each is called by its name: the calls of
 * a list cost more than most of what is called.
 */
export function findingsOf(facts: RiskFacts, settings: EngineSettings): RiskFinding[] | null {
  let found = and(null, connection(facts))
  found = and(found, staleness(facts, settings))
  found = and(found, alone(facts, settings))
  found = and(found, mark(facts))
  found = and(found, farPrice(facts))
  found = and(found, position(facts, settings))
  found = and(found, mismatch(facts))
  found = and(found, disagreement(facts))
  found = and(found, rival(facts))
  found = and(found, dailyLoss(facts, settings))
  found = and(found, drawdown(facts, settings))
  found = and(found, overfill(facts))
  found = and(found, stuckCancel(facts))
  found = and(found, velocity(facts, settings))
  found = and(found, protection(facts))
  found = and(found, burst(facts, 'buy'))
  found = and(found, burst(facts, 'sell'))
  found = and(found, sweep(facts, 'buy'))
  found = and(found, sweep(facts, 'sell'))
  found = and(found, clockSkew(facts, settings))
  found = and(found, loopLag(facts, settings))
  found = and(found, lopsided(facts, settings))
  found = and(found, refusals(facts, settings))
  found = and(found, liquidation(facts, settings))
  return and(found, openInterest(facts))
}

function and(found: RiskFinding[] | null, finding: RiskFinding | null): RiskFinding[] | null {
  if (finding === null) return found
  if (found === null) return [finding]
  found.push(finding)
  return found
}

function connection(facts: RiskFacts): RiskFinding | null {
  return facts.isConnected ? null : blind('connection', 'the venue connection is down')
}

function staleness(facts: RiskFacts, settings: EngineSettings): RiskFinding | null {
  if (facts.bookAgeMs === null) return blind('staleness', 'no book yet')
  if (facts.bookAgeMs < settings.maxBookAgeMs) return null
  return blind('staleness', `the book is ${facts.bookAgeMs} ms old, limit ${settings.maxBookAgeMs} ms`)
}

function alone(facts: RiskFacts, settings: EngineSettings): RiskFinding | null {
  if (!facts.isAlone && facts.isTwoSided) return null
  const what = 'nobody else makes a side of the book'
  if (!settings.quoteAlone) return blind('alone', what)
  if (!facts.hasMark) return blind('alone', `${what}, and the venue has told no mark lately`)
  return {
    ...finding('alone', 'widen', `${what}: quotes stand around the mark`),
    widenBps: settings.aloneWidenBps,
  }
}

function mark(facts: RiskFacts): RiskFinding | null {
  if (facts.markGapBps === null || facts.markGapBps < MARK_GAP_PULL_BPS) return null
  return finding('mark', 'pull', `mark and mid are ${facts.markGapBps.toFixed(0)} bps apart`)
}

/** Not soft as `mark` is: a price that is absurd does not become less so by lasting. */
function farPrice({ markGapBps, oracleGapBps }: RiskFacts): RiskFinding | null {
  const gapBps = Math.max(markGapBps ?? 0, oracleGapBps ?? 0)
  if (gapBps < FAR_PRICE_PULL_BPS) return null
  const from = (markGapBps ?? 0) >= FAR_PRICE_PULL_BPS ? 'mark' : 'oracle'
  return finding('farPrice', 'pull', `the mid is absurdly far from the ${from}: ${gapBps.toFixed(0)} bps`)
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

/** Whatever the reason, one of the two pictures is wrong until the next comparison agrees. */
function disagreement(facts: RiskFacts): RiskFinding | null {
  if (facts.orderMismatchCount === 0) return null
  return finding('disagreement', 'pull', `${facts.orderMismatchCount} orders differ from the venue's list`)
}

/** Two makers of one account cancel each other's quotes and double the position: the younger run ends, the older one waits. */
function rival({ rivalEpoch, epoch }: RiskFacts): RiskFinding | null {
  if (rivalEpoch === null) return null
  const because = `orders of another run (epoch ${rivalEpoch}) come to rest on this account`
  return finding('rival', epoch > rivalEpoch ? 'kill' : 'pull', because)
}

function dailyLoss(facts: RiskFacts, settings: EngineSettings): RiskFinding | null {
  const limit = dailyLossLimit(settings, facts.equityStartMicroUsd)
  if (-facts.dailyPnlMicroUsd < limit) return null
  const loss = (-facts.dailyPnlMicroUsd / USD).toFixed(2)
  return finding('dailyLoss', 'kill', `lost $${loss} today, limit $${limit / USD}`)
}

/** Both rules must hold: the share, so that size does not matter, and the amount, so that cents do not. */
function drawdown(facts: RiskFacts, settings: EngineSettings): RiskFinding | null {
  const { equityMicroUsd, equityPeakMicroUsd } = facts
  if (equityMicroUsd === null || equityPeakMicroUsd === null || equityPeakMicroUsd <= 0) return null
  const fall = equityPeakMicroUsd - equityMicroUsd
  const floor = drawdownFloor(settings, facts.equityStartMicroUsd)
  if (fall < floor || fall < settings.maxDrawdownShare * equityPeakMicroUsd) return null
  const percent = ((100 * fall) / equityPeakMicroUsd).toFixed(1)
  return finding('drawdown', 'kill', `equity fell ${percent}% ($${(fall / USD).toFixed(2)}) from its peak`)
}

function overfill(facts: RiskFacts): RiskFinding | null {
  if (facts.overfillCount === 0) return null
  return finding('overfill', 'kill', 'the venue filled an order beyond its size')
}

/** What cannot be taken back is as good as filled: nothing is added to it, and after a while the switch and a person must help. */
function stuckCancel({ stuckCancel: worst }: RiskFacts): RiskFinding | null {
  if (worst === null || worst.tries < STUCK_PULL_TRIES) return null
  const isHopeless = worst.tries >= STUCK_KILL_TRIES && worst.sinceMs >= STUCK_KILL_MS
  const because = `an order still stands after ${worst.tries} cancels in ${worst.sinceMs} ms`
  return finding('stuckCancel', isHopeless ? 'kill' : 'pull', because)
}

function velocity(facts: RiskFacts, settings: EngineSettings): RiskFinding | null {
  if (facts.velocityBps < settings.velocityPullBps) return null
  const moved = facts.velocityBps.toFixed(0)
  return finding('velocity', 'pull', `the price moved ${moved} bps within ${settings.velocityWindowMs} ms`)
}

function protection(facts: RiskFacts): RiskFinding | null {
  return facts.mmpBecause === null ? null : finding('protection', 'pull', facts.mmpBecause)
}

function burst(facts: RiskFacts, side: Side): RiskFinding | null {
  const waitMs = side === 'buy' ? facts.buyCooldownMs : facts.sellCooldownMs
  if (waitMs === 0) return null
  const quotes = side === 'buy' ? 'bids' : 'asks'
  return {
    ...finding('burst', 'sideOff', `a burst of fills took our ${quotes}; off for ${waitMs} ms`),
    side,
  }
}

function sweep(facts: RiskFacts, side: Side): RiskFinding | null {
  const waitMs = side === 'buy' ? facts.buySweepMs : facts.sellSweepMs
  if (waitMs === 0) return null
  const quotes = side === 'buy' ? 'bids' : 'asks'
  return {
    ...finding('sweep', 'sideOff', `the market's ${quotes} are swept; ours are off for ${waitMs} ms`),
    side,
  }
}

/** With a wrong clock an order may come to life after we have given it up. */
function clockSkew(facts: RiskFacts, settings: EngineSettings): RiskFinding | null {
  const { clockSkewMs } = facts
  if (clockSkewMs === null || Math.abs(clockSkewMs) < settings.maxClockSkewMs) return null
  const what =
    clockSkewMs < 0
      ? 'our clock is behind the venue'
      : 'our clock is ahead of the venue, or its books are late'
  return finding('clockSkew', 'pull', `${what}: ${Math.abs(clockSkewMs)} ms`)
}

/** Quotes are as old as the loop was stuck. */
function loopLag(facts: RiskFacts, settings: EngineSettings): RiskFinding | null {
  const { loopLagMs } = facts
  if (loopLagMs < settings.maxLoopLagMs) return null
  const because = `the event loop stood still for ${loopLagMs} ms`
  if (loopLagMs >= LAG_PULL_FACTOR * settings.maxLoopLagMs) return finding('loopLag', 'pull', because)
  return { ...finding('loopLag', 'widen', because), widenBps: LAG_WIDEN_BPS }
}

function lopsided(facts: RiskFacts, settings: EngineSettings): RiskFinding | null {
  if (facts.lopsidedMs < settings.maxLopsidedMs / 2) return null
  const because = `a large position has stood for ${(facts.lopsidedMs / 60_000).toFixed(1)} minutes`
  if (facts.lopsidedMs >= settings.maxLopsidedMs) return finding('lopsided', 'reduceOnly', because)
  return { ...finding('lopsided', 'skew', because), skewBps: LOPSIDED_SKEW_BPS }
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
  return { monitor, action, because, widenBps: 0, skewBps: 0, side: null, isBlind: false }
}

function blind(monitor: string, because: string): RiskFinding {
  return { monitor, action: 'pull', because, widenBps: 0, skewBps: 0, side: null, isBlind: true }
}
