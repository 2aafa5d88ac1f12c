/**
 * The order of commands inside one block: outside facts, then actions that place no order able to take, then cancels,
 * then takers; inside a class, order of arrival. A modify is classed by its new orders.
 * @see https://hyperliquid.gitbook.io/hyperliquid-docs/trading/order-types (cancels and post-only before takers)
 */
import { assertNever } from '../core/assert.ts'
import type { AccountAction, ExchangeCommand, OrderRequest } from '../exchange/command.ts'

/** Oracle prices and deposits 0, actions that cannot take 1, cancels 2, actions that may take 3. */
export type BlockClass = 0 | 1 | 2 | 3

export const BLOCK_CLASS_COUNT = 4

export function blockClassOf(command: ExchangeCommand): BlockClass {
  return command.kind === 'action' ? classOfAction(command.action) : 0
}

function classOfAction(action: AccountAction): BlockClass {
  switch (action.kind) {
    case 'order':
      return action.orders.some(mayTake) ? 3 : 1
    case 'modify':
      return action.modifies.some((modify) => mayTake(modify.order)) ? 3 : 1
    case 'cancel':
      return 2
    case 'updateLeverage':
    case 'updateIsolatedMargin':
    case 'scheduleCancel':
    case 'transfer':
    case 'reserveRequestWeight':
    case 'claimRewards':
    case 'setReferrer':
    case 'twapOrder':
    case 'twapCancel':
    case 'deploy':
    case 'noop':
      return 1
    default:
      return assertNever(action)
  }
}

function mayTake(order: OrderRequest): boolean {
  return order.tif !== 'Alo'
}
