/** Which address a network is, and which signature goes there: the one place where testnet could become mainnet. */
import { describe, expect, test } from 'vitest'
import { connectionOf, endpointsOf } from '../../src/compose/endpoints.ts'
import type { Config, VenueConfig } from '../../src/config/config.ts'
import type { Log } from '../../src/ops/log.ts'
import { startClock } from '../../src/runtime/clock.ts'
import { load } from '../support/config.ts'

const valuesOf = (...assignments: string[]): Config => load({ assignments }).values
const venueOf = (...assignments: string[]): VenueConfig => valuesOf(...assignments).venue

describe('the address', () => {
  test.each([
    ['testnet', 'https://api.hyperliquid-testnet.xyz', 'wss://api.hyperliquid-testnet.xyz/ws'],
    ['mainnet', 'https://api.hyperliquid.xyz', 'wss://api.hyperliquid.xyz/ws'],
  ])('of %s is its own', (network, apiUrl, wsUrl) => {
    expect(endpointsOf(venueOf(`venue.network=${network}`), null)).toEqual({ apiUrl, wsUrl })
  })

  test.each(['http://127.0.0.1:3001', 'http://127.0.0.1:3001/', 'http://127.0.0.1:3001//'])(
    'that is configured, %s, wins, and the WebSocket hangs below it',
    (configured) => {
      expect(endpointsOf(venueOf('venue.network=testnet', `venue.api_url=${configured}`), null)).toEqual({
        apiUrl: 'http://127.0.0.1:3001',
        wsUrl: 'ws://127.0.0.1:3001/ws',
      })
    },
  )
})

const say = (): void => undefined
const silent: Log = { debug: say, info: say, warn: say, error: say }

test.each([
  ['local', true],
  ['testnet', true],
  ['mainnet', false],
])('on %s actions are signed for the test network: %s', (network, isTestnet) => {
  expect(connectionOf(valuesOf(`venue.network=${network}`), startClock(), silent)).toMatchObject({
    ...{ network, isTestnet },
  })
})
