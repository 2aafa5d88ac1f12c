/** A market that was not there: who may list it, what is refused, and that it trades, pays funding and replays like the rest. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CommandAnswer, RegisterChange } from '../../src/exchange/command.ts'
import { apply, conservation, createExchange, fullStateHash, stateHash } from '../../src/exchange/exchange.ts'
import { DEXS_MAX, MARKETS_PER_BUILDER_DEX_MAX } from '../../src/exchange/limits.ts'
import { accountState } from '../../src/exchange/queries/account.ts'
import { instrumentContext } from '../../src/exchange/queries/market.ts'
import {
  ALICE,
  BOB,
  CAROL,
  DOLLAR,
  SPEC,
  START_MS,
  address,
  world,
  type World,
} from '../support/exchange-world.ts'

const DEPLOYER = address('d1')
const DONE = { kind: 'done' }
/** The second market of the first builder DEX. */
const PLUM = 110_001
/** The first market of a third builder DEX. */
const FIG = 130_000

function deployed(): World {
  const one = world()
  one.run({ kind: 'deposit', account: DEPLOYER, dexIndex: 0, amountMicroUsd: DOLLAR })
  return one
}

const plum = (of: Partial<RegisterChange> = {}): RegisterChange => ({
  kind: 'registerAsset2',
  dex: 'hyna',
  schema: null,
  coin: 'PLUM',
  szDecimals: 2,
  oracleTicks: 125_000,
  marginTableId: 10,
  marginPolicy: 'noCross',
  ...of,
})
const fig = (of: Partial<RegisterChange> = {}): RegisterChange =>
  plum({
    dex: 'figs',
    coin: 'FIG',
    schema: { fullName: 'Figs', collateralToken: 360, oracleUpdater: null },
    ...of,
  })
const send = (one: World, change: RegisterChange, account = DEPLOYER): CommandAnswer =>
  one.act(account, { kind: 'deploy', change })

/** Bob sells, Alice buys. */
function trade(one: World, assetId: number, sizeLots = 10_000): void {
  one.place(BOB, { assetId, side: 'sell', priceTicks: 125_000, sizeLots })
  one.place(ALICE, { assetId, priceTicks: 125_000, sizeLots, tif: 'Ioc' })
}

describe('a new market', () => {
  test('has the next asset id of its DEX, the terms that were asked for, and trades at once', () => {
    const one = deployed()
    expect(send(one, plum())).toEqual(DONE)
    expect(one.exchange.marketByAssetId.get(PLUM)?.instrument).toMatchObject({
      coin: 'hyna:PLUM',
      dexIndex: 1,
      grid: { szDecimals: 2, priceDecimals: 4 },
      marginTiers: [{ lowerBoundMicroUsd: 0, maxLeverage: 10 }],
      marginPolicy: 'noCross',
    })
    trade(one, PLUM)
    expect(accountState(one.exchange, ALICE, 1).positions[0]).toMatchObject({
      assetId: PLUM,
      leverage: { isCross: false },
    })
    expect(conservation(one.exchange)).toBe(0)
  })

  test('pays funding by the hour, follows its deployer’s oracle, and liquidates', () => {
    const one = deployed()
    send(one, plum())
    one.act(ALICE, { kind: 'updateLeverage', assetId: PLUM, isCross: false, leverage: 10 })
    trade(one, PLUM)
    one.wait(3_600_000)
    expect(instrumentContext(one.exchange, PLUM).fundingPerHour).toBeCloseTo(0.0001 / 8, 12)
    for (let update = 0; update < 20; update += 1) {
      one.wait(2_500)
      const oracles = [[PLUM, 100_000]] as const
      const change = { kind: 'setOracle', dexIndex: 1, oracles, marks: [oracles, oracles] } as const
      one.act(DEPLOYER, { kind: 'deploy', change })
    }
    // 1 % a time, never past it: 125 000 × 0.99 ^ 20, each rounded up.
    let oracleTicks = 125_000
    for (let update = 0; update < 20; update += 1) oracleTicks = Math.ceil(oracleTicks * 0.99)
    expect(instrumentContext(one.exchange, PLUM).oracleTicks).toBe(oracleTicks)
    expect(one.fillsOf(ALICE).some(({ liquidation }) => liquidation !== null)).toBe(true)
    expect(conservation(one.exchange)).toBe(0)
  })

  test('of a table that was inserted before', () => {
    const one = deployed()
    const tiers = [{ lowerBoundMicroUsd: 0, maxLeverage: 12 }]
    expect(send(one, plum({ marginTableId: 51 }))).toMatchObject({ kind: 'refused' })
    const change = { kind: 'insertMarginTable', dexIndex: 1, description: '', tiers } as const
    one.act(DEPLOYER, { kind: 'deploy', change })
    expect(send(one, plum({ marginTableId: 51 }))).toEqual(DONE)
    expect(one.exchange.marketByAssetId.get(PLUM)?.instrument.marginTiers).toEqual(tiers)
  })

  test('a sub-deployer lists by the word it was allowed', () => {
    const one = deployed()
    const grants = [{ variant: 'registerAsset', user: CAROL, allowed: true }]
    one.act(DEPLOYER, { kind: 'deploy', change: { kind: 'setSubDeployers', dexIndex: 1, grants } })
    expect(send(one, plum(), CAROL)).toMatchObject({ text: 'Invalid perp deployer or sub-deployer' })
    expect(send(one, plum({ kind: 'registerAsset' }), CAROL)).toEqual(DONE)
  })
})

