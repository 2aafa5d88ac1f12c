/** Which live order of an account a reference names, and the ends its owner asks for: one order, or all of them. */
import type { OrderRef } from './command.ts'
import { NO_SLOT, ownerOf, slotOfOid } from './order-index.ts'
import { endOrder, endOwnOrders } from './order-life.ts'
import { unknownOrderText } from './outcome.ts'
import type { Account, Exchange } from './state.ts'

/** @returns the slot of an account's own live order in this market, or NO_SLOT */
export function slotOfRef(
  exchange: Exchange,
  account: Account,
  ref: OrderRef,
  assetId: number | null,
): number {
  const { pool } = exchange
  const slot = 'oid' in ref ? slotOfOid(pool, ref.oid) : (account.slotByCloid.get(ref.cloid) ?? NO_SLOT)
  if (slot === NO_SLOT) return NO_SLOT
  const holding = ownerOf(pool, slot)
  if (holding.account !== account) return NO_SLOT
  return assetId === null || holding.market.instrument.assetId === assetId ? slot : NO_SLOT
}

export type CancelAnswer = { readonly kind: 'success' } | { readonly kind: 'error'; readonly text: string }

export function cancelOrder(
  exchange: Exchange,
  account: Account,
  assetId: number,
  ref: OrderRef,
): CancelAnswer {
  const slot = slotOfRef(exchange, account, ref, assetId)
  if (slot === NO_SLOT) {
    return { kind: 'error', text: unknownOrderText(assetId) }
  }
  endOrder(exchange, slot, 'canceled')
  return { kind: 'success' }
}

/** Ends every live order of an account whose scheduled cancel came due, oldest market first. */
export function cancelScheduled(exchange: Exchange, account: Account): void {
  for (const holding of account.holdings.values()) endOwnOrders(exchange, holding, 'scheduledCancel')
}
