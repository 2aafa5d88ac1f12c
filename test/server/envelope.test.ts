/** Bodies as different clients write them: what is tolerated, what is refused, and with which words. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parsePrivateKey } from '../../src/signing/address.ts'
import { signL1Action, type SigningNetwork } from '../../src/signing/l1-action.ts'
import type { Signature } from '../../src/signing/signature.ts'
import { signUserSignedAction, type UserSignedAction } from '../../src/signing/user-signed.ts'
import { openVenue, post, testWallet, type TestVenue } from './venue.ts'

const KEY = parsePrivateKey(`0x${'31'.padStart(64, '0')}`)
const TRADER = testWallet(0x31)
const STRANGER_KEY = parsePrivateKey(`0x${'32'.padStart(64, '0')}`)

let venue: TestVenue
let nonce = 0

beforeAll(async () => {
  venue = await openVenue({ network: 'any' })
  venue.fund(TRADER, 100_000)
})
afterAll(async () => venue.close())

function nextNonce(): number {
  nonce = Math.max(nonce + 1, Date.now())
  return nonce
}

const GTC = { limit: { tif: 'Gtc' } }
const BID = { a: 0, b: true, p: '59000', s: '0.01', r: false, t: GTC }

function orderOf(...orders: object[]): object {
  return { type: 'order', orders, grouping: 'na' }
}

interface Signed {
  readonly action: object
  readonly nonce?: number
  readonly vault?: string
  readonly expiresAfter?: number
  readonly network?: SigningNetwork
  readonly key?: Uint8Array
}

function sign(signed: Signed): { nonce: number; signature: Signature } {
  const used = signed.nonce ?? nextNonce()
  const envelope = {
    action: signed.action,
    nonce: used,
    vaultAddress: signed.vault ?? null,
    expiresAfterMs: signed.expiresAfter ?? null,
  }
  return { nonce: used, signature: signL1Action(envelope, signed.network ?? 'testnet', signed.key ?? KEY) }
}

async function send(body: object): Promise<{ status: string; response: unknown }> {
  const response = await venue.whileRunning(post(venue, '/exchange', body))
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toContain('application/json')
  return (await response.json()) as { status: string; response: unknown }
}

/** Signs and sends, perhaps writing the action otherwise than it was signed. */
async function act(signed: Signed, written: object = {}): Promise<{ status: string; response: unknown }> {
  return await send({ action: signed.action, ...sign(signed), ...written })
}

const RESTING = { status: 'ok', response: { type: 'order', data: { statuses: [{ resting: {} }] } } }

describe('tolerated', () => {
  test('null for an absent vault and expiry, and keys that are not signed', async () => {
    const answer = await act(
      { action: orderOf(BID) },
      { vaultAddress: null, expiresAfter: null, isFrontend: true },
    )
    expect(answer).toMatchObject(RESTING)
  })

  test('numbers with trailing zeros, when the client signed them without', async () => {
    const signed = orderOf({ ...BID, p: '58000', s: '0.01' })
    const written = orderOf({ ...BID, p: '58000.0', s: '0.0100' })
    expect(await act({ action: signed }, { action: written })).toMatchObject(RESTING)
  })

  test('keys in another order than they are hashed, and a null client id', async () => {
    const { a, b, p, s, r, t } = { ...BID, p: '57000' }
    const written = { grouping: 'na', orders: [{ t, c: null, r, s, p, b, a }], type: 'order' }
    expect(await act({ action: orderOf({ a, b, p, s, r, t }) }, { action: written })).toMatchObject(RESTING)
  })

  test('a client id in capitals, when the client signed it in lower case', async () => {
    const cloid = '0xabcdef000000000000000000000000ff'
    const written = orderOf({ ...BID, p: '56000', c: cloid.toUpperCase().replace('0X', '0x') })
    const answer = await act({ action: orderOf({ ...BID, p: '56000', c: cloid }) }, { action: written })
    expect(answer).toMatchObject({ response: { data: { statuses: [{ resting: { cloid } }] } } })
  })

  test('r and s without their leading zeros, and v as 0 or 1', async () => {
    for (let tries = 0; tries < 2_000; tries += 1) {
      const action = { type: 'noop' }
      const signed = sign({ action, nonce: nonce + 1 + tries })
      const short = {
        r: shorten(signed.signature.r),
        s: shorten(signed.signature.s),
        v: signed.signature.v - 27,
      }
      if (short.r.length === 66 && short.s.length === 66) continue
      nonce += 2_000
      expect(await send({ action, nonce: signed.nonce, signature: short })).toEqual({
        status: 'ok',
        response: { type: 'default' },
      })
      return
    }
    throw new Error('two thousand signatures without a leading zero')
  })

  test('signatures for both networks on a venue that takes any', async () => {
    const done = { status: 'ok', response: { type: 'default' } }
    expect(await act({ action: { type: 'noop' }, network: 'testnet' })).toEqual(done)
    expect(await act({ action: { type: 'noop' }, network: 'mainnet' })).toEqual(done)
  })
})

