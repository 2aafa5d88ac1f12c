/** Generators of every input and command that the contracts allow, and helpers to build small journals. */
import fc from 'fast-check'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Command, NewOrder } from '../../src/core/command.ts'
import type { Input, InputKind, OpenOrder, RawInput } from '../../src/core/input.ts'
import type { Side } from '../../src/core/units.ts'
import type {
  AccountAction,
  DeployChange,
  ExchangeCommand,
  OrderRequest,
} from '../../src/exchange/command.ts'
import { FORMAT_VERSION } from '../../src/journal/format.ts'
import type { JournalHeader, JournalRecord } from '../../src/journal/format.ts'

export const header: JournalHeader = {
  formatVersion: FORMAT_VERSION,
  build: '0.1.0+test',
  network: 'local',
  dex: 'hyna',
  coin: 'hyna:BTC',
  account: '0x00000000000000000000000000000000000000a1',
  configHash: 'c0ffee',
  config: { strategy: { gamma_base: 0.3 } },
  seed: 7,
  epoch: 1_732_180_500_000,
  createdTsMs: 1_732_180_500_123,
}

/** A fresh folder, removed when the test ends. */
export function freshDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'hmj-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

const whole = fc.oneof(fc.integer({ min: 0, max: 2 ** 31 - 1 }), fc.maxSafeNat())
const signed = fc.oneof(fc.integer(), fc.maxSafeInteger())
/** Every double, the awkward ones often. */
const anyNumber = fc.oneof(signed, fc.double(), fc.constantFrom(-0, 0, 0.1, -(2 ** 51), 2 ** 51 - 1, 5e-324))
const finite = fc.oneof(signed, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(-0))
const side = fc.constantFrom<Side>('buy', 'sell')
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', 'ünïcode €', '\ud800 lone'))
const hexCloid = fc.stringMatching(/^0x[0-9a-f]{32}$/)
const cloid = fc.oneof({ weight: 4, arbitrary: hexCloid }, { weight: 1, arbitrary: text })
const cloidOrNull = fc.option(cloid)
const refusal = fc.constantFrom('rate', 'price', 'postOnly', 'gone', 'unknown')
const status = fc.constantFrom('open', 'filled', 'cancelled', 'rejected', 'unknown')
const flatSide = fc.oneof(
  fc.array(anyNumber, { maxLength: 50 }),
  fc.array(fc.integer({ min: 1, max: 2 ** 40 }), { maxLength: 80 }),
)

const openOrder: fc.Arbitrary<OpenOrder> = fc.record({
  oid: whole,
  cloid: cloidOrNull,
  side,
  priceTicks: whole,
  remainingLots: whole,
  reduceOnly: fc.boolean(),
})

