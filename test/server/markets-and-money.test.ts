/** A DEX that exists as a TOML file only, and everything about money that the wire offers, through the SDK. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inflateRawSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { readVenue } from '../../src/config/venue-definitions.ts'
import { conservation } from '../../src/exchange/exchange.ts'
import { submit } from '../../src/simulation/world.ts'
import { httpClients, openVenue, testWallet, until, type Clients, type TestVenue } from './venue.ts'

const GTC = { limit: { tif: 'Gtc' } } as const
const IOC = { limit: { tif: 'Ioc' } } as const
const WIDGET = 130_000
const DEPLOYER = testWallet(701)
const MINE = `
[dex]
name = "mine"
full_name = "My DEX"
deployer = "${DEPLOYER.address}"
fee_scale = 1.0
collateral = { token = "USDT", index = 268 }

[[market]]
coin = "WIDGET"
size_decimals = 3
oracle_usd = 42.5
margin_table = 10
growth_mode = true
`

let folder: string
let venue: TestVenue
let maker: Clients
let taker: Clients
let deployer: Clients

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mine-'))
  const path = join(folder, 'mine.toml')
  writeFileSync(path, MINE)
  venue = await openVenue({ spec: readVenue(path) })
  maker = httpClients(venue, testWallet(702))
  taker = httpClients(venue, testWallet(703))
  deployer = httpClients(venue, DEPLOYER)
  for (const { wallet } of [maker, taker]) for (const dex of [0, 1, 3]) venue.fund(wallet, 100_000, dex)
  venue.fund(DEPLOYER, 100, 0)
})
afterAll(async () => {
  await venue.close()
  rmSync(folder, { recursive: true })
})

const run = <Result>(work: Promise<Result>): Promise<Result> => venue.whileRunning(work)

describe('a DEX by TOML alone', () => {
  test('stands in perpDexs and meta, and is traded on over the wire', async () => {
    const dexs = await maker.info.perpDexs()
    expect(dexs.map((dex) => dex?.name ?? null)).toEqual([null, 'hyna', 'flx', 'mine'])
    expect(await maker.info.meta({ dex: 'mine' })).toMatchObject({
      universe: [{ name: 'mine:WIDGET', szDecimals: 3, maxLeverage: 10, growthMode: 'enabled' }],
      collateralToken: 268,
    })
    const order = { a: WIDGET, p: '42.5', s: '10', r: false } as const
    await run(maker.exchange.order({ orders: [{ ...order, b: false, t: GTC }], grouping: 'na' }))
    const taken = await run(taker.exchange.order({ orders: [{ ...order, b: true, t: IOC }], grouping: 'na' }))
    expect(taken.response.data.statuses).toEqual([
      { filled: expect.objectContaining({ totalSz: '10.0', avgPx: '42.5' }) },
    ])
    const [fill] = await taker.info.userFills({ user: taker.wallet.address })
    // 425 $ × 4.5 bp, doubled by the deployer's scale, a tenth in growth mode.
    expect(fill).toMatchObject({ coin: 'mine:WIDGET', fee: '0.03825', feeToken: 'USDT' })
  })

  test('its deployer halts a market: positions settle, orders end, nobody else can', async () => {
    const halt = { haltTrading: { coin: 'mine:WIDGET', isHalted: true } }
    await expect(run(maker.exchange.perpDeploy(halt))).rejects.toThrow(
      /Invalid perp deployer or sub-deployer/,
    )
    const rest = { a: WIDGET, b: true, p: '40', s: '1', r: false, t: GTC } as const
    await run(maker.exchange.order({ orders: [rest], grouping: 'na' }))
    await run(deployer.exchange.perpDeploy(halt))
    expect(await maker.info.openOrders({ user: maker.wallet.address, dex: 'mine' })).toEqual([])
    const state = await taker.info.clearinghouseState({ user: taker.wallet.address, dex: 'mine' })
    expect(state.assetPositions).toEqual([])
    expect((await maker.info.meta({ dex: 'mine' })).universe[0]).toMatchObject({ isDelisted: true })
    await run(deployer.exchange.perpDeploy({ haltTrading: { coin: 'mine:WIDGET', isHalted: false } }))
    await run(maker.exchange.order({ orders: [rest], grouping: 'na' }))
  })

  test('a new margin table shows in meta at once', async () => {
    const marginTiers = [{ lowerBoundMicroUsd: 0, maxLeverage: 8 }]
    submit(venue.world, { kind: 'marginTable', assetId: WIDGET, marginTableId: 8, marginTiers }, () => {})
    venue.step()
    const { universe } = await maker.info.meta({ dex: 'mine' })
    expect(universe[0]).toMatchObject({ maxLeverage: 8, marginTableId: 8 })
  })
})

describe('builder fees', () => {
  const builder = testWallet(704).address
  const order = { a: 0, b: false, p: '60000', s: '0.01', r: false, t: GTC } as const

  test('need an approval up to what is charged, and show in the fills', async () => {
    const charged = (f: number): Promise<unknown> =>
      run(maker.exchange.order({ orders: [order], grouping: 'na', builder: { b: builder, f } }))
    await expect(charged(50)).rejects.toThrow(/Builder fee has not been approved/)
    await run(maker.exchange.approveBuilderFee({ builder, maxFeeRate: '0.05%' }))
    await expect(charged(51)).rejects.toThrow(/Builder fee has not been approved/)
    await charged(50)
    await run(taker.exchange.order({ orders: [{ ...order, b: true, t: IOC }], grouping: 'na' }))
    const [fill] = await maker.info.userFills({ user: maker.wallet.address })
    // 600 $: 1.5 bp for the venue, 5 bp for the builder.
    expect(fill).toMatchObject({ fee: '0.39', builderFee: '0.3' })
    expect(await maker.info.referral({ user: builder })).toMatchObject({ builderRewards: '0.3' })
    expect((await taker.info.userFills({ user: taker.wallet.address }))[0]).not.toHaveProperty('builderFee')
  })
})

describe('transfers', () => {
  const usdc = (balances: readonly { coin: string; total: string }[]): string | undefined =>
    balances.find(({ coin }) => coin === 'USDC')?.total
  const spotOf = async (user: `0x${string}`): Promise<string | undefined> =>
    usdc((await maker.info.spotClearinghouseState({ user })).balances)

  test('go between perps, spot, DEXs and sub-accounts, each with its own line in the ledger', async () => {
    const user = maker.wallet.address
    const other = taker.wallet.address
    const { tokens } = await maker.info.spotMeta()
    const token = tokens.find(({ name }) => name === 'USDC')
    const named: `${string}:0x${string}` = `USDC:${token?.tokenId ?? '0x'}`
    await run(maker.exchange.usdClassTransfer({ amount: '500', toPerp: false }))
    expect(await spotOf(user)).toBe('500.0')
    await run(maker.exchange.spotSend({ destination: other, token: named, amount: '120.25' }))
    await run(
      maker.exchange.sendAsset({
        destination: user,
        sourceDex: 'spot',
        destinationDex: '',
        token: named,
        amount: '79.75',
        fromSubAccount: '',
      }),
    )
    await run(maker.exchange.usdSend({ destination: other, amount: '10' }))
    const made = await run(maker.exchange.createSubAccount({ name: 'second' }))
    const subAccountUser = made.response.data
    await run(maker.exchange.subAccountTransfer({ subAccountUser, isDeposit: true, usd: 50_000_000 }))
    await run(
      maker.exchange.subAccountSpotTransfer({ subAccountUser, isDeposit: true, token: named, amount: '25' }),
    )
    expect([await spotOf(user), await spotOf(other), await spotOf(subAccountUser)]).toEqual([
      '275.0',
      '120.25',
      '25.0',
    ])
    const subs = await maker.info.subAccounts({ user })
    expect(subs?.[0]).toMatchObject({
      name: 'second',
      spotState: { balances: [{ coin: 'USDC', total: '25.0' }] },
    })
    const lines = await maker.info.userNonFundingLedgerUpdates({ user, startTime: 0 })
    expect(lines.map(({ delta }) => delta.type).filter((type) => type !== 'deposit')).toEqual([
      'accountClassTransfer',
      'spotTransfer',
      'send',
      'internalTransfer',
      'subAccountTransfer',
      'spotTransfer',
    ])
    await run(maker.exchange.usdClassTransfer({ amount: '275', toPerp: true }))
    expect(await spotOf(user)).toBeUndefined()
    await expect(run(maker.exchange.usdClassTransfer({ amount: '1', toPerp: true }))).rejects.toThrow(
      /Insufficient balance/,
    )
    expect(conservation(venue.exchange)).toBe(0)
  })

  test('preTransferCheck says what a first transfer costs', async () => {
    const source = maker.wallet.address
    const check = (user: `0x${string}`): Promise<unknown> => maker.info.preTransferCheck({ user, source })
    expect(await check(source)).toEqual({
      fee: '0.0',
      isSanctioned: false,
      userExists: true,
      userHasSentTx: true,
    })
    expect(await check(testWallet(799).address)).toMatchObject({
      fee: '1.0',
      userExists: false,
      userHasSentTx: false,
    })
  })

  test('bought requests widen the budget', async () => {
    const user = taker.wallet.address
    const before = await taker.info.userRateLimit({ user })
    await run(taker.exchange.reserveRequestWeight({ weight: 1_000 }))
    const after = await taker.info.userRateLimit({ user })
    expect(after.nRequestsCap - before.nRequestsCap).toBe(1_000)
  })

  test('the portfolio follows worth, profit and volume apart from money brought', async () => {
    const user = taker.wallet.address
    venue.step(120_000)
    const before = new Map(await taker.info.portfolio({ user }))
    venue.fund(taker.wallet, 1_000)
    venue.step(120_000)
    const after = new Map(await taker.info.portfolio({ user }))
    // All that it did is younger than a day.
    const { cumVlm } = await taker.info.userRateLimit({ user })
    expect(Number(cumVlm)).toBeGreaterThan(0)
    for (const name of ['day', 'allTime', 'perpAllTime'] as const) expect(after.get(name)?.vlm).toBe(cumVlm)
    const worth = (of: typeof before): number => Number(of.get('allTime')?.accountValueHistory.at(-1)?.[1])
    const profit = (of: typeof before): number => Number(of.get('allTime')?.pnlHistory.at(-1)?.[1])
    expect(worth(after) - worth(before)).toBeCloseTo(1_000, 3)
    expect(profit(after) - profit(before)).toBeCloseTo(0, 3)
    expect([...after.keys()]).toEqual([
      'day',
      'week',
      'month',
      'allTime',
      'perpDay',
      'perpWeek',
      'perpMonth',
      'perpAllTime',
    ])
  })
})

test('a TWAP order runs, shows its state, fills in slices and keeps its history', async () => {
  const user = taker.wallet.address
  const offer = { a: 0, b: false, p: '60300', s: '5', r: false, t: GTC } as const
  await run(maker.exchange.order({ orders: [offer], grouping: 'na' }))
  const twap = { a: 0, b: true, s: '0.1', r: false, m: 5, t: false }
  const started = await run(taker.exchange.twapOrder({ twap }))
  const twapId = started.response.data.status.running.twapId
  venue.step(65_000)
  const { twapStates } = await taker.info.webData2({ user })
  expect(twapStates).toEqual([
    [twapId, expect.objectContaining({ coin: 'BTC', side: 'B', sz: '0.1', executedSz: '0.02', minutes: 5 })],
  ])
  const slices = await taker.info.userTwapSliceFills({ user })
  expect(slices.map(({ fill, twapId: id }) => [fill.sz, fill.twapId, id])).toEqual([
    ['0.01', twapId, twapId],
    ['0.01', twapId, twapId],
  ])
  await run(taker.exchange.twapCancel({ a: 0, t: twapId }))
  await expect(run(taker.exchange.twapCancel({ a: 0, t: twapId }))).rejects.toThrow(/already canceled/)
  await expect(run(taker.exchange.twapOrder({ twap: { ...twap, s: '0.0001' } }))).rejects.toThrow(
    /minimum value/,
  )
  const history = await taker.info.twapHistory({ user })
  expect(history.map(({ status }) => status.status)).toEqual(['terminated', 'activated'])
})

test('fastAssetCtxs unpacks to marks and mids: all of them first, then changes', async () => {
  const socket = new WebSocket(venue.server.wsUrl)
  const frames: Record<string, { markPx: string; midPx?: string }>[] = []
  socket.on('message', (data: Buffer) => {
    const frame = JSON.parse(data.toString()) as { channel: string; data: string }
    if (frame.channel !== 'fastAssetCtxs') return
    frames.push(
      JSON.parse(inflateRawSync(Buffer.from(frame.data, 'base64')).toString()) as (typeof frames)[number],
    )
  })
  await new Promise((resolve) => socket.once('open', resolve))
  socket.send(JSON.stringify({ method: 'subscribe', subscription: { type: 'fastAssetCtxs' } }))
  await until(venue, 'the snapshot came', () => frames.length > 0)
  expect(Object.keys(frames[0] ?? {})).toHaveLength(venue.exchange.markets.length)
  submit(venue.world, { kind: 'oracle', assetId: 1, oracleTicks: 310_000 }, () => {})
  await until(venue, 'ETH changed', () => frames.slice(1).some((frame) => frame['ETH'] !== undefined))
  socket.close()
})
