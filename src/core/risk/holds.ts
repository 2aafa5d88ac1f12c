/**
 * Hysteresis and an end for soft pulls: what pulled once stays pulled for a moment after its cause is gone, so that quotes do
 * not flicker at a threshold; and what pulls for too long becomes a widening, so that no detector can keep us out for hours.
 * Bad data, limits of position and money, and the kill switch are not soft: they hold as long as they are true.
 *
 * state   one entry per soft monitor that fired, bounded by the number of monitors
 */
import type { RiskFinding } from './finding.ts'

/** Findings of these monitors are about the market's or the venue's mood. */
const SOFT: ReadonlySet<string> = new Set(['velocity', 'refusals', 'mark', 'loopLag'])
/** Extra half spread once a soft pull has lasted as long as it may, bps. */
const OVERDUE_WIDEN_BPS = 25

interface Hold {
  readonly sinceTsMs: number
  lastTsMs: number
  last: RiskFinding
}

export interface HoldState {
  byMonitor: Map<string, Hold>
}

export interface HoldConfig {
  /** A soft pull lasts this much longer than its cause, ms. */
  readonly pullHoldMs: number
  /** A soft pull without a break becomes a widening after this, ms. */
  readonly pullMaxMs: number
}

export function initHolds(): HoldState {
  return { byMonitor: new Map() }
}

/** @returns the findings with soft pulls held, or turned into widenings when they are overdue */
export function holdFindings(
  state: HoldState,
  config: HoldConfig,
  tsMs: number,
  findings: readonly RiskFinding[],
): RiskFinding[] {
  for (const finding of findings) {
    if (!SOFT.has(finding.monitor)) continue
    const hold = state.byMonitor.get(finding.monitor)
    if (hold === undefined) {
      state.byMonitor.set(finding.monitor, { sinceTsMs: tsMs, lastTsMs: tsMs, last: finding })
    } else {
      hold.lastTsMs = tsMs
      hold.last = finding
    }
  }
  const result = findings.filter((finding) => !SOFT.has(finding.monitor))
  for (const [monitor, hold] of state.byMonitor) {
    if (tsMs - hold.lastTsMs > config.pullHoldMs) state.byMonitor.delete(monitor)
    else result.push(held(hold, config, tsMs))
  }
  return result
}

function held(hold: Hold, config: HoldConfig, tsMs: number): RiskFinding {
  const { last } = hold
  const lastedMs = tsMs - hold.sinceTsMs
  if (lastedMs >= config.pullMaxMs) {
    const because = `${last.because}; for ${lastedMs} ms, so that quoting goes on wider`
    return { ...last, action: 'widen', widenBps: OVERDUE_WIDEN_BPS, skewBps: 0, because }
  }
  if (tsMs === hold.lastTsMs) return last
  return { ...last, because: `${last.because}, ${tsMs - hold.lastTsMs} ms ago` }
}