/** One generator per kind: a new kind of input does not compile without one. */
const inputsByKind: { [K in InputKind]: fc.Arbitrary<Omit<Extract<RawInput, { kind: K }>, 'kind'>> } = {
  sessionStarted: fc.record({
    market: fc.record({
      network: fc.constantFrom('local', 'testnet', 'mainnet'),
      dex: text,
      coin: text,
      assetId: whole,
      grid: fc.record({ szDecimals: whole, priceDecimals: whole }),
      maxLeverage: whole,
      marginMode: fc.constantFrom('cross', 'isolated'),
      collateral: text,
      makerFeePpb: signed,
      takerFeePpb: signed,
      minNotionalMicroUsd: whole,
    }),
    account: text,
    epoch: whole,
    configHash: text,
  }),
  book: fc.record({ venueTsMs: anyNumber, bids: flatSide, asks: flatSide }),
  touch: fc.record({
    venueTsMs: anyNumber,
    bidTicks: anyNumber,
    bidLots: anyNumber,
    askTicks: anyNumber,
    askLots: anyNumber,
  }),
  trade: fc.record({
    venueTsMs: anyNumber,
    tid: anyNumber,
    aggressor: side,
    priceTicks: anyNumber,
    sizeLots: anyNumber,
  }),
  context: fc.record({ markTicks: anyNumber, oracleTicks: anyNumber, fundingPerHour: anyNumber }),
  reference: fc.record({ venueTsMs: anyNumber, midTicks: anyNumber }),
  orderResting: fc.record({ cloid, oid: whole }),
  orderFilledNow: fc.record({ cloid, oid: whole, totalLots: whole, averagePriceTicks: finite }),
  orderRefused: fc.record({ cloid, refusal, text }),
  cancelDone: fc.record({ cloid }),
  cancelRefused: fc.record({ cloid, refusal, text }),
  sendUncertain: fc.record({
    cloids: fc.array(cloid),
    action: fc.constantFrom('place', 'modify', 'cancel'),
    text,
  }),
  orderStatus: fc.record({ cloid, oid: fc.option(whole), status, remainingLots: whole, venueTsMs: finite }),
  orderUpdate: fc.record({
    oid: whole,
    cloid: cloidOrNull,
    side,
    priceTicks: whole,
    sizeLots: whole,
    remainingLots: whole,
    status,
    word: text,
    venueTsMs: finite,
  }),
  fill: fc.record({
    tid: whole,
    oid: whole,
    cloid: cloidOrNull,
    side,
    priceTicks: whole,
    sizeLots: whole,
    feeMicroUsd: finite,
    closedPnlMicroUsd: finite,
    startPositionLots: finite,
    crossed: fc.boolean(),
    liquidation: fc.boolean(),
    venueTsMs: finite,
  }),
  account: fc.record({
    positionLots: finite,
    cashMicroUsd: finite,
    accountValueMicroUsd: finite,
    withdrawableMicroUsd: finite,
    isolatedMarginMicroUsd: fc.option(finite),
    liquidationTicks: fc.option(finite),
    openOrders: fc.array(openOrder, { maxLength: 8 }),
    venueTsMs: finite,
  }),
  fundingPaid: fc.record({ amountMicroUsd: finite, venueTsMs: finite }),
  connection: fc.record({ up: fc.boolean(), text }),
  budget: fc.record({ usedCount: finite, capCount: finite }),
  load: fc.record({ loopLagMs: finite }),
  timer: fc.constant({}),
  operator: fc.record({
    action: fc.constantFrom('pause', 'resume', 'stop', 'kill', 'resetKill', 'adopt'),
    reason: text,
  }),
}

/** Inputs of every kind with arbitrary stamps. */
export const anyInput: fc.Arbitrary<Input> = fc.oneof(
  ...Object.entries(inputsByKind).map(([kind, fields]) =>
    fc
      .tuple(fields as fc.Arbitrary<object>, fc.maxSafeNat(), anyNumber)
      .map(([rest, seq, tsMs]) => ({ kind, ...rest, seq, tsMs }) as Input),
  ),
)

const order: fc.Arbitrary<NewOrder> = fc.record({
  cloid,
  side,
  priceTicks: finite,
  sizeLots: finite,
  tif: fc.constantFrom('alo', 'ioc', 'gtc'),
  reduceOnly: fc.boolean(),
})

const commandsByKind: {
  [K in Command['kind']]: fc.Arbitrary<Omit<Extract<Command, { kind: K }>, 'kind'>>
} = {
  place: fc.record({ order }),
  modify: fc.record({ targetCloid: cloid, targetOid: whole, order }),
  cancel: fc.record(
    { cloid: cloidOrNull, oid: fc.option(whole), byCloid: fc.constant(true as const) },
    { requiredKeys: ['cloid', 'oid'] },
  ),
  queryOrder: fc.record({ cloid }),
  resync: fc.record({ because: text }),
  addMargin: fc.record({ amountMicroUsd: finite }),
  releaseMargin: fc.record({ amountMicroUsd: finite }),
  moveCollateral: fc.record({ amountMicroUsd: finite }),
}

export const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  ...Object.entries(commandsByKind).map(([kind, fields]) =>
    (fields as fc.Arbitrary<object>).map((rest) => ({ kind, ...rest }) as Command),
  ),
)

const address = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^0x[0-9a-f]{40}$/) },
  { weight: 1, arbitrary: text },
)
const orderRef = fc.oneof(fc.record({ oid: whole }), fc.record({ cloid }))
const trigger = fc.record({
  isMarket: fc.boolean(),
  triggerTicks: whole,
  kind: fc.constantFrom('tp' as const, 'sl' as const),
})
const orderRequest: fc.Arbitrary<OrderRequest> = fc.record({
  assetId: whole,
  side,
  priceTicks: finite,
  sizeLots: finite,
  reduceOnly: fc.boolean(),
  tif: fc.constantFrom('Gtc', 'Ioc', 'Alo', 'FrontendMarket'),
  trigger: fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: trigger }),
  cloid: cloidOrNull,
})

