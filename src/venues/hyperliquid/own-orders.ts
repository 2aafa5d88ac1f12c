/**
 * Which resting orders are ours to cancel: those whose client id says so (of this run or an earlier one), and those that this
 * adapter sent itself. Anything else on the account is somebody else's, a person's by hand or another program's, and stays.
 *
 * state  identities of orders sent from here, the oldest forgotten first
 */
import type { OpenOrder, RawInput } from '../../core/input.ts'
import type { Network } from '../../core/market.ts'
import { epochOf } from '../../core/orders/cloid.ts'

/** Orders remembered as sent from here; the venue lets an account rest a few thousand. */
export const OWN_ORDERS_MAX = 20_000

export interface OwnOrders {
  readonly cloids: Set<string>
  readonly oids: Set<number>
}

export function initOwnOrders(): OwnOrders {
  return { cloids: new Set(), oids: new Set() }
}

export function noteSent(own: OwnOrders, cloid: string): void {
  own.cloids.add(cloid)
  forgetOldest(own.cloids)
}

/** Learns the venue's number of an order of ours from what the venue says about it. */
export function noteInput(own: OwnOrders, input: RawInput): void {
  if (!('cloid' in input) || !('oid' in input)) return
  if (input.cloid === null || input.oid === null || !own.cloids.has(input.cloid)) return
  own.oids.add(input.oid)
  forgetOldest(own.oids)
}

export function isOurs(own: OwnOrders, network: Network, order: Pick<OpenOrder, 'oid' | 'cloid'>): boolean {
  if (epochOf(order.cloid, network) !== null || own.oids.has(order.oid)) return true
  return order.cloid !== null && own.cloids.has(order.cloid)
}

function forgetOldest(ids: Set<unknown>): void {
  if (ids.size <= OWN_ORDERS_MAX) return
  for (const oldest of ids) {
    ids.delete(oldest)
    return
  }
}
