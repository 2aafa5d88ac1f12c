/**
 * Orders of ours that rest only on paper, in the market that everybody sees: which of them the trades and books would have
 * filled, under a queue model.
 *
 * in      `book`, `touch` and `trade` inputs; orders that join and leave
 * out     fills at our own prices. One print fills no more than its size over all our orders; a book that shows the other
 *         side at or through our price fills no more than it shows there
 * state   the book as last shown, and a queue place per order, in order of joining; at most `RESTING_ORDERS_MAX`
 * Pure: the same inputs give the same fills.
 */
import { assert } from '../assert.ts'
import { applySnapshot, applyTouch, initBook } from '../book/l2-book.ts'
import type { BookSide, L2Book } from '../book/l2-book.ts'
import type { BookInput, TouchInput, TradeInput } from '../input.ts'
import { opposite, signOf } from '../units.ts'
import type { Side } from '../units.ts'
import { joinQueue, lookAtLevel, tradeAtLevel } from './queue-models.ts'
import type { QueueModel, QueuePlace } from './queue-models.ts'

export const RESTING_ORDERS_MAX = 1_000

export interface RestingOrder {
  readonly id: string
  readonly side: Side
  readonly priceTicks: number
  /** Venue time at which it came to rest: what happened until then is none of its business. */
  readonly joinTsMs: number
  remainingLots: number
  /** Null while the price lies beyond what the venue shows: then nothing is known of its queue, and all of it is ahead. */
  place: QueuePlace | null
}

export interface RestingFill {
  readonly id: string
  readonly side: Side
  readonly priceTicks: number
  /** Whole, > 0. */
  readonly sizeLots: number
}

export interface RestingOrders {
  readonly model: QueueModel
  readonly book: L2Book
  /** Price of the last level of the last snapshot; null: it showed all there are. */
  readonly endTicks: Record<Side, number | null>
  orders: RestingOrder[]
  /** Shown lots of the other side that our crossed orders took already, by our side; forgotten when nothing is crossed. */
  readonly takenLots: Record<Side, number>
}

export function initRestingOrders(model: QueueModel): RestingOrders {
  return {
    model,
    book: initBook(),
    endTicks: { buy: null, sell: null },
    orders: [],
    takenLots: { buy: 0, sell: 0 },
  }
}

/**
 * Puts an order at the end of its price's queue. What can take is not a resting order: the caller looks for that first.
 * @param joinTsMs when it reaches the venue. Books from before that put all they show ahead of it; prints from before it, or
 *   of the same time, do not count
 */
export function addResting(
  resting: RestingOrders,
  of: Pick<RestingOrder, 'id' | 'side' | 'priceTicks' | 'joinTsMs'> & { readonly sizeLots: number },
): void {
  const { book } = resting
  assert(resting.orders.length < RESTING_ORDERS_MAX, 'no more orders rest than the named bound')
  assert(of.sizeLots > 0, 'a resting order has a size')
  const levelLots = shownLots(resting, of.side, of.priceTicks)
  resting.orders.push({
    id: of.id,
    side: of.side,
    priceTicks: of.priceTicks,
    joinTsMs: of.joinTsMs,
    remainingLots: of.sizeLots,
    place: levelLots === null ? null : joinQueue(levelLots, book.venueTsMs),
  })
}

/** @returns lots that were still open, or null when no such order rests */
export function removeResting(resting: RestingOrders, id: string): number | null {
  const index = resting.orders.findIndex((order) => order.id === id)
  const order = resting.orders[index]
  if (order === undefined) return null
  resting.orders.splice(index, 1)
  return order.remainingLots
}

/** Takes a message of the market. @returns our fills, the best price first; orders that filled whole are gone */
export function takeMarket(
  resting: RestingOrders,
  input: BookInput | TouchInput | TradeInput,
): RestingFill[] {
  const fills: RestingFill[] = []
  if (input.kind === 'trade') takeTrade(resting, input, fills)
  else takeBook(resting, input, fills)
  if (fills.length > 0) resting.orders = resting.orders.filter((order) => order.remainingLots > 0)
  return fills
}

