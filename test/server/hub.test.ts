/** What keeps one client or one fault from harming the others. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { PassThrough } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import { createExchange } from '../../src/exchange/exchange.ts'
import type { LogLevel, VenueContext } from '../../src/server/context.ts'
import { createDirectory } from '../../src/server/directory.ts'
import { createPortfolios } from '../../src/server/portfolio.ts'
import { createHistory } from '../../src/server/history.ts'
import {
  createHub,
  type Hub,
  joinFeed,
  leaveFeed,
  openFeed,
  publishBlock,
  subscriptionKey,
} from '../../src/server/hub.ts'
import { createRateLimits, NO_LIMITS } from '../../src/exchange/rate-limits.ts'
import { createRegistry } from '../../src/server/registry.ts'
import {
  createConnection,
  POSTS_IN_FLIGHT_MAX,
  receive,
  SUBSCRIPTIONS_MAX,
  UNSENT_BYTES_MAX,
} from '../../src/server/socket.ts'
import { createConnectionLimits } from '../../src/server/socket-limits.ts'
import { defaultVenue } from '../../src/config/venue-definitions.ts'
import { createWorld } from '../../src/simulation/world.ts'
import { parsePrivateKey } from '../../src/signing/address.ts'
import { signL1Action } from '../../src/signing/l1-action.ts'
import { addressOf } from '../../src/signing/address.ts'
import { submit, advance } from '../../src/simulation/world.ts'

const START = 1_800_000_000_000
const KEY = `0x${'77'.padStart(64, '0')}`

const open: { close(): void }[] = []
afterEach(() => {
  for (const one of open.splice(0)) one.close()
})

function createTestHub(): { readonly hub: Hub; readonly logged: [LogLevel, string][] } {
  const spec = defaultVenue()
  const exchange = createExchange(spec, { startTsMs: START })
  const world = createWorld({ exchange, participants: [], blockMs: 70, startTsMs: START })
  const logged: [LogLevel, string][] = []
  const context: VenueContext = {
    world,
    exchange,
    directory: createDirectory(spec),
    portfolios: createPortfolios(),
    history: createHistory(START),
    registry: createRegistry(),
    limits: createRateLimits(NO_LIMITS),
    network: 'testnet',
    faults: null,
    log: (level, message) => logged.push([level, message]),
  }
  return { hub: createHub(context), logged }
}

/** A real pair of sockets. */
async function socketPair(): Promise<{ readonly near: WebSocket; readonly far: WebSocket }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  open.push(server)
  await once(server, 'listening')
  const far = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  open.push(far)
  const [[near]] = (await Promise.all([once(server, 'connection'), once(far, 'open')])) as unknown as [
    [WebSocket],
  ]
  return { near, far }
}

test('a client that does not read is cut off instead of filling memory', async () => {
  const { hub, logged } = createTestHub()
  const { near, far } = await socketPair()
  const connection = createConnection(
    hub,
    { socket: near, stream: new PassThrough() },
    'somewhere',
    createConnectionLimits(false),
  )
  far.pause()
  const megabyte = 'x'.repeat(1024 * 1024)
  const closed = once(near, 'close')
  const sendsMax = (4 * UNSENT_BYTES_MAX) / megabyte.length
  for (let sends = 0; sends < sendsMax && near.readyState === near.OPEN; sends += 1) connection.send(megabyte)
  await closed
  expect(near.bufferedAmount).toBeLessThan(2 * UNSENT_BYTES_MAX)
  expect(logged).toEqual([['warn', 'a WebSocket client does not read: cut off']])
  // What comes afterwards goes nowhere, and harms nobody.
  connection.send('late')
})

