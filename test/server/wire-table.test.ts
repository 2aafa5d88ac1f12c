/**
 * Every action and every subscription of the venue, once each: actions as a client signs them, with the answer of the reference;
 * subscriptions on one raw connection on which things happen, every frame of which has the shape of the reference.
 */
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { parsePrivateKey } from '../../src/signing/address.ts'
import { signL1Action } from '../../src/signing/l1-action.ts'
import { isUserSigned, signUserSignedAction, type UserSignedAction } from '../../src/signing/user-signed.ts'
import { ACTIONS } from '../../src/server/actions/table.ts'
import { FEEDS } from '../../src/server/subscriptions/table.ts'
import type { Shape } from './shape.ts'
import { openVenue, post, testWallet, until, type TestVenue } from './venue.ts'
import { ACTION_SHAPES, DEFAULT_ANSWER, FRAME_SHAPES, REFUSED } from './wire-shapes.ts'

const GTC = { limit: { tif: 'Gtc' } }
const CLOID = `0x${'a1'.padStart(32, '0')}`
const OTHER_CLOID = `0x${'a2'.padStart(32, '0')}`
const ETH = 1
/** Strict isolated. */
const PURR = 4
const OWN = 0x901
const OTHER = 0x902
const BUILDER = testWallet(0x903).address
const AGENT = testWallet(0x904).address
const MINUTE_MS = 60_000
const HOUR_MS: number = 60 * MINUTE_MS
const USDC = 'USDC:0x6d1e7cde53ba9467b783cb7c530ce054'
const chain = { signatureChainId: '0x66eee', hyperliquidChain: 'Testnet' }

interface Action {
  readonly type: string
  readonly [key: string]: unknown
}
type Row = readonly [type: string, rest: () => object, shape?: Shape]

let venue: TestVenue
let nonce = 0

function nextNonce(): number {
  nonce = Math.max(nonce + 1, Date.now())
  return nonce
}

/** Signs as the kind of action asks, and sends. */
async function act(number: number, action: Action): Promise<unknown> {
  const key = parsePrivateKey(`0x${number.toString(16).padStart(64, '0')}`)
  const used = nextNonce()
  // A user-signed action carries its nonce itself, some under the name of a time.
  const named = 'time' in action ? { ...action, time: used } : { ...action, nonce: used }
  const signed = isUserSigned(action.type) || 'nonce' in action ? named : action
  const signature = isUserSigned(action.type)
    ? signUserSignedAction(signed as unknown as UserSignedAction, key)
    : signL1Action({ action: signed, nonce: used, vaultAddress: null, expiresAfterMs: null }, 'testnet', key)
  const answer = await venue.whileRunning(
    post(venue, '/exchange', { action: signed, nonce: used, signature }),
  )
  expect(answer.status).toBe(200)
  return await answer.json()
}

const orderOf = (a: number, b: boolean, p: string, s: string, more: object = {}): object => ({
  a,
  b,
  p,
  s,
  r: false,
  t: GTC,
  ...more,
})
const place = (...orders: object[]): Action => ({
  type: 'order',
  orders,
  grouping: 'na',
})

/** The sub-account that `createSubAccount` made. */
let sub = ''

