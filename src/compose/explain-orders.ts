/**
 * What became of each live order and each wished level in one step, with the numbers behind it: derived from the commands of
 * that step, the orders before it and the ladder that risk left. Orders meet levels from the inside out, as in the engine.
 * Longer than most files: a case for each way that a decision may go.
 */
import type { Command } from '../core/command.ts'
import type { Engine } from '../core/engine.ts'
import { isActive } from '../core/orders/order-state.ts'
import { openLots } from '../core/orders/tracker.ts'
import { SIZE_SHARE_MAX, SIZE_SHARE_MIN } from '../core/reconcile.ts'
import type { Order } from '../core/orders/tracker.ts'
import { BPS, signOf } from '../core/units.ts'
import type { Side } from '../core/units.ts'
import { copyLadder } from './observed-maker.ts'
import type { Observation, WishedLevel } from './observed-maker.ts'

export interface OrderDecision {
  readonly side: Side
  /** From 1, the innermost; null for an order that leaves and has no level any more. */
  readonly level: number | null
  readonly decision: 'keep' | 'replace' | 'cancel' | 'place' | 'notPlaced' | 'wait'
  /** With the numbers in it, for people. */
  readonly because: string
  readonly cloid: string | null
  readonly oid: number | null
  /** Of the live order; null when there was none. */
  readonly priceTicks: number | null
  readonly openLots: number | null
  readonly ageMs: number | null
  /** Of the level; null when none is wished there. */
  readonly wishedTicks: number | null
  readonly wishedLots: number | null
  /** How much nearer to the market the order is than its wish, bps; negative: further away. */
  readonly tooTightBps: number | null
  /** Within this a price is left alone, bps. */
  readonly toleranceBps: number
}

export function decisionsOf(engine: Engine, observation: Observation): OrderDecision[] {
  const ladder = copyLadder(engine.state.ladder)
  return [
    ...sideOf(engine, observation, 'buy', ladder.bids, ladder.bidBecause),
    ...sideOf(engine, observation, 'sell', ladder.asks, ladder.askBecause),
  ]
}

function sideOf(
  engine: Engine,
  observation: Observation,
  side: Side,
  levels: readonly WishedLevel[],
  because: string | null,
): OrderDecision[] {
  const ofSide = observation.live.filter((order) => order.side === side)
  const slots = slotsOf(ofSide, side)
  const out: OrderDecision[] = []
  const places = placesOf(observation.commands, side)
  for (let index = 0; index < Math.max(slots.length, levels.length); index += 1) {
    const live = slots[index]
    const want = levels[index]
    if (live !== undefined) out.push(ofOrder(engine, observation, index, live, want, because))
    else if (want !== undefined) out.push(ofFreeLevel(engine, index, side, want, places))
  }
  const leaving = ofSide.filter((order) => !slots.includes(order))
  return [...out, ...leaving.map((order) => leavingOf(engine, order))]
}

/** The same order as `reconcile` has: who may rest, best price first, then the older one. */
export function slotsOf(orders: readonly Order[], side: Side): Order[] {
  const sign = signOf(side)
  const slots = orders.filter((order) => {
    const isLeaving = order.state === 'cancelPending' || order.state === 'cancelConfirmed'
    return order.side === side && !isLeaving && order.expectedLots === null
  })
  return slots.sort((a, b) => sign * (b.priceTicks - a.priceTicks) || a.placedTsMs - b.placedTsMs)
}

function ofOrder(
  engine: Engine,
  observation: Observation,
  index: number,
  live: Order,
  want: WishedLevel | undefined,
  sideBecause: string | null,
): OrderDecision {
  const { settings } = engine.parts
  const command = observation.commands.find((one) => isAbout(one, live))
  const untouched = isActive(live.state) ? 'keep' : 'wait'
  const decision: OrderDecision['decision'] = command === undefined ? untouched : wordOf(command)
  const base = { ...orderPart(engine, live), level: index + 1, decision, toleranceBps: settings.maxBpsDiff }
  if (want === undefined) {
    const gone = `no level is wished here${sideBecause === null ? '' : `: ${sideBecause}`}`
    const because = decision === 'wait' ? waitText(live) : gone
    return { ...base, because, wishedTicks: null, wishedLots: null, tooTightBps: null }
  }
  const tooTightBps = (signOf(live.side) * (live.priceTicks - want.priceTicks)) / want.priceTicks / BPS
  return {
    ...base,
    wishedTicks: want.priceTicks,
    wishedLots: want.sizeLots,
    tooTightBps,
    because:
      decision === 'wait' ? waitText(live) : reasonOf(engine, live, want, tooTightBps, decision === 'cancel'),
  }
}

