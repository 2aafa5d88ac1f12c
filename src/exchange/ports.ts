/** What the exchange's surroundings may offer it. */
import type { ExchangeEvent, FillEvent, OrderStatusWord, OrderView, TradeEvent } from './event.ts'

/** What is left after the three commonest kinds. */
export type RareEvent = Exclude<ExchangeEvent, { readonly kind: 'order' | 'fill' | 'trade' }>

/**
 * Hears of events as they happen, in order. The records of orders, fills and trades are the exchange's own and change
 * with the next event: a sink reads the numbers it needs, or copies. It must not call the exchange.
 */
export interface EventSink {
  order(tsMs: number, status: OrderStatusWord, order: OrderView): void
  fill(fill: FillEvent): void
  trade(trade: TradeEvent): void
  other(event: RareEvent): void
}
