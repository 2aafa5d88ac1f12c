/**
 * Our side of a venue that hears nothing of us: orders that rest on paper in the market that everybody sees. The shown book and
 * the trades decide, under a queue model, what would have filled; fees, funding, margin and liquidation follow the venue's rules.
 *
 * in      commands, at the time at which they reach the venue; `book`, `touch`, `trade` and `context` inputs
 * out     the answers and fills as inputs
 * state   orders, position and cash. Pure: the same commands and inputs give the same answers
 * limits  we move nobody: what we take stays shown until the venue's next book; an account of this one market alone
 */
import { assert, assertNever } from '../../core/assert.ts'
import type { Command, NewOrder } from '../../core/command.ts'
import type {
  BookInput,
  ContextInput,
  RawInput,
  RefusalClass,
  TouchInput,
  TradeInput,
  VenueOrderStatus,
} from '../../core/input.ts'
import type { MarketSpec } from '../../core/market.ts'
import type { QueueModel } from '../../core/queue/queue-models.ts'
import {
  addResting,
  initRestingOrders,
  removeResting,
  RESTING_ORDERS_MAX,
  takeMarket,
} from '../../core/queue/resting-orders.ts'
import type { RestingFill, RestingOrders } from '../../core/queue/resting-orders.ts'
import { signOf } from '../../core/units.ts'
import {
  applyPaperFill,
  canHold,
  fundingOf,
  initPaperAccount,
  isLiquidatable,
  paperSample,
} from './paper-account.ts'
import type { PaperAccount } from './paper-account.ts'
import { levelsWithin, lotsOf } from './shown-levels.ts'
import type { ShownLevel } from './shown-levels.ts'

export interface PaperOptions {
  readonly market: MarketSpec
  readonly queue: QueueModel
  /** What the account begins with, > 0. */
  readonly capitalMicroUsd: number
}

export interface PaperOrder {
  readonly oid: number
  readonly order: NewOrder
  remainingLots: number
}

/** Owned by this file. */
export interface PaperExchange {
  readonly account: PaperAccount
  readonly resting: RestingOrders
  /** By client id, in order of joining. */
  readonly open: Map<string, PaperOrder>
  /** How orders ended; the oldest are forgotten. */
  readonly ended: Map<string, VenueOrderStatus>
  lastOid: number
}

export type PaperMarketInput = BookInput | TouchInput | TradeInput | ContextInput

/** Ended orders that can still be asked for. */
const ENDED_MAX = 10_000

export function initPaperExchange(options: PaperOptions): PaperExchange {
  return {
    account: initPaperAccount(options),
    resting: initRestingOrders(options.queue),
    open: new Map(),
    ended: new Map(),
    lastOid: 0,
  }
}

export function isMarketInput(input: RawInput): input is PaperMarketInput {
  return input.kind === 'book' || input.kind === 'touch' || input.kind === 'trade' || input.kind === 'context'
}

/** @param joinTsMs venue time at which the command gets there. @returns what the venue says to it, in order */
export function paperAnswer(paper: PaperExchange, command: Command, joinTsMs: number): RawInput[] {
  switch (command.kind) {
    case 'place':
      return place(paper, command.order, joinTsMs)
    case 'modify':
      return modify(paper, command.order, command.targetCloid, joinTsMs)
    case 'cancel':
      return cancel(paper, command)
    case 'queryOrder':
      return [status(paper, command.cloid, joinTsMs)]
    case 'resync':
      return [sampleOf(paper, joinTsMs)]
    case 'addMargin':
    case 'releaseMargin':
    case 'moveCollateral':
      return [] // All of the account stands behind the position already.
    default:
      return assertNever(command)
  }
}

/** What a message of the market does to us: fills, funding, a liquidation. The message itself comes before them. */
export function paperMarket(paper: PaperExchange, input: PaperMarketInput): RawInput[] {
  const { account } = paper
  if (input.kind === 'context') {
    account.markTicks = input.markTicks
    account.oracleTicks = input.oracleTicks
    account.fundingPerHour = input.fundingPerHour
    return []
  }
  const inputs: RawInput[] = fundingOf(account, input.venueTsMs)
  for (const fill of takeMarket(paper.resting, input)) {
    inputs.push(...restingFilled(paper, fill, input.venueTsMs))
  }
  if (isLiquidatable(account)) inputs.push(...liquidate(paper, input.venueTsMs))
  return inputs
}

