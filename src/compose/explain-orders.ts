/**
 * What became of each live order and each wished level in one step, with the numbers behind it: the plan that `reconcile` made is
 * made again from the orders before the step and the ladder that risk left, and set beside the commands that were sent.
 * Longer than most files: a case for each way that a decision may go.
 */
import type { Command } from '../core/command.ts'
import type { Engine } from '../core/engine.ts'
import { openLots } from '../core/orders/tracker.ts'
import { insertSlot, mayStand, requoteFacts } from '../core/reconcile.ts'
import { initSidePlan } from '../core/requote/plan.ts'
import type { RequoteReason, SidePlan } from '../core/requote/plan.ts'
import { nearerFraction } from '../core/requote/worth.ts'
import { planSide } from '../core/requote.ts'
import type { Order } from '../core/orders/tracker.ts'
import { BPS } from '../core/units.ts'
import type { Side } from '../core/units.ts'
import { gateReasons } from './explain-gate.ts'
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
  /** What keeping it loses, what its place in the queue saves, what a message is worth: shares of the edge of a mean level. */
  readonly lossShare: number | null
  readonly placeShare: number | null
  readonly worthShare: number | null
  /** Every reason of the send gate, where it stood in the way; empty otherwise. */
  readonly gate: readonly string[]
}

export function decisionsOf(engine: Engine, observation: Observation): OrderDecision[] {
  const ladder = copyLadder(engine.state.ladder)
  return [
    ...sideOf(engine, observation, 'buy', ladder.bids, ladder.bidBecause),
    ...sideOf(engine, observation, 'sell', ladder.asks, ladder.askBecause),
  ]
}

/** One side of a step: its orders and levels, and how they were matched. */
interface PlannedSide {
  readonly engine: Engine
  readonly observation: Observation
  readonly side: Side
  readonly slots: readonly Order[]
  readonly levels: readonly WishedLevel[]
  readonly plan: SidePlan
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
  const plan = initSidePlan()
  const facts = requoteFacts(engine.state, engine.parts.settings, side, levels[0]?.priceTicks ?? 1)
  planSide(facts, slots, levels, levels.length, plan)
  const planned: PlannedSide = { engine, observation, side, slots, levels, plan }
  const places = placesOf(observation.commands, side)
  const rows = [
    ...slots.map((order, slot) => ofOrder(planned, order, slot, because)),
    ...levels.flatMap((want, index) =>
      (plan.orderOf[index] ?? -1) < 0 ? [ofFreeLevel(planned, index, want, places)] : [],
    ),
  ].sort((a, b) => (a.level ?? Infinity) - (b.level ?? Infinity))
  const leaving = ofSide.filter((order) => !slots.includes(order))
  return [...rows, ...leaving.map((order) => leavingOf(engine, order))]
}

/** The orders of a side that may rest, as the engine lines them up: best price first, then the older one. */
export function slotsOf(orders: readonly Order[], side: Side): Order[] {
  const slots: Order[] = []
  for (const order of orders) if (mayStand(order, side)) insertSlot(slots, order)
  return slots
}

function ofOrder(planned: PlannedSide, live: Order, slot: number, sideBecause: string | null): OrderDecision {
  const { engine, observation, levels, plan } = planned
  const { settings } = engine.parts
  const index = plan.levelOf[slot] ?? -1
  const want = index < 0 ? undefined : levels[index]
  const action = plan.actions[slot] ?? 'keep'
  const command = observation.commands.find((one) => isAbout(one, live))
  const untouched = action === 'wait' ? 'wait' : 'keep'
  const decision: OrderDecision['decision'] = command === undefined ? untouched : wordOf(command)
  const share = (lots: number | undefined): number | null =>
    want === undefined || lots === undefined || plan.clipLots === 0 ? null : lots / plan.clipLots
  const gate = action === 'replace' && decision !== 'replace' && want !== undefined
  return {
    ...orderPart(engine, live),
    level: want === undefined ? null : index + 1,
    decision,
    toleranceBps: settings.maxBpsDiff,
    wishedTicks: want?.priceTicks ?? null,
    wishedLots: want?.sizeLots ?? null,
    tooTightBps: want === undefined ? null : nearerFraction(live, want.priceTicks) / BPS,
    lossShare: share(plan.lossLots[slot]),
    placeShare: share(plan.placeLots[slot]),
    worthShare: share(plan.worthLots),
    gate: gate ? gateReasons(engine, { order: live, want }) : [],
    because: reasonOf(planned, live, slot, want, decision === 'cancel', sideBecause),
  }
}

