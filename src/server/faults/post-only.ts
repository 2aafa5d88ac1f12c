/** The window after an upgrade of the venue, in which only post-only orders are taken: the others fail one by one. */
import type { DecodedOrder } from '../actions/order-wire.ts'
import type { FaultPlan } from './plan.ts'

const TEXT = 'Only post-only orders allowed immediately after network upgrade'

/** @returns the orders of one action, with an error in the place of each that may take while the window is open */
export function refuseTakers(plan: FaultPlan | null, decoded: DecodedOrder[]): DecodedOrder[] {
  if (plan === null || !decoded.some(mayTake)) return decoded
  const isOpen = plan.script.fault.some((fault) => fault.kind === 'post-only' && plan.strikes(fault))
  return isOpen ? decoded.map((entry) => (mayTake(entry) ? { kind: 'error', text: TEXT } : entry)) : decoded
}

function mayTake(entry: DecodedOrder): boolean {
  return entry.kind === 'order' && entry.order.tif !== 'Alo'
}
