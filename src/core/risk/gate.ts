/**
 * The send gate: the only maker of `Approved<Command>`. It looks at each command on its own, after everything else has
 * decided, with rules written independently of the code that made the order. It fails closed and cannot be turned off.
 * All reasons are returned, not the first.
 */
import { isWhole } from '../assert.ts'
import type { Approved, Command, NewOrder } from '../command.ts'
import type { MarketSpec } from '../market.ts'
import type { EngineSettings } from '../settings.ts'
import type { Side } from '../units.ts'

export const GATE_REASONS = [
  'notReady',
  'killed',
  'invalidPrice',
  'invalidSize',
  'belowMinimum',
  'outsideCollar',
  'farFromMark',
  'farFromOracle',
  'tooLarge',
  'exposure',
  'ownCross',
  'duplicate',
  'throttle',
] as const
export type GateReason = (typeof GATE_REASONS)[number]

export function initGateReasons(): Record<GateReason, number> {
  return Object.fromEntries(GATE_REASONS.map((reason) => [reason, 0])) as Record<GateReason, number> // One entry for each.
}

const SIGNIFICANT_FIGURES_MAX = 5

/** What the gate judges by. Exposures include live, uncertain and just approved orders. */
export interface GateFacts {
  readonly market: MarketSpec
  readonly isReady: boolean
  readonly isKilled: boolean
  readonly midTicks: number | null
  /** As the venue told them last, real numbers of ticks; null before. */
  readonly markTicks: number | null
  readonly oracleTicks: number | null
  /** Position with everything that immediate answers announced, lots. */
  readonly positionLots: number
  /** Lots that may still be bought and sold by orders already out. */
  readonly openBuyLots: number
  readonly openSellLots: number
  /** Best own prices already out, null without any. */
  readonly ownBidTicks: number | null
  readonly ownAskTicks: number | null
  readonly isKnownCloid: (cloid: string) => boolean
  /** Order messages still allowed in this second. */
  readonly orderAllowance: number
}

export type GateResult =
  | { readonly verdict: 'approved'; readonly command: Approved }
  | { readonly verdict: 'refused'; readonly command: Command; readonly reasons: readonly GateReason[] }

export function approve(command: Command, facts: GateFacts, settings: EngineSettings): GateResult {
  const reasons: GateReason[] = []
  // Cancels, questions and margin never make exposure: they pass in every state, also after the kill switch.
  if (command.kind === 'place') checkOrder(command.order, facts, settings, reasons)
  if (command.kind === 'modify') checkOrder(command.order, facts, settings, reasons)
  if (reasons.length > 0) return { verdict: 'refused', command, reasons }
  // The one place where the brand is given.
  return { verdict: 'approved', command: command as Approved }
}

function checkOrder(
  order: NewOrder,
  facts: GateFacts,
  settings: EngineSettings,
  reasons: GateReason[],
): void {
  if (!facts.isReady || facts.midTicks === null) reasons.push('notReady')
  if (facts.isKilled && !order.reduceOnly) reasons.push('killed')
  if (!isPriceOnVenueGrid(order.priceTicks, facts.market.grid.priceDecimals)) reasons.push('invalidPrice')
  if (!isWhole(order.sizeLots) || order.sizeLots <= 0) reasons.push('invalidSize')
  if (order.priceTicks * order.sizeLots < facts.market.minNotionalMicroUsd && !closesAll(order, facts)) {
    reasons.push('belowMinimum')
  }
  if (isOutsideCollar(order.priceTicks, facts.midTicks, settings)) reasons.push('outsideCollar')
  // The exit is held to the mid alone: a mark gone wrong must not lock us in.
  if (!order.reduceOnly) {
    if (isOutsideCollar(order.priceTicks, facts.markTicks, settings)) reasons.push('farFromMark')
    if (isOutsideCollar(order.priceTicks, facts.oracleTicks, settings)) reasons.push('farFromOracle')
  }
  if (order.sizeLots > settings.maxOrderLots) reasons.push('tooLarge')
  if (exceedsExposure(order, facts, settings)) reasons.push('exposure')
  if (crossesOwn(order.side, order.priceTicks, facts)) reasons.push('ownCross')
  if (facts.isKnownCloid(order.cloid)) reasons.push('duplicate')
  if (facts.orderAllowance < 1) reasons.push('throttle')
}

/** The venue's rule by digits, not by the step arithmetic that rounded the price: five figures, or no decimals at all. */
export function isPriceOnVenueGrid(priceTicks: number, priceDecimals: number): boolean {
  if (!isWhole(priceTicks) || priceTicks <= 0) return false
  let rest = priceTicks
  let zeros = 0
  for (; rest % 10 === 0; rest /= 10) zeros += 1
  let figures = 0
  for (; rest > 0; rest = Math.floor(rest / 10)) figures += 1
  return zeros >= priceDecimals || figures <= SIGNIFICANT_FIGURES_MAX
}

/** An order that ends the position may be smaller than the venue's minimum. */
function closesAll(order: NewOrder, facts: GateFacts): boolean {
  const held = facts.positionLots
  return held !== 0 && held > 0 === (order.side === 'sell') && order.sizeLots >= Math.abs(held)
}

function isOutsideCollar(priceTicks: number, fromTicks: number | null, settings: EngineSettings): boolean {
  return fromTicks !== null && Math.abs(priceTicks / fromTicks - 1) * 10_000 > settings.priceCollarBps
}

/**
 * Worst case: everything out on this side fills, nothing on the other. An order that is being replaced still counts: it may
 * fill in part before the venue moves it.
 */
function exceedsExposure(order: NewOrder, facts: GateFacts, settings: EngineSettings): boolean {
  const openLots = order.side === 'buy' ? facts.openBuyLots : facts.openSellLots
  const towards = order.side === 'buy' ? facts.positionLots : -facts.positionLots
  return towards + openLots + order.sizeLots > settings.maxPositionLots
}

function crossesOwn(side: Side, priceTicks: number, facts: GateFacts): boolean {
  if (side === 'buy') return facts.ownAskTicks !== null && priceTicks >= facts.ownAskTicks
  return facts.ownBidTicks !== null && priceTicks <= facts.ownBidTicks
}