function takeTrade(resting: RestingOrders, trade: TradeInput, fills: RestingFill[]): void {
  const side = opposite(trade.aggressor)
  // What is left of the print after our orders at better prices, which it would have met first.
  let leftLots = trade.sizeLots
  let filledHereLots = 0
  for (const order of bestFirst(resting, side)) {
    const beyond = signOf(side) * (order.priceTicks - trade.priceTicks)
    if (beyond < 0) break
    if (trade.venueTsMs <= order.joinTsMs) continue
    if (beyond > 0) {
      // The print lies behind our price: everything ahead of us there had to go first.
      if (order.place !== null) order.place = joinQueue(0, order.place.lookTsMs)
      leftLots -= fill(order, leftLots, fills)
    } else if (order.place !== null) {
      const reachedLots = tradeAtLevel(order.place, resting.model, trade.sizeLots, trade.venueTsMs)
      const ours = trade.sizeLots - leftLots + filledHereLots
      filledHereLots += fill(order, Math.min(reachedLots - ours, leftLots - filledHereLots), fills)
    }
  }
}

function takeBook(resting: RestingOrders, input: BookInput | TouchInput, fills: RestingFill[]): void {
  const { book, model } = resting
  const outcome = input.kind === 'book' ? applySnapshot(book, input) : applyTouch(book, input)
  if (outcome !== 'applied') return
  if (input.kind === 'book') {
    resting.endTicks.buy = endOf(input.bids)
    resting.endTicks.sell = endOf(input.asks)
  }
  for (const order of resting.orders) {
    const levelLots = shownLots(resting, order.side, order.priceTicks)
    if (levelLots === null || !isTold(input, order)) continue
    const isBefore = input.venueTsMs < order.joinTsMs
    if (order.place === null || isBefore) order.place = joinQueue(levelLots, input.venueTsMs)
    else lookAtLevel(order.place, model, levelLots, input.venueTsMs)
  }
  for (const side of ['buy', 'sell'] as const) takeCrossed(resting, side, fills)
}

/** A touch says nothing of the levels behind it. */
function isTold(input: BookInput | TouchInput, order: RestingOrder): boolean {
  if (input.kind === 'book') return true
  const bestTicks = order.side === 'buy' ? input.bidTicks : input.askTicks
  return signOf(order.side) * (order.priceTicks - bestTicks) >= 0
}

/** The other side stands at or through our price: with our order there it could not have. */
function takeCrossed(resting: RestingOrders, side: Side, fills: RestingFill[]): void {
  const { book, takenLots } = resting
  const other = side === 'buy' ? book.asks : book.bids
  let isCrossed = false
  for (const order of bestFirst(resting, side)) {
    const crossingLots = lotsWithin(other, signOf(side), order.priceTicks)
    if (crossingLots === 0) break
    isCrossed = true
    takenLots[side] += fill(order, crossingLots - takenLots[side], fills)
  }
  if (!isCrossed) takenLots[side] = 0
}

function lotsWithin(other: BookSide, sign: 1 | -1, priceTicks: number): number {
  let lots = 0
  for (let level = other.first; level < other.first + other.count; level += 1) {
    if (sign * (priceTicks - (other.ticks[level] ?? 0)) < 0) break
    lots += other.lots[level] ?? 0
  }
  return lots
}

/** @returns what was filled of at most `lots` */
function fill(order: RestingOrder, lots: number, fills: RestingFill[]): number {
  const sizeLots = Math.min(order.remainingLots, lots)
  if (sizeLots <= 0) return 0
  order.remainingLots -= sizeLots
  fills.push({ id: order.id, side: order.side, priceTicks: order.priceTicks, sizeLots })
  return sizeLots
}

/** Our orders of a side, best price first; of one price, the one that joined first. */
function bestFirst(resting: RestingOrders, side: Side): RestingOrder[] {
  const sign = signOf(side)
  return resting.orders
    .filter((order) => order.side === side)
    .sort((a, b) => sign * (b.priceTicks - a.priceTicks))
}

/** Lots that the book shows at a price of our side; null: the price lies beyond what is shown. */
function shownLots(resting: RestingOrders, side: Side, priceTicks: number): number | null {
  const { book, endTicks } = resting
  const levels = side === 'buy' ? book.bids : book.asks
  for (let level = levels.first; level < levels.first + levels.count; level += 1) {
    if (levels.ticks[level] === priceTicks) return levels.lots[level] ?? 0
  }
  const end = endTicks[side]
  return end === null || signOf(side) * (priceTicks - end) > 0 ? 0 : null
}

/** The venue shows this many levels a side; a snapshot with fewer shows all there are. */
const SHOWN_LEVELS = 20

function endOf(flat: readonly number[]): number | null {
  return flat.length < 2 * SHOWN_LEVELS ? null : (flat.at(-2) ?? null)
}
