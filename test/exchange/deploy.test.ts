/** What the deployer of a builder DEX does to it, and that nobody else can. */
import { describe, expect, test } from 'vitest'
import type { CommandAnswer, DeployChange } from '../../src/exchange/command.ts'
import { apply, conservation, createExchange, fullStateHash, stateHash } from '../../src/exchange/exchange.ts'
import { accountState } from '../../src/exchange/queries/account.ts'
import { instrumentContext } from '../../src/exchange/queries/market.ts'
import { feeRates } from '../../src/exchange/queries/money.ts'
import { openOrders } from '../../src/exchange/queries/orders.ts'
import {
  ALICE,
  BOB,
  BTC,
  CAROL,
  DAVE,
  DOLLAR,
  FLX_GOLD,
  HYNA_BTC,
  SPEC,
  START_MS,
  address,
  world,
  type World,
} from '../support/exchange-world.ts'

const DEPLOYER = address('d1')
const REFUSED = { kind: 'refused', text: 'Invalid perp deployer or sub-deployer' }
const DONE = { kind: 'done' }

/** A world whose deployers have an account, as every signer needs one. */
function deployed(): World {
  const one = world()
  for (const account of [DEPLOYER, address('d2')]) {
    one.run({ kind: 'deposit', account, dexIndex: 0, amountMicroUsd: DOLLAR })
  }
  return one
}

function change(one: World, what: DeployChange, account = DEPLOYER): CommandAnswer {
  return one.act(account, { kind: 'deploy', change: what })
}

const oracle = (ticks: number, marks: readonly number[] = []): DeployChange => ({
  kind: 'setOracle',
  dexIndex: 1,
  oracles: [[HYNA_BTC, ticks]],
  marks: marks.map((mark) => [[HYNA_BTC, mark]]),
})
const oracleOf = (one: World): number => instrumentContext(one.exchange, HYNA_BTC).oracleTicks
const markOf = (one: World): number => instrumentContext(one.exchange, HYNA_BTC).markTicks

const CHANGES: readonly DeployChange[] = [
  oracle(950_000),
  { kind: 'setFundingMultipliers', values: [[HYNA_BTC, 2]] },
  { kind: 'setFundingInterestRates', values: [[HYNA_BTC, 0.005]] },
  { kind: 'haltTrading', assetId: HYNA_BTC, isHalted: true },
  {
    kind: 'insertMarginTable',
    dexIndex: 1,
    description: '',
    tiers: [{ lowerBoundMicroUsd: 0, maxLeverage: 8 }],
  },
  { kind: 'setMarginTableIds', values: [[HYNA_BTC, 20]] },
  { kind: 'setOpenInterestCaps', values: [[HYNA_BTC, 1e12]] },
  { kind: 'setFeeScale', dexIndex: 1, scale: 0.5 },
  { kind: 'setFeeRecipient', dexIndex: 1, feeRecipient: CAROL },
  { kind: 'setGrowthModes', values: [[HYNA_BTC, true]] },
  { kind: 'setMarginModes', values: [[HYNA_BTC, 'noCross']] },
  {
    kind: 'setPerpAnnotation',
    assetId: HYNA_BTC,
    annotation: { category: 'majors', description: '', displayName: null, keywords: [] },
  },
  { kind: 'setSubDeployers', dexIndex: 1, grants: [{ variant: 'setOracle', user: CAROL, allowed: true }] },
]