describe('refused with the words of the venue', () => {
  test('the fast cancel of a trigger order, beside those of plain ones', async () => {
    const t = { trigger: { isMarket: true, triggerPx: '70000', tpsl: 'sl' } }
    const stop = { ...BID, p: '71000', t }
    await act({ action: orderOf({ ...BID, p: '55000' }, stop) })
    const open = await (await post(venue, '/info', { type: 'openOrders', user: TRADER.address })).json()
    const [last, before] = open as { oid: number }[]
    const cancels = [{ o: last?.oid }, { o: before?.oid }, { o: 999_999 }].map((one) => ({ a: 0, ...one }))
    const answer = await act({ action: { type: 'cancel', cancels, f: true } })
    expect(answer.response).toEqual({
      type: 'cancel',
      data: {
        statuses: [
          { error: 'Fast cancels are not for trigger orders. asset=0' },
          'success',
          { error: 'Order was never placed, already canceled, or filled. asset=0' },
        ],
      },
    })
    const one = [{ a: 0, o: last?.oid }]
    expect(await act({ action: { type: 'cancel', cancels: one, f: true } })).toMatchObject({
      response: { data: { statuses: [{ error: expect.stringContaining('Fast cancels') }] } },
    })
    expect(await act({ action: { type: 'cancel', cancels: one } })).toMatchObject({
      response: { data: { statuses: ['success'] } },
    })
  })

  test('an unknown signer, by its address', async () => {
    const answer = await act({ action: { type: 'noop' }, key: STRANGER_KEY })
    const { address } = testWallet(0x32)
    expect(answer).toEqual({ status: 'err', response: `User or API Wallet ${address} does not exist.` })
  })

  test('what was signed otherwise comes from a stranger', async () => {
    const answer = await act({ action: orderOf(BID) }, { action: orderOf({ ...BID, p: '59001' }) })
    expect(answer.response).toMatch(/^User or API Wallet 0x[0-9a-f]{40} does not exist\.$/)
    const changedVault = await act({ action: orderOf(BID) }, { expiresAfter: Date.now() + 60_000 })
    expect(changedVault.response).toMatch(/does not exist/)
  })

  test('a nonce used twice, too old, too new', async () => {
    const used = nextNonce()
    await act({ action: { type: 'noop' }, nonce: used })
    const again = await act({ action: { type: 'noop' }, nonce: used })
    expect(again).toEqual({ status: 'err', response: `Invalid nonce: duplicate nonce ${used}` })
    const old = await act({ action: { type: 'noop' }, nonce: 5 })
    expect(old.response).toMatch(/^Invalid nonce: nonce too low 5 < \d+$/)
    const future = await act({ action: { type: 'noop' }, nonce: Date.now() + 3 * 86_400_000 })
    expect(future.response).toMatch(/^Invalid nonce/)
  })

  test('an expired action', async () => {
    const answer = await act({ action: orderOf(BID), expiresAfter: 1_000 }, { expiresAfter: 1_000 })
    expect(answer).toEqual({ status: 'err', response: 'Action already expired' })
  })

  test('201 orders in one action', async () => {
    const orders = Array.from({ length: 201 }, () => BID)
    const answer = await act({ action: orderOf(...orders) })
    expect(answer).toEqual({ status: 'err', response: 'Signed action over weight limit of 200.' })
  })

  test('a vault that is none, and a sub-account of somebody else', async () => {
    const vault = '0x00000000000000000000000000000000000000aa'
    const answer = await act({ action: { type: 'noop' }, vault }, { vaultAddress: vault })
    expect(answer).toEqual({ status: 'err', response: `Vault not registered: ${vault}` })
  })

  const perOrder: readonly [string, object, string][] = [
    ['too many decimals in the price', { p: '59000.55' }, 'Order has invalid price.'],
    ['too many decimals in the size', { s: '0.000001' }, 'Order has invalid size.'],
    [
      'more than five figures in the price',
      { p: '59000.5' },
      'Price must be divisible by tick size. asset=0',
    ],
    ['zero size', { s: '0' }, 'Order has zero size.'],
    ['less than ten dollars', { s: '0.0001' }, 'Order must have minimum value of $10. asset=0'],
    ['more than the margin', { s: '100' }, 'Insufficient margin to place order. asset=0'],
    ['reduce-only without a position', { r: true }, 'Reduce only order would increase position. asset=0'],
    [
      'an IOC that meets nothing',
      { t: { limit: { tif: 'Ioc' } } },
      'Order could not immediately match against any resting orders. asset=0',
    ],
  ]
  test.each(perOrder)('%s', async (_, change, error) => {
    const good = { ...BID, p: '40000' }
    const answer = await act({ action: orderOf({ ...BID, ...change }, good) })
    expect(answer).toMatchObject({
      status: 'ok',
      response: { type: 'order', data: { statuses: [{ error }, { resting: {} }] } },
    })
  })

  test('a post-only order that would take names the best prices', async () => {
    await act({ action: orderOf({ ...BID, b: false, p: '61000' }) })
    const answer = await act({ action: orderOf({ ...BID, p: '61000', t: { limit: { tif: 'Alo' } } }) })
    expect(JSON.stringify(answer.response)).toMatch(
      /Post only order would have immediately matched, bbo was 59000(\.0)?@61000(\.0)?\. asset=0/,
    )
  })

  test('a batch of which nothing can be decoded still uses its nonce', async () => {
    const used = nextNonce()
    const hollow = await act({ action: orderOf({ ...BID, p: '0.123456789' }), nonce: used })
    expect(hollow).toMatchObject({
      response: { data: { statuses: [{ error: 'Order has invalid price.' }] } },
    })
    const again = await act({ action: { type: 'noop' }, nonce: used })
    expect(again.response).toBe(`Invalid nonce: duplicate nonce ${used}`)
  })

  test('one modify answers with its error as that of the whole', async () => {
    const answer = await act({ action: { type: 'modify', oid: 987_654, order: BID } })
    expect(answer.status).toBe('err')
    expect(answer.response).toMatch(/^Cannot modify canceled or filled order/)
  })

  test('priority that nobody staked for', async () => {
    const answer = await act({ action: { type: 'order', orders: [BID], grouping: { p: 100 } } })
    const error = 'Insufficient delegatable balance for priority order'
    expect(answer).toMatchObject({ status: 'ok', response: { data: { statuses: [{ error }] } } })
  })

  test('a builder whom the account did not approve', async () => {
    const builder = { b: '0x00000000000000000000000000000000000000bb', f: 10 }
    const answer = await act({ action: { ...orderOf(BID), builder } })
    expect(answer).toEqual({ status: 'err', response: 'Builder fee has not been approved.' })
  })
})