describe('a new DEX', () => {
  test('comes with its first market; whoever sent it is its deployer, its money is the token it named', () => {
    const one = deployed()
    one.run({ kind: 'deposit', account: CAROL, dexIndex: 0, amountMicroUsd: DOLLAR })
    expect(send(one, fig(), CAROL)).toEqual(DONE)
    expect(one.exchange.dexs[3]?.spec).toMatchObject({
      name: 'figs',
      deployer: CAROL,
      collateral: { index: 360 },
      deployerFeeScale: 1,
    })
    for (const account of [ALICE, BOB]) {
      one.run({ kind: 'deposit', account, dexIndex: 3, amountMicroUsd: 100_000 * DOLLAR })
    }
    trade(one, FIG)
    expect(accountState(one.exchange, ALICE, 3).positions[0]).toMatchObject({ assetId: FIG })
    expect(send(one, plum({ dex: 'figs', coin: 'PLUM' }))).toMatchObject({ kind: 'refused' })
    expect(send(one, plum({ dex: 'figs', coin: 'PLUM' }), CAROL)).toEqual(DONE)
    expect(one.exchange.marketByAssetId.get(FIG + 1)?.instrument.coin).toBe('figs:PLUM')
    expect(conservation(one.exchange)).toBe(0)
  })

  test('a builder that earned before the DEX stood earns on it, and claims both', () => {
    const one = deployed()
    const builder = { address: CAROL, feePpb: 100_000 }
    const buy = (assetId: number, priceTicks: number): void => {
      one.place(BOB, { assetId, side: 'sell', priceTicks, sizeLots: 10_000 })
      const order = {
        assetId,
        side: 'buy',
        priceTicks,
        sizeLots: 10_000,
        reduceOnly: false,
        tif: 'Ioc',
        trigger: null,
        cloid: null,
      } as const
      one.act(ALICE, { kind: 'order', orders: [order], grouping: 'na', builder })
    }
    buy(110_000, 950_000)
    send(one, fig({ schema: { fullName: 'Figs', collateralToken: 0, oracleUpdater: null } }))
    for (const account of [ALICE, BOB, CAROL]) {
      one.run({ kind: 'deposit', account, dexIndex: 3, amountMicroUsd: 100_000 * DOLLAR })
    }
    buy(FIG, 125_000)
    expect(one.exchange.builders.get(CAROL)?.owedMicroUsd).toEqual([0, 950_000, 0, 125_000])
    expect(one.act(CAROL, { kind: 'claimRewards' })).toEqual(DONE)
    expect(conservation(one.exchange)).toBe(0)
  })

  test('its oracle updater may send prices, and nothing else', () => {
    const one = deployed()
    one.run({ kind: 'deposit', account: CAROL, dexIndex: 0, amountMicroUsd: DOLLAR })
    send(one, fig({ schema: { fullName: 'Figs', collateralToken: 0, oracleUpdater: CAROL } }))
    one.wait(2_500)
    const change = { kind: 'setOracle', dexIndex: 3, oracles: [[FIG, 125_500]], marks: [] } as const
    expect(one.act(CAROL, { kind: 'deploy', change })).toEqual(DONE)
    expect(instrumentContext(one.exchange, FIG).oracleTicks).toBe(125_500)
    const scale = { kind: 'setFeeScale', dexIndex: 3, scale: 0 } as const
    expect(one.act(CAROL, { kind: 'deploy', change: scale })).toMatchObject({ kind: 'refused' })
  })
})

