/**
 * Cancelling from outside of a maker: its own connection, its own key, and nothing of the strategy. For `hypermake kill` and
 * `hypermake watchdog`, which must work when the maker does not.
 */
import type { EffectiveConfig } from '../config/config.ts'
import type { OpenOrder } from '../core/input.ts'
import type { MarketSpec } from '../core/market.ts'
import { epochOf } from '../core/orders/cloid.ts'
import type { Log } from '../ops/log.ts'
import { cancelAllOrders } from '../venues/hyperliquid/cancel-all.ts'
import { openExchangeClient } from '../venues/hyperliquid/exchange-client.ts'
import type { ExchangeClient } from '../venues/hyperliquid/exchange-client.ts'
import { type Hex, openInfo, type VenueInfo } from '../venues/hyperliquid/info.ts'
import { resolveMarket } from '../venues/hyperliquid/market.ts'
import { vaultAddressOf } from '../venues/hyperliquid/prepare.ts'
import type { AccountScope } from '../venues/hyperliquid/reconcile.ts'
import { accountOf } from './account.ts'
import { endpointsOf } from './endpoints.ts'
import { noncesOf } from './nonces.ts'

export interface Canceller {
  readonly info: VenueInfo
  readonly client: ExchangeClient
  readonly market: MarketSpec
  readonly scope: AccountScope
  readonly signer: string
  readonly log: Log
}

export interface CancelOutcome {
  /** Orders that rested at the first look. */
  readonly foundCount: number
  readonly restingCount: number
}

/**
 * @param of.keyFile a key of its own; null: the key of the maker
 * @throws VenueError BAD_KEY, UNREACHABLE, UNKNOWN_DEX, UNKNOWN_COIN; REFUSED when the key may not trade for the account
 */
export async function openCanceller(of: {
  readonly config: EffectiveConfig
  readonly keyFile: string | null
  readonly log: Log
}): Promise<Canceller> {
  const { config, keyFile, log } = of
  const { venue, market: asked } = config.values
  const trader = accountOf({ config, keyFile })
  const account = trader.account as Hex // Checked by `accountOf`.
  const { apiUrl } = endpointsOf(venue, null)
  const info = openInfo({ apiUrl, isTestnet: venue.network !== 'mainnet' })
  const { network } = venue
  const { dex, asset, forceIsolated } = asked
  const market = await resolveMarket(info, { network, dex, asset, account, forceIsolated })
  const { wallet } = trader
  const signer = wallet.address.toLowerCase()
  const vaultAddress = await vaultAddressOf(info, account, signer)
  const nonces = noncesOf({ root: config.values.journal.dir, signer, log })
  const client = openExchangeClient({ info, wallet, vaultAddress, nowMs: Date.now, nonces })
  const scope = { account, dex: market.dex, coin: market.coin, grid: market.grid }
  return { info, client, market, scope, signer, log }
}

/**
 * @param of.others cancels what is not ours as well
 * @param of.inFlightMs an order of a maker that died may still reach the book for so long; an empty list proves nothing before
 * @throws VenueError UNREACHABLE when the venue does not list its orders
 */
export async function cancelEverything(
  canceller: Canceller,
  of: { readonly others: boolean; readonly inFlightMs: number },
): Promise<CancelOutcome> {
  const { info, client, market, scope, log } = canceller
  const startedMs = Date.now()
  const isOurs = ({ cloid }: OpenOrder): boolean => of.others || epochOf(cloid, market.network) !== null
  let foundCount: number | null = null
  const restingCount = await cancelAllOrders({
    info,
    client,
    scope,
    market,
    isOurs,
    onListed: (orders) => {
      foundCount ??= orders.filter(isOurs).length
    },
    quietFromMs: () => (of.inFlightMs === 0 ? 0 : startedMs + of.inFlightMs),
    nowMs: Date.now,
    log: (level, message, fields) => log[level](message, fields),
  })
  return { foundCount: foundCount ?? 0, restingCount }
}
