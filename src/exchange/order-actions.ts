/**
 * Orders by the batch: what one signed action places, cancels or changes, each order with its own answer.
 *
 * A batch may be a group of take-profit and stop orders: of a position (all follow its size), or of a parent order (they wait
 * until it filled). The orders of a group end together when one of them fires.
 */
import { builderFault } from './builders.ts'
import { cancelOrder } from './canceling.ts'
import { refused } from './command-answer.ts'
import type { Action, BuilderFee, CommandAnswer, OrderAnswer, OrderRequest } from './command.ts'
import { BATCH_UNITS_MAX } from './limits.ts'
import { modifyOrder } from './modifying.ts'
import { NO_SLOT, setChildren, slotOfOid, type TriggerGroup } from './order-index.ts'
import { armGroup } from './order-life.ts'
import { lastAnswer } from './outcome.ts'
import { ALONE, placeOrder, type Place } from './placing.ts'
import type { Account, Exchange } from './state.ts'

const OVER_WEIGHT = refused(`Signed action over weight limit of ${BATCH_UNITS_MAX}.`)

export function placeBatch(exchange: Exchange, account: Account, action: Action<'order'>): CommandAnswer {
  if (action.orders.length > BATCH_UNITS_MAX) return OVER_WEIGHT
  if (action.orders.length === 0) return refused('Action has no orders.')
  const builder = action.builder ?? null
  const fault = builder === null ? null : builderFault(builder)
  if (fault !== null) return refused(fault)
  switch (action.grouping) {
    case 'na':
      return {
        kind: 'orders',
        answers: action.orders.map((order) => placed(exchange, account, order, ALONE, builder)),
      }
    case 'positionTpsl':
      return placePositionGroup(exchange, account, action.orders, builder)
    case 'normalTpsl':
      return placeWithChildren(exchange, account, action.orders, builder)
  }
}

function placed(
  exchange: Exchange,
  account: Account,
  order: OrderRequest,
  place: Place,
  builder: BuilderFee | null,
): OrderAnswer {
  // The id that the order will have, if it becomes one; an order that ends takes its builder with it.
  const oid = exchange.oidLast + 1
  if (builder !== null && builder.feePpb > 0) exchange.builderByOid.set(oid, builder)
  placeOrder(exchange, account, order, place)
  if (exchange.oidLast < oid) exchange.builderByOid.delete(oid)
  return lastAnswer(exchange)
}

function placePositionGroup(
  exchange: Exchange,
  account: Account,
  orders: readonly OrderRequest[],
  builder: BuilderFee | null,
): CommandAnswer {
  if (orders.some((order) => order.trigger === null || !order.reduceOnly)) {
    return refused('Orders of a position group must be reduce-only TP/SL orders.')
  }
  const group: TriggerGroup = { oids: [], followsPosition: true }
  return {
    kind: 'orders',
    answers: orders.map((order) => placed(exchange, account, order, { group, armed: true }, builder)),
  }
}

/** The first order is the parent; the others wait until it filled, and end when it ends unfilled. */
function placeWithChildren(
  exchange: Exchange,
  account: Account,
  orders: readonly OrderRequest[],
  builder: BuilderFee | null,
): CommandAnswer {
  const [parent, ...children] = orders
  if (parent === undefined || parent.trigger !== null)
    return refused('The first order of the group must be plain.')
  if (children.some((order) => order.trigger === null))
    return refused('The children of the group must be TP/SL orders.')
  const first = placed(exchange, account, parent, ALONE, builder)
  if (first.kind === 'error') {
    return { kind: 'orders', answers: orders.map((): OrderAnswer => ({ kind: 'error', text: first.text })) }
  }
  const group: TriggerGroup = { oids: [], followsPosition: false }
  const answers = children.map((order) => placed(exchange, account, order, { group, armed: false }, builder))
  const parentSlot = slotOfOid(exchange.pool, first.oid)
  if (parentSlot !== NO_SLOT) {
    setChildren(exchange.pool, parentSlot, group)
    return { kind: 'orders', answers: [first, ...answers] }
  }
  armGroup(exchange, group)
  const armed = answers.map((one) =>
    one.kind === 'waitingForFill' ? { ...one, kind: 'waitingForTrigger' as const } : one,
  )
  return { kind: 'orders', answers: [first, ...armed] }
}

export function cancelBatch(exchange: Exchange, account: Account, action: Action<'cancel'>): CommandAnswer {
  if (action.cancels.length > BATCH_UNITS_MAX) return OVER_WEIGHT
  if (action.cancels.length === 0) return refused('Action has no cancels.')
  const answers = action.cancels.map((cancel) => cancelOrder(exchange, account, cancel.assetId, cancel.ref))
  return { kind: 'cancels', answers }
}

export function modifyBatch(exchange: Exchange, account: Account, action: Action<'modify'>): CommandAnswer {
  if (action.modifies.length > BATCH_UNITS_MAX) return OVER_WEIGHT
  if (action.modifies.length === 0) return refused('Action has no modifies.')
  const answers = action.modifies.map((one) => {
    modifyOrder(exchange, account, one.ref, one.order, action.always)
    return lastAnswer(exchange)
  })
  return { kind: 'orders', answers }
}