describe('who may', () => {
  test.each(CHANGES.map((one) => [one.kind, one] as const))(
    '%s: the deployer, nobody else',
    (_kind, what) => {
      const one = deployed()
      const before = fullStateHash(one.exchange)
      expect(change(one, what, ALICE)).toEqual(REFUSED)
      expect(change(one, what, address('d2'))).toEqual(REFUSED)
      expect(fullStateHash(one.exchange)).toBe(before)
      expect(change(one, what)).toEqual(DONE)
      expect(fullStateHash(one.exchange)).not.toBe(before)
    },
  )

  test('a sub-deployer does what it was allowed, until it is taken back', () => {
    const one = deployed()
    const grant = (variant: string, allowed: boolean): DeployChange => ({
      kind: 'setSubDeployers',
      dexIndex: 1,
      grants: [{ variant, user: CAROL, allowed }],
    })
    change(one, grant('haltTrading', true))
    const halt = { kind: 'haltTrading', assetId: HYNA_BTC, isHalted: true } as const
    expect(change(one, oracle(950_000), CAROL)).toEqual(REFUSED)
    expect(change(one, halt, CAROL)).toEqual(DONE)
    change(one, grant('haltTrading', false))
    expect(change(one, { ...halt, isHalted: false }, CAROL)).toEqual(REFUSED)
    expect(change(one, grant('mint', true))).toEqual({
      kind: 'refused',
      text: 'Invalid sub-deployer variant',
    })
  })

  test('nobody runs the main DEX, and what is not there has no deployer', () => {
    const one = deployed()
    const main = { kind: 'setFundingMultipliers', values: [[BTC, 2]] } as const
    expect(change(one, main, address('d0'))).toMatchObject({ kind: 'refused' })
    one.run({ kind: 'deposit', account: address('d0'), dexIndex: 0, amountMicroUsd: DOLLAR })
    expect(change(one, main, address('d0'))).toEqual(REFUSED)
    const scale = { kind: 'setFeeScale', dexIndex: 0, scale: 1 } as const
    expect(change(one, scale, address('d0'))).toEqual({ kind: 'refused', text: 'Invalid perp DEX' })
    expect(change(one, { ...main, values: [[999_999, 2]] })).toEqual({
      kind: 'refused',
      text: 'Unknown coin',
    })
    const both = {
      ...main,
      values: [
        [HYNA_BTC, 2],
        [FLX_GOLD, 2],
      ],
    } as const
    expect(change(one, both)).toEqual(REFUSED)
  })
})

describe('prices', () => {
  test('an oracle moves by at most 1 % a time, 2.5 s apart', () => {
    const one = deployed()
    expect(change(one, oracle(1_200_000))).toEqual(DONE)
    expect(oracleOf(one)).toBe(959_500)
    one.wait(2_400)
    expect(change(one, oracle(1_200_000))).toEqual({ kind: 'refused', text: 'Oracle price update too often' })
    one.wait(100)
    expect(change(one, oracle(900_000))).toEqual(DONE)
    expect(oracleOf(one)).toBe(949_905)
  })

  test('no price exceeds ten times the day’s start', () => {
    const one = deployed()
    for (let update = 0; update < 300; update += 1) {
      change(one, oracle(20_000_000))
      one.wait(2_500)
    }
    expect(oracleOf(one)).toBe(9_500_000)
  })

  test('the mark is the median of the deployer’s marks and the local one, moving 1 % in 2.5 s', () => {
    const one = deployed()
    const quote = (): void => {
      one.place(BOB, { assetId: HYNA_BTC, priceTicks: 949_000, sizeLots: 1_000 })
      one.place(BOB, { assetId: HYNA_BTC, side: 'sell', priceTicks: 951_000, sizeLots: 1_000 })
    }
    quote()
    one.wait(5_000)
    change(one, oracle(950_000, [953_000, 954_000]))
    expect(markOf(one)).toBe(953_000)
    one.wait(2_500)
    change(one, oracle(950_000, [947_000]))
    // Two values: the mean of 947 000 and the local 950 000.
    expect(markOf(one)).toBe(948_500)
    one.wait(2_500)
    change(one, oracle(950_000))
    expect(markOf(one)).toBe(950_000)
    one.wait(2_500)
    change(one, oracle(950_000, [1_100_000, 1_200_000]))
    expect(markOf(one)).toBe(959_500)
  })

  test('for ten seconds the venue’s own feed is not heard, then it is again', () => {
    const one = deployed()
    change(one, oracle(955_000, [955_000]))
    const feed = (): CommandAnswer => one.run({ kind: 'oracle', assetId: HYNA_BTC, oracleTicks: 900_000 })
    one.wait(10_000)
    expect(feed()).toEqual(DONE)
    expect(oracleOf(one)).toBe(955_000)
    one.wait(1)
    feed()
    expect(oracleOf(one)).toBe(900_000)
  })

  test('a price of nothing, a third list, and a mark without an oracle are refused', () => {
    const one = deployed()
    const wrong = [
      oracle(0),
      { ...oracle(950_000, [1, 2, 3]) },
      { ...oracle(950_000), oracles: [] },
      { ...oracle(950_000), marks: [[[FLX_GOLD, 5]]] },
      {
        ...oracle(950_000),
        oracles: [
          [HYNA_BTC, 5],
          [HYNA_BTC, 6],
        ],
      },
    ] as DeployChange[]
    for (const what of wrong) expect(change(one, what)).toMatchObject({ kind: 'refused' })
    expect(oracleOf(one)).toBe(950_000)
  })

  test('a falling mark liquidates in the same command', () => {
    const one = deployed()
    one.act(ALICE, { kind: 'updateLeverage', assetId: HYNA_BTC, isCross: false, leverage: 40 })
    one.place(BOB, { assetId: HYNA_BTC, side: 'sell', priceTicks: 950_000, sizeLots: 1_000 })
    one.place(ALICE, { assetId: HYNA_BTC, priceTicks: 950_000, sizeLots: 1_000, tif: 'Ioc' })
    for (let update = 0; update < 6; update += 1) {
      one.wait(2_500)
      change(one, oracle(800_000, [800_000, 800_000]))
    }
    expect(one.fillsOf(ALICE).some(({ liquidation }) => liquidation !== null)).toBe(true)
    expect(conservation(one.exchange)).toBe(0)
  })
})

