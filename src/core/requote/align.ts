/**
 * Which order stands for which level: an edit distance. Pairing an order with a level costs what the quote earns less there, or one
 * message; an order or a level without a partner costs one message. So a ladder whose innermost order was filled gets one new
 * order, not five moved ones.
 *
 * in      a side that `worth.ts` has weighed
 * out     `levelOf` and `orderOf` of the plan; what standing at its level loses, for every pair that was made (`lossOfPair`)
 * state   tables that are written and read within the planning of one side
 */
import { isActive } from '../orders/order-state.ts'
import type { OrderState } from '../orders/order-state.ts'
import type { Order } from '../orders/tracker.ts'
import { BPS, signOf } from '../units.ts'
import { LEVELS_MAX, SLOTS_MAX } from './plan.ts'
import type { RequoteFacts, SidePlan } from './plan.ts'
import * as worth from './worth.ts'

// Own constants are folded into the machine code, imported ones are looked up at every use, and so are functions.
const { costOf, lossOf } = worth
const { levelTicks } = worth.weighed

/** Pairs that must not come apart. */
const FORBIDDEN = 1e6
const COLUMNS = LEVELS_MAX + 1
const distance: Float64Array = new Float64Array((SLOTS_MAX + 1) * COLUMNS)
/** Of pairing an order with a level, at the place of the pair in `distance`: what it costs, and what standing there loses. */
const pairCosts: Float64Array = new Float64Array((SLOTS_MAX + 1) * COLUMNS)
const pairLosses: Float64Array = new Float64Array((SLOTS_MAX + 1) * COLUMNS)

/** Pairs the orders of a side with its levels, each in its order, at the least cost. */
export function align(facts: RequoteFacts, orders: readonly Order[], plan: SidePlan): void {
  if (!alignInOrder(facts, orders, plan)) alignByTable(facts, orders, plan)
}

/** What an order or a level without a partner costs: a move is a little cheaper than both, also where a message is worth nothing. */
function aloneLots(plan: SidePlan): number {
  return plan.worthLots + plan.clipLots * 1e-9
}

/** The whole edit distance; `align` takes it when the short way does not do. Of the plan it needs what has been weighed before. */
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

/** What the order loses by standing for the level, both counted from 0, lots of the innermost level. They have to be a pair. */
export function lossOfPair(slot: number, level: number): number {
  return pairLosses[(slot + 1) * COLUMNS + level + 1]!
}
