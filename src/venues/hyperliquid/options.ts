/** What the adapter is opened with, and the bounds it works within. */
import type { Network } from '../../core/market.ts'
import type { WeightLedger } from './weight.ts'
import type { Wallet } from '../../signing/wallet.ts'
import type { NonceSource } from '../../signing/nonce-allocator.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
export type Log = (level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>) => void

export type CollateralSource = 'spot' | 'main'

export interface HyperliquidOptions {
  readonly network: Network
  /** `http://…`, without a path. */
  readonly apiUrl: string
  /** `ws://…/ws`. */
  readonly wsUrl: string
  /** What signatures commit to; true for testnet and for the embedded exchange. */
  readonly isTestnet: boolean
  /** '' is the main DEX. */
  readonly dex: string
  /** `BTC`, or with its DEX, `hyna:BTC`. */
  readonly asset: string
  /** Another market whose touch is told besides, `BTC` or `xyz:BTC`; '' or absent: none. */
  readonly reference?: string
  /** The key that signs: the account's own or an API wallet of it. Null: read only, every order is refused here. */
  readonly wallet: Wallet | null
  /** Whose orders, fills and position these are: master, sub-account or vault, never an API wallet. */
  readonly account: string
  /** Only what everybody sees: no question about the account but its fee rates, and none of its streams. */
  readonly isPublicOnly?: boolean
  /** The clock of nonces and expiries, milliseconds since 1970; must run with the venue's. */
  readonly nowMs: () => number
  readonly initialIsolatedMarginUsd: number
  readonly forceIsolated: boolean
  /** Set before the first order; 0 or absent: the default of the margin mode. */
  readonly leverage?: number
  /** Where collateral may be moved from; absent: nowhere. */
  readonly collateralSource?: CollateralSource
  readonly reconnectDelayMsMin: number
  readonly reconnectDelayMsMax: number
  /** An order that has not reached the venue after this long is refused there, ms. */
  readonly submitExpiryMs: number
  readonly log: Log
  /** Nonces that rise over restarts; absent: from the clock, above all that this process has used. */
  readonly nonces?: NonceSource | undefined
  /** Hears the type of each action at the moment at which it is handed to the network. */
  readonly onSent?: (type: string) => void
  /** The venue cancels everything so long after our last word, ms ≥ 10 000; 0 or absent: no dead man's switch. */
  readonly deadManLeadMs?: number
  /** Shared by all that this process sends from one address of origin; absent: a ledger of its own. */
  readonly weight?: WeightLedger
  /** A request without an answer for this long is lost, ms. */
  readonly requestTimeoutMs?: number
  /** Without a book for this long the subscription is renewed, after twice as long the connection, ms. */
  readonly bookSilenceMsMax?: number
}

export const REQUEST_TIMEOUT_MS = 5_000
/** The venue pushes a book at least twice a second while its blocks come. */
export const BOOK_SILENCE_MS_MAX = 4_000

/** Orders or cancels of one action; the venue refuses 201. */
export const BATCH_UNITS_MAX = 200
/** Unanswered actions at which new orders are turned away unsent, and the reserve above it that only cancels may use. */
export const REQUESTS_IN_FLIGHT_MAX = 32
export const CANCELS_IN_FLIGHT_MAX = 64
/** Attempts to reach the venue before `connect` gives up. Later, attempts never end. */
export const FIRST_CONNECT_ATTEMPTS_MAX = 3
/** The venue allows 30 new connections a minute from one address; others may share it. */
export const CONNECTIONS_PER_MINUTE_MAX = 15
/** A connection that held for this long resets the backoff, ms: one that drops at once must not. */
export const STABLE_CONNECTION_MS = 10_000
/** Facts of the account that wait while a connection is being reconciled; beyond it the connection starts over. */
export const BUFFERED_FACTS_MAX = 10_000
/** One frame of the stream, bytes; a 20-level book has about 2 000. */
export const FRAME_BYTES_MAX = 4_000_000
/** Bad frames within a minute after which the connection, and with it quoting, is dropped. */
export const BAD_FRAMES_PER_MINUTE_MAX = 20
/** Bad frames ask for a resync at most this often, ms: one costs about 60 of 1200 request weights a minute. */
export const BAD_FRAME_RESYNC_MS_MIN = 5_000
/** Samples of the account taken until position and fills agree. */
export const SAMPLES_MAX = 3
/** Fills are asked for again from this long before the last seen one, ms; the core drops what it has counted. */
export const FILL_OVERLAP_MS = 60_000
/** Pages of the fill history read at once; the venue keeps the last 10 000 fills and answers up to 2 000. */
export const FILL_PAGES_MAX = 24
/** Caps on open interest are asked for this often, ms. */
export const CAP_PERIOD_MS = 60_000
/** Less room than this share of the cap is said at the start. */
export const CAP_ROOM_WARN_SHARE = 0.1
/** How often a question waits for request weight before it is given up; one wait is a minute at most. */
export const WEIGHT_WAITS_MAX = 5
/** Attempts of a single question to the venue. */
export const QUERY_ATTEMPTS_MAX = 3
/** Our clock and the venue's may differ: an unanswered order counts as dead only this long after its expiry, ms. */
export const EXPIRY_MARGIN_MS = 1_000
/** Rounds of cancel and list again when everything is cancelled. */
export const CANCEL_ALL_ROUNDS_MAX = 6
/** Wait between those rounds, and between attempts of a question, ms; a block takes about 100. */
export const RETRY_WAIT_MS = 250
/** Waiting for the first book and context of a connection, ms; a market may be silent. */
export const FIRST_FRAMES_MS_MAX = 2_000
/** How long `close` waits for the venue to confirm, ms. */
export const CLOSE_MS_MAX = 1_000
