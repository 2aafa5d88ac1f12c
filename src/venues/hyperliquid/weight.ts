/**
 * The request weight of our address of origin: the venue takes 1200 a minute from one IP, questions and actions together, and
 * answers 429 beyond it. Questions wait while little is left, new orders are turned away unsent later than that, and the last
 * part belongs to the cancels, which are never held back here.
 *
 * in      each request with its kind and size, long answers with their rows, each 429
 * state   weight by second of the last minute
 * source  https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/rate-limits-and-user-limits
 */

export const WEIGHT_PER_MINUTE_MAX = 1_200
/** Of it, what questions leave to actions, and what orders leave to cancels. */
export const ACTION_RESERVE_WEIGHT = 300
export const CANCEL_RESERVE_WEIGHT = 100

/** Questions wait so long after a 429, ms: the venue gives back about 20 a second. */
export const REFUSED_WAIT_MS = 3_000

const WINDOW_SEC = 60
const UNITS_PER_WEIGHT = 40
const ROWS_PER_WEIGHT = 20
const QUESTION_WEIGHT = 20
const QUESTION_WEIGHTS: Readonly<Record<string, number>> = {
  l2Book: 2,
  allMids: 2,
  clearinghouseState: 2,
  orderStatus: 2,
  spotClearinghouseState: 2,
  exchangeStatus: 2,
  userRole: 60,
}
/** Kinds of questions whose answer costs by its length. */
const LISTS: ReadonlySet<string> = new Set([
  'recentTrades',
  'historicalOrders',
  'userFills',
  'userFillsByTime',
  'fundingHistory',
  'userFunding',
  'userNonFundingLedgerUpdates',
])

export interface WeightLedger {
  /** Any clock that runs evenly, ms. */
  readonly nowMs: () => number
  /** Weight by second, in a ring; one more than the window, so that a running second never hides an old one. */
  readonly bySecond: number[]
  second: number
  /** Answers 429: somebody else at our address spends, or our count is wrong. */
  refusedCount: number
  /** Until then questions are held back after a 429. */
  refusedUntilMs: number
}

export function initWeight(nowMs: () => number): WeightLedger {
  return {
    nowMs,
    bySecond: new Array<number>(WINDOW_SEC + 1).fill(0),
    second: 0,
    refusedCount: 0,
    refusedUntilMs: 0,
  }
}

export function questionWeight(kind: string): number {
  return QUESTION_WEIGHTS[kind] ?? QUESTION_WEIGHT
}

/** What the rows of an answer cost on top, known only once it is there. */
export function rowsWeight(kind: string, answer: unknown): number {
  return LISTS.has(kind) && Array.isArray(answer) ? Math.floor(answer.length / ROWS_PER_WEIGHT) : 0
}

/** @param units orders, cancels or modifies in one action */
export function actionWeight(units: number): number {
  return 1 + Math.floor(units / UNITS_PER_WEIGHT)
}

export function noteWeight(ledger: WeightLedger, weight: number): void {
  roll(ledger)
  const slot = ledger.second % ledger.bySecond.length
  ledger.bySecond[slot] = (ledger.bySecond[slot] ?? 0) + weight
}

/** The venue says that nothing is left, whatever we counted: questions can wait, so they do. */
export function noteWeightRefused(ledger: WeightLedger): void {
  ledger.refusedCount += 1
  ledger.refusedUntilMs = ledger.nowMs() + REFUSED_WAIT_MS
}

/** @returns weight of the last minute */
export function usedWeight(ledger: WeightLedger): number {
  roll(ledger)
  return ledger.bySecond.reduce((sum, weight) => sum + weight, 0)
}

/** @returns ms until a question of this weight leaves the actions their reserve; 0: now */
export function questionDelayMs(ledger: WeightLedger, weight: number): number {
  const refusedMs = ledger.refusedUntilMs - ledger.nowMs()
  return Math.max(0, refusedMs, delayMs(ledger, weight, WEIGHT_PER_MINUTE_MAX - ACTION_RESERVE_WEIGHT))
}

/** Whether new orders may be sent: the rest belongs to the cancels. */
export function mayOrderByWeight(ledger: WeightLedger, weight: number): boolean {
  return usedWeight(ledger) + weight <= WEIGHT_PER_MINUTE_MAX - CANCEL_RESERVE_WEIGHT
}

function delayMs(ledger: WeightLedger, weight: number, limit: number): number {
  let used = usedWeight(ledger)
  const slots = ledger.bySecond.length
  for (let age = slots - 1; age >= 0; age -= 1) {
    if (used + weight <= limit) return age === slots - 1 ? 0 : untilGoneMs(ledger, age + 1)
    used -= ledger.bySecond[(ledger.second - age + slots * slots) % slots] ?? 0
  }
  return untilGoneMs(ledger, 0)
}

/** @param age of a slot, seconds. @returns ms until it is out of the window */
function untilGoneMs(ledger: WeightLedger, age: number): number {
  return (ledger.second - age + ledger.bySecond.length) * 1_000 - ledger.nowMs()
}

/** Empties the slots of seconds that have passed since the last call. */
function roll(ledger: WeightLedger): void {
  const second = Math.floor(ledger.nowMs() / 1_000)
  const slots = ledger.bySecond.length
  const passed = Math.min(second - ledger.second, slots)
  for (let step = 1; step <= passed; step += 1) ledger.bySecond[(ledger.second + step) % slots] = 0
  ledger.second = Math.max(second, ledger.second)
}