function reasonOf(
  planned: PlannedSide,
  live: Order,
  slot: number,
  want: WishedLevel | undefined,
  isCancelled: boolean,
  sideBecause: string | null,
): string {
  const { engine, plan } = planned
  const { maxBpsDiff, minOrderAgeMs } = engine.parts.settings
  const reason: RequoteReason = plan.reasons[slot] ?? 'near'
  if (reason === 'inFlight') return waitText(live)
  if (want === undefined) {
    return `no level is wished for it${sideBecause === null ? '' : `: ${sideBecause}`}`
  }
  const nearer = nearerFraction(live, want.priceTicks) / BPS
  const apart = `${Math.abs(nearer).toFixed(2)} bps ${nearer > 0 ? 'nearer' : 'further'} than wished, tolerance ${maxBpsDiff}`
  const percent = (lots: number): string => `${((100 * lots) / plan.clipLots).toFixed(1)} %`
  const [loss, place] = [plan.lossLots[slot] ?? 0, plan.placeLots[slot] ?? 0]
  const lost = Number.isFinite(loss)
    ? `loses ${percent(loss)} of a level's edge`
    : 'too far for any tolerance'
  const value = `${lost}, its place in the queue saves ${percent(place)}, a message is worth ${percent(plan.worthLots)}`
  const waitsMs = engine.state.backoff[live.side].untilTsMs - engine.state.tsMs
  const waits = waitsMs > 0 ? `; after a refusal this side places nothing for ${waitsMs} ms more` : ''
  const gone = isCancelled ? `; its successor may not be sent now, so it only goes${waits}` : waits
  const ageMs = engine.state.tsMs - live.placedTsMs
  const open = openLots(live)
  switch (reason) {
    case 'near':
      return apart
    case 'notWorth':
      return `${apart}: ${value}`
    case 'young':
      return `${apart}: ${value}; but ${ageMs} ms old of ${minOrderAgeMs}: it may wait`
    case 'tooNear':
    case 'tooFar':
      return `${apart}: ${value}${gone}`
    case 'tooLarge':
      return `${open} lots open, ${want.sizeLots} wished, and the side shows too much${gone}`
    case 'refill':
      return `${open} lots left of ${want.sizeLots} wished: to be refilled${gone}`
    case 'noLevel':
      return 'no level is wished for it'
  }
}

function ofFreeLevel(
  planned: PlannedSide,
  index: number,
  want: WishedLevel,
  places: PlacedOrder[],
): OrderDecision {
  const { engine, side } = planned
  const at = places.findIndex(
    (order) => order.priceTicks === want.priceTicks && order.sizeLots === want.sizeLots,
  )
  const order = at < 0 ? undefined : places.splice(at, 1)[0]
  const waitsMs = engine.state.backoff[side].untilTsMs - engine.state.tsMs
  const gate = order === undefined && waitsMs <= 0 ? gateReasons(engine, { order: null, want, side }) : []
  const refused =
    waitsMs > 0
      ? `after a refusal this side waits ${waitsMs} ms more`
      : gate.length > 0
        ? `the send gate: ${gate.join('; ')}`
        : 'the send gate refused it on the exposure of that moment; nothing stands in the way any more'
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
    lossShare: null,
    placeShare: null,
    worthShare: null,
    gate,
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
    lossShare: null,
    placeShare: null,
    worthShare: null,
    gate: [],
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
