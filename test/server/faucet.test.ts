import { afterEach, expect, test } from 'vitest'
import { accountState } from '../../src/exchange/queries/account.ts'
import { FAUCET_USD_MAX, handleFaucet } from '../../src/server/faucet.ts'
import type { VenueContext } from '../../src/server/context.ts'
import { openVenue, post, type TestVenue } from './venue.ts'

const ADDRESS = `0x${'c0'.repeat(20)}`
let venue: TestVenue | null = null
afterEach(async () => {
  await venue?.close()
})

test('the faucet credits an address on every DEX, once, from this machine', async () => {
  venue = await openVenue()
  const answer = await venue.whileRunning(
    post(venue, '/faucet', { address: ADDRESS.toUpperCase().replace('X', 'x'), usd: 250.5 }),
  )
  expect([answer.status, await answer.json()]).toEqual([
    200,
    { status: 'ok', address: ADDRESS, usd: 250.5, dexs: 3 },
  ])
  for (const dexIndex of [0, 1, 2]) {
    expect(accountState(venue.exchange, ADDRESS, dexIndex).whole.accountValueMicroUsd).toBe(250_500_000)
  }
})

test.each([
  ['no address', { usd: 5 }, 'address = undefined'],
  ['no dollars', { address: ADDRESS }, 'usd = undefined'],
  ['a debt', { address: ADDRESS, usd: -5 }, 'usd = -5'],
  ['too much', { address: ADDRESS, usd: FAUCET_USD_MAX + 1 }, 'usd = 1000001'],
  ['something else', { address: ADDRESS, usd: 5, dex: 'hyna' }, 'the body'],
  ['a list', [], 'the body'],
])('the faucet refuses %s and says what it wants', async (_, body, wrong) => {
  venue = await openVenue()
  const answer = await post(venue, '/faucet', body)
  expect([answer.status, await answer.json()]).toEqual([
    400,
    {
      error: expect.stringMatching(
        new RegExp(`^${wrong} does not do; write .*"usd": above 0, up to 1000000`),
      ),
    },
  ])
})

test.each(['192.168.1.7', '10.0.0.1', '::ffff:172.17.0.2', '2001:db8::1', ''])(
  'the faucet answers 403 to %s and reads nothing',
  (origin) => {
    let status = 0
    // Nothing of the venue may be touched: there is none.
    handleFaucet(
      {} as VenueContext,
      origin,
      { address: ADDRESS, usd: 5 },
      (answer) => (status = answer.status),
    )
    expect(status).toBe(403)
  },
)