const schema = { fullName: 'x', collateralToken: 0, oracleUpdater: null }
test.each<[string, RegisterChange, string]>([
  ['somebody else’s DEX', plum({ dex: 'flx' }), 'Invalid perp deployer or sub-deployer'],
  ['the main DEX', plum({ dex: '' }), 'Invalid perp DEX'],
  ['a DEX that there is not, without a schema', plum({ dex: 'none' }), 'its first asset comes with a schema'],
  ['a schema for a DEX that stands', plum({ schema }), "Perp DEX 'hyna' exists already"],
  ['a DEX name of five letters', fig({ dex: 'fruit' }), 'two to four small letters or digits'],
  ['a DEX named as a place of transfers', fig({ dex: 'spot' }), 'Invalid perp DEX name'],
  ['an unknown token', fig({ schema: { ...schema, collateralToken: 7 } }), 'there are 0 (USDC), 360 (USDH)'],
  ['a coin that stands', plum({ coin: 'BTC' }), 'Coin hyna:BTC exists already'],
  ['a coin with a colon', plum({ coin: 'a:b' }), "Invalid coin 'a:b'"],
  ['seven size decimals', plum({ szDecimals: 7 }), 'Invalid szDecimals 7'],
  ['a price below a tick', plum({ oracleTicks: 0 }), 'Invalid oracle price'],
  ['a price beyond the book', plum({ oracleTicks: 2 ** 50 }), 'Invalid oracle price'],
  ['an unknown table', plum({ marginTableId: 52 }), 'Invalid margin table 52'],
  ['a table of nothing', plum({ marginTableId: 0 }), 'Invalid margin table 0'],
])('%s is refused and nothing changes', (_what, change, text) => {
  const one = deployed()
  const before = fullStateHash(one.exchange)
  expect(send(one, change)).toMatchObject({ kind: 'refused', text: expect.stringContaining(text) })
  expect(fullStateHash(one.exchange)).toBe(before)
})

test('markets of a DEX and DEXs have their bounds', () => {
  const one = deployed()
  for (let place = 1; place < MARKETS_PER_BUILDER_DEX_MAX; place += 1) {
    expect(send(one, plum({ coin: `P${place}` }))).toEqual(DONE)
  }
  expect(send(one, plum())).toMatchObject({ text: expect.stringContaining('Too many assets') })
  for (let index = 3; index < DEXS_MAX; index += 1) {
    expect(send(one, fig({ dex: `d${index}` }))).toEqual(DONE)
  }
  expect(send(one, fig())).toMatchObject({ text: expect.stringContaining('Too many perp DEXs') })
})

test('a replay of any order of registrations and trades gives the same hashes, and no money is lost', () => {
  const step = fc.record({
    what: fc.integer({ min: 0, max: 5 }),
    lots: fc.integer({ min: 1_000, max: 50_000 }),
  })
  fc.assert(
    fc.property(fc.array(step, { minLength: 3, maxLength: 25 }), (steps) => {
      const one = deployed()
      for (const { what, lots } of steps) {
        if (what === 0) send(one, plum())
        else if (what === 1) send(one, fig())
        else if (what === 2) trade(one, PLUM, lots)
        else if (what === 3) trade(one, FIG, lots)
        else if (what === 4) one.wait(1_800_000)
        else if (one.exchange.dexs.length > 3) {
          for (const account of [ALICE, BOB]) {
            one.run({ kind: 'deposit', account, dexIndex: 3, amountMicroUsd: 50_000 * DOLLAR })
          }
        }
        expect(conservation(one.exchange)).toBe(0)
      }
      const again = createExchange(SPEC, { startTsMs: START_MS })
      for (const command of one.commands) apply(again, command)
      expect([stateHash(again), fullStateHash(again)]).toEqual([
        stateHash(one.exchange),
        fullStateHash(one.exchange),
      ])
    }),
    { numRuns: 60 },
  )
})
