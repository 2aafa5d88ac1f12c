/**
 * How an event leaves: into the running hash and to the sink. The records that are handed on belong to the exchange and
 * are filled anew for every event, so that an event costs no allocation.
 */
import * as hashLanes from './hash-lanes.ts'
import type { HashLanes } from './hash-lanes.ts'
import * as history from './history.ts'
import type { RareEvent } from './ports.ts'
import type { Exchange, Holding } from './state.ts'
import * as status from './status.ts'
import type { STATUS_OPEN, STATUS_TRIGGERED } from './status.ts'

// Own constants are folded into the machine code, imported ones are looked up at every use, and so are functions.
const { mixAny, mixOrderEvent, mixRecord, mixThree, STATUS_SPAN } = hashLanes
const { keepEnded } = history
const { STATUS_WORDS } = status
const OPEN: typeof STATUS_OPEN = 0
const TRADE = 60
const TRIGGERED: typeof STATUS_TRIGGERED = 3

/** Says that the order in a slot changed, and keeps it in the account's history when it ended. */
export function announce(exchange: Exchange, holding: Holding, slot: number, code: number): void {
  const { pool, shown, tsMs } = exchange
  const at = slot << 3
  const { records } = pool
  mixOrderEvent(exchange.lanes, records[at]!, code, records[at | 3]!, records[at | 2]!)
  if (code !== OPEN && code !== TRIGGERED) {
    keepEnded(
      exchange.ended,
      holding.account.index,
      pool,
      slot,
      holding.market.instrument.assetId,
      code,
      tsMs,
    )
    if (exchange.builderByOid.size !== 0) exchange.builderByOid.delete(pool.records[at]!)
  }
  shown.slot = slot
  exchange.sink.order(tsMs, STATUS_WORDS[code]!, shown)
}

/** What the hash keeps of a trade, beside order, fee and profit of each side. */
export function mixTrade(lanes: HashLanes, tid: number, priceTicks: number, lots: number): void {
  mixThree(lanes, tid * STATUS_SPAN + TRADE, priceTicks, lots)
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
