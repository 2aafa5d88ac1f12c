/**
 * The flow of the matching bench, made once from a seed and played alike to every book: adds around a walking fair price,
 * cancels of live orders (half recent, half uniform), takers. Orders are named by their place among the adds.
 *
 * Cancels name orders that live, so the generator plays the flow on an exchange of its own while making it.
 * Buyers, sellers and takers are different accounts: the peers know no accounts, and no order may meet its own.
 */
import { gridOf } from '../../src/core/units.ts'
import { initSfc32, nextBelow, nextUnit } from '../../src/core/math/sfc32.ts'
import { cancelDirect, placeDirect } from '../../src/exchange/direct.ts'
import type { ExchangeCommand } from '../../src/exchange/command.ts'
import type { FillEvent, TradeEvent } from '../../src/exchange/event.ts'
import { apply, createExchange, type Exchange } from '../../src/exchange/exchange.ts'
import type { VenueSpec } from '../../src/exchange/instrument.ts'
import type { EventSink } from '../../src/exchange/ports.ts'

export const ADD = 0
export const CANCEL = 1
export const TAKE = 2

export interface Flow {
  readonly count: number
  /** ADD, CANCEL or TAKE. */
  readonly kinds: Uint8Array
  readonly isBuy: Uint8Array
  readonly priceTicks: Int32Array
  readonly sizeLots: Int32Array
  /** Of an add: its number. Of a cancel: that of the add. */
  readonly ids: Int32Array
  readonly accounts: Uint8Array
}

const START_MS = 1_790_000_000_000
const BLOCK_EVERY = 1_000
const BLOCK_MS = 70
const MARK_TICKS = 950_000
const STEP_TICKS = 10
const FAIR_STEPS_MAX = 2_000
const MAKERS_PER_SIDE = 16
const TAKERS = 8
const DISTANCE_MEAN_STEPS = 4.5
const RECENT = 200
/** The fair price moves once in so many messages. */
const MESSAGES_PER_STEP = 200
const DEPOSIT_MICRO_USD = 200_000_000_000_000

const SPEC: VenueSpec = {
  dexs: [
    {
      index: 0,
      name: '',
      fullName: 'Main',
      deployer: '0x0',
      collateral: { name: 'USDC', index: 0 },
      deployerFeeScale: 0,
    },
  ],
  instruments: [
    {
      assetId: 0,
      dexIndex: 0,
      coin: 'BTC',
      grid: gridOf(5),
      marginTableId: 56,
      marginTiers: [
        { lowerBoundMicroUsd: 0, maxLeverage: 40 },
        { lowerBoundMicroUsd: 150_000_000_000_000, maxLeverage: 20 },
      ],
      marginPolicy: 'normal',
      growthMode: false,
      isDelisted: false,
      impactNotionalMicroUsd: 20_000_000_000,
      interestPer8h: 0.0001,
      fundingMultiplier: 1,
      openInterestCapMicroUsd: null,
      initialOracleTicks: MARK_TICKS,
    },
  ],
}

/** Hears a command just before it is applied. */
type Before = (command: ExchangeCommand, exchange: Exchange) => void

/** An exchange with `accountCount` rich accounts, in their order of birth. */
export function richExchange(accountCount: number = 2 * MAKERS_PER_SIDE + TAKERS, before?: Before): Exchange {
  const exchange = createExchange(SPEC, { startTsMs: START_MS })
  const amountMicroUsd = Math.min(DEPOSIT_MICRO_USD, Math.floor(8e15 / accountCount))
  for (let index = 0; index < accountCount; index += 1) {
    const account = `0x${(index + 1).toString(16).padStart(40, '0')}`
    const deposit: ExchangeCommand = { kind: 'deposit', account, dexIndex: 0, amountMicroUsd }
    before?.(deposit, exchange)
    apply(exchange, deposit)
  }
  return exchange
}

/** A surface that keeps what a feed would need of every event, as numbers in a ring. */
export class NumberSink implements EventSink {
  private readonly ring = new Float64Array(1 << 16)
  private place = 0
  tradeCount = 0
  volumeLots = 0
  eventCount = 0
  /** Called for a resting order that a trade filled. */
  readonly onFilled: ((oid: number) => void) | null

  constructor(onFilled: ((oid: number) => void) | null = null) {
    this.onFilled = onFilled
  }

  private keep(kind: number, id: number, priceTicks: number, sizeLots: number): void {
    const { ring, place } = this
    ring[place] = kind
    ring[place + 1] = id
    ring[place + 2] = priceTicks
    ring[place + 3] = sizeLots
    this.place = (place + 4) & (ring.length - 1)
    this.eventCount += 1
  }

  order(_tsMs: number, status: string, order: Parameters<EventSink['order']>[2]): void {
    this.keep(
      status === 'open' ? 1 : status === 'filled' ? 2 : 3,
      order.oid,
      order.priceTicks,
      order.remainingLots,
    )
    if (status === 'filled' && this.onFilled !== null) this.onFilled(order.oid)
  }

  fill(fill: FillEvent): void {
    this.keep(4, fill.oid, fill.priceTicks, fill.sizeLots)
  }

  trade(trade: TradeEvent): void {
    this.keep(5, trade.tid, trade.priceTicks, trade.sizeLots)
    this.tradeCount += 1
    this.volumeLots += trade.sizeLots
  }

  other(): void {
    this.eventCount += 1
  }
}

/** What a run of the flow came to; equal for every right book. */
export interface Played {
  tradeCount: number
  volumeLots: number
  /** Over the traded lots of every single message. */
  checksum: number
}

