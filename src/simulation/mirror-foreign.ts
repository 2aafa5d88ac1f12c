/**
 * Orders of others among the mirrored ones.
 *
 * state   live orders that are not the tape's, by price; at most as many as the exchange lets them have
 */
import type { Side } from '../core/units.ts'
import type { ExchangeEvent } from '../exchange/event.ts'

/** Order ids by side and price, oldest first: ids rise with time, and an order made smaller in place keeps its id. */
export type ForeignOrders = Record<Side, Map<number, number[]>>

export function initForeignOrders(): ForeignOrders {
  return { buy: new Map(), sell: new Map() }
}

/** Takes note of an order that is not the tape's. */
export function noteForeign(foreign: ForeignOrders, event: ExchangeEvent & { readonly kind: 'order' }): void {
  const { oid, side, priceTicks } = event.order
  const oids = foreign[side].get(priceTicks) ?? []
  const held = oids.indexOf(oid)
  if (event.status === 'open') {
    if (held !== -1) return
    oids.push(oid)
    foreign[side].set(priceTicks, oids)
  } else if (held !== -1) {
    oids.splice(held, 1)
    if (oids.length === 0) foreign[side].delete(priceTicks)
  }
}
