/**
 * Commands: all that enters the exchange, time and oracle prices included. Whole ticks, lots and micro-dollars.
 * The wire layer has already recovered the signer and parsed decimals; everything else is checked here.
 */
import type { Side } from '../core/units.ts'
import type { MarginPolicy, MarginTier } from './instrument.ts'

/** 0x + 40 lower-case hexadecimal digits. */
export type Address = string

export type OrderTif = 'Gtc' | 'Ioc' | 'Alo' | 'FrontendMarket'

export interface TriggerSpec {
  readonly isMarket: boolean
  readonly triggerTicks: number
  readonly kind: 'tp' | 'sl'
  /** Sized and ended with its position: set by the exchange for orders of a position group. */
  readonly ofPosition?: true
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

/** Who sent the order to the exchange for the account, and what it charges for each fill. */
export interface BuilderFee {
  readonly address: Address
  /** Of notional, parts per billion: a tenth of a basis point is 10 000. */
  readonly feePpb: number
}

/** Where money lies: a perp DEX by its index, or the spot ledger. */
export type Place = number | 'spot'

/** By which request a transfer came: each has its own line in the ledger of the wire. */
export type TransferVia =
  'usdSend' | 'usdClassTransfer' | 'sendAsset' | 'spotSend' | 'subAccountTransfer' | 'liquidation'

export type OrderGrouping = 'na' | 'normalTpsl' | 'positionTpsl'

export type OrderRef = { readonly oid: number } | { readonly cloid: string }

/** What an account asks for. The account must exist; nonces and expiry were checked with the envelope. */
export type AccountAction =
  | {
      readonly kind: 'order'
      readonly orders: readonly OrderRequest[]
      readonly grouping: OrderGrouping
      /** Left out: none. The account has approved it; that is the wire layer's to check. */
      readonly builder?: BuilderFee
    }
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
  /** Between places of one account or to another account; a DEX holds its collateral token only. */
  | {
      readonly kind: 'transfer'
      readonly to: Address
      readonly fromDex: Place
      readonly toDex: Place
      readonly amountMicroUsd: number
      /** Of the spot ledger; may be left out when a DEX on either side says it. */
      readonly tokenIndex?: number
      /** Default: `sendAsset`. */
      readonly via?: TransferVia
    }
  /** Requests beyond the budget, paid from the main DEX. */
  | { readonly kind: 'reserveRequestWeight'; readonly weight: number }
  /** What the account earned as a builder goes to its spot ledger. */
  | { readonly kind: 'claimRewards' }
  /** Somebody brought the account: it pays less from now on. */
  | { readonly kind: 'setReferrer' }
  /** A market order in slices, one each 30 s. */
  | {
      readonly kind: 'twapOrder'
      readonly assetId: number
      readonly side: Side
      readonly sizeLots: number
      readonly reduceOnly: boolean
      readonly minutes: number
      readonly randomize: boolean
    }
  | { readonly kind: 'twapCancel'; readonly assetId: number; readonly twapId: number }
  /** By whoever runs a builder DEX. */
  | { readonly kind: 'deploy'; readonly change: DeployChange }
  | { readonly kind: 'noop' }

/** The account action of one kind. */
export type Action<K extends AccountAction['kind']> = Extract<AccountAction, { readonly kind: K }>

/** One value for each of several markets. */
export type ByAsset<Value> = readonly (readonly [assetId: number, value: Value])[]

/** What a deployer, or a sub-deployer for this kind, may change about a builder DEX; the kinds are the venue's words. */
export type DeployChange =
  | {
      readonly kind: 'setOracle'
      readonly dexIndex: number
      /** Ticks. */
      readonly oracles: ByAsset<number>
      /** None, one or two lists; a market may be in each. */
      readonly marks: readonly ByAsset<number>[]
    }
  | { readonly kind: 'setFundingMultipliers'; readonly values: ByAsset<number> }
  /** Fractions per eight hours. */
  | { readonly kind: 'setFundingInterestRates'; readonly values: ByAsset<number> }
  | { readonly kind: 'haltTrading'; readonly assetId: number; readonly isHalted: boolean }
  | {
      readonly kind: 'insertMarginTable'
      readonly dexIndex: number
      readonly description: string
      readonly tiers: readonly MarginTier[]
    }
  | { readonly kind: 'setMarginTableIds'; readonly values: ByAsset<number> }
  /** Micro-dollars of notional; null: no cap. */
  | { readonly kind: 'setOpenInterestCaps'; readonly values: ByAsset<number | null> }
  | { readonly kind: 'setFeeScale'; readonly dexIndex: number; readonly scale: number }
  | { readonly kind: 'setFeeRecipient'; readonly dexIndex: number; readonly feeRecipient: Address }
  | { readonly kind: 'setGrowthModes'; readonly values: ByAsset<boolean> }
  /** Holds for what is opened from then on: a cross position stays cross until it is closed. */
  | { readonly kind: 'setMarginModes'; readonly values: ByAsset<MarginPolicy> }
  | { readonly kind: 'setPerpAnnotation'; readonly assetId: number; readonly annotation: Annotation }
  | RegisterChange
  | {
      readonly kind: 'setSubDeployers'
      readonly dexIndex: number
      readonly grants: readonly {
        /** A kind of change. */
        readonly variant: string
        readonly user: Address
        readonly allowed: boolean
      }[]
    }

/** A market that was not there, and its DEX when that is new. */
export interface RegisterChange {
  /** The venue's two ways to say it. */
  readonly kind: 'registerAsset' | 'registerAsset2'
  readonly dex: string
  /** With the first market of a new DEX, and only then. */
  readonly schema: {
    readonly fullName: string
    /** Index of a token that some DEX keeps its money in. */
    readonly collateralToken: number
    /** Who else may send `setOracle`; null: nobody. */
    readonly oracleUpdater: Address | null
  } | null
  /** Without the DEX's name. */
  readonly coin: string
  readonly szDecimals: number
  readonly oracleTicks: number
  readonly marginTableId: number
  readonly marginPolicy: MarginPolicy
}

/** What a deployer tells people about a market. */
export interface Annotation {
  readonly category: string
  readonly description: string
  /** Null: the coin's own name. */
  readonly displayName: string | null
  readonly keywords: readonly string[]
}

/** How much an account's resting orders in one market may trade within a window before they are taken out of the book. */
export interface ProtectionLimits {
  /** A tumbling window starts with a fill and ends after its length; a sliding one holds fills younger than its length. */
  readonly window: 'sliding' | 'tumbling'
  /** Whole ms, from 1 to a day. */
  readonly windowMs: number
  /** Whole ms, up to a day; 0: until a reset. */
  readonly frozenMs: number
  /** Each a whole number, 0: no limit; at least one is above 0. Both sides count together. */
  readonly quantityMaxLots: number
  readonly notionalMaxMicroUsd: number
  /** Of bought less sold, either way. */
  readonly deltaMaxLots: number
}

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
  /** A market gets another margin table; whoever is below maintenance by it is liquidated at once. */
  | {
      readonly kind: 'marginTable'
      readonly assetId: number
      readonly marginTableId: number
      readonly marginTiers: readonly MarginTier[]
    }
  /** An account is liquidated on one DEX whatever its equity: a rehearsal of the worst. */
  | { readonly kind: 'liquidate'; readonly account: Address; readonly dexIndex: number }
  /** Trading of a market stops: its orders end, its positions settle at the mark. Or it begins again. */
  | { readonly kind: 'halt'; readonly assetId: number; readonly isHalted: boolean }
  /** Market maker protection of an account in a market; null: none any more. */
  | {
      readonly kind: 'protect'
      readonly account: Address
      readonly assetId: number
      readonly limits: ProtectionLimits | null
    }
  /** Ends the freeze of a protection and forgets its window. */
  | { readonly kind: 'resetProtection'; readonly account: Address; readonly assetId: number }
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
  /** Of a TWAP order or its cancel; the text says why not, null: it runs, or it ended. */
  | { readonly kind: 'twap'; readonly twapId: number; readonly text: string | null }
  /** The whole command was refused and nothing happened. The text is the venue's. */
  | { readonly kind: 'refused'; readonly text: string }
