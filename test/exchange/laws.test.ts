import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { initSfc32, nextBelow, type Sfc32 } from '../../src/core/math/sfc32.ts'
import type {
  AccountAction,
  DeployChange,
  ExchangeCommand,
  OrderRequest,
} from '../../src/exchange/command.ts'
import type { ExchangeEvent } from '../../src/exchange/event.ts'
import {
  apply,
  conservation,
  createExchange,
  fullStateHash,
  netPositionLots,
  outsideByToken,
  stateHash,
  type Exchange,
} from '../../src/exchange/exchange.ts'
import { accountState } from '../../src/exchange/queries/account.ts'
import { touch } from '../../src/exchange/queries/book.ts'
import { instrumentContext } from '../../src/exchange/queries/market.ts'
import { feeRates } from '../../src/exchange/queries/money.ts'
import { findOrder, openOrders } from '../../src/exchange/queries/orders.ts'
import { toCommand } from '../../src/simulation/agent-account.ts'
import {
  ALICE,
  BOB,
  BTC,
  CAROL,
  DAVE,
  DOLLAR,
  ETH,
  FLX_GOLD,
  HYNA_BTC,
  SPEC,
  START_MS,
  address,
  orderOf,
} from '../support/exchange-world.ts'

/** Several seconds of work, a minute on a busy machine. */
vi.setConfig({ testTimeout: 180_000 })

const ACCOUNTS = [ALICE, BOB, CAROL, DAVE]
const DEPLOYERS = [address('d1'), address('d2')]
const ASSETS = [BTC, ETH, HYNA_BTC, FLX_GOLD]
const MARKS = new Map(SPEC.instruments.map((one) => [one.assetId, one.initialOracleTicks]))
const STEPS = new Map([
  [BTC, 10],
  [ETH, 10],
  [HYNA_BTC, 10],
  [FLX_GOLD, 100],
])
/** About a thousand dollars of each. */
const LOTS = new Map([
  [BTC, 1_000],
  [ETH, 3_000],
  [HYNA_BTC, 1_000],
  [FLX_GOLD, 400],
])

const account = fc.constantFrom(...ACCOUNTS)
const assetId = fc.constantFrom(BTC, BTC, BTC, ...ASSETS)

const order: fc.Arbitrary<OrderRequest> = fc
  .record({
    assetId,
    side: fc.constantFrom('buy' as const, 'sell' as const),
    steps: fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: -4, max: 4 }) },
      { weight: 1, arbitrary: fc.integer({ min: -2_000, max: 2_000 }) },
    ),
    thousands: fc.integer({ min: 1, max: 60 }),
    reduceOnly: fc.integer({ min: 0, max: 4 }).map((one) => one === 0),
    tif: fc.constantFrom('Gtc' as const, 'Gtc' as const, 'Alo' as const, 'Ioc' as const),
    trigger: fc.oneof(
      { weight: 6, arbitrary: fc.constant(null) },
      {
        weight: 1,
        arbitrary: fc.record({
          isMarket: fc.boolean(),
          steps: fc.integer({ min: -300, max: 300 }),
          kind: fc.constantFrom('tp' as const, 'sl' as const),
        }),
      },
    ),
  })
  .map(({ steps, thousands, trigger, ...rest }) => {
    const mark = MARKS.get(rest.assetId) ?? 0
    const step = STEPS.get(rest.assetId) ?? 1
    return orderOf({
      ...rest,
      priceTicks: mark + steps * step,
      sizeLots: thousands * (LOTS.get(rest.assetId) ?? 1),
      trigger: trigger === null ? null : { ...trigger, triggerTicks: mark + trigger.steps * step },
    })
  })

const place = fc.constantFrom(0, 1, 2, 'spot' as const)
/** Most orders come without one. */
const builder = fc.oneof(
  { weight: 5, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.record({
      builder: fc.record({
        address: fc.constantFrom(DAVE, address('b1')),
        feePpb: fc.constantFrom(10_000, 333_333, 1_000_000),
      }),
    }),
  },
)

