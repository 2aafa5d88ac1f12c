/** Stories of isolated margin with real parts: engine, journalled commands, adapter, wire and exchange on `hyna:BTC`. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Command } from '../../src/core/command.ts'
import { createEngine, step } from '../../src/core/engine.ts'
import { accountState, leverageOf } from '../../src/exchange/queries/account.ts'
import { submit } from '../../src/simulation/world.ts'
import { type Maker, type MakerStage, openMakerStage } from '../support/maker-stage.ts'
import { BOT, STRANGER } from '../support/venue-stage.ts'

const HYNA = 1
const BTC = 110_000
const DOLLAR = 1_000_000
/** The bot buys so much, lots: half a Bitcoin at 60 000 dollars. */
const SIZE_LOTS = 50_000

/** Leverage 10 leaves 8.9 % to the liquidation price; the band is narrow, so that small moves of the mark cross it. */
const MARGIN = [
  'market.asset=BTC',
  'market.force_isolated=true',
  'market.initial_isolated_margin=0',
  'margin.leverage=10',
  'margin.top_up_distance_pct=8.5',
  'margin.target_distance_pct=10',
  'margin.release_distance_pct=10.5',
  'risk.min_liquidation_distance_pct=7',
  'risk.max_position=0.7',
  'quoting.target_liquidity=0.0005',
  'execution.resync_interval_ms=1000',
]

let stage: MakerStage

beforeEach(async () => {
  stage = await openMakerStage()
  resting = []
  await market(600_000)
})
afterEach(async () => {
  await stage.close()
})

let quoteCount = 0
let resting: string[] = []

/** Oracle and the stranger's bid and ask on `hyna:BTC`, in place of the last: so the mark goes there. */
async function market(midTicks: number): Promise<void> {
  submit(stage.world, { kind: 'oracle', assetId: BTC, oracleTicks: midTicks }, () => undefined)
  if (resting.length > 0) {
    const cancels = resting.map((cloid) => ({ assetId: BTC, ref: { cloid } }))
    await stage.act(STRANGER.address, { kind: 'cancel', cancels })
  }
  resting = ['buy', 'sell'].map(() => `0x${(0xcc_0000 + (quoteCount += 1)).toString(16).padStart(32, '0')}`)
  const [bid = null, ask = null] = resting
  const one = { assetId: BTC, sizeLots: 500_000 }
  await stage.order(STRANGER.address, { ...one, side: 'buy', priceTicks: midTicks - 100, cloid: bid })
  await stage.order(STRANGER.address, { ...one, side: 'sell', priceTicks: midTicks + 100, cloid: ask })
}

/** The bot's position as the exchange has it. */
function held(): {
  readonly marginMicroUsd: number
  readonly liquidationTicks: number
  readonly freeMicroUsd: number
} {
  const state = accountState(stage.world.exchange, BOT.address, HYNA)
  const position = state.positions.find(({ assetId }) => assetId === BTC)
  return {
    marginMicroUsd: position?.marginUsedMicroUsd ?? 0,
    liquidationTicks: position?.liquidationTicks ?? 0,
    freeMicroUsd: state.withdrawableMicroUsd,
  }
}

const commandsOf = <Kind extends Command['kind']>(
  maker: Maker,
  kind: Kind,
): Extract<Command, { kind: Kind }>[] =>
  maker.steps.flatMap(({ commands }) => commands.filter((command) => command.kind === kind)) as never

/** Buys by hand, as a person on the same account would. */
async function buy(sizeLots: number): Promise<void> {
  await stage.order(BOT.address, { assetId: BTC, side: 'buy', priceTicks: 600_100, sizeLots, tif: 'Ioc' })
}

describe('an isolated position', () => {
  test('gets margin before its liquidation price is near, and gives it back when the price has come back', async () => {
    const maker = await stage.makerOf({
      set: MARGIN,
      venue: { asset: 'BTC', forceIsolated: true, leverage: 10 },
    })
    await buy(SIZE_LOTS)
    const { state } = maker.engine
    await maker.until(() => state.accountLast?.positionLots === SIZE_LOTS, 'the position')
    const entry = held()
    expect(entry.marginMicroUsd / DOLLAR).toBeCloseTo(3_000, -2)
    expect(commandsOf(maker, 'addMargin')).toEqual([])

    await market(594_000)
    await maker.until(() => commandsOf(maker, 'addMargin').length > 0, 'more margin')
    await maker.until(() => state.accountTsMs > state.margin.lastTsMs, 'the answer')
    const topped = held()
    const mark = state.markTicks ?? 0
    expect(topped.liquidationTicks).toBeLessThan(entry.liquidationTicks)
    expect(1 - topped.liquidationTicks / mark).toBeGreaterThan(0.09)
    // Nothing was restrained meanwhile: the policy came before the limit.
    const findings = state.verdict?.findings ?? []
    expect(findings.map(({ monitor }) => monitor)).not.toContain('liquidation')

    await market(606_000)
    await maker.until(() => commandsOf(maker, 'releaseMargin').length > 0, 'margin given back')
    await maker.until(() => state.accountTsMs > state.margin.lastTsMs, 'the answer')
    const released = held()
    expect(released.freeMicroUsd).toBeGreaterThan(topped.freeMicroUsd)
    expect(1 - released.liquidationTicks / (state.markTicks ?? 0)).toBeGreaterThan(0.085)

    // The same inputs lead to the same commands again: the policy needs nothing that the journal has not.
    await maker.crash()
    const again = createEngine(maker.engine.parts)
    for (const { input, commands } of maker.steps) expect(step(again, input)).toEqual(commands)
  })
})