const byAsset = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<[number, Value][]> =>
  fc.array(fc.tuple(whole, value), { maxLength: 4 })

const deployChange: fc.Arbitrary<DeployChange> = fc.oneof<fc.Arbitrary<DeployChange>[]>(
  fc.record({
    kind: fc.constant('setOracle' as const),
    dexIndex: whole,
    oracles: byAsset(whole),
    marks: fc.array(byAsset(whole), { maxLength: 2 }),
  }),
  fc.record({ kind: fc.constant('setFundingInterestRates' as const), values: byAsset(anyNumber) }),
  fc.record({ kind: fc.constant('setOpenInterestCaps' as const), values: byAsset(fc.option(finite)) }),
  fc.record({ kind: fc.constant('setGrowthModes' as const), values: byAsset(fc.boolean()) }),
  fc.record({ kind: fc.constant('setFeeScale' as const), dexIndex: whole, scale: anyNumber }),
  fc.record({
    kind: fc.constant('setSubDeployers' as const),
    dexIndex: whole,
    grants: fc.array(fc.record({ variant: text, user: address, allowed: fc.boolean() }), { maxLength: 3 }),
  }),
)

/** One generator per kind: a new kind of action does not compile without one. */
const actionsByKind: {
  [K in AccountAction['kind']]: fc.Arbitrary<Omit<Extract<AccountAction, { kind: K }>, 'kind'>>
} = {
  order: fc.oneof(
    fc.record({
      orders: fc.array(orderRequest, { maxLength: 5 }),
      grouping: fc.constantFrom('na' as const, 'normalTpsl' as const, 'positionTpsl' as const),
    }),
    fc.record({
      orders: fc.array(orderRequest, { maxLength: 5 }),
      grouping: fc.constant('na' as const),
      builder: fc.record({ address, feePpb: whole }),
    }),
  ),
  cancel: fc.record({ cancels: fc.array(fc.record({ assetId: whole, ref: orderRef }), { maxLength: 5 }) }),
  modify: fc.record({
    modifies: fc.array(fc.record({ ref: orderRef, order: orderRequest }), { maxLength: 5 }),
    always: fc.boolean(),
  }),
  updateLeverage: fc.record({ assetId: whole, isCross: fc.boolean(), leverage: whole }),
  updateIsolatedMargin: fc.record({ assetId: whole, deltaMicroUsd: finite }),
  scheduleCancel: fc.record({ atTsMs: fc.option(whole) }),
  transfer: fc.record({
    to: address,
    fromDex: fc.oneof(whole, fc.constant('spot' as const)),
    toDex: whole,
    amountMicroUsd: finite,
  }),
  reserveRequestWeight: fc.record({ weight: whole }),
  claimRewards: fc.constant({}),
  setReferrer: fc.constant({}),
  twapOrder: fc.record({
    assetId: whole,
    side,
    sizeLots: finite,
    reduceOnly: fc.boolean(),
    minutes: whole,
    randomize: fc.boolean(),
  }),
  twapCancel: fc.record({ assetId: whole, twapId: whole }),
  deploy: fc.record({ change: deployChange }),
  noop: fc.constant({}),
}

const anyAction: fc.Arbitrary<AccountAction> = fc.oneof(
  ...Object.entries(actionsByKind).map(([kind, fields]) =>
    (fields as fc.Arbitrary<object>).map((rest) => ({ kind, ...rest }) as AccountAction),
  ),
)

const venueCommandsByKind: {
  [K in ExchangeCommand['kind']]: fc.Arbitrary<Omit<Extract<ExchangeCommand, { kind: K }>, 'kind'>>
} = {
  block: fc.record({ tsMs: anyNumber }),
  oracle: fc.record({ assetId: anyNumber, oracleTicks: anyNumber }),
  deposit: fc.record({ account: address, dexIndex: whole, amountMicroUsd: finite }),
  marginTable: fc.record({
    assetId: whole,
    marginTableId: whole,
    marginTiers: fc.array(fc.record({ lowerBoundMicroUsd: whole, maxLeverage: whole }), { maxLength: 3 }),
  }),
  liquidate: fc.record({ account: address, dexIndex: whole }),
  halt: fc.record({ assetId: whole, isHalted: fc.boolean() }),
  protect: fc.record({
    account: address,
    assetId: whole,
    limits: fc.option(
      fc.record({
        window: fc.constantFrom('sliding' as const, 'tumbling' as const),
        windowMs: whole,
        frozenMs: whole,
        quantityMaxLots: whole,
        notionalMaxMicroUsd: whole,
        deltaMaxLots: whole,
      }),
    ),
  }),
  resetProtection: fc.record({ account: address, assetId: whole }),
  action: fc
    .record({
      account: address,
      signer: fc.option(address),
      nonce: fc.option(whole),
      expiresAfterMs: fc.option(finite),
      action: anyAction,
    })
    .map((fields) => ({ ...fields, signer: fields.signer ?? fields.account })),
}