describe('malformed bodies are 422 in plain text', () => {
  const bad: readonly [string, string, unknown][] = [
    ['no JSON', '/info', '{"type": "meta"'],
    ['an unknown info request', '/info', { type: 'toString' }],
    ['a missing field', '/info', { type: 'l2Book' }],
    ['a wrong type', '/info', { type: 'userFills', user: 5 }],
    ['an address that is none', '/info', { type: 'openOrders', user: '0x12' }],
    ['no object', '/info', 7],
    ['no action', '/exchange', { nonce: 1, signature: { r: '0x1', s: '0x1', v: 27 } }],
    [
      'an unknown action',
      '/exchange',
      { action: { type: 'steal' }, nonce: 1, signature: { r: '0x1', s: '0x1', v: 27 } },
    ],
    [
      'a wrong v',
      '/exchange',
      { action: { type: 'noop' }, nonce: 1, signature: { r: '0x1', s: '0x1', v: 30 } },
    ],
  ]
  test.each(bad)('%s', async (_, path, body) => {
    const response = await post(venue, path, body)
    expect(response.status).toBe(422)
    expect(response.headers.get('content-type')).toContain('text/plain')
    expect(await response.text()).toBe('Failed to deserialize the JSON body into the target type')
  })

  test('an extra key in a signed action', async () => {
    const action = { ...orderOf(BID), extra: 1 }
    const response = await post(venue, '/exchange', { action, ...sign({ action }) })
    expect(response.status).toBe(422)
  })

  test('other paths, methods and sizes', async () => {
    expect((await fetch(`${venue.server.url}/info`)).status).toBe(405)
    expect((await post(venue, '/explorer', {})).status).toBe(404)
    expect((await post(venue, '/info', 'x'.repeat(1024 * 1024 + 1))).status).toBe(413)
  })
})

