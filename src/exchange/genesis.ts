/**
 * Birth of exchanges, accounts and holdings: every field of the state has its first value here.
 * Long because it spells out every field once.
 */
import { assert, isWhole } from '../core/assert.ts'
import { EventCollector } from './collector.ts'
import { initLanes, mixAny } from './hash-lanes.ts'
import { createEndedLog } from './history.ts'
import type { Address } from './command.ts'
import { marginTiersFault, type DexSpec, type Instrument, type VenueSpec } from './instrument.ts'
import { createBook } from './order-book.ts'
import { addOwner, createOrderPool } from './order-index.ts'
import { ShownOrder } from './order-view.ts'
import {
  DAY_MS,
  HOUR_MS,
  type Account,
  type Dex,
  type Exchange,
  type ExchangeOptions,
  type Holding,
  type Market,
  type Purse,
  type TokenBooks,
  type VolumeDays,
} from './state.ts'

const VOLUME_RING_DAYS = 15
const DAY_HOURS = 24

const DEFAULTS = {
  scheduleCancelVolumeGateMicroUsd: 1_000_000_000_000,
  referenceBandBps: 8_000,
  oracleBandBps: 5_000,
  makerRebates: false,
  activationFeeMicroUsd: 1_000_000,
  partialLiquidationMicroUsd: 100_000_000_000,
  defaultLeverage: 20,
} as const

/**
 * @param spec    DEXs by ascending index from 0, instruments by ascending asset id
 * @param options time of genesis and the switchable rules
 * @throws InvariantError when the spec contradicts itself, with the field that does
 */
export function createExchange(spec: VenueSpec, options: ExchangeOptions): Exchange {
  assert(isWhole(options.startTsMs) && options.startTsMs >= 0, 'startTsMs is whole milliseconds since 1970')
  const pool = createOrderPool<Holding>()
  const dexs = spec.dexs.map((dex, index) => {
    assert(dex.index === index, `dexs: the DEX '${dex.name}' has index ${dex.index} but stands at ${index}`)
    return freshDex(dex)
  })
  const collector = new EventCollector()
  const records = emptyRecords()
  const exchange: Exchange = {
    spec,
    options: { ...DEFAULTS, ...options },
    dexs,
    markets: [],
    marketByAssetId: new Map(),
    accounts: [],
    accountByAddress: new Map(),
    pool,
    ended: createEndedLog(),
    nonces: new Map(),
    tokens: tokensOf(spec),
    builderByOid: new Map(),
    builders: new Map(),
    twaps: new Map(),
    twapIdLast: 0,
    sliceTwapId: null,
    venueVolume: emptyVolume(),
    tsMs: options.startTsMs,
    day: Math.floor(options.startTsMs / DAY_MS),
    oidLast: 0,
    tidLast: 0,
    scheduled: new Set(),
    commandCount: 0,
    lanes: initLanes(),
    sink: collector,
    collector,
    shown: new ShownOrder(pool),
    fillRecord: records.fillRecord,
    tradeRecord: records.tradeRecord,
    outcome: records.outcome,
    requested: records.requested,
  }
  for (const instrument of spec.instruments) {
    const last = exchange.markets.at(-1)?.instrument.assetId ?? -1
    assert(
      instrument.assetId > last,
      `${instrument.coin}: asset ids ascend, ${instrument.assetId} does not follow`,
    )
    addMarket(exchange, instrument)
  }
  mixAny(exchange.lanes, spec)
  mixAny(exchange.lanes, exchange.options)
  return exchange
}

function freshDex(spec: DexSpec): Dex {
  return {
    spec,
    markets: [],
    books: {
      venueFeeMicroUsd: 0,
      deployerFeeMicroUsd: 0,
      builderFeeMicroUsd: 0,
      fundingResidueMicroUsd: 0,
      badDebtMicroUsd: 0,
      outsideMicroUsd: 0,
    },
    markEpoch: 0,
    stalePurses: [],
    desk: null,
  }
}