function reasonOf(engine: Engine, live: Order, want: WishedLevel, tight: number, isRefused: boolean): string {
  const { maxBpsDiff, minOrderAgeMs } = engine.parts.settings
  const waitsMs = engine.state.backoff[live.side].untilTsMs - engine.state.tsMs
  const waits = waitsMs > 0 ? `; after a refusal this side places nothing for ${waitsMs} ms more` : ''
  const refused = isRefused ? `; its successor may not be sent now, so it only goes${waits}` : waits
  const open = openLots(live)
  const ageMs = engine.state.tsMs - live.placedTsMs
  const young = ageMs < minOrderAgeMs ? `, but ${ageMs} ms old of ${minOrderAgeMs}: it may wait` : ''
  const distance = `${Math.abs(tight).toFixed(2)} bps ${tight > 0 ? 'nearer' : 'further'} than wished, tolerance ${maxBpsDiff}`
  if (tight > maxBpsDiff) return `${distance}: it would fill at a loss of edge${refused}`
  if (open > want.sizeLots * SIZE_SHARE_MAX)
    return `${open} lots open, ${want.sizeLots} wished: too large${refused}`
  if (-tight > maxBpsDiff) return `${distance}${young}${refused}`
  if (open < want.sizeLots * SIZE_SHARE_MIN)
    return `${open} lots left of ${want.sizeLots} wished: to be refilled${young}${refused}`
  return distance
}

function ofFreeLevel(
  engine: Engine,
  index: number,
  side: Side,
  want: WishedLevel,
  places: PlacedOrder[],
): OrderDecision {
  const at = places.findIndex(
    (order) => order.priceTicks === want.priceTicks && order.sizeLots === want.sizeLots,
  )
  const order = at < 0 ? undefined : places.splice(at, 1)[0]
  const waitsMs = engine.state.backoff[side].untilTsMs - engine.state.tsMs
  const refused =
    waitsMs > 0
      ? `after a refusal this side waits ${waitsMs} ms more`
      : 'the send gate does not allow it now (exposure, allowance, collar, size or an own order in the way)'
  return {
    side,
    level: index + 1,
    decision: order === undefined ? 'notPlaced' : 'place',
    because: order === undefined ? refused : 'no order stands at this level',
    cloid: order?.cloid ?? null,
    oid: null,
    priceTicks: null,
    openLots: null,
    ageMs: null,
    wishedTicks: want.priceTicks,
    wishedLots: want.sizeLots,
    tooTightBps: null,
    toleranceBps: engine.parts.settings.maxBpsDiff,
  }
}

function leavingOf(engine: Engine, order: Order): OrderDecision {
  return {
    ...orderPart(engine, order),
    level: null,
    decision: 'wait',
    because: waitText(order),
    wishedTicks: null,
    wishedLots: null,
    tooTightBps: null,
    toleranceBps: engine.parts.settings.maxBpsDiff,
  }
}

function orderPart(
  engine: Engine,
  order: Order,
): Pick<OrderDecision, 'side' | 'cloid' | 'oid' | 'priceTicks' | 'openLots' | 'ageMs'> {
  const { side, cloid, oid, priceTicks } = order
  return {
    side,
    cloid,
    oid,
    priceTicks,
    openLots: openLots(order),
    ageMs: engine.state.tsMs - order.placedTsMs,
  }
}

function waitText(order: Order): string {
  return `${order.state}: waits for the venue's word, one message in flight per order`
}

interface PlacedOrder {
  readonly cloid: string
  readonly priceTicks: number
  readonly sizeLots: number
}

function placesOf(commands: readonly Command[], side: Side): PlacedOrder[] {
  return commands.flatMap((command) =>
    command.kind === 'place' && command.order.side === side ? [command.order] : [],
  )
}

function isAbout(command: Command, order: Order): boolean {
  if (command.kind === 'modify') return command.targetCloid === order.cloid
  return command.kind === 'cancel' && command.cloid === order.cloid
}

function wordOf(command: Command): 'replace' | 'cancel' {
  return command.kind === 'modify' ? 'replace' : 'cancel'
}
