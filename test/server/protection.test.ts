import { afterEach, expect, test } from 'vitest'
import { openOrders } from '../../src/exchange/queries/orders.ts'
import type { VenueContext } from '../../src/server/context.ts'
import { handleProtection } from '../../src/server/protection.ts'
import { httpClients, openVenue, post, testWallet, type Clients, type TestVenue } from './venue.ts'

const USER = testWallet(7).address
const SET = { user: USER, coin: 'BTC', windowMs: 1_000, frozenMs: 60_000, quantity: '0.002' }
let venue: TestVenue | null = null
afterEach(async () => {
  await venue?.close()
})

async function asked(one: TestVenue, body: unknown): Promise<unknown[]> {
  const answer = await one.whileRunning(post(one, '/protection', body))
  return [answer.status, await answer.json()]
}

function order(
  one: TestVenue,
  client: Clients,
  isBuy: boolean,
  price: number,
  size: string,
): Promise<unknown> {
  const type = { limit: { tif: 'Gtc' } } as const
  const orders = [{ a: 0, b: isBuy, p: String(price), s: size, r: false, t: type }]
  return one.whileRunning(client.exchange.order({ orders, grouping: 'na' }))
}

test('a protection set over HTTP stops a sweep at its limit, refuses what follows, and is reset and removed', async () => {
  venue = await openVenue()
  const [maker, taker] = [httpClients(venue, testWallet(7)), httpClients(venue, testWallet(8))]
  expect(await asked(venue, SET)).toEqual([409, { error: `User ${USER} does not exist: deposit first` }])
  for (const { wallet } of [maker, taker]) venue.fund(wallet, 100_000)
  expect(await asked(venue, SET)).toEqual([200, { status: 'ok' }])
  const mids = await maker.info.allMids()
  const near = Math.round(Number(mids['BTC']) / 10) * 10
  for (const level of [1, 2, 3, 4, 5]) await order(venue, maker, false, near + level * 10, '0.001')
  await order(venue, taker, true, near + 100, '0.005')
  expect(openOrders(venue.exchange, USER)).toEqual([])
  expect(openOrders(venue.exchange, taker.wallet.address)).toMatchObject([{ remainingLots: 300 }])
  const history = await maker.info.historicalOrders({ user: USER })
  expect(history.map(({ status }) => status).sort()).toEqual([
    ...Array<string>(2).fill('filled'),
    ...Array<string>(3).fill('scheduledCancel'),
  ])
  const read = { user: USER, coin: 'BTC', read: true }
  const untouched = { fills: 0, quantity: '0.0', notional: '0.0', delta: '0.0' }
  const frozen = { isFrozen: true, frozenUntil: expect.any(Number), traded: untouched }
  expect(await asked(venue, read)).toMatchObject([200, { protections: [frozen] }])
  const again = (): Promise<unknown> => order(venue as TestVenue, maker, true, near - 500, '0.001')
  await expect(again()).rejects.toThrow(/Market maker protection refuses new orders until \d+/)
  expect(await asked(venue, { user: USER, coin: 'BTC', reset: true })).toEqual([200, { status: 'ok' }])
  expect(await again()).toMatchObject({ status: 'ok' })
  expect(await asked(venue, { user: USER, coin: 'BTC', remove: true })).toEqual([200, { status: 'ok' }])
  expect(await asked(venue, { user: USER, coin: 'BTC', reset: true })).toEqual([
    409,
    { error: `${USER} has no market maker protection in BTC: set its limits first` },
  ])
})

test('a protection is read back as it was set, with what its window holds, until its time has passed', async () => {
  venue = await openVenue()
  const [maker, taker] = [httpClients(venue, testWallet(7)), httpClients(venue, testWallet(8))]
  for (const { wallet } of [maker, taker]) venue.fund(wallet, 100_000)
  const readAll = { user: USER, read: true }
  expect(await asked(venue, readAll)).toEqual([200, { status: 'ok', protections: [] }])
  await asked(venue, { ...SET, coin: 'ETH', window: 'sliding', quantity: undefined, notional: '50.5' })
  await asked(venue, { ...SET, windowMs: 3_600_000 })
  await order(venue, maker, false, 60_010, '0.001')
  await order(venue, taker, true, 60_010, '0.001')
  const btc = {
    ...{ coin: 'BTC', window: 'tumbling', windowMs: 3_600_000, frozenMs: 60_000 },
    ...{ quantity: '0.002', notional: null, delta: null, isFrozen: false, frozenUntil: null },
    traded: { fills: 1, quantity: '0.001', notional: '60.01', delta: '-0.001' },
  }
  const traded = { fills: 0, quantity: '0.0', notional: '0.0', delta: '0.0' }
  const eth = {
    ...{ coin: 'ETH', window: 'sliding', windowMs: 1_000, frozenMs: 60_000 },
    ...{ quantity: null, notional: '50.5', delta: null, isFrozen: false, frozenUntil: null, traded },
  }
  expect(await asked(venue, readAll)).toEqual([200, { status: 'ok', protections: [btc, eth] }])
  expect(await asked(venue, { ...readAll, coin: 'ETH' })).toEqual([200, { status: 'ok', protections: [eth] }])
  venue.step(3_600_000)
  expect(await asked(venue, { ...readAll, coin: 'BTC' })).toEqual([
    200,
    { status: 'ok', protections: [{ ...btc, traded }] },
  ])
})

test.each([
  ['no user', { ...SET, user: '0x12' }, 'user = "0x12" does not do; write 0x and 40'],
  ['an unknown coin', { ...SET, coin: 'XYZ' }, 'coin = "XYZ" does not do; write a coin of this venue'],
  ['another window', { ...SET, window: 'rolling' }, 'window = "rolling" does not do; write "sliding"'],
  [
    'no window',
    { ...SET, windowMs: 0 },
    'windowMs = 0 does not do; write whole milliseconds from 1 to 86400000',
  ],
  ['no freeze', { ...SET, frozenMs: undefined }, 'frozenMs = undefined does not do; write whole'],
  ['a debt', { ...SET, notional: -5 }, 'notional = -5 does not do; write dollars'],
  [
    'too fine a size',
    { ...SET, delta: '0.000001' },
    'delta = "0.000001" does not do; write at most 5 decimals',
  ],
  ['no limit', { ...SET, quantity: 0 }, 'the limits do not do: at least one of quantity, notional and delta'],
  ['a stranger', { ...SET, vega: 5 }, 'there is no field vega; write user, coin, window'],
  ['two requests at once', { ...SET, reset: true }, 'windowMs = 1000 does not do'],
  ['a false reset', { user: USER, coin: 'BTC', reset: false }, 'reset = false does not do; write true'],
  ['a read of two things', { ...SET, read: true }, 'windowMs = 1000 does not do'],
  ['a false read', { user: USER, read: 1 }, 'read = 1 does not do; write true beside user, and perhaps coin'],
  ['a list', [], 'the body does not do; write {"user"'],
  ['no object', 5, 'the body does not do; write {"user"'],
])('the protection refuses %s and says what it wants', async (_, body, wanted) => {
  venue = await openVenue()
  const [status, answer] = await asked(venue, body)
  expect([status, (answer as { error: string }).error.slice(0, wanted.length)]).toEqual([400, wanted])
})

test.each(['192.168.1.7', '::ffff:172.17.0.2', ''])('the protection answers 403 to %s', (origin) => {
  let status = 0
  // Nothing of the venue may be touched: there is none.
  handleProtection({} as VenueContext, origin, SET, (answer) => (status = answer.status))
  expect(status).toBe(403)
})