/** Mixes the lots that one message traded. */
export function mixTraded(checksum: number, index: number, lots: number): number {
  return lots === 0 ? checksum : (Math.imul(checksum ^ lots, 0x01000193) + index) | 0
}

/** Time passes: marks, triggers and liquidations are looked at as on the live venue. */
export function passBlock(exchange: Exchange, index: number, before?: Before): void {
  if (index % BLOCK_EVERY !== 0) return
  const sink = exchange.sink
  const block: ExchangeCommand = { kind: 'block', tsMs: exchange.tsMs + BLOCK_MS }
  before?.(block, exchange)
  apply(exchange, block)
  exchange.sink = sink
}

/** One message on the exchange. @param oids order id by number of the add */
export function playMessage(exchange: Exchange, flow: Flow, index: number, oids: Float64Array): void {
  const kind = flow.kinds[index]
  const account = flow.accounts[index] ?? 0
  if (kind === CANCEL) {
    cancelDirect(exchange, account, 0, oids[flow.ids[index] ?? 0] ?? 0)
    return
  }
  const isBuy = flow.isBuy[index] === 1
  const price = flow.priceTicks[index] ?? 0
  const lots = flow.sizeLots[index] ?? 0
  const oid = placeDirect(exchange, account, 0, isBuy, price, lots, kind === ADD ? 'Gtc' : 'Ioc', false)
  if (kind === ADD) oids[flow.ids[index] ?? 0] = oid
}

/** @param count messages: 55 % adds, 40 % cancels, 5 % takers */
export function makeFlow(seed: number, count: number): Flow {
  const flow: Flow = {
    count,
    kinds: new Uint8Array(count),
    isBuy: new Uint8Array(count),
    priceTicks: new Int32Array(count),
    sizeLots: new Int32Array(count),
    ids: new Int32Array(count),
    accounts: new Uint8Array(count),
  }
  const random = initSfc32(seed)
  const exchange = richExchange()
  const live = new LiveIds(count)
  exchange.sink = new NumberSink((oid) => live.removeOid(oid))
  const oids = new Float64Array(count)
  let fairSteps = 0
  let addCount = 0
  for (let index = 0; index < count; index += 1) {
    passBlock(exchange, index)
    if (nextBelow(random, MESSAGES_PER_STEP) === 0) fairSteps += nextBelow(random, 2) === 0 ? 1 : -1
    fairSteps = Math.max(-FAIR_STEPS_MAX, Math.min(FAIR_STEPS_MAX, fairSteps))
    const draw = nextUnit(random)
    const isBuy = nextBelow(random, 2) === 0
    flow.isBuy[index] = isBuy ? 1 : 0
    if (draw < 0.4 && live.count > 0) {
      const back =
        nextBelow(random, 2) === 0
          ? nextBelow(random, Math.min(RECENT, live.count))
          : nextBelow(random, live.count)
      const id = live.newest(back)
      flow.kinds[index] = CANCEL
      flow.ids[index] = id
      flow.accounts[index] = live.accountOf(id)
      live.remove(id)
    } else if (draw < 0.45) {
      flow.kinds[index] = TAKE
      // Far through the touch, as a market order goes.
      flow.priceTicks[index] = isBuy ? MARK_TICKS + 40_000 : MARK_TICKS - 300_000
      flow.sizeLots[index] = 16 + nextBelow(random, 126)
      flow.accounts[index] = 2 * MAKERS_PER_SIDE + nextBelow(random, TAKERS)
    } else {
      const distance = Math.floor(
        Math.log(1 - nextUnit(random)) / Math.log(1 - 1 / (DISTANCE_MEAN_STEPS + 1)),
      )
      flow.kinds[index] = ADD
      flow.priceTicks[index] = MARK_TICKS + STEP_TICKS * (fairSteps + (isBuy ? -1 - distance : 1 + distance))
      flow.sizeLots[index] = 12 + nextBelow(random, 69)
      flow.accounts[index] = nextBelow(random, MAKERS_PER_SIDE) + (isBuy ? 0 : MAKERS_PER_SIDE)
      flow.ids[index] = addCount
    }
    playMessage(exchange, flow, index, oids)
    if (flow.kinds[index] === ADD) {
      if (exchange.outcome.kind === 'resting')
        live.add(addCount, exchange.outcome.oid, flow.accounts[index] ?? 0)
      addCount += 1
    }
  }
  return flow
}

/** The adds that rest, by recency of their last move in the list; removal in constant time. */
class LiveIds {
  count = 0
  private readonly list: Int32Array
  private readonly places: Int32Array
  private readonly owners: Uint8Array
  private readonly idOfOid = new Map<number, number>()
  private readonly oidOfId = new Map<number, number>()

  constructor(capacity: number) {
    this.list = new Int32Array(capacity)
    this.places = new Int32Array(capacity)
    this.owners = new Uint8Array(capacity)
  }

  add(id: number, oid: number, account: number): void {
    this.places[id] = this.count
    this.list[this.count] = id
    this.count += 1
    this.owners[id] = account
    this.idOfOid.set(oid, id)
    this.oidOfId.set(id, oid)
  }

  newest(back: number): number {
    return this.list[this.count - 1 - back] ?? 0
  }

  accountOf(id: number): number {
    return this.owners[id] ?? 0
  }

  remove(id: number): void {
    const place = this.places[id] ?? 0
    this.count -= 1
    const last = this.list[this.count] ?? 0
    this.list[place] = last
    this.places[last] = place
    this.idOfOid.delete(this.oidOfId.get(id) ?? 0)
    this.oidOfId.delete(id)
  }

  removeOid(oid: number): void {
    const id = this.idOfOid.get(oid)
    if (id !== undefined) this.remove(id)
  }
}
