/**
 * Keep or replace, by value: which live order stands for which wished level of a side, and which messages are worth sending.
 *
 * in      live orders of a side and its wished levels, both best price first; κ; the book (for queues)
 * out     a `SidePlan`: an action per order, with the numbers behind it; which levels have no order yet
 * state   none; the plan is reused from call to call and allocates nothing
 * source  docs/math/requoting.md
 *
 * The alignment is an edit distance: pairing an order with a level costs what the quote earns less there, or one message; an
 * order or a level without a partner costs one message. So a ladder whose innermost order was filled gets one new order, not
 * five moved ones. A message is worth what a clip at the innermost level loses when it stands `maxBpsDiff` too far out.
 */
import { assert } from './assert.ts'
import type { BookSide } from './book/l2-book.ts'
import type { DesiredLevel } from './contracts.ts'
import { isActive } from './orders/order-state.ts'
import type { OrderState } from './orders/order-state.ts'
import { openLots } from './orders/tracker.ts'
import type { Order } from './orders/tracker.ts'
import { BPS, signOf } from './units.ts'
import type { Side } from './units.ts'

/** A side never has more levels, and more orders than this of one side are not looked at (they are cancelled). */
export const LEVELS_MAX = 24
export const SLOTS_MAX = 64
/** A live quote is refilled when less than this share of its wished size is left, and the side lacks it. */
export const SIZE_SHARE_MIN = 0.5
/** All orders of a side together may exceed the wish by this share; where only reducing is wished, by nothing. */
export const SIDE_SHARE_MAX = 1.05
/** However little a level earns, its order is not left nearer, or further out, than these shares of its distance. */
const NEARER_SHARE_MAX = 0.25
const FURTHER_SHARE_MAX = 0.5
/** κ × distance beyond which the loss of a quote that is too near is not computed any finer. */
const NEARER_EXPONENT_MAX = 8
/** Where in its queue an order stands on average, when all that is known is how much rests beside it. */
const QUEUE_AHEAD_SHARE = 0.5
/** Pairs that must not come apart. */
const FORBIDDEN = 1e6

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

/** Written and read within one call. */
const COLUMNS = LEVELS_MAX + 1
const distance: Float64Array = new Float64Array((SLOTS_MAX + 1) * COLUMNS)
/** Of pairing an order with a level, at the place of the pair in `distance`: what it costs, and what standing there loses. */
const pairCosts: Float64Array = new Float64Array((SLOTS_MAX + 1) * COLUMNS)
const pairLosses: Float64Array = new Float64Array((SLOTS_MAX + 1) * COLUMNS)
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
const weights: Float64Array = new Float64Array(LEVELS_MAX)

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

/** @param orders best price first, all of `facts.side` */
export function planSide(
  facts: RequoteFacts,
  orders: readonly Order[],
  levels: readonly PlannedLevel[],
  levelCount: number,
  plan: SidePlan,
): void {
  assert(levelCount <= LEVELS_MAX, 'a side has at most LEVELS_MAX levels')
  plan.orderCount = Math.min(orders.length, SLOTS_MAX)
  plan.levelCount = levelCount
  weighLevels(facts, levels, plan)
  lookAtQueues(facts, orders, plan)
  align(facts, orders, plan)
  for (let slot = 0; slot < plan.orderCount; slot += 1) decide(facts, orders, levels, slot, plan)
  keepWithinTotal(levels, plan)
  refill(facts, orders, levels, plan)
}

