/**
 * How large one order may be, and how much of a builder DEX may be open.
 *
 * value   market orders up to a limit by the market's max leverage, limit orders up to ten times that
 * caps    open interest of a builder DEX: the notional of all its markets together, and a billion units in each of them
 * source  https://hyperliquid.gitbook.io/hyperliquid-docs/trading/contract-specifications
 */
import type { OrderRequest } from './command.ts'
import type { OrderStatusWord } from './event.ts'
import { BUILDER_OPEN_INTEREST_UNITS_MAX } from './limits.ts'
import type { Market } from './state.ts'

/** By max leverage from this on, descending. */
export const MARKET_ORDER_CLASSES: readonly {
  readonly fromLeverage: number
  readonly microUsdMax: number
}[] = [
  { fromLeverage: 25, microUsdMax: 30_000_000_000_000 },
  { fromLeverage: 20, microUsdMax: 5_000_000_000_000 },
  { fromLeverage: 10, microUsdMax: 2_000_000_000_000 },
  { fromLeverage: 1, microUsdMax: 500_000_000_000 },
]
const LIMIT_ORDER_FACTOR = 10

interface Refusal {
  readonly text: string
  readonly status: OrderStatusWord
}

/** Micro-dollars that one order may be worth. */
export function orderValueMax(maxLeverage: number, isMarket: boolean): number {
  const one = MARKET_ORDER_CLASSES.find(({ fromLeverage }) => maxLeverage >= fromLeverage)
  return (one?.microUsdMax ?? 0) * (isMarket ? 1 : LIMIT_ORDER_FACTOR)
}

export function checkLargest(market: Market, order: OrderRequest): Refusal | null {
  const isMarket = order.tif === 'Ioc' || order.tif === 'FrontendMarket'
  const most = orderValueMax(market.instrument.marginTiers[0]!.maxLeverage, isMarket)
  if (order.priceTicks * order.sizeLots <= most) return null
  const text = `Order value exceeds the maximum of $${most / 1e6}. asset=${order.assetId}`
  return { text, status: 'rejected' }
}

/** @param openingLots what the order would open */
export function checkDexCaps(market: Market, openingLots: number): Refusal | null {
  const { dex, instrument } = market
  if (dex.spec.index === 0 || openingLots === 0) return null
  const lotsMax = BUILDER_OPEN_INTEREST_UNITS_MAX * 10 ** instrument.grid.szDecimals
  let isOver = market.openInterestLots + openingLots > lotsMax
  const cap = dex.spec.openInterestCapMicroUsd
  if (cap !== undefined) {
    let open = openingLots * market.markTicks
    for (const one of dex.markets) open += one.openInterestLots * one.markTicks
    isOver ||= open > cap
  }
  if (!isOver) return null
  const text = 'Order would increase open interest while open interest is capped'
  return { text, status: 'positionIncreaseAtOpenInterestCapRejected' }
}
