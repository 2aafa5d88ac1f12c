/**
 * How far from the front of a price level's queue an order stands, guessed from what everybody sees: the size of the level
 * and the trades at its price. When the level shrinks without a trade somebody cancelled, ahead of us or behind us; the
 * models differ in where, and in nothing else:
 *
 *   pessimistic    behind, as long as anything is behind: only trades, and a level smaller than our place, move us forward
 *   proportional   ahead in proportion to the lots there: ahead / (ahead + behind)
 *   power:n        ahead^n / (ahead^n + behind^n); n = 1 is proportional, a larger n takes from the longer part of the queue
 *   optimistic     ahead, as long as anything is ahead: with pessimistic the bracket that holds the truth
 *
 * in      trades at our price and looks at the level, ours left out, each with the venue's time
 * out     lots that reach us; pure and without chance: the probabilistic models take the expected value
 * state   seven numbers an order (`QueuePlace`). Pure: for backtests, paper fills and studies alike (docs/queues.md)
 */
import { assert } from '../assert.ts'

export type QueueModel =
  | { readonly name: 'pessimistic' | 'proportional' | 'optimistic' }
  | { readonly name: 'power'; readonly exponent: number }

const EXPONENT_DEFAULT = 2
const EXPONENT_MAX = 10
export const QUEUE_MODELS_TEXT: string = `pessimistic, proportional, power, power:N with 0 < N <= ${EXPONENT_MAX}, or optimistic`

/** `power` alone has exponent 2. @returns null for a text that names no model */
export function parseQueueModel(text: string): QueueModel | null {
  if (text === 'pessimistic' || text === 'proportional' || text === 'optimistic') return { name: text }
  if (text === 'power') return { name: 'power', exponent: EXPONENT_DEFAULT }
  if (!/^power:\d+(\.\d+)?$/.test(text)) return null
  const exponent = Number(text.slice('power:'.length))
  return exponent > 0 && exponent <= EXPONENT_MAX ? { name: 'power', exponent } : null
}

export function queueModelText(model: QueueModel): string {
  return model.name === 'power' ? `power:${model.exponent}` : model.name
}

/**
 * Where others cancelled.
 * @param aheadLots, behindLots others' lots before the cancels, ≥ 0
 * @param cancelledLots ≤ ahead + behind
 * @returns lots cancelled ahead: at most what is ahead, and no less than what cannot have been behind
 */
export function cancelledAhead(
  model: QueueModel,
  aheadLots: number,
  behindLots: number,
  cancelledLots: number,
): number {
  const least = Math.max(cancelledLots - behindLots, 0)
  const most = Math.min(aheadLots, cancelledLots)
  if (model.name === 'pessimistic') return Math.min(least, most)
  if (model.name === 'optimistic' || aheadLots === 0) return most
  const odds = model.name === 'power' ? (behindLots / aheadLots) ** model.exponent : behindLots / aheadLots
  return Math.min(Math.max(cancelledLots / (1 + odds), least), most)
}

/** An order of ours in the queue of its price. Lots are real numbers: models take expected values. */
export interface QueuePlace {
  /** Others' lots that trade before us. Never grows. */
  aheadLots: number
  /** Others' lots at the price at the last look, and its venue time. */
  levelLots: number
  lookTsMs: number
  /** Ahead of us right after the last look, as far as is known by now. */
  aheadAtLookLots: number
  /** Traded at the price since the last look. */
  tradedLots: number
  /** What was ahead, and at the price in all, right before the last look, less `lateLots`: trades told after it, though it had seen them. */
  aheadBeforeLots: number
  levelBeforeLots: number
  lateLots: number
}

/** A new order goes to the end. @param levelLots others' lots at the price now, ≥ 0 */
export function joinQueue(levelLots: number, tsMs: number): QueuePlace {
  assert(levelLots >= 0, 'a level holds no negative size')
  return {
    aheadLots: levelLots,
    levelLots,
    lookTsMs: tsMs,
    aheadAtLookLots: levelLots,
    tradedLots: 0,
    aheadBeforeLots: levelLots,
    levelBeforeLots: levelLots,
    lateLots: 0,
  }
}

/** The level as the venue shows it, ours left out. An older look than the last says nothing. */
export function lookAtLevel(place: QueuePlace, model: QueueModel, levelLots: number, tsMs: number): void {
  assert(levelLots >= 0, 'a level holds no negative size')
  if (tsMs < place.lookTsMs) return
  place.aheadBeforeLots = place.aheadLots
  place.levelBeforeLots = Math.max(place.levelLots - place.tradedLots, place.aheadLots)
  place.levelLots = levelLots
  place.lookTsMs = tsMs
  place.tradedLots = 0
  place.lateLots = 0
  place.aheadAtLookLots = place.aheadLots
  settleLook(place, model)
}

/** What the last look says of our place, given the trades that are known to lie before it. */
function settleLook(place: QueuePlace, model: QueueModel): void {
  const aheadLots = Math.max(place.aheadBeforeLots - place.lateLots, 0)
  const knownLots = Math.max(place.levelBeforeLots - place.lateLots, aheadLots)
  const cancelledLots = Math.max(knownLots - place.levelLots, 0)
  const leftLots = aheadLots - cancelledAhead(model, aheadLots, knownLots - aheadLots, cancelledLots)
  place.aheadAtLookLots = Math.min(place.aheadAtLookLots, leftLots)
  place.aheadLots = Math.max(place.aheadAtLookLots - place.tradedLots, 0)
}

/** Whole lots of a sum that was reckoned with fractions. */
const LOT_SLACK = 1e-6

/**
 * A trade at our price against our side. One whose time is not after that of the last look was in that look already: then it
 * is a trade, and not a cancel, that made the level smaller.
 * @returns lots of it that come after everything ahead of us, whole, ≥ 0: ours, as far as we have so much left
 */
export function tradeAtLevel(place: QueuePlace, model: QueueModel, sizeLots: number, tsMs: number): number {
  assert(sizeLots > 0, 'a trade has a size')
  const before = reachedLots(place)
  if (tsMs <= place.lookTsMs) {
    place.lateLots += sizeLots
    settleLook(place, model)
  } else {
    place.tradedLots += sizeLots
    place.aheadLots = Math.max(place.aheadAtLookLots - place.tradedLots, 0)
  }
  return reachedLots(place) - before
}

/** Whole lots that came after everything ahead of us, around the last look. */
function reachedLots(place: QueuePlace): number {
  const beforeLook = Math.max(place.lateLots - place.aheadBeforeLots, 0)
  return Math.floor(beforeLook + Math.max(place.tradedLots - place.aheadAtLookLots, 0) + LOT_SLACK)
}
