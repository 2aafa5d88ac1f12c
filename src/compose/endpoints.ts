/** Where a network is reached, and how a connection to it is kept: what trading and recording have in common. */
import type { Config, VenueConfig } from '../config/config.ts'
import type { Network } from '../core/market.ts'
import type { Log } from '../ops/log.ts'
import type { Clock } from '../runtime/clock.ts'
import type { HyperliquidOptions } from '../venues/hyperliquid/options.ts'
import type { Embedded } from './embedded.ts'

/** @see https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api */
const API_URLS: Readonly<Record<Exclude<Network, 'local'>, string>> = {
  testnet: 'https://api.hyperliquid-testnet.xyz',
  mainnet: 'https://api.hyperliquid.xyz',
}

export interface Endpoints {
  /** Without a path. */
  readonly apiUrl: string
  readonly wsUrl: string
}

/** A configured address wins over the network's own; the WebSocket always hangs below it at `/ws`. */
export function endpointsOf(venue: VenueConfig, embedded: Embedded | null): Endpoints {
  if (embedded !== null) return { apiUrl: embedded.apiUrl, wsUrl: embedded.wsUrl }
  const configured = venue.apiUrl.replace(/\/+$/, '')
  const apiUrl = configured === '' ? API_URLS[venue.network as Exclude<Network, 'local'>] : configured
  return { apiUrl, wsUrl: `${apiUrl.replace(/^http/, 'ws')}/ws` }
}

type ConnectionKey =
  | 'network'
  | 'isTestnet'
  | 'dex'
  | 'asset'
  | 'reference'
  | 'nowMs'
  | 'reconnectDelayMsMin'
  | 'reconnectDelayMsMax'
  | 'submitExpiryMs'
  | 'log'

/** The market and the venue of a configuration as options of the adapter. */
export function connectionOf(
  { venue, market }: Config,
  clock: Clock,
  log: Log,
): Pick<HyperliquidOptions, ConnectionKey> {
  return {
    network: venue.network,
    isTestnet: venue.network !== 'mainnet',
    dex: market.dex,
    asset: market.asset,
    reference: market.reference,
    nowMs: () => clock.nowMs(),
    reconnectDelayMsMin: venue.reconnectMinMs,
    reconnectDelayMsMax: venue.reconnectMaxMs,
    submitExpiryMs: venue.submitExpiryMs,
    log: (level, message, fields) => log[level](message, fields),
  }
}