describe('terms', () => {
  test('funding is charged by the new interest and multiplier', () => {
    const paidWith = (changes: readonly DeployChange[]): number => {
      const one = deployed()
      one.place(BOB, { assetId: HYNA_BTC, side: 'sell', priceTicks: 950_000, sizeLots: 10_000 })
      one.place(ALICE, { assetId: HYNA_BTC, priceTicks: 950_000, sizeLots: 10_000, tif: 'Ioc' })
      for (const what of changes) change(one, what)
      one.wait(3_600_000)
      return instrumentContext(one.exchange, HYNA_BTC).fundingPerHour
    }
    // Without a premium the rate is the interest within the clamp of 0.0005, an eighth an hour.
    expect(paidWith([])).toBeCloseTo(0.0001 / 8, 12)
    const interest = { kind: 'setFundingInterestRates', values: [[HYNA_BTC, 0.0004]] } as const
    expect(paidWith([interest])).toBeCloseTo(0.0004 / 8, 12)
    const multiplier = { kind: 'setFundingMultipliers', values: [[HYNA_BTC, 3]] } as const
    expect(paidWith([interest, multiplier])).toBeCloseTo((3 * 0.0004) / 8, 12)
  })

  test('fees follow the scale and growth mode from the next fill on', () => {
    const one = deployed()
    const feeOfNext = (): number => {
      one.place(BOB, { assetId: HYNA_BTC, side: 'sell', priceTicks: 950_000, sizeLots: 1_000 })
      one.place(ALICE, { assetId: HYNA_BTC, priceTicks: 950_000, sizeLots: 1_000, tif: 'Ioc' })
      return one.fillsOf(ALICE).at(-1)?.feeMicroUsd ?? 0
    }
    const notional = 950_000 * 1_000
    expect(feeOfNext()).toBe(notional * 9e-4)
    change(one, { kind: 'setFeeScale', dexIndex: 1, scale: 0.5 })
    expect(feeOfNext()).toBe(notional * 6.75e-4)
    change(one, { kind: 'setGrowthModes', values: [[HYNA_BTC, true]] })
    expect(feeOfNext()).toBe(notional * 6.75e-5)
    change(one, { kind: 'setFeeScale', dexIndex: 1, scale: 0 })
    expect(feeOfNext()).toBe(notional * 4.5e-5)
    expect(feeRates(one.exchange, ALICE, HYNA_BTC).takerPpb).toBe(45_000)
    expect(conservation(one.exchange)).toBe(0)
  })

  test('an inserted margin table gets the next free id and can be given to a market', () => {
    const one = deployed()
    const tiers = [
      { lowerBoundMicroUsd: 0, maxLeverage: 12 },
      { lowerBoundMicroUsd: 1_000_000 * DOLLAR, maxLeverage: 6 },
    ]
    change(one, { kind: 'insertMarginTable', dexIndex: 1, description: 'twelve', tiers })
    expect(change(one, { kind: 'setMarginTableIds', values: [[HYNA_BTC, 51]] })).toEqual(DONE)
    expect(one.exchange.marketByAssetId.get(HYNA_BTC)?.instrument).toMatchObject({
      marginTableId: 51,
      marginTiers: tiers,
    })
    const unknown = { kind: 'setMarginTableIds', values: [[HYNA_BTC, 52]] } as const
    expect(change(one, unknown)).toEqual({ kind: 'refused', text: 'Invalid margin table' })
    const backwards = {
      kind: 'insertMarginTable',
      dexIndex: 1,
      description: '',
      tiers: tiers.toReversed(),
    } as const
    expect(change(one, backwards)).toEqual({ kind: 'refused', text: 'Invalid margin table' })
  })

  test('a cap stops what opens, and none lets it', () => {
    const one = deployed()
    const sell = { assetId: HYNA_BTC, side: 'sell', priceTicks: 950_000, sizeLots: 10_000 } as const
    change(one, { kind: 'setOpenInterestCaps', values: [[HYNA_BTC, 1_000 * DOLLAR]] })
    expect(one.place(BOB, sell)).toMatchObject({ kind: 'error' })
    change(one, { kind: 'setOpenInterestCaps', values: [[HYNA_BTC, null]] })
    expect(one.place(BOB, sell)).toMatchObject({ kind: 'resting' })
  })

  test('a value out of range changes nothing, of a whole list', () => {
    const one = deployed()
    const wrong: DeployChange[] = [
      { kind: 'setFundingMultipliers', values: [[HYNA_BTC, 10.1]] },
      { kind: 'setFundingInterestRates', values: [[HYNA_BTC, -0.011]] },
      { kind: 'setFundingInterestRates', values: [[HYNA_BTC, NaN]] },
      { kind: 'setFeeScale', dexIndex: 1, scale: 3.1 },
      { kind: 'setOpenInterestCaps', values: [[HYNA_BTC, 0]] },
    ]
    for (const what of wrong) expect(change(one, what)).toMatchObject({ kind: 'refused' })
    expect(one.exchange.marketByAssetId.get(HYNA_BTC)?.instrument).toEqual(
      SPEC.instruments.find(({ assetId }) => assetId === HYNA_BTC),
    )
  })
})

