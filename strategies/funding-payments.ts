/**
 * How many funding payments a position is expected to meet that is held for a while from now.
 *
 * in      time to the next payment, mean time that a position is held
 * out     expected number of payments; on average over the interval it is the holding time over the interval
 * state   none
 * source  holding times are taken as exponential: P(still held after t) = e^{−t/H}; docs/math/waterfall.md
 *
 * Funding is paid at one instant, so what a position costs depends on when it is taken: much just before the payment, little
 * just after it.
 */
import { assert } from '../src/core/assert.ts'

/** Hyperliquid pays every hour. */
export const FUNDING_INTERVAL_SEC = 3_600

/** Σ over k of e^{−(t + k·interval)/H}. @param holdingSec H ≥ 0 */
export function expectedPayments(timeToPaymentSec: number, holdingSec: number): number {
  assert(timeToPaymentSec >= 0 && holdingSec >= 0, 'funding: times are not negative')
  if (holdingSec === 0) return 0
  return Math.exp(-timeToPaymentSec / holdingSec) / -Math.expm1(-FUNDING_INTERVAL_SEC / holdingSec)
}
