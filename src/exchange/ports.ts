/** What the exchange's surroundings may offer it. */
import type { CommandAnswer, ExchangeCommand } from './command.ts'
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

/** Keeps a command before it is applied, so that the exchange can be replayed. */
export interface JournalWriter {
  write(command: ExchangeCommand): void
}

/** Where others hand in commands; the answer comes when its block was applied. */
export interface CommandPublisher {
  publish(command: ExchangeCommand, answered: (answer: CommandAnswer) => void): void
}