/** A lot of a level counts by how much more rarely it is reached than the innermost. */
function weighLevels(facts: RequoteFacts, levels: readonly PlannedLevel[], plan: SidePlan): void {
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

function lookAtQueues(
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

function align(facts: RequoteFacts, orders: readonly Order[], plan: SidePlan): void {
  if (!alignInOrder(facts, orders, plan)) alignByTable(facts, orders, plan)
}

/** What an order or a level without a partner costs: a move is a little cheaper than both, also where a message is worth nothing. */
function aloneLots(plan: SidePlan): number {
  return plan.worthLots + plan.clipLots * 1e-9
}

/** The whole edit distance. Of the plan it needs what `planSide` has weighed before. */
export function alignByTable(facts: RequoteFacts, orders: readonly Order[], plan: SidePlan): void {
  const { orderCount, levelCount } = plan
  const alone = aloneLots(plan)
  distance[0] = 0
  for (let level = 1; level <= levelCount; level += 1) distance[level] = level * alone
  for (let slot = 1; slot <= orderCount; slot += 1) {
    const order = orders[slot - 1]!
    const row = slot * COLUMNS
    const leave = aloneCost(order.state, alone)
    distance[row] = distance[row - COLUMNS]! + leave
    for (let level = 1; level <= levelCount; level += 1) {
      weighPair(facts, order.priceTicks, slot, level, plan)
      const paired = distance[row - COLUMNS + level - 1]! + pairCosts[row + level]!
      const dropped = distance[row - COLUMNS + level]! + leave
      const added = distance[row + level - 1]! + alone
      distance[row + level] = Math.min(paired, dropped, added)
    }
  }
  traceBack(orders, alone, plan)
}

/**
 * The ordinary case: as many orders as levels, each order near its own level. Every other alignment drops an order and adds a level,
 * so it costs two messages or more: when all pairs together cost less, nothing else has to be looked at.
 */
function alignInOrder(facts: RequoteFacts, orders: readonly Order[], plan: SidePlan): boolean {
  const { orderCount } = plan
  if (orderCount !== plan.levelCount) return false
  const most = 2 * aloneLots(plan)
  let total = 0
  for (let slot = 1; slot <= orderCount; slot += 1) {
    weighPair(facts, orders[slot - 1]!.priceTicks, slot, slot, plan)
    total += pairCosts[slot * COLUMNS + slot]!
    if (total >= most) return false
  }
  for (let slot = 0; slot < orderCount; slot += 1) {
    plan.levelOf[slot] = slot
    plan.orderOf[slot] = slot
  }
  return true
}

/** Of pairing an order with a level, both counted from 1: what it costs and what standing there loses, into their tables. */
function weighPair(
  facts: RequoteFacts,
  priceTicks: number,
  slot: number,
  level: number,
  plan: SidePlan,
): void {
  const wantTicks = levelTicks[level - 1]!
  const nearer = (signOf(facts.side) * (priceTicks - wantTicks)) / wantTicks
  // Most pairs are near or far, and then the place in the queue changes nothing.
  let loss = 0
  let cost = 0
  if (Math.abs(nearer) > facts.maxBpsDiff * BPS) {
    loss = lossOf(facts.kappa, nearer, slot - 1, level - 1)
    cost =
      loss === Infinity ? plan.worthLots : costOf(loss, priceTicks === wantTicks, slot - 1, level - 1, plan)
  }
  pairLosses[slot * COLUMNS + level] = loss
  pairCosts[slot * COLUMNS + level] = cost
}

/** An order on its way cannot be taken back now: it holds a level, as long as there is one. */
function aloneCost(state: OrderState, alone: number): number {
  return isActive(state) ? alone : FORBIDDEN * (1 + alone)
}

function traceBack(orders: readonly Order[], alone: number, plan: SidePlan): void {
  let slot = plan.orderCount
  let level = plan.levelCount
  while (slot > 0 || level > 0) {
    const here = distance[slot * COLUMNS + level]!
    if (slot > 0 && level > 0) {
      const before = distance[(slot - 1) * COLUMNS + level - 1]!
      if (here === before + pairCosts[slot * COLUMNS + level]!) {
        slot -= 1
        level -= 1
        plan.levelOf[slot] = level
        plan.orderOf[level] = slot
        continue
      }
    }
    if (
      slot > 0 &&
      here === distance[(slot - 1) * COLUMNS + level]! + aloneCost(orders[slot - 1]!.state, alone)
    ) {
      slot -= 1
      plan.levelOf[slot] = -1
    } else {
      level -= 1
      plan.orderOf[level] = -1
    }
  }
}

/** Of pairing an order with a level: what is lost there, less what its place in the queue saves, and never more than a message. */
function costOf(loss: number, isAtLevel: boolean, slot: number, level: number, plan: SidePlan): number {
  if (loss === 0) return 0
  const place = placeOf(isAtLevel, slot, level, plan.clipLots)
  return Math.min(Math.max(loss - place, 0), plan.worthLots)
}

/** What standing at its price instead of the wished one costs, lots of the innermost level. @param nearer beyond what counts as near */
function lossOf(kappa: number, nearer: number, slot: number, level: number): number {
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
function placeOf(isAtLevel: boolean, slot: number, level: number, clipLots: number): number {
  const ownLots = open[slot]!
  // Of what the book shows at a price, the order's own part is not before it.
  const behindNew = Math.max(0, restingAtLevel[level]! - (isAtLevel ? ownLots : 0))
  const beforeOld = QUEUE_AHEAD_SHARE * Math.max(0, restingAtOrder[slot]! - ownLots)
  const gained = clipLots / (clipLots + beforeOld) - clipLots / (clipLots + behindNew)
  return Math.max(0, ownLots * weights[level]! * stopping[0]! * gained)
}

function decide(
  facts: RequoteFacts,
  orders: readonly Order[],
  levels: readonly PlannedLevel[],
  slot: number,
  plan: SidePlan,
): void {
  const order = orders[slot]!
  const index = plan.levelOf[slot]!
  const want = index < 0 ? undefined : levels[index]
  plan.lossLots[slot] = want === undefined ? 0 : pairLosses[(slot + 1) * COLUMNS + index + 1]!
  plan.placeLots[slot] =
    want === undefined ? 0 : placeOf(order.priceTicks === want.priceTicks, slot, index, plan.clipLots)
  if (!isActive(order.state)) return note(plan, slot, 'wait', 'inFlight')
  if (want === undefined) return note(plan, slot, 'cancel', 'noLevel')
  const nearer = nearerFraction(order, want.priceTicks)
  if (Math.abs(nearer) <= facts.maxBpsDiff * BPS) return note(plan, slot, 'keep', 'near')
  const kept = plan.lossLots[slot]! - plan.placeLots[slot]!
  if (kept <= plan.worthLots) return note(plan, slot, 'keep', 'notWorth')
  // Too near loses money now; too far only earns less, and may wait.
  if (nearer > 0) return note(plan, slot, 'replace', 'tooNear')
  if (facts.tsMs - order.placedTsMs < facts.minOrderAgeMs) return note(plan, slot, 'keep', 'young')
  return note(plan, slot, 'replace', 'tooFar')
}

function note(plan: SidePlan, slot: number, action: RequoteAction, reason: RequoteReason): void {
  plan.actions[slot] = action
  plan.reasons[slot] = reason
}

/** Lots that the side will show when the plan is carried out. */
function shownLots(levels: readonly PlannedLevel[], plan: SidePlan): number {
  let lots = 0
  for (let slot = 0; slot < plan.orderCount; slot += 1) {
    if (plan.actions[slot] === 'keep' || plan.actions[slot] === 'wait') lots += open[slot]!
  }
  for (let level = 0; level < plan.levelCount; level += 1) {
    const slot = plan.orderOf[level]!
    if (slot < 0 || plan.actions[slot] === 'replace') lots += levels[level]!.sizeLots
  }
  return lots
}

function wishedLots(levels: readonly PlannedLevel[], plan: SidePlan): number {
  let lots = 0
  for (let level = 0; level < plan.levelCount; level += 1) lots += levels[level]!.sizeLots
  return lots
}

/**
 * Within the total, sizes may lie otherwise than wished: the allocation gives each level about the same margin, so that little
 * depends on it. Beyond the total, the order that is most too large is cut, at once: that is risk.
 */
function keepWithinTotal(levels: readonly PlannedLevel[], plan: SidePlan): void {
  const isReducing = plan.levelCount > 0 && levels[0]!.reduceOnly
  const most = wishedLots(levels, plan) * (isReducing ? 1 : SIDE_SHARE_MAX)
  let over = shownLots(levels, plan) - most
  for (let round = 0; over > 0 && round < plan.orderCount; round += 1) {
    let largest = -1
    let excessLots = 0
    for (let slot = 0; slot < plan.orderCount; slot += 1) {
      const level = plan.levelOf[slot]!
      if (plan.actions[slot] !== 'keep' || level < 0) continue
      const excess = open[slot]! - levels[level]!.sizeLots
      if (excess <= excessLots) continue
      largest = slot
      excessLots = excess
    }
    if (largest < 0) return
    note(plan, largest, 'replace', 'tooLarge')
    over -= excessLots
  }
}

/** What was filled away is shown again, once it is half a level and worth a message. */
function refill(
  facts: RequoteFacts,
  orders: readonly Order[],
  levels: readonly PlannedLevel[],
  plan: SidePlan,
): void {
  let missing = wishedLots(levels, plan) - shownLots(levels, plan)
  for (let slot = 0; slot < plan.orderCount && missing > 0; slot += 1) {
    const level = plan.levelOf[slot]!
    if (plan.actions[slot] !== 'keep' || level < 0) continue
    const order = orders[slot]!
    const want = levels[level]!
    const isYoung = facts.tsMs - order.placedTsMs < facts.minOrderAgeMs
    if (isYoung || open[slot]! >= SIZE_SHARE_MIN * want.sizeLots) continue
    const gainedLots = want.sizeLots - open[slot]!
    // What other levels hold too much of is not shown twice.
    if (gainedLots > missing || gainedLots * weights[level]! <= plan.worthLots + plan.placeLots[slot]!)
      continue
    note(plan, slot, 'replace', 'refill')
    missing -= gainedLots
  }
}
