/** Gathers the facts that the monitors look at, asks them, and sets the latch when the verdict is `kill`. */
import { isTwoSided } from './book/l2-book.ts'
import { midTicksOf } from './exposure.ts'
import type { Exposure } from './exposure.ts'
import { pnlOf, rollDay } from './ledger/ledger.ts'
import { assessRisk } from './risk/aggregator.ts'
import type { RiskVerdict } from './risk/aggregator.ts'
import type { EngineSettings } from './settings.ts'
import type { EngineState } from './state.ts'

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
  const { markTicks } = state
  const verdict = assessRisk(
    {
      tsMs: state.tsMs,
      isConnected: state.isConnected,
      isTwoSided: isTwoSided(state.book),
      bookAgeMs: state.bookTsMs === null ? null : state.tsMs - state.bookTsMs,
      positionLots: exposure.positionLots,
      positionMismatchLots: state.positionMismatchLots,
      dailyPnlMicroUsd: totalMicroUsd - state.ledger.dayStartMicroUsd,
      equityMicroUsd,
      equityPeakMicroUsd: state.equityPeakMicroUsd,
      overfillCount: state.counters.overfills,
      markGapBps:
        markTicks === null || midTicks === null ? null : Math.abs(markTicks / midTicks - 1) * 10_000,
    },
    settings,
  )
  state.verdict = verdict
  if (verdict.action === 'kill' && state.killedBecause === null) {
    const cause = verdict.findings.filter((finding) => finding.action === 'kill')
    state.killedBecause = cause.map((finding) => finding.because).join('; ')
  }
  return verdict
}