describe('a margin mode', () => {
  const leverage = (isCross: boolean) =>
    ({ kind: 'updateLeverage', assetId: HYNA_BTC, isCross, leverage: 10 }) as const
  const isCross = (one: World, account: string): boolean | undefined =>
    accountState(one.exchange, account, 1).positions[0]?.leverage.isCross
  /** Alice is long, Bob short, both cross. */
  const held = (): World => {
    const one = deployed()
    one.place(BOB, { assetId: HYNA_BTC, side: 'sell', priceTicks: 950_000, sizeLots: 2_000 })
    one.place(ALICE, { assetId: HYNA_BTC, priceTicks: 950_000, sizeLots: 1_000, tif: 'Ioc' })
    return one
  }

  test('without cross margin new positions are isolated, and cross cannot be chosen', () => {
    const one = held()
    change(one, { kind: 'setMarginModes', values: [[HYNA_BTC, 'noCross']] })
    expect(one.act(CAROL, leverage(true))).toMatchObject({
      text: 'Cross margin is not allowed for this asset.',
    })
    one.place(CAROL, { assetId: HYNA_BTC, priceTicks: 950_000, sizeLots: 500, tif: 'Ioc' })
    expect(isCross(one, CAROL)).toBe(false)
    change(one, { kind: 'setMarginModes', values: [[HYNA_BTC, 'normal']] })
    expect(one.act(DAVE, leverage(true))).toEqual(DONE)
  })

  test('a cross position stays cross until it is closed, also when it only turns around', () => {
    const one = held()
    change(one, { kind: 'setMarginModes', values: [[HYNA_BTC, 'strictIsolated']] })
    expect([isCross(one, ALICE), isCross(one, BOB)]).toEqual([true, true])
    one.place(CAROL, { assetId: HYNA_BTC, priceTicks: 950_000, sizeLots: 3_000 })
    one.place(ALICE, { assetId: HYNA_BTC, side: 'sell', priceTicks: 950_000, sizeLots: 400, tif: 'Ioc' })
    expect(isCross(one, ALICE)).toBe(true)
    one.place(ALICE, { assetId: HYNA_BTC, side: 'sell', priceTicks: 950_000, sizeLots: 900, tif: 'Ioc' })
    expect(isCross(one, ALICE)).toBe(false)
    expect(conservation(one.exchange)).toBe(0)
  })

  test('strictly isolated margin cannot be removed, and that holds for positions that stand', () => {
    const one = deployed()
    one.act(ALICE, leverage(false))
    one.place(BOB, { assetId: HYNA_BTC, side: 'sell', priceTicks: 950_000, sizeLots: 2_000 })
    one.place(ALICE, { assetId: HYNA_BTC, priceTicks: 950_000, sizeLots: 1_000, tif: 'Ioc' })
    one.act(ALICE, { kind: 'updateIsolatedMargin', assetId: HYNA_BTC, deltaMicroUsd: 100 * DOLLAR })
    const remove = { kind: 'updateIsolatedMargin', assetId: HYNA_BTC, deltaMicroUsd: -10 * DOLLAR } as const
    change(one, { kind: 'setMarginModes', values: [[HYNA_BTC, 'noCross']] })
    expect(one.act(ALICE, remove)).toEqual(DONE)
    change(one, { kind: 'setMarginModes', values: [[HYNA_BTC, 'strictIsolated']] })
    expect(one.act(ALICE, remove)).toMatchObject({ text: expect.stringContaining('cannot be removed') })
  })
})