/** Ends every order. @returns the venue's word on each */
export function cancelAllPaper(paper: PaperExchange, tsMs: number, word: string): RawInput[] {
  return [...paper.open.keys()].map((cloid) => ended(paper, cloid, word, tsMs))
}

export function sampleOf(paper: PaperExchange, tsMs: number): RawInput {
  const openOrders = [...paper.open.values()].map(({ oid, order, remainingLots }) => ({
    oid,
    cloid: order.cloid,
    side: order.side,
    priceTicks: order.priceTicks,
    remainingLots,
    reduceOnly: order.reduceOnly,
  }))
  return paperSample(paper.account, openOrders, tsMs)
}

function place(paper: PaperExchange, order: NewOrder, joinTsMs: number): RawInput[] {
  const refuse = (refusal: RefusalClass, text: string): RawInput[] => {
    end(paper, order.cloid, 'rejected')
    return [{ kind: 'orderRefused', cloid: order.cloid, refusal, text }]
  }
  const { account } = paper
  if (paper.open.size >= RESTING_ORDERS_MAX) return refuse('rate', 'too many open orders')
  const notional = order.priceTicks * order.sizeLots
  if (!order.reduceOnly && notional < account.market.minNotionalMicroUsd)
    return refuse('size', 'below the minimum value')
  const room = order.reduceOnly ? reducibleLots(paper, order) : order.sizeLots
  if (room === 0) return refuse('reduceOnly', 'reduce only order would increase the position')
  if (!order.reduceOnly && !canHold(account, openLots(paper, order.side), order))
    return refuse('margin', 'insufficient margin')
  const levels = levelsWithin(paper.resting.book, order.side, order.priceTicks)
  if (order.tif === 'alo' && levels.length > 0)
    return refuse('postOnly', 'post only order would have immediately matched')
  const takes = lotsOf(levels, Math.min(order.sizeLots, room))
  if (order.tif === 'ioc' && takes.length === 0)
    return refuse('price', 'order could not immediately match against any resting orders')
  return take(paper, order, takes, joinTsMs)
}

/** Fills what the shown levels give; what is left rests, unless it must not. */
function take(
  paper: PaperExchange,
  order: NewOrder,
  takes: readonly ShownLevel[],
  joinTsMs: number,
): RawInput[] {
  const { cloid, side } = order
  const oid = nextOid(paper)
  const takenLots = takes.reduce((sum, level) => sum + level.sizeLots, 0)
  const leftLots = order.sizeLots - takenLots
  const fills = takes.map((level) =>
    applyPaperFill(paper.account, { ...level, side, oid, cloid, crossed: true, tsMs: joinTsMs }),
  )
  if (leftLots > 0 && order.tif !== 'ioc') {
    paper.open.set(cloid, { oid, order, remainingLots: leftLots })
    addResting(paper.resting, { id: cloid, side, priceTicks: order.priceTicks, sizeLots: leftLots, joinTsMs })
    return [{ kind: 'orderResting', cloid, oid }, ...fills]
  }
  end(paper, cloid, leftLots === 0 ? 'filled' : 'cancelled')
  const notional = takes.reduce((sum, level) => sum + level.priceTicks * level.sizeLots, 0)
  const averagePriceTicks = notional / takenLots
  return [{ kind: 'orderFilledNow', cloid, oid, totalLots: takenLots, averagePriceTicks }, ...fills]
}

function modify(paper: PaperExchange, order: NewOrder, targetCloid: string, joinTsMs: number): RawInput[] {
  if (!paper.open.has(targetCloid)) {
    end(paper, order.cloid, 'rejected')
    return [
      {
        kind: 'orderRefused',
        cloid: order.cloid,
        refusal: 'gone',
        text: 'cannot modify canceled or filled order',
      },
    ]
  }
  end(paper, targetCloid, 'cancelled')
  return place(paper, order, joinTsMs)
}

