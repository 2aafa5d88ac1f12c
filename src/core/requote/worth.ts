/**
 * What orders and messages are worth, all in lots of the innermost level: what an order loses by standing beside its wished price,
 * what its place in the queue saves, and what a message may cost.
 *
 * in      `weighLevels` and `lookAtQueues` read one side once; the other functions then ask about its orders and levels by place
 * state   arrays that are written and read within the planning of one side, so that it allocates nothing
 * source  docs/math/requoting.md
 */
import type { BookSide } from '../book/l2-book.ts'
import { openLots } from '../orders/tracker.ts'
import type { Order } from '../orders/tracker.ts'
import { BPS, signOf } from '../units.ts'
import { LEVELS_MAX, SLOTS_MAX } from './plan.ts'
import type { PlannedLevel, RequoteFacts, SidePlan } from './plan.ts'

/** However little a level earns, its order is not left nearer, or further out, than these shares of its distance. */
const NEARER_SHARE_MAX = 0.25
const FURTHER_SHARE_MAX = 0.5
/** κ × distance beyond which the loss of a quote that is too near is not computed any finer. */
const NEARER_EXPONENT_MAX = 8
/** Where in its queue an order stands on average, when all that is known is how much rests beside it. */
const QUEUE_AHEAD_SHARE = 0.5

/** Of each wished level: price, size, and distance from the fair price as a fraction of that. */
const levelTicks: Float64Array = new Float64Array(LEVELS_MAX)
const levelLots: Float64Array = new Float64Array(LEVELS_MAX)
const levelDistance: Float64Array = new Float64Array(LEVELS_MAX)
/** What may still fill of each order; lots at its price and at that of each level, as the book shows them. */
const open: Float64Array = new Float64Array(SLOTS_MAX)
const restingAtOrder: Float64Array = new Float64Array(SLOTS_MAX)
const restingAtLevel: Float64Array = new Float64Array(LEVELS_MAX)
/** One number: the share of the orders reaching a price that go no further. */
const stopping: Float64Array = new Float64Array(1)
/** Of each level: what a lot there counts. */
const weights: Float64Array = new Float64Array(LEVELS_MAX)

/** What the rest of the planning reads of it. Exported one by one they would be looked up at every use in this file too. */
export const weighed: {
  readonly levelTicks: Float64Array
  readonly open: Float64Array
  readonly weights: Float64Array
} = { levelTicks, open, weights }

/**
 * Share of its edge rate A e^(−κδ)(δ − c) that a quote loses when it stands `exponent` = κ × distance further out than its best
 * place c + 1/κ (negative: nearer). 0 at the best place, 1 where it earns nothing, beyond 1 where it loses money.
 */
export function edgeLossShare(exponent: number): number {
  return 1 - Math.exp(-exponent) * (1 + exponent)
}

/** How much nearer to the market the order stands than wished, fraction of the price; negative: further out. */
export function nearerFraction(live: Pick<Order, 'side' | 'priceTicks'>, wantTicks: number): number {
  return (signOf(live.side) * (live.priceTicks - wantTicks)) / wantTicks
}

/** A lot of a level counts by how much more rarely it is reached than the innermost. */
export function weighLevels(facts: RequoteFacts, levels: readonly PlannedLevel[], plan: SidePlan): void {
  const innerTicks = levels[0]?.priceTicks ?? 0
  let total = 0
  for (let index = 0; index < plan.levelCount; index += 1) {
    const level = levels[index]!
    weights[index] =
      index === 0 ? 1 : Math.exp((-facts.kappa * Math.abs(level.priceTicks - innerTicks)) / innerTicks)
    levelTicks[index] = level.priceTicks
    levelLots[index] = level.sizeLots
    levelDistance[index] = Math.abs(level.priceTicks - facts.fairTicks) / facts.fairTicks
    total += level.sizeLots
  }
  plan.clipLots = plan.levelCount === 0 ? 0 : total / plan.levelCount
  plan.worthLots = plan.clipLots * edgeLossShare(facts.kappa * facts.maxBpsDiff * BPS)
}

/** What may still fill of each order, and what the book shows at its price and at that of each level. */
export function lookAtQueues(
  { book, side, kappa, stepTicks, fairTicks }: RequoteFacts,
  orders: readonly Order[],
  plan: SidePlan,
): void {
  stopping[0] = -Math.expm1((-kappa * stepTicks) / fairTicks)
  const sign = signOf(side)
  let at = book.first
  for (let slot = 0; slot < plan.orderCount; slot += 1) {
    const order = orders[slot]!
    open[slot] = openLots(order)
    at = placeInBook(book, sign, order.priceTicks, at)
    restingAtOrder[slot] = restingAt(book, order.priceTicks, at)
  }
  at = book.first
  for (let level = 0; level < plan.levelCount; level += 1) {
    at = placeInBook(book, sign, levelTicks[level]!, at)
    restingAtLevel[level] = restingAt(book, levelTicks[level]!, at)
  }
}

/** The first level of the book that is not better than a price, from that of a better price on: orders and levels stand best first. */
function placeInBook(book: BookSide, sign: 1 | -1, priceTicks: number, from: number): number {
  const { first, count, ticks } = book
  let at = from
  while (at < first + count && sign * (ticks[at]! - priceTicks) > 0) at += 1
  return at
}

/** Lots at a price, as the book shows it; 0 where it shows nothing. @param at its place in the book, if it has one */
function restingAt({ first, count, ticks, lots }: BookSide, priceTicks: number, at: number): number {
  return at < first + count && ticks[at] === priceTicks ? lots[at]! : 0
}

/** Of pairing an order with a level: what is lost there, less what its place in the queue saves, and never more than a message. */
export function costOf(
  loss: number,
  isAtLevel: boolean,
  slot: number,
  level: number,
  plan: SidePlan,
): number {
  if (loss === 0) return 0
  const place = placeOf(isAtLevel, slot, level, plan.clipLots)
  return Math.min(Math.max(loss - place, 0), plan.worthLots)
}

/** What standing at its price instead of the wished one costs, lots of the innermost level. @param nearer beyond what counts as near */
export function lossOf(kappa: number, nearer: number, slot: number, level: number): number {
  const distanceFraction = levelDistance[level]!
  const isFar = nearer > NEARER_SHARE_MAX * distanceFraction || -nearer > FURTHER_SHARE_MAX * distanceFraction
  if (isFar) return Infinity
  const exponent = Math.max(-kappa * nearer, -NEARER_EXPONENT_MAX)
  const lots = nearer > 0 ? open[slot]! : levelLots[level]!
  return lots * weights[level]! * edgeLossShare(exponent)
}

/**
 * What its place in the queue is worth: of the orders that reach a price, the share 1 − e^(−κ·step) goes no further, and those
 * fill the front of the queue only. A new order at the wished price would stand behind all that rests there.
 */
export function placeOf(isAtLevel: boolean, slot: number, level: number, clipLots: number): number {
  const ownLots = open[slot]!
  // Of what the book shows at a price, the order's own part is not before it.
  const behindNew = Math.max(0, restingAtLevel[level]! - (isAtLevel ? ownLots : 0))
  const beforeOld = QUEUE_AHEAD_SHARE * Math.max(0, restingAtOrder[slot]! - ownLots)
  const gained = clipLots / (clipLots + beforeOld) - clipLots / (clipLots + behindNew)
  return Math.max(0, ownLots * weights[level]! * stopping[0]! * gained)
}
