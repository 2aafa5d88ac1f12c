/** What happens once the kill switch is set, beside cancelling everything, and how far that may go. */

export interface KillConfig {
  /** `cancel`: the position stays for a person; `flatten`: it is closed, too. */
  readonly killPolicy: 'cancel' | 'flatten'
  /** No closing order goes further from the mid than this, bps. */
  readonly killSlippageBps: number
  /** Closing is given up after this, ms. */
  readonly killFlattenMs: number
}

/** Closing orders of one kill: with a gap between them they last for tens of seconds. */
export const FLATTEN_ORDERS_MAX = 100
/** Orders until the whole slippage is allowed. */
export const FLATTEN_STAGES = 4

/** Owned by `core/flatten.ts`. */
export interface FlattenState {
  /** Null: not closing. */
  sinceTsMs: number | null
  orderCount: number
  lastTsMs: number
}

export function initFlatten(): FlattenState {
  return { sinceTsMs: null, orderCount: 0, lastTsMs: 0 }
}
