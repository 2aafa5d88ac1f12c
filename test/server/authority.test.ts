/** Who may act for whom: API wallets, sub-accounts, builders, referrers, through the SDK. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parsePrivateKey } from '../../src/signing/address.ts'
import { signL1Action } from '../../src/signing/l1-action.ts'
import { httpClients, openVenue, post, testWallet, type Clients, type TestVenue } from './venue.ts'

const GTC = { limit: { tif: 'Gtc' } } as const
const BID = { a: 0, b: true, p: '59000', s: '0.01', r: false, t: GTC }
const NOBODY = '0x00000000000000000000000000000000000000bb'

let venue: TestVenue
let master: Clients

beforeEach(async () => {
  venue = await openVenue()
  master = httpClients(venue, testWallet(41))
  venue.fund(master.wallet, 100_000)
})
afterEach(async () => venue.close())

async function approve(number: number, agentName: string | null): Promise<Clients> {
  const agent = httpClients(venue, testWallet(number))
  const agentAddress = agent.wallet.address
  await venue.whileRunning(master.exchange.approveAgent({ agentAddress, agentName }))
  return agent
}

describe('API wallets', () => {
  test('trade for their master with a nonce of their own', async () => {
    const agent = await approve(51, 'bot')
    const placed = await venue.whileRunning(agent.exchange.order({ orders: [BID], grouping: 'na' }))
    expect(placed.response.data.statuses).toMatchObject([{ resting: {} }])
    const { address } = master.wallet
    expect(await master.info.openOrders({ user: address })).toHaveLength(1)
    // An API wallet has no orders of its own.
    expect(await master.info.openOrders({ user: agent.wallet.address })).toEqual([])
    expect(await master.info.extraAgents({ user: address })).toEqual([
      { address: agent.wallet.address, name: 'bot', validUntil: null },
    ])
    expect(await master.info.userRole({ user: agent.wallet.address })).toEqual({
      role: 'agent',
      data: { user: address },
    })
    expect(await master.info.userRole({ user: address })).toEqual({ role: 'user' })
    expect(await master.info.userRole({ user: NOBODY })).toEqual({ role: 'missing' })
  })

  test('stay what they are when somebody sends money to their address', async () => {
    const agent = await approve(50, 'bot')
    venue.fund(agent.wallet, 500)
    const placed = await venue.whileRunning(agent.exchange.order({ orders: [BID], grouping: 'na' }))
    expect(placed.response.data.statuses).toMatchObject([{ resting: {} }])
    expect(await master.info.openOrders({ user: master.wallet.address })).toHaveLength(1)
    expect(await master.info.userRole({ user: agent.wallet.address })).toEqual({
      role: 'agent',
      data: { user: master.wallet.address },
    })
  })

  test('cannot move money', async () => {
    const agent = await approve(52, 'bot')
    const sent = venue.whileRunning(agent.exchange.usdSend({ destination: NOBODY, amount: '5' }))
    await expect(sent).rejects.toThrow(
      `Must deposit before performing actions. User: ${agent.wallet.address}`,
    )
  })

  test('are replaced by one of the same name, and the old one is a stranger then', async () => {
    const old = await approve(53, 'bot')
    const fresh = await approve(54, 'bot')
    const text = `User or API Wallet ${old.wallet.address} does not exist.`
    await expect(venue.whileRunning(old.exchange.noop())).rejects.toThrow(text)
    await expect(venue.whileRunning(fresh.exchange.noop())).resolves.toMatchObject({ status: 'ok' })
  })

  test('after a swap, none is approved for a few seconds; the same one again is no swap', async () => {
    await approve(62, 'bot')
    await approve(62, 'bot')
    await approve(63, 'bot')
    await expect(approve(64, 'other')).rejects.toThrow('User has pending agent removal')
    await expect(approve(65, 'bot')).rejects.toThrow('User has pending agent removal')
    venue.step(3_100)
    const fresh = await approve(64, 'other')
    await expect(venue.whileRunning(fresh.exchange.noop())).resolves.toMatchObject({ status: 'ok' })
  })

  test('are at most three with a name beside the one without', async () => {
    await approve(55, null)
    for (const [index, name] of ['a', 'b', 'c'].entries()) await approve(56 + index, name)
    const text = 'Too many extra agents for cumulative volume traded. Current limit is 3'
    await expect(approve(59, 'd')).rejects.toThrow(text)
    expect(await master.info.extraAgents({ user: master.wallet.address })).toHaveLength(3)
  })

  test('expire at the time in their name', async () => {
    const agent = await approve(60, `bot valid_until ${venue.world.nowTsMs + 10_000}`)
    await venue.whileRunning(agent.exchange.noop())
    venue.step(10_100)
    await expect(venue.whileRunning(agent.exchange.noop())).rejects.toThrow('does not exist')
    expect(await master.info.extraAgents({ user: master.wallet.address })).toEqual([])
  })

  test('serve one master only, and are no account', async () => {
    const agent = await approve(61, 'bot')
    const other = httpClients(venue, testWallet(42))
    venue.fund(other.wallet, 10)
    const request = { agentAddress: agent.wallet.address, agentName: 'mine' }
    await expect(venue.whileRunning(other.exchange.approveAgent(request))).rejects.toThrow(
      'Extra agent already used.',
    )
    const account = { agentAddress: other.wallet.address, agentName: 'mine' }
    await expect(venue.whileRunning(master.exchange.approveAgent(account))).rejects.toThrow(
      'Extra agent already used.',
    )
  })
})

describe('sub-accounts', () => {
  test('are funded and traded for by their master', async () => {
    const created = await venue.whileRunning(master.exchange.createSubAccount({ name: 'second' }))
    const sub = created.response.data
    const { address } = master.wallet
    const transfer = { subAccountUser: sub, isDeposit: true, usd: 5_000_000_000 }
    await venue.whileRunning(master.exchange.subAccountTransfer(transfer))
    const order = { orders: [BID], grouping: 'na' as const }
    const placed = await venue.whileRunning(master.exchange.order(order, { vaultAddress: sub }))
    expect(placed.response.data.statuses).toMatchObject([{ resting: {} }])

    expect(await master.info.openOrders({ user: sub })).toHaveLength(1)
    expect(await master.info.openOrders({ user: address })).toEqual([])
    expect(await master.info.userRole({ user: sub })).toEqual({
      role: 'subAccount',
      data: { master: address },
    })
    const listed = await master.info.subAccounts({ user: address })
    expect(listed).toMatchObject([{ name: 'second', subAccountUser: sub, master: address }])
    expect(listed?.[0]?.clearinghouseState.marginSummary.accountValue).toBe('4999.0')

    const back = { subAccountUser: sub, isDeposit: false, usd: 1_000_000 }
    await venue.whileRunning(master.exchange.subAccountTransfer(back))
    const after = await master.info.clearinghouseState({ user: sub })
    expect(after.marginSummary.accountValue).toBe('4998.0')
  })

  test('without money are told to deposit first, and do not act as a master', async () => {
    const created = await venue.whileRunning(master.exchange.createSubAccount({ name: 'second' }))
    const vaultAddress = created.response.data
    const order = { orders: [BID], grouping: 'na' as const }
    await expect(venue.whileRunning(master.exchange.order(order, { vaultAddress }))).rejects.toThrow(
      `Must deposit before performing actions. User: ${vaultAddress}`,
    )
    const named = { action: { type: 'createSubAccount', name: 'third' }, nonce: Date.now() + 5 }
    const signature = signL1Action(
      { ...named, vaultAddress, expiresAfterMs: null },
      'testnet',
      parsePrivateKey(`0x${(41).toString(16).padStart(64, '0')}`),
    )
    const answer = await venue.whileRunning(post(venue, '/exchange', { ...named, signature, vaultAddress }))
    expect(await answer.json()).toEqual({ status: 'err', response: 'Vault may not perform this action.' })
    expect(await master.info.subAccounts({ user: master.wallet.address })).toHaveLength(1)
  })

  test('do not obey others', async () => {
    const created = await venue.whileRunning(master.exchange.createSubAccount({ name: 'second' }))
    const other = httpClients(venue, testWallet(43))
    venue.fund(other.wallet, 10)
    const text = `Sub-account ${created.response.data} is not registered to ${other.wallet.address}`
    const order = { orders: [BID], grouping: 'na' as const }
    const attempt = venue.whileRunning(other.exchange.order(order, { vaultAddress: created.response.data }))
    await expect(attempt).rejects.toThrow(text)
  })

  test('an account without any is told null', async () => {
    expect(await master.info.subAccounts({ user: master.wallet.address })).toBeNull()
  })
})

describe('what clients ask for on start', () => {
  test('a builder is approved up to a rate, and orders may name it then', async () => {
    const user = master.wallet.address
    expect(await master.info.maxBuilderFee({ user, builder: NOBODY })).toBe(0)
    await venue.whileRunning(master.exchange.approveBuilderFee({ maxFeeRate: '0.01%', builder: NOBODY }))
    expect(await master.info.maxBuilderFee({ user, builder: NOBODY })).toBe(10)
    expect(await master.info.approvedBuilders({ user })).toEqual([NOBODY])
    const order = { orders: [BID], grouping: 'na' as const, builder: { b: NOBODY, f: 10 } }
    const placed = await venue.whileRunning(master.exchange.order(order))
    expect(placed.response.data.statuses).toMatchObject([{ resting: {} }])
    const dearer = { ...order, builder: { b: NOBODY, f: 11 } }
    await expect(venue.whileRunning(master.exchange.order(dearer))).rejects.toThrow(
      'Builder fee has not been approved.',
    )
  })

  test('a referrer is set once, and balances are kept apart', async () => {
    await venue.whileRunning(master.exchange.setReferrer({ code: 'FRIEND' }))
    await expect(venue.whileRunning(master.exchange.setReferrer({ code: 'FRIEND' }))).rejects.toThrow(
      /Referrer/,
    )
    const user = master.wallet.address
    expect(await master.info.userAbstraction({ user })).toBe('default')
    await venue.whileRunning(master.exchange.userSetAbstraction({ user, abstraction: 'disabled' }))
    expect(await master.info.userAbstraction({ user })).toBe('disabled')
    const unified = master.exchange.userSetAbstraction({ user, abstraction: 'unifiedAccount' })
    await expect(venue.whileRunning(unified)).rejects.toThrow(/not offered|Only separate balances/)
    expect(await master.info.userDexAbstraction({ user })).toBeNull()
  })
})

describe('margin', () => {
  const FILL = { a: 0, p: '60000', s: '0.1', r: false }

  test('leverage is set, and an isolated position takes and gives margin', async () => {
    const other = httpClients(venue, testWallet(44))
    venue.fund(other.wallet, 100_000)
    await venue.whileRunning(master.exchange.updateLeverage({ asset: 0, isCross: false, leverage: 10 }))
    await venue.whileRunning(
      other.exchange.order({ orders: [{ ...FILL, b: false, t: GTC }], grouping: 'na' }),
    )
    await venue.whileRunning(
      master.exchange.order({ orders: [{ ...FILL, b: true, t: GTC }], grouping: 'na' }),
    )
    const user = master.wallet.address
    const before = (await master.info.clearinghouseState({ user })).assetPositions[0]?.position
    expect(before).toMatchObject({ szi: '0.1', leverage: { type: 'isolated', value: 10 } })

    await venue.whileRunning(
      master.exchange.updateIsolatedMargin({ asset: 0, isBuy: true, ntli: 100_000_000 }),
    )
    const after = (await master.info.clearinghouseState({ user })).assetPositions[0]?.position
    expect(Number(after?.marginUsed) - Number(before?.marginUsed)).toBeCloseTo(100, 6)

    await venue.whileRunning(master.exchange.topUpIsolatedOnlyMargin({ asset: 0, leverage: '5' }))
    const topped = (await master.info.clearinghouseState({ user })).assetPositions[0]?.position
    expect(Number(topped?.positionValue) / Number(topped?.marginUsed)).toBeCloseTo(5, 6)

    const data = await master.info.activeAssetData({ user, coin: 'BTC' })
    expect(data).toMatchObject({
      user,
      coin: 'BTC',
      leverage: { type: 'isolated', value: 10 },
      markPx: '60000.0',
    })
    const [buy, sell] = data.maxTradeSzs.map(Number)
    expect((sell ?? 0) - (buy ?? 0)).toBeCloseTo(0.1, 9)
    await expect(
      venue.whileRunning(master.exchange.updateLeverage({ asset: 0, isCross: true, leverage: 10 })),
    ).rejects.toThrow('Cannot switch leverage type with open position.')
  })

  test('a scheduled cancel takes all orders back at its time', async () => {
    await venue.whileRunning(master.exchange.order({ orders: [BID], grouping: 'na' }))
    await venue.whileRunning(master.exchange.scheduleCancel({ time: venue.world.nowTsMs + 20_000 }))
    venue.step(20_100)
    const user = master.wallet.address
    expect(await master.info.openOrders({ user })).toEqual([])
    expect(await master.info.historicalOrders({ user })).toMatchObject([{ status: 'scheduledCancel' }])
  })
})
