/** A deployer lists markets over the wire, through the SDK, and strangers trade them in the same second. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDeployerStage, socketClients, testWallet, until } from './venue.ts'
import type { Clients, DeployChange, DeployerStage, TestVenue } from './venue.ts'

const ANNOTATION = {
  category: 'fruit',
  description: 'A plum a day.',
  displayName: 'Plum',
  keywords: ['stone'],
}

let venue: TestVenue
let deployer: Clients
let maker: Clients
let taker: Clients

let deploy: DeployerStage['deploy']

beforeAll(async () => {
  const stage = await openDeployerStage(811)
  ;({ venue, deployer, deploy } = stage)
  ;[maker, taker] = stage.others
})
afterAll(() => venue.close())

const run = <Result>(work: Promise<Result>): Promise<Result> => venue.whileRunning(work)
const plum = { coin: 'PLUM', szDecimals: 2, oraclePx: '12.5', marginTableId: 10 }
const order = (client: Clients, a: number, isBuy: boolean, s = '10'): Promise<unknown> =>
  run(
    client.exchange.order({
      orders: [{ a, b: isBuy, p: '12.5', s, r: false, t: { limit: { tif: 'Gtc' } } }],
      grouping: 'na',
    }),
  )

test('registerAsset2 lists a market that is in meta, allMids and the feeds, and trades on both sides', async () => {
  const listing: DeployChange = {
    registerAsset2: {
      maxGas: null,
      assetRequest: { ...plum, marginMode: 'strictIsolated' },
      dex: 'hyna',
      schema: null,
    },
  }
  await expect(deploy(maker, listing)).rejects.toThrow('Invalid perp deployer or sub-deployer')
  expect(await deploy(deployer, listing)).toEqual({ status: 'ok', response: { type: 'default' } })
  await expect(deploy(deployer, listing)).rejects.toThrow('Coin hyna:PLUM exists already')

  const { universe } = await maker.info.meta({ dex: 'hyna' })
  const index = universe.findIndex(({ name }) => name === 'hyna:PLUM')
  expect(index).toBe(universe.length - 1)
  expect(universe[index]).toEqual({
    szDecimals: 2,
    name: 'hyna:PLUM',
    maxLeverage: 10,
    marginTableId: 10,
    onlyIsolated: true,
    marginMode: 'strictIsolated',
  })
  expect(await maker.info.allMids({ dex: 'hyna' })).toMatchObject({ 'hyna:PLUM': '12.5' })
  const assetId = 110_000 + index

  const streams = await socketClients(venue, testWallet(814))
  const trades: string[] = []
  const contexts: number[] = []
  await streams.subscriptions.trades({ coin: 'hyna:PLUM' }, (list) =>
    trades.push(...list.map(({ px }) => px)),
  )
  await streams.subscriptions.assetCtxs({ dex: 'hyna' }, ({ ctxs }) => contexts.push(ctxs.length))
  await order(maker, assetId, true)
  await order(taker, assetId, false, '4')
  await until(venue, 'the trade is told', () => trades.length === 1 && contexts.includes(index + 1))
  await streams.close()

  expect(trades).toEqual(['12.5'])
  expect((await taker.info.userFills({ user: taker.wallet.address }))[0]).toMatchObject({
    coin: 'hyna:PLUM',
    side: 'A',
    sz: '4.0',
    feeToken: 'USDE',
  })
  venue.step(3_600_000)
  expect((await maker.info.fundingHistory({ coin: 'hyna:PLUM', startTime: 0 })).length).toBe(1)
  const [paid] = await maker.info.userFunding({ user: maker.wallet.address, startTime: 0 })
  expect(paid?.delta).toMatchObject({ coin: 'hyna:PLUM', szi: '4.0' })
})

test('registerAsset with a schema opens a DEX: perpDexs, transfers to it, its first trade', async () => {
  const schema = { fullName: 'Fruit', collateralToken: 0, oracleUpdater: maker.wallet.address }
  const assetRequest = { ...plum, coin: 'figs:PEAR', onlyIsolated: false }
  await deploy(taker, { registerAsset: { maxGas: 1, assetRequest, dex: 'figs', schema } })
  const dexs = await maker.info.perpDexs()
  expect(dexs.at(-1)).toMatchObject({
    name: 'figs',
    fullName: 'Fruit',
    deployer: taker.wallet.address,
    oracleUpdater: maker.wallet.address,
  })
  const { universe, collateralToken } = await maker.info.meta({ dex: 'figs' })
  expect({ universe, collateralToken }).toMatchObject({
    universe: [{ name: 'figs:PEAR' }],
    collateralToken: 0,
  })
  const assetId = 100_000 + 10_000 * (dexs.length - 1)
  const token = 'USDC:0x6d1e7cde53ba9467b783cb7c530ce054'
  for (const client of [maker, taker]) {
    const destination = client.wallet.address
    const way = { sourceDex: '', destinationDex: 'figs', fromSubAccount: '' } as const
    await run(client.exchange.sendAsset({ destination, ...way, token, amount: '1000' }))
  }
  await order(maker, assetId, true)
  await order(taker, assetId, false)
  const state = await maker.info.clearinghouseState({ user: maker.wallet.address, dex: 'figs' })
  expect(state.assetPositions[0]?.position).toMatchObject({ coin: 'figs:PEAR', szi: '10.0' })
  const oraclePxs: [string, string][] = [['figs:PEAR', '12.6']]
  await deploy(maker, { setOracle: { dex: 'figs', oraclePxs, markPxs: [], externalPerpPxs: [] } })
  expect((await maker.info.metaAndAssetCtxs({ dex: 'figs' }))[1][0]).toMatchObject({ oraclePx: '12.6' })
})

test('setPerpAnnotation is the deployer’s, and shown by the three requests that ask for it', async () => {
  const annotate = (coin: string): DeployChange => ({ setPerpAnnotation: { coin, ...ANNOTATION } })
  await expect(deploy(maker, annotate('hyna:BTC'))).rejects.toThrow('Invalid perp deployer or sub-deployer')
  await expect(deploy(deployer, annotate('hyna:NOPE'))).rejects.toThrow('Unknown coin')
  await deploy(deployer, annotate('hyna:BTC'))
  await deploy(deployer, {
    setPerpAnnotation: {
      coin: 'hyna:ETH',
      category: 'coins',
      description: '',
      displayName: null,
      keywords: [],
    },
  })
  expect(await maker.info.perpAnnotation({ coin: 'hyna:BTC' })).toEqual(ANNOTATION)
  expect(await maker.info.perpAnnotation({ coin: 'BTC' })).toBeNull()
  const { description: _, ...concise } = ANNOTATION
  expect(await maker.info.perpConciseAnnotations()).toEqual([
    ['hyna:BTC', concise],
    ['hyna:ETH', { category: 'coins' }],
  ])
  expect(await maker.info.perpCategories()).toEqual([
    ['hyna:BTC', 'fruit'],
    ['hyna:ETH', 'coins'],
  ])
})

test('setMarginModes is in meta, and cross margin is refused from then on', async () => {
  await deploy(deployer, { setMarginModes: [['hyna:HYPE', 'noCross']] })
  const { universe } = await maker.info.meta({ dex: 'hyna' })
  const index = universe.findIndex(({ name }) => name === 'hyna:HYPE')
  expect(universe[index]).toMatchObject({ marginMode: 'noCross', onlyIsolated: true })
  const cross = { asset: 110_000 + index, isCross: true, leverage: 2 }
  await expect(run(maker.exchange.updateLeverage(cross))).rejects.toThrow('Cross margin is not allowed')
})
