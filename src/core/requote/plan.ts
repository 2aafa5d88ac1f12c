/** What a side's requoting is decided from and what comes out of it: the facts, the wished levels, an action for each order. */
import type { BookSide } from '../book/l2-book.ts'
import type { DesiredLevel } from '../contracts.ts'
import type { Side } from '../units.ts'

/** A side never has more levels, and more orders than this of one side are not looked at (they are cancelled). */
export const LEVELS_MAX = 24
export const SLOTS_MAX = 64

export type RequoteAction = 'keep' | 'wait' | 'replace' | 'cancel'
export type RequoteReason =
  /** The price is within `maxBpsDiff`. */
  | 'near'
  /** The loss is less than a message is worth. */
  | 'notWorth'
  /** It should move, but is younger than `minOrderAgeMs`. */
  | 'young'
  | 'tooNear'
  | 'tooFar'
  /** The side shows more than wished, and this order most of it. */
  | 'tooLarge'
  | 'refill'
  | 'noLevel'
  | 'inFlight'

/** What the decision on a side is taken with. */
export interface RequoteFacts {
  readonly side: Side
  readonly tsMs: number
  readonly fairTicks: number
  /** Per unit fraction, > 0. */
  readonly kappa: number
  readonly maxBpsDiff: number
  readonly minOrderAgeMs: number
  /** Distance of valid prices here, ticks. */
  readonly stepTicks: number
  readonly book: BookSide
}

/** The level as far as a plan looks at it. */
export type PlannedLevel = Pick<DesiredLevel, 'priceTicks' | 'sizeLots' | 'reduceOnly'>

export interface SidePlan {
  /** Only the first `orderCount` and `levelCount` entries are valid. */
  orderCount: number
  levelCount: number
  /** Level of each order; −1: none. */
  readonly levelOf: Int16Array
  /** Order of each level; −1: none yet. */
  readonly orderOf: Int16Array
  readonly actions: RequoteAction[]
  readonly reasons: RequoteReason[]
  /** What keeping the order loses and what its place in the queue saves, lots of the innermost level. */
  readonly lossLots: Float64Array
  readonly placeLots: Float64Array
  /** What a message is worth, in the same unit: less than this is not worth it. */
  worthLots: number
  /** Size of a mean wished level. */
  clipLots: number
}

export function initSidePlan(): SidePlan {
  return {
    orderCount: 0,
    levelCount: 0,
    levelOf: new Int16Array(SLOTS_MAX),
    orderOf: new Int16Array(LEVELS_MAX),
    actions: new Array<RequoteAction>(SLOTS_MAX).fill('keep'),
    reasons: new Array<RequoteReason>(SLOTS_MAX).fill('near'),
    lossLots: new Float64Array(SLOTS_MAX),
    placeLots: new Float64Array(SLOTS_MAX),
    worthLots: 0,
    clipLots: 0,
  }
}