describe('a halt', () => {
  test('ends orders, settles positions at the mark, refuses new orders, and can be taken back', () => {
    const one = deployed()
    one.place(BOB, { assetId: HYNA_BTC, side: 'sell', priceTicks: 950_000, sizeLots: 2_000 })
    one.place(ALICE, { assetId: HYNA_BTC, priceTicks: 950_000, sizeLots: 1_000, tif: 'Ioc' })
    expect(change(one, { kind: 'haltTrading', assetId: HYNA_BTC, isHalted: true })).toEqual(DONE)
    expect(openOrders(one.exchange, BOB, 1)).toEqual([])
    expect(accountState(one.exchange, ALICE, 1).positions).toEqual([])
    expect(one.fillsOf(ALICE).at(-1)).toMatchObject({ side: 'sell', priceTicks: markOf(one) })
    const order = { assetId: HYNA_BTC, sizeLots: 1_000 }
    expect(one.place(ALICE, order)).toMatchObject({ kind: 'error', text: expect.stringContaining('halted') })
    change(one, { kind: 'haltTrading', assetId: HYNA_BTC, isHalted: false })
    expect(one.place(ALICE, order)).toMatchObject({ kind: 'resting' })
    expect(conservation(one.exchange)).toBe(0)
  })
})

test('a replay of the commands gives the same hashes', () => {
  const one = deployed()
  one.place(BOB, { assetId: HYNA_BTC, side: 'sell', priceTicks: 950_000, sizeLots: 2_000 })
  one.place(ALICE, { assetId: HYNA_BTC, priceTicks: 950_000, sizeLots: 1_000, tif: 'Ioc' })
  for (const what of CHANGES) change(one, what)
  one.wait(3_600_000)
  const again = createExchange(SPEC, { startTsMs: START_MS })
  for (const command of one.commands) apply(again, command)
  expect(stateHash(again)).toBe(stateHash(one.exchange))
  expect(fullStateHash(again)).toBe(fullStateHash(one.exchange))
})