/** A DEX that the venue was not born with, after all others: accounts and builders get their place for it. */
export function addDex(exchange: Exchange, spec: DexSpec): Dex {
  assert(spec.index === exchange.dexs.length, 'a new DEX stands after all others')
  const dex = freshDex(spec)
  exchange.dexs.push(dex)
  for (const account of exchange.accounts) account.purses.push(null)
  for (const builder of exchange.builders.values()) builder.owedMicroUsd.push(0)
  return dex
}

/** Each collateral once, ascending index. */
function tokensOf(spec: VenueSpec): TokenBooks[] {
  const tokens = new Map(spec.dexs.map(({ collateral }) => [collateral.index, collateral]))
  return [...tokens.values()]
    .sort((a, b) => a.index - b.index)
    .map((token) => ({ token, venueFeeMicroUsd: 0, outsideMicroUsd: 0 }))
}

/**
 * The records that events are told in. NaN, so that the engine keeps their numbers as floats from the start; and each
 * field by name, since what comes out of a spread lies apart from the object.
 */
function emptyRecords(): Pick<Exchange, 'fillRecord' | 'tradeRecord' | 'outcome' | 'requested'> {
  return {
    fillRecord: {
      kind: 'fill',
      tsMs: NaN,
      tid: NaN,
      assetId: 0,
      priceTicks: NaN,
      sizeLots: NaN,
      account: '',
      oid: NaN,
      cloid: null,
      side: 'buy',
      startPositionLots: NaN,
      closedPnlMicroUsd: NaN,
      feeMicroUsd: NaN,
      builderFeeMicroUsd: NaN,
      twapId: null,
      crossed: false,
      liquidation: null,
    },
    tradeRecord: {
      kind: 'trade',
      tsMs: NaN,
      tid: NaN,
      assetId: 0,
      priceTicks: NaN,
      sizeLots: NaN,
      aggressor: 'buy',
      buyer: '',
      seller: '',
    },
    outcome: { kind: 'error', oid: NaN, cloid: null, totalLots: NaN, notionalMicroUsd: NaN, text: '' },
    requested: {
      assetId: 0,
      side: 'buy',
      priceTicks: NaN,
      sizeLots: NaN,
      reduceOnly: false,
      tif: 'Gtc',
      trigger: null,
      cloid: null,
    },
  }
}

/** @throws InvariantError when the instrument contradicts itself or its id is taken */
export function addMarket(exchange: Exchange, instrument: Instrument): void {
  checkInstrument(exchange, instrument)
  const dex = exchange.dexs[instrument.dexIndex]!
  const market: Market = {
    index: exchange.markets.length,
    instrument,
    dex,
    book: createBook(exchange.pool),
    oracleTicks: instrument.initialOracleTicks,
    markTicks: instrument.initialOracleTicks,
    markTicksLast: instrument.initialOracleTicks,
    lastTradeTicks: 0,
    basisMean: { numerator: 0, denominator: 0 },
    localMean: { numerator: 0, denominator: 0 },
    meanTsMs: exchange.tsMs,
    anchorTicks: instrument.initialOracleTicks,
    anchorTsMs: exchange.tsMs,
    premiumSum: 0,
    premiumCount: 0,
    fundingPerHour: 0,
    openInterestLots: 0,
    holders: [],
    hourNotionalMicroUsd: new Float64Array(DAY_HOURS),
    hourLots: new Float64Array(DAY_HOURS),
    hourMarkTicks: new Float64Array(DAY_HOURS).fill(instrument.initialOracleTicks),
    hourNumber: Math.floor(exchange.tsMs / HOUR_MS),
    triggers: { above: [], below: [] },
    riskLongs: [],
    riskShorts: [],
  }
  exchange.markets.push(market)
  exchange.marketByAssetId.set(instrument.assetId, market)
  dex.markets.push(market)
}

