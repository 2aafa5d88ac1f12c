/** Monitor: the venue caps the open interest of our market. At the cap it takes only what reduces, so nothing else is sent. */
import type { RiskFinding } from './finding.ts'

export function openInterest(facts: { readonly isAtOpenInterestCap?: boolean }): RiskFinding | null {
  if (facts.isAtOpenInterestCap !== true) return null
  return {
    monitor: 'openInterest',
    action: 'reduceOnly',
    because: 'the market is at its open interest cap',
    widenBps: 0,
    skewBps: 0,
    side: null,
    isBlind: false,
  }
}