describe('user-signed actions', () => {
  const common = { signatureChainId: '0x66eee', hyperliquidChain: 'Testnet' }

  async function actSigned(
    action: UserSignedAction,
    used: number,
    key = KEY,
  ): Promise<{ status: string; response: unknown }> {
    return await send({ action, nonce: used, signature: signUserSignedAction(action, key) })
  }

  test('money sent to a checksummed address arrives at the account', async () => {
    const time = nextNonce()
    const destination = '0x5E9EE1089755c3435139848E47E6635505d5A13A'
    const action = { type: 'usdSend', ...common, destination, amount: '12.5', time }
    expect(await actSigned(action, time)).toEqual({ status: 'ok', response: { type: 'default' } })
    const state = await (await post(venue, '/info', { type: 'clearinghouseState', user: destination })).json()
    // The first money to an address pays one dollar to open it.
    expect(state).toMatchObject({ withdrawable: '11.5' })
    const ledger = await (
      await post(venue, '/info', { type: 'userNonFundingLedgerUpdates', user: TRADER.address })
    ).json()
    expect(ledger).toContainEqual({
      time: expect.any(Number),
      hash: expect.stringMatching(/^0x0{64}$/),
      delta: {
        type: 'internalTransfer',
        usdc: '12.5',
        user: TRADER.address,
        destination: destination.toLowerCase(),
        fee: '1.0',
      },
    })
  })

  test('a withdrawal takes its fee out of the amount', async () => {
    const time = nextNonce()
    const action = { type: 'withdraw3', ...common, destination: TRADER.address, amount: '101', time }
    expect(await actSigned(action, time)).toEqual({ status: 'ok', response: { type: 'default' } })
    const ledger = (await (
      await post(venue, '/info', { type: 'userNonFundingLedgerUpdates', user: TRADER.address })
    ).json()) as { delta: unknown }[]
    expect(ledger.at(-1)?.delta).toMatchObject({ type: 'withdraw', usdc: '100.0', fee: '1.0' })
    const later = nextNonce()
    const tooMuch = { ...action, amount: '10000000', time: later }
    expect(await actSigned(tooMuch, later)).toEqual({
      status: 'err',
      response: 'Insufficient balance for withdrawal.',
    })
    const fee = nextNonce()
    expect(await actSigned({ ...action, amount: '1', time: fee }, fee)).toEqual({
      status: 'err',
      response: 'Withdrawal must be more than its fee of 1 USDC.',
    })
  })

  test('an inner nonce that is not the outer one, and a stranger', async () => {
    const time = nextNonce()
    const action = { type: 'usdSend', ...common, destination: TRADER.address, amount: '1', time }
    expect((await actSigned(action, time + 1)).response).toMatch(/^Invalid nonce/)
    const answer = await actSigned(action, time, STRANGER_KEY)
    const { address } = testWallet(0x32)
    expect(answer.response).toBe(`Must deposit before performing actions. User: ${address}`)
  })

  test('sent assets need the collateral token of their DEX', async () => {
    const used = nextNonce()
    const base = {
      type: 'sendAsset',
      ...common,
      destination: TRADER.address,
      fromSubAccount: '',
      amount: '5',
      nonce: used,
    }
    const dexs = { sourceDex: '', destinationDex: 'hyna', token: 'USDC' }
    expect((await actSigned({ ...base, ...dexs }, used)).response).toMatch(
      /Collateral of the two DEXs differs/,
    )
    expect((await actSigned({ ...base, ...dexs, token: 'USDE' }, used)).response).toMatch(
      /Only the collateral token/,
    )
    const later = nextNonce()
    const toSpot = { ...base, ...dexs, destinationDex: 'spot', destination: TRADER.address, nonce: later }
    expect(await actSigned(toSpot, later)).toMatchObject({ status: 'ok' })
    expect((await actSigned({ ...base, ...dexs, sourceDex: 'nope' }, used)).response).toBe(
      'Invalid perp DEX nope',
    )
  })
})

describe('a venue of one network', () => {
  test('takes no signature for the other one', async () => {
    const testnet = await openVenue({ network: 'testnet' })
    testnet.fund(TRADER, 1_000)
    const action = { type: 'noop' }
    const body = { action, ...sign({ action, network: 'mainnet' }) }
    const response = await testnet.whileRunning(post(testnet, '/exchange', body))
    expect(await response.json()).toMatchObject({
      status: 'err',
      response: expect.stringMatching(/does not exist/),
    })
    await testnet.close()
  })
})

function shorten(hex: string): string {
  return `0x${hex.slice(2).replace(/^0+/, '')}`
}
