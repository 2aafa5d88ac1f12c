/**
 * Keep or replace, by value: which live order stands for which wished level of a side, and which messages are worth sending.
 *
 * in      live orders of a side and its wished levels, both best price first; κ; the book (for queues)
 * out     a `SidePlan`: an action per order, with the numbers behind it; which levels have no order yet
 * state   none; the plan is reused from call to call and allocates nothing
 * source  docs/math/requoting.md
 *
 * Orders and levels are weighed first (requote/worth.ts), then paired (requote/align.ts), then each pair is judged here. A message
 * is worth what a clip at the innermost level loses when it stands `maxBpsDiff` too far out.
 */
import { assert } from './assert.ts'
import { isActive } from './orders/order-state.ts'
import type { Order } from './orders/tracker.ts'
import { align, lossOfPair } from './requote/align.ts'
import { LEVELS_MAX, SLOTS_MAX } from './requote/plan.ts'
import type { PlannedLevel, RequoteAction, RequoteFacts, RequoteReason, SidePlan } from './requote/plan.ts'
import * as worth from './requote/worth.ts'
import { BPS } from './units.ts'

const { lookAtQueues, nearerFraction, placeOf, weighLevels } = worth
const { open, weights } = worth.weighed

/** A live quote is refilled when less than this share of its wished size is left, and the side lacks it. */
export const SIZE_SHARE_MIN = 0.5
/** All orders of a side together may exceed the wish by this share; where only reducing is wished, by nothing. */
export const SIDE_SHARE_MAX = 1.05

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
  plan.lossLots[slot] = want === undefined ? 0 : lossOfPair(slot, index)
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
