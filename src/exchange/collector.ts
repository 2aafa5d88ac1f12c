/** The sink behind `apply`: a fresh object for each event, in a fresh array for each command. */
import type { ExchangeEvent, FillEvent, OrderStatusWord, OrderView, TradeEvent } from './event.ts'
import { copyOrder } from './order-view.ts'
import type { EventSink, RareEvent } from './ports.ts'

export class EventCollector implements EventSink {
  events: ExchangeEvent[] = []

  order(tsMs: number, status: OrderStatusWord, order: OrderView): void {
    this.events.push({ kind: 'order', tsMs, status, order: copyOrder(order) })
  }

  fill(fill: FillEvent): void {
    const { tsMs, tid, assetId, account, oid, cloid, side, priceTicks, sizeLots } = fill
    const { startPositionLots, closedPnlMicroUsd, feeMicroUsd, crossed, liquidation } = fill
    const { builderFeeMicroUsd, twapId } = fill
    this.events.push({
      kind: 'fill',
      tsMs,
      tid,
      assetId,
      account,
      oid,
      cloid,
      side,
      priceTicks,
      sizeLots,
      startPositionLots,
      closedPnlMicroUsd,
      feeMicroUsd,
      builderFeeMicroUsd,
      twapId,
      crossed,
      liquidation,
    })
  }

  trade(trade: TradeEvent): void {
    const { tsMs, tid, assetId, aggressor, priceTicks, sizeLots, buyer, seller } = trade
    this.events.push({ kind: 'trade', tsMs, tid, assetId, aggressor, priceTicks, sizeLots, buyer, seller })
  }

  other(event: RareEvent): void {
    this.events.push(event)
  }
}
