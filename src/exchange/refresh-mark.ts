/** What follows from a price or from time, for one market: its mark, the triggers that fire by it, the liquidations. */
import { liquidateHolders } from './liquidation.ts'
import { updateMark } from './oracle.ts'
import type { Exchange, Market } from './state.ts'
import { fireTriggers } from './triggers.ts'

/** Also when the mark stands still, since funding and fills moved equity. */
export function refreshMark(exchange: Exchange, market: Market): void {
  updateMark(market, exchange.tsMs)
  fireTriggers(exchange, market)
  liquidateHolders(exchange, market)
}