describe('collateral that lies elsewhere', () => {
  const SET = [
    'market.asset=BTC',
    'margin.collateral_source=spot',
    'margin.collateral_daily_usd=2500',
    'margin.collateral_keep_usd=2000',
  ]
  const venue = { asset: 'BTC', collateralSource: 'spot' } as const
  const toSpot = async (dollars: number): Promise<void> => {
    const amountMicroUsd = dollars * DOLLAR
    await stage.act(BOT.address, {
      kind: 'transfer',
      to: BOT.address,
      fromDex: HYNA,
      toDex: 'spot',
      amountMicroUsd,
    })
  }

  test('is moved here up to what is to be kept free, and over a restart never beyond the limit of the day', async () => {
    await toSpot(99_900)
    const first = await stage.makerOf({ set: SET, venue })
    await first.until(() => held().freeMicroUsd === 2_000 * DOLLAR, 'the collateral')
    expect(commandsOf(first, 'moveCollateral')).toEqual([
      { kind: 'moveCollateral', amountMicroUsd: 1_900 * DOLLAR },
    ])
    await first.crash()

    await toSpot(1_500)
    const second = await stage.makerOf({ set: SET, venue })
    await second.until(() => held().freeMicroUsd === 1_100 * DOLLAR, 'what the day still allows')
    expect(second.engine.state.accountLast?.movedTodayMicroUsd).toBe(1_900 * DOLLAR)
    expect(commandsOf(second, 'moveCollateral')).toEqual([
      { kind: 'moveCollateral', amountMicroUsd: 600 * DOLLAR },
    ])
  })

  test('stays where it is unless the configuration names the place', async () => {
    await toSpot(99_990)
    const maker = await stage.makerOf({ set: ['market.asset=BTC'], venue: { asset: 'BTC' } })
    await maker.until(() => maker.engine.state.lastRequoteTsMs > maker.engine.state.accountTsMs, 'a cycle')
    expect(commandsOf(maker, 'moveCollateral')).toEqual([])
    expect(maker.engine.state.accountLast).not.toHaveProperty('reserveMicroUsd')
    expect(maker.player.venue.requestCounts).not.toHaveProperty('userNonFundingLedgerUpdates')
  })

  test.each([
    [
      'an API wallet may not move money',
      { wallet: STRANGER, collateralSource: 'spot' },
      /only the key of the account/,
    ],
    ['the main DEX counts in another token', { collateralSource: 'main' }, /hyna counts in USDE/],
    ['the market is on the main DEX', { dex: '', collateralSource: 'main' }, /on the main DEX itself/],
  ] as const)('%s: said at the start', async (_name, options, message) => {
    await expect(stage.open(options)).rejects.toMatchObject({
      code: 'REFUSED',
      message: expect.stringMatching(message) as unknown,
    })
  })
})

describe('the leverage of the configuration', () => {
  const leverage = (): { readonly isCross: boolean; readonly value: number } =>
    leverageOf(stage.world.exchange, BOT.address, BTC)

  test.each([
    ['cross', { leverage: 7 }, { isCross: true, value: 7 }],
    ['isolated', { leverage: 9, forceIsolated: true }, { isCross: false, value: 9 }],
    ['isolated, none given', { forceIsolated: true }, { isCross: false, value: 5 }],
  ])('is set before the first order: %s', async (_name, options, expected) => {
    await stage.play({ asset: 'BTC', ...options })
    expect(leverage()).toMatchObject(expected)
  })

  test('above what the market allows is refused with both numbers', async () => {
    await expect(stage.play({ asset: 'BTC', leverage: 41 })).rejects.toMatchObject({
      code: 'REFUSED',
      message: 'margin.leverage = 41: hyna:BTC allows 40 at most',
    })
  })
})

describe('a market at its open interest cap', () => {
  test('is only reduced in: flat, nothing is quoted, and the reason is named', async () => {
    let isAtCap = true
    stage.proxy.onRequest = (_path, body) =>
      isAtCap && body.includes('perpsAtOpenInterestCap') ? { edit: () => '["hyna:SOL","hyna:ETH"]' } : 'pass'
    const capped = await stage.makerOf()
    const { state } = capped.engine
    await capped.until(() => state.verdict?.action === 'reduceOnly', 'the verdict')
    expect(state.verdict?.findings).toMatchObject([{ monitor: 'openInterest' }])
    expect([state.ladder.bidCount, state.ladder.askCount]).toEqual([0, 0])
    await capped.crash()

    isAtCap = false
    const free = await stage.makerOf()
    await free.until(() => free.isQuoting(), 'quotes without the cap')
    expect(free.player.venue.requestCounts).toMatchObject({ perpsAtOpenInterestCap: 1, perpDexLimits: 1 })
  })

  test('is warned of at the start when little room is left', async () => {
    stage.proxy.onRequest = (_path, body) =>
      body.includes('perpDexLimits')
        ? { edit: (answer) => answer.replace(/\["hyna:ETH","[\d.]+"\]/, '["hyna:ETH","1.0"]') }
        : 'pass'
    const player = await stage.play()
    expect(player.logs.join('\n')).not.toContain('open interest is near its cap')
    await stage.order(BOT.address, { side: 'buy', priceTicks: 300_500, sizeLots: 100 })
    const second = await stage.play()
    expect(second.logs.join('\n')).toContain('open interest is near its cap')
  })
})
