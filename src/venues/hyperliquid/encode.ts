/**
 * Commands -> actions of the venue. Numbers go out as decimal strings without trailing zeros, and keys in the order in which
 * they are hashed: both are part of what is signed.
 * @see https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/exchange-endpoint
 */
import type { NewOrder, TimeInForce } from '../../core/command.ts'
import type { MarketSpec } from '../../core/market.ts'
import { decimalOf } from './decimal.ts'

const TIF_WORDS: Readonly<Record<TimeInForce, 'Alo' | 'Ioc' | 'Gtc'>> = { alo: 'Alo', ioc: 'Ioc', gtc: 'Gtc' }

export interface WireOrder {
  readonly a: number
  readonly b: boolean
  readonly p: string
  readonly s: string
  readonly r: boolean
  readonly t: { readonly limit: { readonly tif: 'Alo' | 'Ioc' | 'Gtc' } }
  readonly c: string
}

export type Action =
  | { readonly type: 'order'; readonly orders: readonly WireOrder[]; readonly grouping: 'na' }
  | { readonly type: 'cancel'; readonly cancels: readonly { readonly a: number; readonly o: number }[] }
  | {
      readonly type: 'cancelByCloid'
      readonly cancels: readonly { readonly asset: number; readonly cloid: string }[]
    }
  | {
      readonly type: 'batchModify'
      readonly modifies: readonly { readonly oid: number; readonly order: WireOrder }[]
    }
  | {
      readonly type: 'updateLeverage'
      readonly asset: number
      readonly isCross: boolean
      readonly leverage: number
    }
  | {
      readonly type: 'updateIsolatedMargin'
      readonly asset: number
      readonly isBuy: boolean
      readonly ntli: number
    }
  /** Without a time: the switch is taken back. */
  | { readonly type: 'scheduleCancel'; readonly time?: number }

export function encodeOrder(order: NewOrder, market: MarketSpec): WireOrder {
  return {
    a: market.assetId,
    b: order.side === 'buy',
    p: decimalOf(order.priceTicks, market.grid.priceDecimals),
    s: decimalOf(order.sizeLots, market.grid.szDecimals),
    r: order.reduceOnly,
    t: { limit: { tif: TIF_WORDS[order.tif] } },
    c: order.cloid,
  }
}