const action: fc.Arbitrary<AccountAction> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .tuple(
        fc.record({
          kind: fc.constant('order' as const),
          orders: fc.array(order, { minLength: 1, maxLength: 3 }),
          grouping: fc.constantFrom(
            ...(['na', 'na', 'na', 'na', 'na', 'na'] as const),
            'normalTpsl' as const,
            'positionTpsl' as const,
          ),
        }),
        builder,
      )
      .map(([batch, charged]) => ({ ...batch, ...charged })),
  },
  {
    weight: 3,
    arbitrary: fc.record({ assetId, oid: fc.integer({ min: 0, max: 90 }) }).map(({ assetId, oid }) => ({
      kind: 'cancel' as const,
      cancels: [{ assetId, ref: { oid } }],
    })),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({ oid: fc.integer({ min: 0, max: 90 }), order, always: fc.boolean() })
      .map(({ oid, order, always }) => ({
        kind: 'modify' as const,
        modifies: [{ ref: { oid }, order }],
        always,
      })),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('updateLeverage' as const),
      assetId,
      isCross: fc.boolean(),
      leverage: fc.integer({ min: 0, max: 42 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('updateIsolatedMargin' as const),
      assetId,
      deltaMicroUsd: fc.integer({ min: -500 * DOLLAR, max: 500 * DOLLAR }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('scheduleCancel' as const),
      atTsMs: fc.constant(START_MS + 20_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('transfer' as const),
      to: fc.constantFrom(...ACCOUNTS, address('ee')),
      fromDex: place,
      toDex: place,
      amountMicroUsd: fc.integer({ min: 1, max: 2_000 * DOLLAR }),
      tokenIndex: fc.constantFrom(0, 0, 360),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('twapOrder' as const),
      assetId,
      side: fc.constantFrom('buy' as const, 'sell' as const),
      sizeLots: fc.integer({ min: 1, max: 20_000 }),
      reduceOnly: fc.boolean(),
      minutes: fc.constantFrom(5, 10),
      randomize: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      { kind: 'claimRewards' as const },
      { kind: 'setReferrer' as const },
      { kind: 'reserveRequestWeight' as const, weight: 100_000 },
      { kind: 'twapCancel' as const, assetId: BTC, twapId: 1 },
    ),
  },
)

/** Time and oracle prices relative to where they are; made absolute when run. */
type Step =
  | { readonly act: AccountAction; readonly account: string }
  | { readonly waitMs: number }
  | { readonly oracleOf: number; readonly permille: number }
  | { readonly deposit: number; readonly account: string; readonly dexIndex: number }
  | { readonly intervene: ExchangeCommand }

/** What the venue does unasked. A halted market opens again soon, so that flows go on. */
const intervention: fc.Arbitrary<ExchangeCommand> = fc.oneof(
  fc.record({ kind: fc.constant('liquidate' as const), account, dexIndex: fc.integer({ min: 0, max: 2 }) }),
  fc.record({ kind: fc.constant('halt' as const), assetId, isHalted: fc.constantFrom(true, false, false) }),
  fc.record({
    kind: fc.constant('marginTable' as const),
    assetId,
    marginTableId: fc.constantFrom(3, 20, 40),
    marginTiers: fc.constantFrom(3, 20, 40).map((maxLeverage) => [{ lowerBoundMicroUsd: 0, maxLeverage }]),
  }),
  fc.record({
    kind: fc.constant('protect' as const),
    account,
    assetId,
    limits: fc.option(
      fc.record({
        window: fc.constantFrom('sliding' as const, 'tumbling' as const),
        windowMs: fc.constant(60_000),
        frozenMs: fc.constantFrom(0, 100),
        quantityMaxLots: fc.constantFrom(1_000, 20_000),
        notionalMaxMicroUsd: fc.constant(0),
        deltaMaxLots: fc.constantFrom(0, 5_000),
      }),
    ),
  }),
  fc.record({ kind: fc.constant('resetProtection' as const), account, assetId }),
)

const builderAsset = fc.constantFrom(HYNA_BTC, FLX_GOLD)
const byAsset = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<[number, Value][]> =>
  fc.tuple(builderAsset, value).map((pair) => [pair])

/** What deployers do, their right to it included: half of them speak of the other's DEX. */
const deployment: fc.Arbitrary<ExchangeCommand> = fc
  .tuple(
    fc.constantFrom(...DEPLOYERS),
    fc.oneof<fc.Arbitrary<DeployChange>[]>(
      fc
        .tuple(
          builderAsset,
          fc.integer({ min: -40, max: 40 }),
          fc.array(fc.integer({ min: -40, max: 40 }), { maxLength: 2 }),
        )
        .map(([assetId, permille, marks]) => {
          const at = (of: number): number => Math.round(((MARKS.get(assetId) ?? 1) * (1_000 + of)) / 1_000)
          return {
            kind: 'setOracle',
            dexIndex: assetId === HYNA_BTC ? 1 : 2,
            oracles: [[assetId, at(permille)]],
            marks: marks.map((mark) => [[assetId, at(mark)]]),
          }
        }),
      byAsset(fc.constantFrom(0, 1, 10, 11)).map((values) => ({ kind: 'setFundingMultipliers', values })),
      byAsset(fc.constantFrom(-0.01, 0, 0.01, 0.02)).map((values) => ({
        kind: 'setFundingInterestRates',
        values,
      })),
      fc
        .tuple(builderAsset, fc.constantFrom(true, false, false))
        .map(([assetId, isHalted]) => ({ kind: 'haltTrading', assetId, isHalted })),
      fc.constantFrom(1, 2).map((dexIndex) => ({
        kind: 'insertMarginTable',
        dexIndex,
        description: 'two tiers',
        tiers: [
          { lowerBoundMicroUsd: 0, maxLeverage: 20 },
          { lowerBoundMicroUsd: 5_000 * DOLLAR, maxLeverage: 4 },
        ],
      })),
      byAsset(fc.constantFrom(3, 20, 40, 51, 52)).map((values) => ({ kind: 'setMarginTableIds', values })),
      byAsset(fc.constantFrom(null, 1_000 * DOLLAR, 1e15)).map((values) => ({
        kind: 'setOpenInterestCaps',
        values,
      })),
      fc
        .tuple(fc.constantFrom(1, 2), fc.constantFrom(0, 0.5, 3))
        .map(([dexIndex, scale]) => ({ kind: 'setFeeScale', dexIndex, scale })),
      byAsset(fc.boolean()).map((values) => ({ kind: 'setGrowthModes', values })),
    ),
  )
  .map(([account, change]) => ({
    kind: 'action',
    account,
    signer: account,
    nonce: null,
    expiresAfterMs: null,
    action: { kind: 'deploy', change },
  }))

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 14, arbitrary: fc.record({ act: action, account }) },
  {
    weight: 2,
    arbitrary: fc.record({
      waitMs: fc.constantFrom(70, 70, 70, 5_000, 5_000, 31_000, 3_600_000, 90_000_000),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      oracleOf: assetId,
      permille: fc.oneof(fc.integer({ min: -30, max: 30 }), fc.integer({ min: -150, max: 150 })),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      deposit: fc.integer({ min: -800 * DOLLAR, max: 800 * DOLLAR }),
      account,
      dexIndex: fc.integer({ min: 0, max: 2 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ intervene: intervention }) },
  { weight: 1, arbitrary: fc.record({ intervene: deployment }) },
)

function born(): Exchange {
  const exchange = createExchange(SPEC, {
    startTsMs: START_MS,
    scheduleCancelVolumeGateMicroUsd: 0,
    partialLiquidationMicroUsd: 20_000 * DOLLAR,
  })
  for (const account of ACCOUNTS) {
    for (const { index } of SPEC.dexs) {
      apply(exchange, { kind: 'deposit', account, dexIndex: index, amountMicroUsd: 3_000 * DOLLAR })
    }
  }
  for (const account of DEPLOYERS) {
    apply(exchange, { kind: 'deposit', account, dexIndex: 0, amountMicroUsd: DOLLAR })
  }
  return exchange
}

function commandOf(one: Step, exchange: Exchange): ExchangeCommand {
  if ('intervene' in one) return one.intervene
  if ('waitMs' in one) return { kind: 'block', tsMs: exchange.tsMs + one.waitMs }
  if ('oracleOf' in one) {
    const now = instrumentContext(exchange, one.oracleOf).oracleTicks
    return {
      kind: 'oracle',
      assetId: one.oracleOf,
      oracleTicks: Math.max(1, Math.round((now * (1_000 + one.permille)) / 1_000)),
    }
  }
  if ('deposit' in one)
    return { kind: 'deposit', account: one.account, dexIndex: one.dexIndex, amountMicroUsd: one.deposit }
  return {
    kind: 'action',
    account: one.account,
    signer: one.account,
    nonce: null,
    expiresAfterMs: null,
    action: followMark(one.act, exchange),
  }
}

/** Prices were drawn around the first mark; they move with it, so that there is always trade near the mark of now. */
function followMark(act: AccountAction, exchange: Exchange): AccountAction {
  const moved = (order: OrderRequest): OrderRequest => {
    const step = STEPS.get(order.assetId) ?? 1
    const gone = instrumentContext(exchange, order.assetId).markTicks - (MARKS.get(order.assetId) ?? 0)
    const shift = Math.round(gone / step) * step
    const trigger = order.trigger && { ...order.trigger, triggerTicks: order.trigger.triggerTicks + shift }
    return { ...order, priceTicks: order.priceTicks + shift, trigger }
  }
  if (act.kind === 'order') return { ...act, orders: act.orders.map(moved) }
  if (act.kind === 'modify') {
    return { ...act, modifies: act.modifies.map(({ ref, order }) => ({ ref, order: moved(order) })) }
  }
  return act
}

/** Millions of checks: `expect` would be most of the time. */
function must(truth: boolean, sentence: string): void {
  if (!truth) throw new Error(`broken law: ${sentence}`)
}

function checkLaws(exchange: Exchange): void {
  must(conservation(exchange) === 0, `money is conserved, not off by ${conservation(exchange)}`)
  for (const { assetId, coin } of SPEC.instruments) {
    must(netPositionLots(exchange, assetId) === 0, `positions of ${coin} net to zero`)
    const { bidTicks, askTicks } = touch(exchange, assetId)
    must(bidTicks === 0 || askTicks === 0 || bidTicks < askTicks, `book of ${coin} is not crossed`)
  }
  for (const market of exchange.markets) {
    const longs = market.holders.reduce((sum, holding) => sum + Math.max(0, holding.sizeLots), 0)
    must(market.openInterestLots === longs, 'open interest is the sum of longs')
  }
  for (const account of exchange.accounts) checkHoldings(exchange, account)
}

/** The sums kept step by step equal those counted from the orders. */
function checkHoldings(exchange: Exchange, account: Exchange['accounts'][number]): void {
  const all = openOrders(exchange, account.address)
  must(account.openOrderCount === all.length, 'open orders are counted')
  for (const holding of account.holdings.values()) {
    const orders = all.filter((one) => one.assetId === holding.market.instrument.assetId)
    const plain = orders.filter((one) => one.trigger === null && !one.reduceOnly)
    const sums = { buyLots: 0, sellLots: 0, buyMicroUsd: 0, sellMicroUsd: 0 }
    for (const one of plain) {
      sums[`${one.side}Lots`] += one.remainingLots
      sums[`${one.side}MicroUsd`] += one.remainingLots * one.priceTicks
    }
    must(holding.buyLots === sums.buyLots && holding.sellLots === sums.sellLots, 'resting lots match')
    must(holding.buyMicroUsd === sums.buyMicroUsd, 'resting bids are worth their sum')
    must(holding.sellMicroUsd === sums.sellMicroUsd, 'resting asks are worth their sum')
    for (const one of orders.filter((order) => order.reduceOnly && order.trigger === null)) {
      const reducible = one.side === 'buy' ? -holding.sizeLots : holding.sizeLots
      must(one.remainingLots <= reducible, 'a resting reduce-only order fits the position')
    }
    must(holding.holderIndex >= 0 === (holding.sizeLots !== 0), 'holders are those with a position')
    must(holding.costMicroUsd >= 0, 'a cost is not negative')
  }
}

describe('laws under random commands', () => {
  test('money is conserved, positions net to zero, books stay uncrossed, sums match, and a re-run has the same hash', () => {
    const kinds = new Map<string, number>()
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 120, size: 'max' }), (steps) => {
        const exchange = born()
        const commands: ExchangeCommand[] = []
        const filled = new Map<number, number>()
        let outside = outsideByToken(exchange)
        for (const one of steps) {
          const command = commandOf(one, exchange)
          commands.push(command)
          const { events, answer } = apply(exchange, command)
          if (answer.kind === 'refused') expect(events).toEqual([])
          for (const event of events) {
            const name = kindOf(event)
            kinds.set(name, (kinds.get(name) ?? 0) + 1)
            if (event.kind === 'fill') filled.set(event.oid, (filled.get(event.oid) ?? 0) + event.sizeLots)
            if (event.kind === 'order') {
              const { oid, originalLots, remainingLots } = event.order
              const most = originalLots - (event.status === 'open' ? remainingLots : 0)
              must((filled.get(oid) ?? 0) <= most, `order ${oid} is not over-filled`)
            }
          }
          checkLaws(exchange)
          const before = outside
          outside = outsideByToken(exchange)
          // Only deposits bring money in or out: no transfer, trade or liquidation does.
          must(command.kind === 'deposit' || outside.join() === before.join(), 'money stays inside')
        }
        checkReplay(exchange, commands)
      }),
      { numRuns: 150 },
    )
    for (const kind of [
      'fill',
      'funding',
      'ledger',
      'twap',
      'triggered',
      'perpMarginRejected',
      'scheduledCancel',
    ]) {
      expect(kinds.get(kind) ?? 0, `the flows reached ${kind}`).toBeGreaterThan(0)
    }
  })

  test('they hold along long flows near the touch with falling prices, thin margins and every way of liquidation', () => {
    const kinds = new Map<string, number>()
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 }), (seed) => {
        const exchange = born()
        const random = initSfc32(seed)
        const commands: ExchangeCommand[] = []
        for (let count = 0; count < 400; count += 1) {
          const command = drawCommand(random, exchange)
          commands.push(command)
          for (const event of apply(exchange, command).events) {
            const name = kindOf(event)
            kinds.set(name, (kinds.get(name) ?? 0) + 1)
          }
          checkLaws(exchange)
        }
        checkReplay(exchange, commands)
      }),
      { numRuns: 60 },
    )
    for (const kind of [
      'marginCanceled',
      'reduceOnlyCanceled',
      'liquidatedCanceled',
      'liquidation market',
      'liquidation backstop',
      'liquidation adl',
    ]) {
      expect(kinds.get(kind) ?? 0, `the flows reached ${kind}`).toBeGreaterThan(0)
    }
  })
})

