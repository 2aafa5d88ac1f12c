/** Orders as the venue shows them: the short form, the front end's form, and with their status. */
import { opposite } from '../../core/units.ts'
import type { OrderStatusWord, OrderView } from '../../exchange/event.ts'
import { type Directory, instrumentOf } from '../directory.ts'
import { fromWhole } from './decimals.ts'
import { toHex, toWireSide } from './hex.ts'
import type { WireFrontendOrder, WireHistoricalOrder, WireOpenOrder, WireOrderUpdate } from './types.ts'

export interface OrderWithStatus {
  readonly order: OrderView
  readonly status: OrderStatusWord
  readonly statusTsMs: number
}

export function toOpenOrder(directory: Directory, order: OrderView): WireOpenOrder {
  const { coin, grid } = instrumentOf(directory, order.assetId)
  return {
    coin,
    side: toWireSide(order.side),
    limitPx: fromWhole(order.priceTicks, grid.priceDecimals),
    sz: fromWhole(order.remainingLots, grid.szDecimals),
    oid: order.oid,
    timestamp: order.placedTsMs,
    origSz: fromWhole(order.originalLots, grid.szDecimals),
    ...(order.cloid === null ? {} : { cloid: toHex(order.cloid) }),
    ...(order.reduceOnly ? { reduceOnly: true as const } : {}),
  }
}

/** @param children what waits for it to fill */
export function toFrontendOrder(
  directory: Directory,
  order: OrderView,
  children: readonly OrderView[] = [],
): WireFrontendOrder {
  const { coin, grid } = instrumentOf(directory, order.assetId)
  const { trigger } = order
  const triggerPx = trigger === null ? '0.0' : fromWhole(trigger.triggerTicks, grid.priceDecimals)
  return {
    coin,
    side: toWireSide(order.side),
    limitPx: fromWhole(order.priceTicks, grid.priceDecimals),
    sz: fromWhole(order.remainingLots, grid.szDecimals),
    oid: order.oid,
    timestamp: order.placedTsMs,
    triggerCondition: trigger === null ? 'N/A' : `Price ${isAbove(order) ? 'above' : 'below'} ${triggerPx}`,
    isTrigger: trigger !== null,
    triggerPx,
    children: children.map((child) => toFrontendOrder(directory, child)),
    isPositionTpsl: trigger?.ofPosition === true,
    reduceOnly: order.reduceOnly,
    orderType: orderTypeOf(order),
    origSz: fromWhole(order.originalLots, grid.szDecimals),
    tif: trigger?.isMarket === true ? null : order.tif,
    cloid: order.cloid === null ? null : toHex(order.cloid),
  }
}

export function toHistoricalOrder(directory: Directory, entry: OrderWithStatus): WireHistoricalOrder {
  return {
    order: toFrontendOrder(directory, entry.order),
    status: entry.status,
    statusTimestamp: entry.statusTsMs,
  }
}

export function toOrderUpdate(directory: Directory, entry: OrderWithStatus): WireOrderUpdate {
  return {
    order: toOpenOrder(directory, entry.order),
    status: entry.status,
    statusTimestamp: entry.statusTsMs,
  }
}

/** A take-profit fires on the far side of the position that it closes: above for one that sells. */
function isAbove(order: OrderView): boolean {
  const closesLong = opposite(order.side) === 'buy'
  return (order.trigger?.kind === 'tp') === closesLong
}

function orderTypeOf(order: OrderView): WireFrontendOrder['orderType'] {
  if (order.trigger === null) return order.tif === 'FrontendMarket' ? 'Market' : 'Limit'
  if (order.trigger.kind === 'tp') return order.trigger.isMarket ? 'Take Profit Market' : 'Take Profit Limit'
  return order.trigger.isMarket ? 'Stop Market' : 'Stop Limit'
}
