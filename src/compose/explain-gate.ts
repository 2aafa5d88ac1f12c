/**
 * What the send gate says to an order that was wished and not sent: the gate itself is asked again, with the facts that the step
 * left, so its reasons are its own.
 */
import type { NewOrder } from '../core/command.ts'
import type { Engine } from '../core/engine.ts'
import { makeCloid } from '../core/orders/cloid.ts'
import type { Order } from '../core/orders/tracker.ts'
import { approve } from '../core/risk/gate.ts'
import type { GateFacts, GateReason } from '../core/risk/gate.ts'
import { factsOf } from '../core/send.ts'
import type { EngineSettings } from '../core/settings.ts'
import type { Side } from '../core/units.ts'

interface WishedOrder {
  readonly priceTicks: number
  readonly sizeLots: number
  readonly reduceOnly: boolean
}

/** A counter that no run reaches: the question must not look like an order that is known. */
const COUNTER_OF_QUESTIONS = 2 ** 40 - 1

/** Every reason, with the numbers; empty when nothing stands in the way (any more). */
export function gateReasons(
  engine: Engine,
  of: { readonly order: Order | null; readonly want: WishedOrder; readonly side?: Side },
): readonly string[] {
  const { state, parts } = engine
  const facts = factsOf(state, parts.settings)
  const { order, want } = of
  const side = order?.side ?? of.side
  if (facts === null || side === undefined) return []
  const asked: NewOrder = {
    cloid: makeCloid({
      network: facts.market.network,
      epoch: state.epoch,
      counter: COUNTER_OF_QUESTIONS,
    }),
    side,
    priceTicks: want.priceTicks,
    sizeLots: want.sizeLots,
    tif: 'alo',
    reduceOnly: want.reduceOnly,
  }
  const result =
    order === null
      ? approve({ kind: 'place', order: asked }, facts, parts.settings)
      : approve(
          { kind: 'modify', targetCloid: order.cloid, targetOid: order.oid ?? 0, order: asked },
          facts,
          parts.settings,
        )
  if (result.verdict === 'approved') return []
  return result.reasons.map((reason) => sentenceOf(reason, asked, facts, parts.settings))
}

function sentenceOf(reason: GateReason, order: NewOrder, facts: GateFacts, settings: EngineSettings): string {
  const open = order.side === 'buy' ? facts.openBuyLots : facts.openSellLots
  switch (reason) {
    case 'exposure':
      return `exposure: position ${facts.positionLots}, ${open} lots out on this side and ${order.sizeLots} more exceed ${settings.maxPositionLots}`
    case 'throttle':
      return `throttle: ${facts.orderAllowance} of ${settings.maxOrdersPerSec} order messages are left in this second`
    case 'ownCross':
      return `ownCross: it would meet our own ${order.side === 'buy' ? `ask at ${facts.ownAskTicks}` : `bid at ${facts.ownBidTicks}`} ticks`
    case 'outsideCollar':
      return `outsideCollar: more than ${settings.priceCollarBps} bps from the mid ${facts.midTicks}`
    case 'tooLarge':
      return `tooLarge: ${order.sizeLots} lots, at most ${settings.maxOrderLots} an order`
    case 'belowMinimum':
      return `belowMinimum: worth ${(order.priceTicks * order.sizeLots) / 1e6} USD of at least ${facts.market.minNotionalMicroUsd / 1e6}`
    case 'notReady':
      return 'notReady: not connected, not running, or no account or mid yet'
    default:
      return reason
  }
}
