/** The venue's limits: counted always, refused only when enforced. */
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import {
  chargeExpired,
  chargeRequest,
  createRateLimits,
  type LimitChoice,
  NO_LIMITS,
  requestLimit,
  requestsUsed,
  takeWeight,
} from '../../src/exchange/rate-limits.ts'
import { overdrawnText } from '../../src/server/actions/execute.ts'
import { exchangeWeight, infoWeight, rowsWeight } from '../../src/exchange/request-weights.ts'
import {
  createConnectionLimits,
  followUser,
  takeConnection,
  takeMessage,
  unfollowUser,
} from '../../src/server/socket-limits.ts'
import { httpClients, openVenue, post, testWallet } from './venue.ts'

const NOW = 1_700_000_000_000
const ALL: LimitChoice = { weight: true, budget: true, sockets: true }

describe('weight by origin', () => {
  test('1200 a minute, refilled by 20 a second, apart for each origin', () => {
    const limits = createRateLimits(ALL)
    expect(takeWeight(limits, 'a', 1_180, NOW)).toBe(true)
    expect(takeWeight(limits, 'a', 21, NOW)).toBe(false)
    expect(takeWeight(limits, 'a', 20, NOW)).toBe(true)
    expect(takeWeight(limits, 'b', 1_200, NOW)).toBe(true)
    expect(takeWeight(limits, 'a', 41, NOW + 2_000)).toBe(false)
    expect(takeWeight(limits, 'a', 40, NOW + 2_000)).toBe(true)
    expect(takeWeight(limits, 'a', 1_200, NOW + 70_000)).toBe(true)
  })

  test('is not counted when limits are off', () => {
    const limits = createRateLimits(NO_LIMITS)
    for (let request = 0; request < 100; request += 1) expect(takeWeight(limits, 'a', 60, NOW)).toBe(true)
  })

  test.each([
    [{ type: 'l2Book' }, 2],
    [{ type: 'userRole' }, 60],
    [{ type: 'userFills' }, 20],
    [null, 20],
  ])('an info request %j weighs %d', (body, weight) => {
    expect(infoWeight(body)).toBe(weight)
  })

  test('long answers and batches weigh more', () => {
    expect(rowsWeight({ type: 'userFills' }, Array.from({ length: 2000 }))).toBe(100)
    expect(rowsWeight({ type: 'candleSnapshot' }, Array.from({ length: 5000 }))).toBe(83)
    expect(rowsWeight({ type: 'openOrders' }, Array.from({ length: 2000 }))).toBe(0)
    expect(exchangeWeight({ action: { orders: Array.from({ length: 39 }) } })).toBe(1)
    expect(exchangeWeight({ action: { cancels: Array.from({ length: 200 }) } })).toBe(6)
    expect(exchangeWeight({ action: { type: 'noop' } })).toBe(1)
  })

  test('over HTTP it is 429 with the JSON null', async () => {
    const venue = await openVenue({ rateLimits: ALL })
    const statuses: number[] = []
    for (let request = 0; request < 21; request += 1) {
      const response = await post(venue, '/info', { type: 'userRole', user: testWallet(81).address })
      statuses.push(response.status)
      if (response.status !== 429) continue
      expect(response.headers.get('content-type')).toBe('application/json')
      expect(await response.json()).toBeNull()
    }
    expect(statuses).toEqual([...Array.from({ length: 20 }, () => 200), 429])
    venue.step(3_100)
    expect((await post(venue, '/info', { type: 'userRole', user: testWallet(81).address })).status).toBe(200)
    await venue.close()
  })
})

describe('requests by account', () => {
  const charge = { account: 'a', units: 1, isCancel: false, tradedMicroUsd: 5_000_000, nowTsMs: NOW }

  test('ten thousand and one more per dollar traded, then one every ten seconds', () => {
    const limits = createRateLimits(ALL)
    expect(requestLimit(5_999_999)).toBe(10_005)
    expect(chargeRequest(limits, { ...charge, units: 10_005 })).toBeNull()
    const refusal = chargeRequest(limits, { ...charge, nowTsMs: NOW + 9_999 })
    expect(refusal).toEqual({ wantedCount: 10_006, ceilingCount: 10_005 })
    expect(overdrawnText({ wantedCount: 10_006, ceilingCount: 10_005 }, 5_000_000)).toBe(
      'Too many cumulative requests sent (10006 > 10005) for cumulative volume traded $5.0. ' +
        'Place taker orders to free up 1 request per USDC traded.',
    )
    // The refused one neither counted nor restarted the wait.
    expect(chargeRequest(limits, { ...charge, nowTsMs: NOW + 10_000 })).toBeNull()
    expect(chargeRequest(limits, { ...charge, nowTsMs: NOW + 10_001 })).not.toBeNull()
    expect(requestsUsed(limits, 'a')).toBe(10_006)
  })

  test('cancels have a higher ceiling', () => {
    const limits = createRateLimits(ALL)
    expect(chargeRequest(limits, { ...charge, units: 10_005 })).toBeNull()
    expect(chargeRequest(limits, { ...charge, isCancel: true, units: 10_005 })).toBeNull()
    expect(chargeRequest(limits, { ...charge, isCancel: true })).not.toBeNull()
  })

  test('an expired action costs five times its units', () => {
    const limits = createRateLimits(ALL)
    chargeRequest(limits, { ...charge, units: 3 })
    chargeExpired(limits, 'a', 3)
    expect(requestsUsed(limits, 'a')).toBe(15)
  })

  test('userRateLimit shows them, whether or not they are enforced', async () => {
    const venue = await openVenue()
    const client = httpClients(venue, testWallet(82))
    venue.fund(client.wallet, 10_000)
    const bid = { a: 0, b: true, p: '50000', s: '0.001', r: false, t: { limit: { tif: 'Gtc' } } } as const
    await venue.whileRunning(client.exchange.order({ orders: [bid, bid, bid], grouping: 'na' }))
    await venue.whileRunning(client.exchange.noop())
    expect(await client.info.userRateLimit({ user: client.wallet.address })).toEqual({
      cumVlm: '0.0',
      nRequestsUsed: 4,
      nRequestsCap: 10_000,
      nRequestsSurplus: 0,
    })
    await venue.close()
  })
})

