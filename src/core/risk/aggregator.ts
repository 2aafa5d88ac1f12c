/** Joins the monitors to one verdict a step: the severest action wins, all reasons are kept, widenings add up. */
import type { EngineSettings } from '../settings.ts'
import { holdFindings } from './holds.ts'
import type { HoldState } from './holds.ts'
import { RISK_ACTIONS } from './finding.ts'
import type { RiskAction, RiskFinding } from './finding.ts'
import { findingsOf } from './monitors.ts'
import type { RiskFacts } from './monitors.ts'

export interface RiskVerdict {
  readonly action: RiskAction
  readonly findings: readonly RiskFinding[]
  readonly widenBps: number
  /** The side that adds to the position goes this much further away, bps. */
  readonly skewBps: number
  /** Not even reducing quotes: the data is bad or the latch is set. */
  readonly isBlind: boolean
}

/** So has a skew. */
export const SKEW_BPS_MAX = 50
/** Extra spread has a bound: beyond it the answer is to pull, not to widen. */
export const WIDEN_BPS_MAX = 50

const ALL_CLEAR: RiskVerdict = { action: 'none', findings: [], widenBps: 0, skewBps: 0, isBlind: false }

/** @param holds what pulled before, for hysteresis and for the end of what lasts too long */
export function assessRisk(facts: RiskFacts, settings: EngineSettings, holds: HoldState): RiskVerdict {
  const fresh = findingsOf(facts, settings)
  if (fresh === null && holds.byMonitor.size === 0) return ALL_CLEAR
  return verdictOf(holdFindings(holds, settings, facts.tsMs, fresh ?? []))
}

function verdictOf(findings: readonly RiskFinding[]): RiskVerdict {
  let action: RiskAction = 'none'
  let widenBps = 0
  let skewBps = 0
  let isBlind = false
  for (const finding of findings) {
    widenBps += finding.widenBps
    skewBps += finding.skewBps
    isBlind ||= finding.isBlind
    if (severityOf(finding.action) > severityOf(action)) action = finding.action
  }
  return {
    action,
    findings,
    widenBps: Math.min(widenBps, WIDEN_BPS_MAX),
    skewBps: Math.min(skewBps, SKEW_BPS_MAX),
    isBlind,
  }
}

export function severityOf(action: RiskAction): number {
  return RISK_ACTIONS.indexOf(action)
}