function cancel(
  paper: PaperExchange,
  of: { readonly cloid: string | null; readonly oid: number | null },
): RawInput[] {
  const cloid = of.cloid ?? cloidOf(paper, of.oid)
  if (cloid === null) return []
  if (!paper.open.has(cloid))
    return [
      { kind: 'cancelRefused', cloid, refusal: 'gone', text: 'never placed, already canceled, or filled' },
    ]
  end(paper, cloid, 'cancelled')
  return [{ kind: 'cancelDone', cloid }]
}

function cloidOf(paper: PaperExchange, oid: number | null): string | null {
  for (const [cloid, held] of paper.open) if (held.oid === oid) return cloid
  return null
}

function status(paper: PaperExchange, cloid: string, tsMs: number): RawInput {
  const held = paper.open.get(cloid)
  return {
    kind: 'orderStatus',
    cloid,
    oid: held?.oid ?? null,
    status: held === undefined ? (paper.ended.get(cloid) ?? 'unknown') : 'open',
    remainingLots: held?.remainingLots ?? 0,
    venueTsMs: tsMs,
  }
}

/** A reduce-only order fills no more than it reduces, and what is left of it then goes. */
function restingFilled(paper: PaperExchange, fill: RestingFill, tsMs: number): RawInput[] {
  const held = paper.open.get(fill.id)
  assert(held !== undefined, 'what fills was open')
  const { order, oid } = held
  const sizeLots = order.reduceOnly ? Math.min(fill.sizeLots, reducibleLots(paper, order)) : fill.sizeLots
  const inputs: RawInput[] = []
  if (sizeLots > 0) {
    const { side, priceTicks } = fill
    held.remainingLots -= sizeLots
    const { cloid } = order
    inputs.push(
      applyPaperFill(paper.account, { priceTicks, sizeLots, side, oid, cloid, crossed: false, tsMs }),
    )
  }
  if (held.remainingLots === 0) end(paper, fill.id, 'filled')
  else if (sizeLots < fill.sizeLots) inputs.push(ended(paper, fill.id, 'reduceOnlyCanceled', tsMs))
  return inputs
}

/** The venue closes the position at what the book shows; without the other side it waits for it. */
function liquidate(paper: PaperExchange, tsMs: number): RawInput[] {
  const { account } = paper
  const side = account.positionLots > 0 ? 'sell' : 'buy'
  const worstTicks = side === 'buy' ? Number.MAX_SAFE_INTEGER : 0
  const levels = levelsWithin(paper.resting.book, side, worstTicks)
  const inputs = cancelAllPaper(paper, tsMs, 'liquidatedCanceled')
  if (levels.length === 0) return inputs
  const oid = nextOid(paper)
  for (const level of lotsOf(levels, Math.abs(account.positionLots))) {
    const of = { ...level, side, oid, cloid: null, crossed: true, liquidation: true, tsMs } as const
    inputs.push(applyPaperFill(account, of))
  }
  return inputs
}

/** The word of the stream on an order that ended without our asking. */
function ended(paper: PaperExchange, cloid: string, word: string, tsMs: number): RawInput {
  const held = paper.open.get(cloid)
  assert(held !== undefined, 'what ends was open')
  const { order, oid, remainingLots } = held
  end(paper, cloid, 'cancelled')
  const { side, priceTicks, sizeLots } = order
  return {
    ...{ kind: 'orderUpdate', oid, cloid, side, priceTicks, sizeLots, remainingLots },
    ...{ status: 'cancelled', word, venueTsMs: tsMs },
  }
}

function end(paper: PaperExchange, cloid: string, how: VenueOrderStatus): void {
  if (paper.open.delete(cloid)) removeResting(paper.resting, cloid)
  paper.ended.set(cloid, how)
  if (paper.ended.size <= ENDED_MAX) return
  for (const oldest of paper.ended.keys()) {
    paper.ended.delete(oldest)
    return
  }
}

function nextOid(paper: PaperExchange): number {
  paper.lastOid += 1
  return paper.lastOid
}

/** How much of the position an order of this side can close. */
function reducibleLots(paper: PaperExchange, order: NewOrder): number {
  return Math.max(-signOf(order.side) * paper.account.positionLots, 0)
}

function openLots(paper: PaperExchange, side: NewOrder['side']): number {
  let lots = 0
  for (const { order, remainingLots } of paper.open.values()) {
    if (order.side === side && !order.reduceOnly) lots += remainingLots
  }
  return lots
}
