/**
 * How an event leaves: into the running hash and to the sink. The records that are handed on belong to the exchange and
 * are filled anew for every event, so that an event costs no allocation.
 */
import { statusCode, STATUS_OPEN, STATUS_TRIGGERED } from './status.ts'
import type { FillEvent, OrderStatusWord, OrderView, TradeEvent } from './event.ts'
import { mixAny, mixRecord } from './hash-lanes.ts'
import { keepEnded } from './history.ts'
import type { RareEvent } from './ports.ts'
import type { Account, Exchange } from './state.ts'

/** Says that an order changed, and keeps it in the account's history when it ended. */
export function announce(
  exchange: Exchange,
  account: Account,
  order: OrderView,
  status: OrderStatusWord,
): void {
  const code = statusCode(status)
  mixRecord(exchange.lanes, 20 + code, order.oid, order.remainingLots, 0, 0)
  if (code !== STATUS_OPEN && code !== STATUS_TRIGGERED) {
    keepEnded(account.ended, order, code, exchange.tsMs)
    if (exchange.builderByOid.size !== 0) exchange.builderByOid.delete(order.oid)
  }
  exchange.sink.order(exchange.tsMs, status, order)
}

export function emitFill(exchange: Exchange, fill: FillEvent): void {
  mixRecord(exchange.lanes, fill.tid, fill.oid, fill.sizeLots, fill.feeMicroUsd, fill.closedPnlMicroUsd)
  exchange.sink.fill(fill)
}

export function emitTrade(exchange: Exchange, trade: TradeEvent): void {
  mixRecord(exchange.lanes, 60, trade.tid, trade.priceTicks, 0, 0)
  exchange.sink.trade(trade)
}

/** Funding, transfers, liquidations, TWAP orders. */
export function emit(exchange: Exchange, event: RareEvent): void {
  if (event.kind === 'liquidation' || event.kind === 'twap') mixAny(exchange.lanes, event)
  else {
    const who = exchange.accountByAddress.get(event.account)!.index
    mixRecord(exchange.lanes, event.kind === 'funding' ? 61 : 62, who, event.amountMicroUsd, event.tsMs, 0)
  }
  exchange.sink.other(event)
}