/** In this order on one account: type, the rest of the action, and the answer when it is not the one of `ACTION_SHAPES`. */
const ROWS: readonly Row[] = [
  ['noop', () => ({})],
  ['updateLeverage', () => ({ asset: ETH, isCross: false, leverage: 5 })],
  ['order', () => ({ orders: [orderOf(0, true, '59000', '0.01', { c: CLOID })], grouping: 'na' })],
  ['modify', () => ({ oid: CLOID, order: orderOf(0, true, '58900', '0.01', { c: CLOID }) })],
  [
    'batchModify',
    () => ({ modifies: [{ oid: CLOID, order: orderOf(0, true, '58800', '0.01', { c: OTHER_CLOID }) }] }),
  ],
  ['cancelByCloid', () => ({ cancels: [{ asset: 0, cloid: OTHER_CLOID }] })],
  ['cancel', () => ({ cancels: [{ a: 0, o: 1 }] })],
  ['order', () => ({ orders: [orderOf(ETH, true, '3000', '1')], grouping: 'na' })],
  ['updateIsolatedMargin', () => ({ asset: ETH, isBuy: true, ntli: 10_000_000 })],
  ['topUpIsolatedOnlyMargin', () => ({ asset: ETH, leverage: '4' })],
  ['scheduleCancel', () => ({ time: venue.world.nowTsMs + 3_600_000 })],
  ['twapOrder', () => ({ twap: { a: 0, b: true, s: '0.1', r: false, m: 5, t: false } })],
  ['twapCancel', () => ({ a: 0, t: 1 })],
  ['reserveRequestWeight', () => ({ weight: 10 })],
  ['setReferrer', () => ({ code: 'FRIEND' })],
  ['agentSetAbstraction', () => ({ abstraction: 'i' })],
  ['agentEnableDexAbstraction', () => ({}), REFUSED],
  ['claimRewards', () => ({}), REFUSED],
  ['perpDeploy', () => ({ haltTrading: { coin: 'hyna:BTC', isHalted: true } }), REFUSED],
  ['vaultTransfer', () => ({ vaultAddress: BUILDER, isDeposit: true, usd: 5_000_000 }), REFUSED],
  ['createSubAccount', () => ({ name: 'second' })],
  ['subAccountModify', () => ({ subAccountUser: sub, name: 'renamed' })],
  ['subAccountTransfer', () => ({ subAccountUser: sub, isDeposit: true, usd: 50_000_000 })],
  ['usdClassTransfer', () => ({ ...chain, amount: '100', toPerp: false, nonce: 0 })],
  ['subAccountSpotTransfer', () => ({ subAccountUser: sub, isDeposit: true, token: USDC, amount: '5' })],
  [
    'agentSendAsset',
    () => ({
      destination: sub,
      sourceDex: '',
      destinationDex: 'spot',
      token: USDC,
      amount: '7',
      fromSubAccount: '',
      nonce: 0,
    }),
  ],
  [
    'sendAsset',
    () => ({
      ...chain,
      destination: BUILDER,
      sourceDex: '',
      destinationDex: 'spot',
      token: USDC,
      amount: '5',
      fromSubAccount: '',
      nonce: 0,
    }),
  ],
  ['spotSend', () => ({ ...chain, destination: BUILDER, token: USDC, amount: '3', time: 0 })],
  ['usdSend', () => ({ ...chain, destination: BUILDER, amount: '20', time: 0 })],
  ['withdraw3', () => ({ ...chain, destination: BUILDER, amount: '20', time: 0 })],
  ['approveAgent', () => ({ ...chain, agentAddress: AGENT, agentName: 'bot', nonce: 0 })],
  ['approveBuilderFee', () => ({ ...chain, maxFeeRate: '0.01%', builder: BUILDER, nonce: 0 })],
  ['userDexAbstraction', () => ({ ...chain, user: testWallet(OWN).address, enabled: false, nonce: 0 })],
  [
    'userSetAbstraction',
    () => ({ ...chain, user: testWallet(OWN).address, abstraction: 'disabled', nonce: 0 }),
  ],
]

describe('actions', () => {
  beforeAll(async () => {
    venue = await openVenue()
    for (const number of [OWN, OTHER]) venue.fund(testWallet(number), 100_000)
    await act(OTHER, place(orderOf(ETH, false, '3000', '2')))
  })
  afterAll(async () => venue.close())

  test('each of them stands in the table', () => {
    expect(new Set(ROWS.map(([type]) => type))).toEqual(new Set(ACTIONS.keys()))
  })

  test.each(ROWS.map((row) => ({ name: row[0], row })))('$name', async ({ row: [type, rest, shape] }) => {
    const answer = await act(OWN, { type, ...rest() })
    const wanted = shape ?? ACTION_SHAPES[type] ?? DEFAULT_ANSWER
    expect(wanted(answer, ''), JSON.stringify(answer)).toEqual([])
    if (type === 'createSubAccount') sub = (answer as { response: { data: string } }).response.data
  })

  test('an API wallet sends between the accounts of its master, and to nobody else', async () => {
    const send = {
      sourceDex: '',
      destinationDex: 'spot',
      token: USDC,
      amount: '2',
      fromSubAccount: '',
      nonce: 0,
    }
    const spotOf = async (user: string): Promise<unknown> =>
      (await post(venue, '/info', { type: 'spotClearinghouseState', user })).json()
    expect(await act(0x904, { type: 'agentSendAsset', destination: sub, ...send })).toMatchObject({
      status: 'ok',
    })
    expect(await spotOf(sub)).toMatchObject({ balances: [{ coin: 'USDC', total: '14.0' }] })
    expect(await act(0x904, { type: 'agentSendAsset', destination: BUILDER, ...send })).toEqual({
      status: 'err',
      response: `API wallets send to accounts of ${testWallet(OWN).address} only.`,
    })
  })

  test('a strict isolated position is topped up to a leverage', async () => {
    await act(OTHER, { type: 'updateLeverage', asset: PURR, isCross: false, leverage: 1 })
    await act(OTHER, place(orderOf(PURR, false, '0.2', '500')))
    await act(OWN, { type: 'updateLeverage', asset: PURR, isCross: false, leverage: 3 })
    await act(OWN, place(orderOf(PURR, true, '0.2', '500')))
    const answer = await act(OWN, { type: 'topUpIsolatedOnlyMargin', asset: PURR, leverage: '2' })
    expect(DEFAULT_ANSWER(answer, ''), JSON.stringify(answer)).toEqual([])
  })
})

