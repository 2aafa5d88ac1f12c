/** Commands: what leaves the maker. Plain data; the journal keeps each before the venue sees it. */
import type { Side } from './units.ts'

/** `alo` rests or is refused; `ioc` takes and is gone; `gtc` may do both. */
export type TimeInForce = 'alo' | 'ioc' | 'gtc'

export interface NewOrder {
  /** `0x` + 32 hexadecimal digits, unique over all runs. */
  readonly cloid: string
  readonly side: Side
  readonly priceTicks: number
  readonly sizeLots: number
  readonly tif: TimeInForce
  readonly reduceOnly: boolean
}

export interface PlaceCommand {
  readonly kind: 'place'
  readonly order: NewOrder
}

/** Cancel `targetCloid` and place `order` in one venue action; the new leg has its own client id and gets a new oid. */
export interface ModifyCommand {
  readonly kind: 'modify'
  readonly targetCloid: string
  readonly targetOid: number
  readonly order: NewOrder
}

/** By oid when it is known (also for orders that are not ours), else by client id. */
export interface CancelCommand {
  readonly kind: 'cancel'
  readonly cloid: string | null
  readonly oid: number | null
  /** Present: by client id all the same, because cancels by oid have not taken. */
  readonly byCloid?: true
}

/** Ask the venue what became of an order. */
export interface QueryCommand {
  readonly kind: 'queryOrder'
  readonly cloid: string
}

/** Ask for fills since the last seen, position and open orders; the answer ends with an `account` input. */
export interface ResyncCommand {
  readonly kind: 'resync'
  readonly because: string
}

/** Add isolated margin to the position of our market, micro-dollars > 0. */
export interface AddMarginCommand {
  readonly kind: 'addMargin'
  readonly amountMicroUsd: number
}

/** Take isolated margin back from the position of our market, micro-dollars > 0. */
export interface ReleaseMarginCommand {
  readonly kind: 'releaseMargin'
  readonly amountMicroUsd: number
}

/** Move collateral of the same account to our DEX from where the configuration says it may come, micro-dollars > 0. */
export interface MoveCollateralCommand {
  readonly kind: 'moveCollateral'
  readonly amountMicroUsd: number
}

export type Command =
  | PlaceCommand
  | ModifyCommand
  | CancelCommand
  | QueryCommand
  | ResyncCommand
  | AddMarginCommand
  | ReleaseMarginCommand
  | MoveCollateralCommand

declare const approvedBrand: unique symbol

/** A command that passed the send gate (`core/risk/gate.ts`), the only maker of this type. Ports take nothing else. */
export type Approved<C extends Command = Command> = C & { readonly [approvedBrand]: true }
