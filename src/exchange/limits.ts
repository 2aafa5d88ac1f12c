/** Every bound of the exchange in one place, with the reason for its value. */

/** Orders or cancels in one action. @see reference: "Signed action over weight limit of 200." */
export const BATCH_UNITS_MAX = 200
/** Ended orders kept per account, as `historicalOrders` shows them. */
export const ENDED_ORDERS_MAX = 2000
/** Nonces kept per signer: the highest ones. */
export const NONCES_KEPT_MAX = 100
export const NONCE_PAST_MS_MAX: number = 2 * 86_400_000
export const NONCE_FUTURE_MS_MAX = 86_400_000
/** Smallest notional of an order that does not close a whole position. */
export const MIN_NOTIONAL_MICRO_USD = 10_000_000
/** Price steps a book can hold: 2^24, so BTC up to 16 million dollars. Beyond it a price is invalid. */
export const PRICE_INDEX_MAX: number = (1 << 24) - 1
/** Keeps every size × price below 2^53: nine billion dollars of notional. */
export const NOTIONAL_MICRO_USD_MAX = 9_000_000_000_000_000
export const SIZE_LOTS_MAX = 1_000_000_000_000
/** In one deposit or transfer: a billion dollars. */
export const AMOUNT_MICRO_USD_MAX = 1_000_000_000_000_000
/** Net deposits of one DEX, so that every balance and every sum of them is exact. */
export const DEX_MICRO_USD_MAX = 9_000_000_000_000_000
/** Open orders: 1000, one more per five million dollars traded, never more than 5000. */
export const OPEN_ORDERS_BASE_MAX = 1000
export const OPEN_ORDERS_MAX = 5000
export const VOLUME_PER_OPEN_ORDER_MICRO_USD = 5_000_000_000_000
/** From here on, reduce-only and trigger orders are refused. */
export const OPEN_ORDERS_PLAIN_ONLY = 1000
/** A scheduled cancel lies at least this far ahead, and fires at most so often a UTC day. */
export const SCHEDULE_CANCEL_AHEAD_MS_MIN = 5_000
export const SCHEDULE_CANCEL_FIRINGS_MAX = 10
/** The longest jump of one block: bounds the funding hours walked. */
export const BLOCK_JUMP_MS_MAX: number = 31 * 86_400_000
/** Triggers released by one mark update; the rest wait for the next one, so a cascade cannot stall a block. */
export const TRIGGERS_PER_UPDATE_MAX = 1000
/** What a builder may charge on a perp fill: 0.1 %. */
export const BUILDER_FEE_PPB_MAX = 1_000_000
/** Price of one request beyond the budget: half a thousandth of a dollar. */
export const REQUEST_WEIGHT_MICRO_USD = 500
/** Requests bought at once: half a million dollars' worth. */
export const REQUEST_WEIGHT_MAX = 1_000_000_000
/** TWAP orders of an account that run at a time, their length, and the way from slice to slice. */
export const TWAPS_PER_ACCOUNT_MAX = 20
export const TWAP_MINUTES_MIN = 5
export const TWAP_MINUTES_MAX = 1440
export const TWAP_SLICE_MS = 30_000
/** What a deployer may set: funding multiplier, interest per eight hours either way, fee scale. */
export const FUNDING_MULTIPLIER_MAX = 10
export const FUNDING_INTEREST_MAX = 0.01
export const FEE_SCALE_MAX = 3
/** Updates of a deployer's oracle come at least so far apart. */
export const ORACLE_UPDATE_MS_MIN = 2_500
/** Margin tables that a deployer inserts, and permissions it gives, of one DEX. */
export const DEPLOYER_TABLES_MAX = 100
export const SUB_DEPLOYERS_MAX = 100
/** DEXs, and markets of one builder DEX, that may be registered while the exchange runs: every block walks them all. */
export const DEXS_MAX = 64
export const MARKETS_PER_BUILDER_DEX_MAX = 500
/** Open interest of one market of a builder DEX, base units. */
export const BUILDER_OPEN_INTEREST_UNITS_MAX = 1_000_000_000