function checkInstrument(exchange: Exchange, instrument: Instrument): void {
  const { coin, assetId, dexIndex, marginTiers, initialOracleTicks } = instrument
  assert(exchange.dexs[dexIndex] !== undefined, `${coin}: dexIndex ${dexIndex} names a DEX of the venue`)
  assert(!exchange.marketByAssetId.has(assetId), `${coin}: the asset id ${assetId} is free`)
  assert(
    isWhole(initialOracleTicks) && initialOracleTicks > 0,
    `${coin}: initialOracleTicks ${initialOracleTicks} is a positive whole number of ticks`,
  )
  const wrong = marginTiersFault(marginTiers)
  assert(wrong === null, `${coin}: ${String(wrong)}`)
}

export function emptyVolume(): VolumeDays {
  return {
    day: 0,
    takerTodayMicroUsd: 0,
    makerTodayMicroUsd: 0,
    takerMicroUsd: new Float64Array(VOLUME_RING_DAYS),
    makerMicroUsd: new Float64Array(VOLUME_RING_DAYS),
  }
}

/** The account of this address, made when it is new. */
export function accountFor(exchange: Exchange, address: Address, isBackstop = false): Account {
  const known = exchange.accountByAddress.get(address)
  if (known !== undefined) return known
  const account: Account = {
    index: exchange.accounts.length,
    address,
    purses: exchange.dexs.map(() => null),
    holdings: new Map(),
    spot: new Map(),
    isReferred: false,
    slotByCloid: new Map(),
    openOrderCount: 0,
    tradedMicroUsd: 0,
    volume: emptyVolume(),
    feeDay: -1,
    takerPpb: 0,
    makerPpb: 0,
    recent: null,
    scheduledCancelTsMs: null,
    firingDay: 0,
    firingCount: 0,
    isBackstop,
  }
  exchange.accounts.push(account)
  exchange.accountByAddress.set(address, account)
  return account
}

export function purseFor(exchange: Exchange, account: Account, dexIndex: number): Purse {
  const known = account.purses[dexIndex]
  if (known) return known
  const purse: Purse = {
    account,
    dex: exchange.dexs[dexIndex]!,
    cashMicroUsd: 0,
    holdings: [],
    liquidationSpellEndTsMs: 0,
    creditMicroUsd: -1,
    creditEpoch: 0,
    isStale: false,
  }
  account.purses[dexIndex] = purse
  return purse
}

export function holdingFor(exchange: Exchange, account: Account, market: Market): Holding {
  if (account.recent !== null && account.recent.market === market) return account.recent
  const known = account.holdings.get(market.index)
  if (known !== undefined) {
    account.recent = known
    return known
  }
  const purse = purseFor(exchange, account, market.instrument.dexIndex)
  const holding: Holding = {
    account,
    purse,
    market,
    sizeLots: 0,
    costMicroUsd: 0,
    isCross: market.instrument.marginPolicy === 'normal',
    leverage: Math.min(exchange.options.defaultLeverage, market.instrument.marginTiers[0]!.maxLeverage),
    isolatedMicroUsd: 0,
    buyLots: 0,
    buyMicroUsd: 0,
    sellLots: 0,
    sellMicroUsd: 0,
    reduceOnlyCount: 0,
    positionTriggerCount: 0,
    orderCount: 0,
    ownerIndex: exchange.pool.owners.length,
    holderIndex: -1,
    fundingAllTimeMicroUsd: 0,
    fundingSinceOpenMicroUsd: 0,
    fundingSinceChangeMicroUsd: 0,
    riskTicks: NaN,
    riskPlace: -1,
    riskLong: false,
    ratesDay: -1,
    takerPpb: 0,
    makerPpb: 0,
    protection: null,
  }
  account.holdings.set(market.index, holding)
  addOwner(exchange.pool, holding)
  purse.holdings.push(holding)
  return holding
}