function kindOf(event: ExchangeEvent): string {
  if (event.kind === 'liquidation') return `liquidation ${event.method}`
  return event.kind === 'order' ? event.status : event.kind
}

/** Mostly orders within three steps of the oracle, sized to use up margin; small moves, now and then a jump. */
function drawCommand(random: Sfc32, exchange: Exchange): ExchangeCommand {
  const account = ACCOUNTS[nextBelow(random, ACCOUNTS.length)] ?? ALICE
  const act = (action: AccountAction): ExchangeCommand => toCommand(account, action)
  const dice = nextBelow(random, 100)
  if (dice < 6) return { kind: 'block', tsMs: exchange.tsMs + (dice === 0 ? 400_000 : 2_000) }
  if (dice < 16) {
    const { oracleTicks } = instrumentContext(exchange, BTC)
    const range = dice === 6 ? 120 : 8
    const permille = 1_000 + nextBelow(random, 2 * range + 1) - range
    return { kind: 'oracle', assetId: BTC, oracleTicks: Math.round((oracleTicks * permille) / 1_000) }
  }
  if (dice === 16) return { kind: 'deposit', account, dexIndex: 0, amountMicroUsd: 500 * DOLLAR }
  if (dice < 22) {
    const isCross = nextBelow(random, 2) === 0
    return act({ kind: 'updateLeverage', assetId: BTC, isCross, leverage: 40 - nextBelow(random, 4) * 6 })
  }
  if (dice < 30) {
    const oid = Math.max(0, exchange.oidLast - nextBelow(random, 20))
    return act({ kind: 'cancel', cancels: [{ assetId: BTC, ref: { oid } }] })
  }
  const side = nextBelow(random, 2) === 0 ? 'buy' : 'sell'
  const near = Math.round(instrumentContext(exchange, BTC).oracleTicks / 10) * 10
  const order = orderOf({
    side,
    priceTicks: near + 10 * (nextBelow(random, 7) - 3),
    sizeLots: 500 * (1 + nextBelow(random, 60)),
    reduceOnly: dice > 90,
  })
  return act({ kind: 'order', orders: [order], grouping: 'na' })
}

/** Queries in between must not matter. */
function checkReplay(exchange: Exchange, commands: readonly ExchangeCommand[]): void {
  const again = born()
  for (const command of commands) {
    apply(again, command)
    for (const account of ACCOUNTS) {
      accountState(again, account, 0)
      feeRates(again, account, BTC)
      findOrder(again, account, { oid: 1 })
    }
  }
  expect(stateHash(again)).toBe(stateHash(exchange))
  expect(fullStateHash(again)).toBe(fullStateHash(exchange))
}

test('another command anywhere changes the hash', () => {
  const one = born()
  const other = born()
  expect(stateHash(one)).toBe(stateHash(other))
  apply(one, { kind: 'oracle', assetId: BTC, oracleTicks: 950_100 })
  apply(other, { kind: 'oracle', assetId: BTC, oracleTicks: 950_200 })
  expect(stateHash(one)).not.toBe(stateHash(other))
  expect(fullStateHash(one)).not.toBe(fullStateHash(other))
})
