/** What a risk monitor may find, and how severe that is. */
import type { Side } from '../units.ts'

/**
 * In rising severity; `widen` keeps both sides, `skew` moves the side that adds to the position away, `sideOff` takes one off, `pull`
 * keeps the exit, `kill` latches.
 */
export const RISK_ACTIONS = ['none', 'widen', 'skew', 'sideOff', 'reduceOnly', 'pull', 'kill'] as const
export type RiskAction = (typeof RISK_ACTIONS)[number]

export interface RiskFinding {
  readonly monitor: string
  readonly action: RiskAction
  /** With the numbers in it, for people. */
  readonly because: string
  /** Extra half spread asked for, bps; 0 unless `widen`. */
  readonly widenBps: number
  /** How far the side that adds to the position goes away, bps; 0 unless `skew`. */
  readonly skewBps: number
  /** The side that `sideOff` takes off; null for every other action. */
  readonly side: Side | null
  /** True when the data itself is bad, so that not even the exit may be quoted. */
  readonly isBlind: boolean
}