test('a feed that fails is logged, and the others go on', () => {
  const { hub, logged } = createTestHub()
  const heard: string[] = []
  const subscriber = { send: (text: string) => heard.push(text) }
  const fail = () => {
    throw new Error('broken')
  }
  joinFeed(
    hub,
    {
      key: 'bad',
      feed: { channel: 'bad', user: null, snapshot: () => [], onBlock: fail },
      subscribers: new Set(),
    },
    subscriber,
  )
  const good = openFeed(hub, subscriptionKey({ type: 'l2Book', coin: 'BTC' }), {
    type: 'l2Book',
    coin: 'BTC',
  })
  if (good === null) throw new Error('there is a book of BTC')
  joinFeed(hub, good, subscriber)
  expect(heard).toHaveLength(1)
  publishBlock(hub, { tsMs: START + 70, events: [] })
  expect(heard).toHaveLength(2)
  expect(logged).toEqual([['error', 'a feed failed']])
})

test('subscribers of the same thing share one feed, and it ends with the last of them', () => {
  const { hub } = createTestHub()
  const counts = { a: 0, b: 0 }
  const a = { send: () => (counts.a += 1) }
  const b = { send: () => (counts.b += 1) }
  const subscription = { type: 'l2Book', coin: 'BTC', nSigFigs: null }
  const key = subscriptionKey(subscription)
  expect(key).toBe(subscriptionKey({ coin: 'BTC', type: 'l2Book' }))
  const first = openFeed(hub, key, subscription)
  if (first === null) throw new Error('there is a book of BTC')
  joinFeed(hub, first, a)
  expect(openFeed(hub, key, subscription)).toBe(first)
  joinFeed(hub, first, b)
  publishBlock(hub, { tsMs: START + 600, events: [] })
  expect(counts).toEqual({ a: 2, b: 2 })
  leaveFeed(hub, first, a)
  publishBlock(hub, { tsMs: START + 1_200, events: [] })
  expect(counts).toEqual({ a: 2, b: 3 })
  leaveFeed(hub, first, b)
  expect(hub.feeds.size).toBe(0)
})

test('posts in flight and subscriptions of one connection are bounded, with the words of the venue', async () => {
  const { hub } = createTestHub()
  const { near, far } = await socketPair()
  const errors: string[] = []
  const posts: number[] = []
  far.on('message', (data) => {
    const { channel, data: body } = JSON.parse(String(data))
    if (channel === 'error') errors.push(body)
    if (channel === 'post') posts.push(body.id)
  })
  const connection = createConnection(
    hub,
    { socket: near, stream: new PassThrough() },
    'somewhere',
    createConnectionLimits(false),
  )
  const { world } = hub.context
  const account = addressOf(KEY)
  submit(world, { kind: 'deposit', account, dexIndex: 0, amountMicroUsd: 5_000_000 }, () => {})
  advance(world, world.nowTsMs + 70)

  for (let id = 0; id <= POSTS_IN_FLIGHT_MAX; id += 1) {
    const nonce = START + id
    const action = { type: 'noop' }
    const envelope = { action, nonce, vaultAddress: null, expiresAfterMs: null }
    const payload = { action, nonce, signature: signL1Action(envelope, 'testnet', parsePrivateKey(KEY)) }
    receive(hub, connection, JSON.stringify({ method: 'post', id, request: { type: 'action', payload } }))
  }
  expect(connection.postsInFlight).toBe(POSTS_IN_FLIGHT_MAX)
  advance(world, world.nowTsMs + 70)
  expect(connection.postsInFlight).toBe(0)

  for (let index = 0; index <= SUBSCRIPTIONS_MAX; index += 1) {
    // Unknown keys are ignored but make another subscription.
    const subscription = { type: 'trades', coin: 'BTC', index }
    receive(hub, connection, JSON.stringify({ method: 'subscribe', subscription }))
  }
  expect(connection.feeds.size).toBe(SUBSCRIPTIONS_MAX)
  connection.send('{"channel":"pong"}')
  await expect.poll(() => errors.length, { timeout: 20_000 }).toBe(2)
  expect(errors).toEqual([
    `too many pending post requests id=${POSTS_IN_FLIGHT_MAX}`,
    `Cannot subscribe to more than ${SUBSCRIPTIONS_MAX} channels.`,
  ])
  expect(posts).toHaveLength(POSTS_IN_FLIGHT_MAX)
})
