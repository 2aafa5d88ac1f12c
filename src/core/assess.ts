/** Gathers the facts that the monitors look at, asks them, and sets the latch when the verdict is `kill`. */
import { anchorTicks, freshMarkTicks, isAlone } from './alone.ts'
import { leastDelayMs } from './book/book-delay.ts'
import { isTwoSided } from './book/l2-book.ts'
import { midTicksOf } from './exposure.ts'
import type { Exposure } from './exposure.ts'
import { pnlOf, rollDay } from './ledger/ledger.ts'
import { assessRisk } from './risk/aggregator.ts'
import type { RiskVerdict } from './risk/aggregator.ts'
import { cooldownMs } from './risk/burst.ts'
import { isFrozen } from './risk/mmp.ts'
import { sweepCooldownMs } from './risk/sweep.ts'
import { noteMid } from './risk/velocity.ts'
import type { EngineSettings } from './settings.ts'
import { rollAnswers } from './state.ts'
import type { EngineState } from './state.ts'

/** A sample of the event loop's lag says nothing of later than this, ms. */
const LAG_SAMPLE_MS_MAX = 3_000
/** Another run counts as gone when nothing of it came to rest for so long, ms. */
const RIVAL_MS = 30_000

export function assess(state: EngineState, exposure: Exposure, settings: EngineSettings): RiskVerdict {
  const midTicks = midTicksOf(state)
  const totalMicroUsd = pnlOf(state.ledger, midTicks ?? state.markTicks).totalMicroUsd
  rollDay(state.ledger, state.tsMs, totalMicroUsd)
  const start = state.accountFirst?.accountValueMicroUsd ?? null
  const equityMicroUsd = start === null ? null : start + totalMicroUsd
  // A stale or one-sided book must neither raise the peak nor clear a breach: only a fresh mid moves the peak.
  if (equityMicroUsd !== null && midTicks !== null) {
    state.equityPeakMicroUsd = Math.max(state.equityPeakMicroUsd ?? equityMicroUsd, equityMicroUsd)
  }
  const { markTicks, answers } = state
  const aroundTicks = anchorTicks(state)
  rollAnswers(answers, state.tsMs)
  const verdict = assessRisk(
    {
      tsMs: state.tsMs,
      isConnected: state.isConnected,
      isTwoSided: isTwoSided(state.book),
      isAlone: isAlone(state),
      hasMark: freshMarkTicks(state) !== null,
      bookAgeMs: state.hasBook ? state.tsMs - state.bookTsMs : null,
      positionLots: exposure.positionLots,
      positionMismatchLots: state.positionMismatchLots,
      orderMismatchCount: state.orderMismatchCount,
      dailyPnlMicroUsd: totalMicroUsd - state.ledger.dayStartMicroUsd,
      equityStartMicroUsd: start,
      equityMicroUsd,
      equityPeakMicroUsd: state.equityPeakMicroUsd,
      overfillCount: state.counters.overfills,
      stuckCancel: state.stuckCancel,
      markGapBps: gapBps(markTicks, midTicks),
      oracleGapBps: gapBps(state.oracleTicks, midTicks),
      velocityBps:
        aroundTicks === null
          ? 0
          : noteMid(state.velocity, settings.velocityWindowMs, state.tsMs, aroundTicks),
      mmpBecause: isFrozen(state.mmp, state.tsMs) ? state.mmpBecause : null,
      buyCooldownMs: cooldownMs(state.burst, 'buy', state.tsMs),
      sellCooldownMs: cooldownMs(state.burst, 'sell', state.tsMs),
      buySweepMs: sweepCooldownMs(state.sweep, 'buy', state.tsMs),
      sellSweepMs: sweepCooldownMs(state.sweep, 'sell', state.tsMs),
      clockSkewMs: leastDelayMs(state.bookDelay),
      loopLagMs: state.tsMs - state.loopLagTsMs <= LAG_SAMPLE_MS_MAX ? state.loopLagMs : 0,
      rivalEpoch: rivalEpoch(state),
      epoch: state.epoch,
      lopsidedMs: lopsidedMs(state, exposure, settings),
      // Of this minute and the last one: between one and two minutes.
      answeredCount: answers.answeredCount + answers.lastAnsweredCount,
      refusedCount: answers.refusedCount + answers.lastRefusedCount,
      liquidationShare: liquidationShare(state),
      isAtOpenInterestCap: state.accountLast?.isAtOpenInterestCap === true,
    },
    settings,
    state.holds,
  )
  state.verdict = verdict
  if (verdict.action === 'kill' && state.killedBecause === null) {
    const cause = verdict.findings.filter((finding) => finding.action === 'kill')
    state.killedBecause = cause.map((finding) => finding.because).join('; ')
  }
  return verdict
}

function gapBps(venueTicks: number | null, midTicks: number | null): number | null {
  return venueTicks === null || midTicks === null ? null : Math.abs(venueTicks / midTicks - 1) * 10_000
}

/** How long the position has been large; the clock starts again when it becomes small or changes its side. */
function lopsidedMs(state: EngineState, exposure: Exposure, settings: EngineSettings): number {
  const isLarge = Math.abs(exposure.positionLots) >= settings.lopsidedShare * settings.maxPositionLots
  if (!isLarge) state.lopsidedSinceTsMs = null
  else state.lopsidedSinceTsMs ??= state.tsMs
  return state.lopsidedSinceTsMs === null ? 0 : state.tsMs - state.lopsidedSinceTsMs
}

function rivalEpoch({ rivalEpoch: epoch, rivalTsMs, tsMs }: EngineState): number | null {
  return tsMs - rivalTsMs < RIVAL_MS ? epoch : null
}

export function liquidationShare(state: EngineState): number | null {
  const { accountLast, markTicks } = state
  const liquidationTicks = accountLast?.liquidationTicks ?? null
  if (liquidationTicks === null || markTicks === null || state.ledger.positionLots === 0) return null
  return Math.abs(liquidationTicks / markTicks - 1)
}
