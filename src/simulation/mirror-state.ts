/**
 * What a mirror has on our exchange: a stack of orders per level, kept true by the events of each block.
 */
import type { Side } from '../core/units.ts'
import type { Address } from '../exchange/command.ts'
import type { ExchangeEvent } from '../exchange/event.ts'
import type { Instrument } from '../exchange/instrument.ts'
import type { QueueModel } from '../core/queue/queue-models.ts'
import { initForeignOrders, noteForeign } from './mirror-foreign.ts'
import type { ForeignOrders } from './mirror-foreign.ts'
import { initCloids } from './participant.ts'
import type { CloidSource } from './participant.ts'

export interface MirrorOrder {
  cloid: string
  /** Infinity until the exchange told it: behind everybody. */
  oid: number
  remainingLots: number
}

export interface MirrorLevel {
  readonly side: Side
  readonly priceTicks: number
  /** Oldest first. */
  readonly orders: MirrorOrder[]
  /** The look at the recorded book that found this level in it last. */
  lookWanted: number
}

/** Wished levels of a side, best first. */
export interface DesiredSide {
  count: number
  readonly priceTicks: Float64Array
  readonly lots: Float64Array
}

/** Coarse levels behind the fine ones. */
export const COARSE_LEVELS = 8

function initDesired(levelCountMax: number): DesiredSide {
  const size = levelCountMax + COARSE_LEVELS
  return { count: 0, priceTicks: new Float64Array(size), lots: new Float64Array(size) }
}

export interface Mirror {
  readonly instrument: Instrument
  readonly maker: Address
  readonly taker: Address
  readonly levelCountMax: number
  /** Where a level that shrinks loses what it loses. */
  readonly queue: QueueModel
  readonly foreign: ForeignOrders
  readonly cloids: CloidSource
  readonly bids: Map<number, MirrorLevel>
  readonly asks: Map<number, MirrorLevel>
  readonly levelByCloid: Map<string, MirrorLevel>
  /** What the recorded book wants of each side, filled anew at each look. */
  readonly desiredBids: DesiredSide
  readonly desiredAsks: DesiredSide
  /** Looks so far. */
  lookCount: number
}

export function initMirror(options: {
  readonly instrument: Instrument
  readonly maker: Address
  readonly taker: Address
  readonly levelCountMax: number
  readonly queue: QueueModel
}): Mirror {
  return {
    ...options,
    cloids: initCloids(`tape ${options.instrument.coin}`),
    bids: new Map(),
    asks: new Map(),
    levelByCloid: new Map(),
    desiredBids: initDesired(options.levelCountMax),
    desiredAsks: initDesired(options.levelCountMax),
    lookCount: 0,
    foreign: initForeignOrders(),
  }
}

/** Takes note of what happened to orders on this market. */
export function absorbEvents(mirror: Mirror, events: readonly ExchangeEvent[]): void {
  for (const event of events) {
    if (event.kind === 'fill') {
      if (event.account === mirror.maker && event.cloid !== null) reduce(mirror, event.cloid, event.sizeLots)
    } else if (event.kind === 'order' && event.order.assetId === mirror.instrument.assetId) {
      if (event.order.account === mirror.maker) absorbOwn(mirror, event)
      else if (event.order.account !== mirror.taker) noteForeign(mirror.foreign, event)
    }
  }
}

function absorbOwn(mirror: Mirror, { order, status }: ExchangeEvent & { readonly kind: 'order' }): void {
  if (order.cloid === null) return
  if (status !== 'open') return reduce(mirror, order.cloid, Infinity)
  const held = mirror.levelByCloid.get(order.cloid)?.orders.find((one) => one.cloid === order.cloid)
  if (held !== undefined) held.oid = order.oid
}

function reduce(mirror: Mirror, cloid: string, lots: number): void {
  const level = mirror.levelByCloid.get(cloid)
  const order = level?.orders.find((candidate) => candidate.cloid === cloid)
  if (level === undefined || order === undefined) return
  order.remainingLots -= lots
  if (order.remainingLots <= 0) drop(mirror, level, order)
}

/** Forgets an order; a level without orders goes with it. */
export function drop(mirror: Mirror, level: MirrorLevel, order: MirrorOrder): void {
  level.orders.splice(level.orders.indexOf(order), 1)
  mirror.levelByCloid.delete(order.cloid)
  if (level.orders.length === 0) (level.side === 'buy' ? mirror.bids : mirror.asks).delete(level.priceTicks)
}

export function lotsOf(level: MirrorLevel): number {
  let lots = 0
  for (const order of level.orders) lots += order.remainingLots
  return lots
}
