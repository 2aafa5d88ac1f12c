/** Trigger orders whose price the mark reached become orders of the book. */
import { checkMargin } from './admission.ts'
import type { OrderRequest } from './command.ts'
import { TRIGGERS_PER_UPDATE_MAX } from './limits.ts'
import type { OrderStatusWord, OrderView } from './event.ts'
import { isHeldBack } from './mmp.ts'
import { NO_SLOT, ownerOf, slotOfOid } from './order-index.ts'
import { announceUnplaced, dropOrder, endGroup, reducibleLots, viewOfSlot } from './order-life.ts'
import { executeOrder } from './placing.ts'
import { priceIndexOf } from './price-index.ts'
import { crosses } from './admission.ts'
import type { Exchange, Holding, Market } from './state.ts'
import { takeReached } from './trigger-book.ts'

/** Fires what the mark has reached, nearest id first among equals. The mark itself does not move meanwhile. */
export function fireTriggers(exchange: Exchange, market: Market): void {
  const { above, below } = market.triggers
  if (above.length === 0 && below.length === 0) return
  for (let fired = 0; fired < TRIGGERS_PER_UPDATE_MAX; fired += 1) {
    const oid = takeReached(market.triggers, market.markTicks)
    if (oid === null) return
    const slot = slotOfOid(exchange.pool, oid)
    if (slot !== NO_SLOT) fire(exchange, slot)
  }
}

function fire(exchange: Exchange, slot: number): void {
  const { pool } = exchange
  const holding = ownerOf(pool, slot)
  const trigger = pool.trigger[slot]!
  // It was taken off the list already.
  trigger.armed = false
  const view = viewOfSlot(exchange, slot)
  dropOrder(exchange, slot)
  tell(exchange, holding, view, 'triggered')
  if (trigger.group !== null) endGroup(exchange, trigger.group, 'siblingFilledCanceled', view.oid)

  const reducible = reducibleLots(holding, view.side)
  const sizeLots = trigger.group?.followsPosition === true ? reducible : view.remainingLots
  const request: OrderRequest = {
    assetId: view.assetId,
    side: view.side,
    priceTicks: view.priceTicks,
    sizeLots,
    reduceOnly: view.reduceOnly,
    tif: trigger.spec.isMarket ? 'Ioc' : 'Gtc',
    trigger: trigger.spec,
    cloid: view.cloid,
  }
  if (view.reduceOnly && reducible === 0) {
    tell(exchange, holding, view, 'reduceOnlyCanceled')
    return
  }
  if (!view.reduceOnly && isHeldBack(exchange, holding)) {
    tell(exchange, holding, view, 'rejected')
    return
  }
  const refused = checkMargin(exchange, holding, request)
  if (refused !== null) {
    tell(exchange, holding, view, refused.status)
    return
  }
  const priceIndex = priceIndexOf(view.priceTicks, holding.market.instrument.grid.priceDecimals)
  if (trigger.spec.isMarket && !crosses(holding.market, view.side, priceIndex)) {
    tell(exchange, holding, view, 'marketOrderNoLiquidityRejected')
    return
  }
  executeOrder(exchange, holding, request, view.oid, priceIndex)
}

function tell(exchange: Exchange, holding: Holding, view: OrderView, status: OrderStatusWord): void {
  const request = { ...view, sizeLots: view.originalLots }
  announceUnplaced(exchange, holding, request, view.oid, view.remainingLots, status, view.placedTsMs)
}
