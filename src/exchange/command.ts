/**
 * Commands: all that enters the exchange, time and oracle prices included. Whole ticks, lots and micro-dollars.
 * The wire layer has already recovered the signer and parsed decimals; everything else is checked here.
 */
import type { Side } from '../core/units.ts'

/** 0x + 40 lower-case hexadecimal digits. */
export type Address = string

export type OrderTif = 'Gtc' | 'Ioc' | 'Alo' | 'FrontendMarket'

export interface TriggerSpec {
  readonly isMarket: boolean
  readonly triggerTicks: number
  readonly kind: 'tp' | 'sl'
}

export interface OrderRequest {
  readonly assetId: number
  readonly side: Side
  readonly priceTicks: number
  readonly sizeLots: number
  readonly reduceOnly: boolean
  readonly tif: OrderTif
  /** Null for plain orders. */
  readonly trigger: TriggerSpec | null
  /** 0x + 32 lower-case hexadecimal digits. */
  readonly cloid: string | null
}

export type OrderGrouping = 'na' | 'normalTpsl' | 'positionTpsl'

export type OrderRef = { readonly oid: number } | { readonly cloid: string }

/** What an account asks for. The account must exist; nonces and expiry were checked with the envelope. */
export type AccountAction =
  | { readonly kind: 'order'; readonly orders: readonly OrderRequest[]; readonly grouping: OrderGrouping }
  | {
      readonly kind: 'cancel'
      readonly cancels: readonly { readonly assetId: number; readonly ref: OrderRef }[]
    }
  | {
      readonly kind: 'modify'
      readonly modifies: readonly { readonly ref: OrderRef; readonly order: OrderRequest }[]
      /** Place the new order even if the old one could not be cancelled. */
      readonly always: boolean
    }
  | {
      readonly kind: 'updateLeverage'
      readonly assetId: number
      readonly isCross: boolean
      readonly leverage: number
    }
  | { readonly kind: 'updateIsolatedMargin'; readonly assetId: number; readonly deltaMicroUsd: number }
  | { readonly kind: 'scheduleCancel'; readonly atTsMs: number | null }
  /** Between DEXs of one account or to another account; only with the same collateral token. */
  | {
      readonly kind: 'transfer'
      readonly to: Address
      readonly fromDex: number
      readonly toDex: number
      readonly amountMicroUsd: number
    }
  | { readonly kind: 'noop' }

export type ExchangeCommand =
  /** Time moves to `tsMs` (never back): funding hours, expiries, mark updates, scheduled cancels happen here. */
  | { readonly kind: 'block'; readonly tsMs: number }
  | { readonly kind: 'oracle'; readonly assetId: number; readonly oracleTicks: number }
  /** Money from outside; creates the account if it is new. May be negative down to the withdrawable amount. */
  | {
      readonly kind: 'deposit'
      readonly account: Address
      readonly dexIndex: number
      readonly amountMicroUsd: number
    }
  | {
      readonly kind: 'action'
      readonly account: Address
      /** Whose key signed: the account itself or an agent of it. Nonces are kept per signer. */
      readonly signer: Address
      /** Null for commands that did not come over the wire (agents of the simulation): no nonce is used up. */
      readonly nonce: number | null
      readonly expiresAfterMs: number | null
      readonly action: AccountAction
    }

/** One entry of an order answer, in the order of the batch. */
export type OrderAnswer =
  | { readonly kind: 'resting'; readonly oid: number; readonly cloid: string | null }
  | {
      readonly kind: 'filled'
      readonly oid: number
      readonly cloid: string | null
      readonly totalLots: number
      /** Σ price × size over the fills, micro-dollars: the average price is this over the size. */
      readonly notionalMicroUsd: number
    }
  | { readonly kind: 'waitingForTrigger'; readonly oid: number; readonly cloid: string | null }
  | { readonly kind: 'waitingForFill'; readonly oid: number; readonly cloid: string | null }
  | { readonly kind: 'error'; readonly text: string }

export type CommandAnswer =
  | { readonly kind: 'orders'; readonly answers: readonly OrderAnswer[] }
  | {
      readonly kind: 'cancels'
      readonly answers: readonly (
        { readonly kind: 'success' } | { readonly kind: 'error'; readonly text: string }
      )[]
    }
  | { readonly kind: 'done' }
  /** The whole command was refused and nothing happened. The text is the venue's. */
  | { readonly kind: 'refused'; readonly text: string }
