/**
 * The requests that the venue still allows this address: what is left, how long it lasts, and what that means for the pace. A
 * low budget makes quoting slower and never wider (wider quotes fill less, and fills are what earns budget); the last part of
 * it is kept for cancels.
 *
 * in      the venue's own count at every comparison; our requests since, one by one
 * state   the venue's last count, and an older one to measure the spending from
 * source  one action of an address a request, however many share a batch; the allowance grows with the volume traded
 */

export interface BudgetState {
  /** The venue's last word; cap 0: it has not spoken yet. */
  usedCount: number
  capCount: number
  tsMs: number
  /** Requests of ours since then. */
  sinceCount: number
  /** An earlier count that spending is measured from, and when it was. */
  fromLeftCount: number
  fromTsMs: number
  /** Weight of our address of origin within a minute, at the last comparison; max 0: not known. */
  weightUsed: number
  weightMax: number
}

/** Spending is measured over at least this, ms… */
const MEASURE_MS_MIN = 60_000
/** …and the measurement starts afresh after this, ms, to follow the market. */
const MEASURE_MS_MAX = 1_800_000
/** Share of the budget that only cancels may use. */
export const CANCEL_RESERVE_SHARE = 0.01
const HOUR_MS = 3_600_000

/** Shares of the budget left, and how many times slower quoting becomes below each. */
const PACES: readonly (readonly [share: number, factor: number])[] = [
  [0.05, 10],
  [0.1, 5],
  [0.3, 3],
]

export function initBudget(): BudgetState {
  return {
    usedCount: 0,
    capCount: 0,
    tsMs: 0,
    sinceCount: 0,
    fromLeftCount: 0,
    fromTsMs: 0,
    weightUsed: 0,
    weightMax: 0,
  }
}

/** The venue told its count. */
export function noteBudget(
  state: BudgetState,
  told: {
    readonly usedCount: number
    readonly capCount: number
    readonly weightUsed?: number
    readonly weightMax?: number
  },
  tsMs: number,
): void {
  state.usedCount = told.usedCount
  state.capCount = told.capCount
  state.tsMs = tsMs
  state.sinceCount = 0
  state.weightUsed = told.weightUsed ?? 0
  state.weightMax = told.weightMax ?? 0
  if (state.fromTsMs !== 0 && tsMs - state.fromTsMs < MEASURE_MS_MAX) return
  state.fromTsMs = tsMs
  state.fromLeftCount = leftOf(state) ?? 0
}

export function noteRequest(state: BudgetState): void {
  state.sinceCount += 1
}

/** @returns requests left, ≥ 0; null before the venue has told */
export function leftOf(state: BudgetState): number | null {
  if (state.capCount === 0) return null
  return Math.max(0, state.capCount - state.usedCount - state.sinceCount)
}

/** @returns hours until nothing is left at the present spending; null when it is not known or earns more than it spends */
export function runwayHours(state: BudgetState, tsMs: number): number | null {
  const left = leftOf(state)
  if (left === null) return null
  if (left === 0) return 0
  const spanMs = tsMs - state.fromTsMs
  const spent = state.fromLeftCount - left
  if (spanMs < MEASURE_MS_MIN || spent <= 0) return null
  return (left / spent) * (spanMs / HOUR_MS)
}

/** @returns how many times slower to quote, ≥ 1; the spread is none of its business */
export function paceFactor(state: BudgetState): number {
  const left = leftOf(state)
  if (left === null) return 1
  for (const [share, factor] of PACES) if (left < share * state.capCount) return factor
  return 1
}

/** Both sides stay, with fewer levels: who is short of requests must not become one-sided. */
const LEVELS_WHEN_SHORT = 2

/** @returns levels of each side that are worth their messages; Infinity while requests are ample */
export function levelsAllowed(state: BudgetState): number {
  return paceFactor(state) > 1 ? LEVELS_WHEN_SHORT : Infinity
}

/** Shares of the weight a minute that are left, and how many times rarer questions become below each. */
const QUESTION_PACES: readonly (readonly [share: number, factor: number])[] = [
  [0.3, 10],
  [0.4, 3],
]

/** @returns how many times rarer to compare with the venue, ≥ 1: comparing is what weighs */
export function questionPaceFactor(state: BudgetState): number {
  if (state.weightMax === 0 && state.weightUsed === 0) return 1
  const left = state.weightMax - state.weightUsed
  for (const [share, factor] of QUESTION_PACES) if (left < share * state.weightMax) return factor
  return 1
}

/** Whether new orders may still be sent: the rest belongs to the cancels. */
export function mayOrder(state: BudgetState): boolean {
  const left = leftOf(state)
  return left === null || left > CANCEL_RESERVE_SHARE * state.capCount
}