export const anyVenueCommand: fc.Arbitrary<ExchangeCommand> = fc.oneof(
  ...Object.entries(venueCommandsByKind).map(([kind, fields]) =>
    (fields as fc.Arbitrary<object>).map((rest) => ({ kind, ...rest }) as ExchangeCommand),
  ),
)

const hashHalf = fc.nat({ max: 2 ** 32 - 1 })

export const anyRecord: fc.Arbitrary<JournalRecord> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.maxSafeNat(), hashHalf, hashHalf, anyVenueCommand)
      .map(([seq, hashHigh, hashLow, command]): JournalRecord => {
        return { kind: 'venueCommand', seq, hashHigh, hashLow, command }
      }),
  },
  { weight: 6, arbitrary: anyInput.map((input): JournalRecord => ({ kind: 'input', input })) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('command'), seq: fc.maxSafeNat(), command: anyCommand }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('checkpoint'), seq: fc.maxSafeNat(), stateHash: text }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('note'), seq: fc.maxSafeNat(), text }) },
)

/** A plausible market: books, touches, trades, timers, and now and then a place and a cancel. Deterministic. */
export function marketRecords(inputCount: number): JournalRecord[] {
  const records: JournalRecord[] = []
  for (const record of endlessMarket()) {
    if (record.kind === 'input' && record.input.seq > inputCount) break
    records.push(record)
  }
  return records
}

export function* endlessMarket(): Generator<JournalRecord> {
  for (let seq = 1; ; seq += 1) {
    const tsMs = header.createdTsMs + seq * 50
    yield { kind: 'input', input: { ...rawInput(seq, tsMs), seq, tsMs } }
    if (seq % 5 === 0) yield { kind: 'command', seq, command: { kind: 'place', order: orderOf(seq) } }
    if (seq % 7 === 0) {
      yield { kind: 'command', seq, command: { kind: 'cancel', cloid: orderOf(seq).cloid, oid: seq * 3 } }
    }
    if (seq % 10 === 0) {
      yield { kind: 'checkpoint', seq, stateHash: (seq * 0x9e37).toString(16).padStart(16, '0') }
    }
  }
}

function rawInput(seq: number, tsMs: number): RawInput {
  const venueTsMs = tsMs - 13
  const mid = 1_000_000 + ((seq * 7919) % 500)
  const flat = (direction: number): number[] =>
    Array.from({ length: 40 }, (_, index) =>
      index % 2 === 0 ? mid + direction * (1 + index) * 5 : 1 + ((seq * 31 + index * 977) % 90_000),
    )
  switch (seq % 4) {
    case 0:
      return {
        kind: 'touch',
        venueTsMs,
        bidTicks: mid - 5,
        bidLots: 100 + seq,
        askTicks: mid + 5,
        askLots: 300,
      }
    case 1:
      return { kind: 'book', venueTsMs, bids: flat(-1), asks: flat(1) }
    case 2:
      return {
        kind: 'trade',
        venueTsMs,
        tid: 9_000_000 + seq,
        aggressor: seq % 8 === 2 ? 'buy' : 'sell',
        priceTicks: mid,
        sizeLots: seq % 1000,
      }
    default:
      return { kind: 'timer' }
  }
}

function orderOf(seq: number): NewOrder {
  const cloid = `0x${seq.toString(16).padStart(32, '0')}`
  return {
    cloid,
    side: seq % 2 === 0 ? 'buy' : 'sell',
    priceTicks: 1_000_000 + seq,
    sizeLots: 25,
    tif: 'alo',
    reduceOnly: false,
  }
}
