/** The deployer of a builder DEX over the wire, through the SDK: shapes, answers, and what everybody then sees. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parsePrivateKey } from '../../src/signing/address.ts'
import { signL1Action } from '../../src/signing/l1-action.ts'
import { openDeployerStage, testWallet } from './venue.ts'
import type { Clients, DeployChange, DeployerStage, TestVenue } from './venue.ts'

const DEPLOYER_NUMBER = 801
const DEPLOYER_KEY = `0x${DEPLOYER_NUMBER.toString(16).padStart(64, '0')}`
const HYNA_BTC = 110_000

let venue: TestVenue
let deployer: Clients
let helper: Clients
let stranger: Clients

let deploy: DeployerStage['deploy']

beforeAll(async () => {
  const stage = await openDeployerStage(DEPLOYER_NUMBER)
  ;({ venue, deployer, deploy } = stage)
  ;[helper, stranger] = stage.others
})
afterAll(() => venue.close())

const run = <Result>(work: Promise<Result>): Promise<Result> => venue.whileRunning(work)
const dexNow = async (): Promise<unknown> =>
  (await stranger.info.perpDexs()).find((dex) => dex?.name === 'hyna')

const setOracle = (px: string, marks: string[] = []): DeployChange => ({
  setOracle: {
    dex: 'hyna',
    oraclePxs: [['hyna:BTC', px]],
    markPxs: marks.map((mark) => [['hyna:BTC', mark]]),
    externalPerpPxs: [['hyna:BTC', px]],
  },
})

const CHANGES: readonly DeployChange[] = [
  setOracle('60000'),
  {
    setFundingMultipliers: [
      ['hyna:BTC', '2'],
      ['hyna:ETH', '0.5'],
    ],
  },
  { setFundingInterestRates: [['hyna:BTC', '-0.002']] },
  { setMarginTableIds: [['hyna:BTC', 25]] },
  { setOpenInterestCaps: [['hyna:BTC', 2_000_000]] },
  { setFeeScale: { dex: 'hyna', scale: '0.5' } },
  { setFeeRecipient: { dex: 'hyna', feeRecipient: testWallet(804).address } },
  { setGrowthModes: [['hyna:BTC', true]] },
  { haltTrading: { coin: 'hyna:HYPE', isHalted: true } },
]

test.each(CHANGES.map((one) => [Object.keys(one)[0], one] as const))(
  '%s is the deployer’s alone',
  async (_name, change) => {
    await expect(deploy(stranger, change)).rejects.toThrow('Invalid perp deployer or sub-deployer')
    expect(await deploy(deployer, change)).toEqual({ status: 'ok', response: { type: 'default' } })
  },
)

test('what was changed stands in perpDexs, perpDexLimits and meta', async () => {
  expect(await dexNow()).toMatchObject({
    deployerFeeScale: '0.5',
    feeRecipient: testWallet(804).address,
    lastDeployerFeeScaleChangeTime: expect.stringMatching(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?$/),
    assetToFundingMultiplier: expect.arrayContaining([
      ['hyna:BTC', '2.0'],
      ['hyna:ETH', '0.5'],
    ]),
    assetToFundingInterestRate: expect.arrayContaining([['hyna:BTC', '-0.002']]),
    assetToStreamingOiCap: expect.arrayContaining([['hyna:BTC', '2000000.0']]),
  })
  expect((await stranger.info.perpDexLimits({ dex: 'hyna' }))?.coinToOiCap).toContainEqual([
    'hyna:BTC',
    '2000000.0',
  ])
  const { universe } = await stranger.info.meta({ dex: 'hyna' })
  expect(universe.find(({ name }) => name === 'hyna:BTC')).toMatchObject({
    maxLeverage: 25,
    marginTableId: 25,
    growthMode: 'enabled',
    lastGrowthModeChangeTime: expect.stringMatching(/^20/),
  })
  expect(universe.find(({ name }) => name === 'hyna:HYPE')).toMatchObject({ isDelisted: true })
})

describe('setOracle', () => {
  test('moves oracle and mark, rounded to the tick, and not more often than every 2.5 s', async () => {
    venue.step(2_500)
    await deploy(deployer, setOracle('60300.123456', ['60400', '60500.5']))
    await expect(deploy(deployer, setOracle('60300'))).rejects.toThrow('Oracle price update too often')
    const [meta, contexts] = await stranger.info.metaAndAssetCtxs({ dex: 'hyna' })
    const place = meta.universe.findIndex(({ name }) => name === 'hyna:BTC')
    expect(contexts[place]).toMatchObject({ oraclePx: '60300.1' })
    expect(Number(contexts[place]?.markPx)).toBeGreaterThan(60_300)
  })

  test('names DEX and coin that there are not', async () => {
    const { setOracle: prices } = setOracle('60000') as Extract<DeployChange, { setOracle: unknown }>
    await expect(deploy(deployer, { setOracle: { ...prices, dex: 'nope' } })).rejects.toThrow(
      'Invalid perp DEX',
    )
    const oraclePxs: [string, string][] = [['hyna:NOPE', '1']]
    await expect(deploy(deployer, { setOracle: { ...prices, oraclePxs } })).rejects.toThrow('Unknown coin')
  })
})

test('a sub-deployer halts a market, stands in perpDexs, and is refused everything else', async () => {
  const user = helper.wallet.address
  const halt: DeployChange = { haltTrading: { coin: 'hyna:BTC', isHalted: true } }
  await expect(deploy(helper, halt)).rejects.toThrow('Invalid perp deployer or sub-deployer')
  const subDeployers = [{ variant: 'haltTrading', user, allowed: true }]
  await deploy(deployer, { setSubDeployers: { dex: 'hyna', subDeployers } })
  expect(await dexNow()).toMatchObject({ subDeployers: [['haltTrading', [user]]] })
  await deploy(helper, halt)
  const order = {
    a: HYNA_BTC,
    b: true,
    p: '60000',
    s: '0.01',
    r: false,
    t: { limit: { tif: 'Gtc' } },
  } as const
  await expect(run(stranger.exchange.order({ orders: [order], grouping: 'na' }))).rejects.toThrow(/halted/)
  await deploy(helper, { haltTrading: { coin: 'hyna:BTC', isHalted: false } })
  await run(stranger.exchange.order({ orders: [order], grouping: 'na' }))
  await expect(deploy(helper, { setFeeScale: { dex: 'hyna', scale: '3' } })).rejects.toThrow(
    'Invalid perp deployer',
  )
})

describe('what the SDK does not send', () => {
  /** Signs as a client would that does not sort, and posts. */
  async function post(action: Readonly<Record<string, unknown>>): Promise<{ status: number; body: string }> {
    const nonce = Date.now()
    const envelope = { action, nonce, vaultAddress: null, expiresAfterMs: null }
    const signature = signL1Action(envelope, 'testnet', parsePrivateKey(DEPLOYER_KEY))
    const answer = await run(
      fetch(`${venue.server.url}/exchange`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ action, nonce, signature }),
      }),
    )
    return { status: answer.status, body: await answer.text() }
  }
  const tiers = [
    { lowerBound: 0, maxLeverage: 15 },
    { lowerBound: 500_000, maxLeverage: 5 },
  ]
  const insert = (marginTiers: unknown): Record<string, unknown> => ({
    type: 'perpDeploy',
    insertMarginTable: { dex: 'hyna', marginTable: { description: 'fifteen', marginTiers } },
  })

  test('insertMarginTable adds a table to meta, for setMarginTableIds', async () => {
    expect(await post(insert(tiers))).toMatchObject({
      status: 200,
      body: '{"status":"ok","response":{"type":"default"}}',
    })
    const { marginTables } = await stranger.info.meta({ dex: 'hyna' })
    const [id, table] = marginTables.at(-1) ?? []
    expect(table).toEqual({
      description: 'fifteen',
      marginTiers: [
        { lowerBound: '0.0', maxLeverage: 15 },
        { lowerBound: '500000.0', maxLeverage: 5 },
      ],
    })
    await deploy(deployer, { setMarginTableIds: [['hyna:BTC', id ?? 0]] })
    expect((await stranger.info.meta({ dex: 'hyna' })).universe[0]).toMatchObject({
      maxLeverage: 15,
      marginTableId: id,
    })
    expect(await post(insert([...tiers].reverse()))).toMatchObject({
      body: expect.stringContaining('Invalid margin table'),
    })
  })

  test('a list that was not sorted before signing was signed by somebody else', async () => {
    const setFundingMultipliers = [
      ['hyna:ETH', '1'],
      ['hyna:BTC', '1'],
    ]
    const { body } = await post({ type: 'perpDeploy', setFundingMultipliers })
    expect(body).toMatch(/User or API Wallet 0x[0-9a-f]{40} does not exist/)
  })

  test.each([
    [
      'a coin twice',
      {
        setGrowthModes: [
          ['hyna:BTC', true],
          ['hyna:BTC', false],
        ],
      },
    ],
    ['two changes at once', { setGrowthModes: [], setFundingMultipliers: [] }],
    ['an asset without its terms', { registerAsset2: { maxGas: null } }],
    ['a margin mode that there is not', { setMarginModes: [['hyna:BTC', 'cross']] }],
    [
      'a category of sixteen letters',
      {
        setPerpAnnotation: {
          coin: 'hyna:BTC',
          category: 'sixteen letters!',
          description: '',
          displayName: null,
          keywords: [],
        },
      },
    ],
    [
      'a third list of marks',
      { setOracle: { dex: 'hyna', oraclePxs: [], markPxs: [[], [], []], externalPerpPxs: [] } },
    ],
    ['four tiers', insert([1, 2, 3, 4].map((tier) => ({ lowerBound: tier, maxLeverage: tier })))],
  ])('%s is no request: 422', async (_what, change) => {
    expect((await post({ type: 'perpDeploy', ...change })).status).toBe(422)
  })
})
