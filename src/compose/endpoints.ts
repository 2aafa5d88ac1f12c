/** Where a network is reached. */
import type { VenueConfig } from '../config/config.ts'
import type { Network } from '../core/market.ts'
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