describe('subscriptions', () => {
  const user = testWallet(OWN).address
  /** Beside `user`, what each asks for. */
  const EXTRA: Readonly<Record<string, object>> = {
    l2Book: { coin: 'ETH' },
    bbo: { coin: 'ETH' },
    trades: { coin: 'ETH' },
    candle: { coin: 'ETH', interval: '1m' },
    activeAssetCtx: { coin: 'ETH' },
    activeAssetData: { coin: 'ETH', user },
  }
  const PUBLIC: ReadonlySet<string> = new Set([
    'allMids',
    'assetCtxs',
    'allDexsAssetCtxs',
    'fastAssetCtxs',
    'spotAssetCtxs',
  ])
  const frames: { readonly channel: string; readonly data: unknown }[] = []
  let socket: WebSocket

  beforeAll(async () => {
    // Shortly before the hour: funding is paid on it.
    venue = await openVenue({}, Math.ceil(Date.now() / HOUR_MS) * HOUR_MS - MINUTE_MS)
    for (const number of [OWN, OTHER]) venue.fund(testWallet(number), 100_000)
    socket = new WebSocket(venue.server.wsUrl)
    socket.on('message', (data) => frames.push(JSON.parse(String(data)) as (typeof frames)[number]))
    await once(socket, 'open')
    for (const type of FEEDS.keys()) {
      const subscription = { type, ...(EXTRA[type] ?? (PUBLIC.has(type) ? {} : { user })) }
      socket.send(JSON.stringify({ method: 'subscribe', subscription }))
    }
    await until(venue, 'all are acknowledged', () => {
      const acknowledged = frames.filter(({ channel }) => channel === 'subscriptionResponse')
      return acknowledged.length === FEEDS.size
    })
    // A resting order, a fill, a TWAP, a self-trade that cancels, an armed stop, money moved, funding on the hour.
    await act(OTHER, place(orderOf(ETH, false, '3000', '5')))
    await act(OWN, place(orderOf(ETH, true, '3000', '1'), orderOf(ETH, true, '2900', '1', { c: CLOID })))
    await act(OWN, place(orderOf(ETH, false, '2900', '0.5')))
    const stop = { trigger: { isMarket: true, triggerPx: '2800', tpsl: 'sl' } }
    await act(OWN, place(orderOf(ETH, false, '2700', '1', { r: true, t: stop })))
    await act(OWN, { type: 'twapOrder', twap: { a: ETH, b: true, s: '0.5', r: false, m: 5, t: false } })
    await act(OWN, { type: 'usdClassTransfer', ...chain, amount: '100', toPerp: false, nonce: 0 })
    venue.step(MINUTE_MS + 1_000)
    await until(venue, 'funding is told', () =>
      frames.some(({ channel, data }) => channel === 'userFundings' && !isSnapshot(data)),
    )
  })
  afterAll(async () => {
    socket.terminate()
    await venue.close()
  })

  test('every frame has the shape of its channel', () => {
    expect(frames.length).toBeGreaterThan(50)
    const faults = frames
      .filter(({ channel }) => channel !== 'subscriptionResponse')
      .flatMap(({ channel, data }) => FRAME_SHAPES[channel]?.(data, channel) ?? [`${channel} is no channel`])
    expect([...new Set(faults)]).toEqual([])
  })

  test('something came on every channel but the notifications, which only the venue of the public writes', () => {
    const seen = new Set(frames.map(({ channel }) => channel))
    const silent = Object.keys(FRAME_SHAPES).filter((channel) => !seen.has(channel))
    expect(silent).toEqual(['notification'])
  })

  test('all that concerns an account comes as it happens, behind its snapshot', () => {
    for (const channel of [
      'userFills',
      'userFundings',
      'userNonFundingLedgerUpdates',
      'userHistoricalOrders',
    ]) {
      const own = frames.filter((frame) => frame.channel === channel)
      expect(own.map(({ data }) => isSnapshot(data)).slice(0, 2), channel).toEqual([true, false])
    }
    const events = frames
      .filter(({ channel }) => channel === 'user')
      .flatMap(({ data }) => Object.keys(data as object))
    for (const kind of ['fills', 'funding', 'twapHistory', 'twapSliceFills']) expect(events).toContain(kind)
  })

  function isSnapshot(data: unknown): boolean {
    return typeof data === 'object' && data !== null && 'isSnapshot' in data
  }
})