describe('WebSocket use by origin', () => {
  test('ten connections at once, thirty new ones a minute, two thousand messages', () => {
    const limits = createConnectionLimits(true)
    for (let count = 0; count < 10; count += 1) expect(takeConnection(limits, 'a', NOW)).toBe(true)
    expect(takeConnection(limits, 'a', NOW)).toBe(false)
    expect(takeConnection(limits, 'b', NOW)).toBe(true)
    for (let count = 0; count < 2_000; count += 1) expect(takeMessage(limits, 'a', NOW)).toBe(true)
    expect(takeMessage(limits, 'a', NOW)).toBe(false)
    expect(takeMessage(limits, 'a', NOW + 60_000)).toBe(true)
  })

  test('the fifteenth account that is followed is refused, one already followed is not', () => {
    const limits = createConnectionLimits(true)
    takeConnection(limits, 'a', NOW)
    for (let user = 0; user < 14; user += 1) expect(followUser(limits, 'a', `0x${user}`)).toBeNull()
    expect(followUser(limits, 'a', '0x14')).toBe('Cannot track more than 15 total users.')
    expect(followUser(limits, 'a', '0x3')).toBeNull()
    expect(followUser(limits, 'a', null)).toBeNull()
  })

  test('an account counts as long as something of it is subscribed, on any connection', () => {
    const limits = createConnectionLimits(true)
    takeConnection(limits, 'a', NOW)
    for (let user = 0; user < 14; user += 1) followUser(limits, 'a', `0x${user}`)
    followUser(limits, 'a', '0x3')
    unfollowUser(limits, 'a', '0x3')
    expect(followUser(limits, 'a', '0x14')).not.toBeNull()
    unfollowUser(limits, 'a', '0x3')
    expect(followUser(limits, 'a', '0x14')).toBeNull()
    unfollowUser(limits, 'a', '0x99')
    expect(followUser(limits, 'a', '0x3')).not.toBeNull()
  })

  test('accounts that are no longer followed make room, over the wire', async () => {
    const venue = await openVenue({ rateLimits: { ...NO_LIMITS, sockets: true } })
    const socket = new WebSocket(venue.server.wsUrl)
    await once(socket, 'open')
    const ask = async (method: string, user: number): Promise<string> => {
      const subscription = { type: 'orderUpdates', user: testWallet(user).address }
      socket.send(JSON.stringify({ method, subscription }))
      const [frame] = (await once(socket, 'message')) as [Buffer]
      return (JSON.parse(frame.toString()) as { channel: string }).channel
    }
    for (let user = 1; user <= 14; user += 1)
      expect(await ask('subscribe', user)).toBe('subscriptionResponse')
    expect(await ask('subscribe', 15)).toBe('error')
    expect(await ask('unsubscribe', 1)).toBe('subscriptionResponse')
    expect(await ask('subscribe', 15)).toBe('subscriptionResponse')
    socket.close()
    await venue.close()
  })

  test('each limit is switched alone', () => {
    const weightOnly = createRateLimits({ weight: true, budget: false })
    expect(takeWeight(weightOnly, 'a', 1_201, NOW)).toBe(false)
    const many = { account: 'a', units: 20_000, isCancel: false, tradedMicroUsd: 0, nowTsMs: NOW }
    expect(chargeRequest(weightOnly, many)).toBeNull()
    expect(chargeRequest(weightOnly, many)).toBeNull()
    const budgetOnly = createRateLimits({ weight: false, budget: true })
    expect(takeWeight(budgetOnly, 'a', 1_201, NOW)).toBe(true)
    chargeRequest(budgetOnly, many)
    expect(chargeRequest(budgetOnly, many)).not.toBeNull()
  })

  test('the eleventh connection is refused over the wire, and one is free again when one closes', async () => {
    const venue = await openVenue({ rateLimits: ALL })
    const sockets = Array.from({ length: 10 }, () => new WebSocket(venue.server.wsUrl))
    await Promise.all(sockets.map((socket) => once(socket, 'open')))
    const eleventh = new WebSocket(venue.server.wsUrl)
    const [error] = (await once(eleventh, 'error')) as [Error]
    expect(error.message).toContain('429')
    const first = sockets[0]
    if (first === undefined) throw new Error('ten connections are open')
    first.close()
    await once(first, 'close')
    const another = new WebSocket(venue.server.wsUrl)
    await once(another, 'open')
    await venue.close()
  })
})
