/**
 * A world small enough that every short story in it can be told: three accounts, one market, a dozen commands. Each
 * sequence is played from the start, and the laws are checked after its last command.
 */
import type { ExchangeCommand, OrderRequest } from '../../src/exchange/command.ts'
import type { ExchangeEvent } from '../../src/exchange/event.ts'
import {
  apply,
  conservation,
  createExchange,
  netPositionLots,
  stateHash,
  type Exchange,
} from '../../src/exchange/exchange.ts'
import { firstOfLevel, levelOf, NO_ASK, NO_BID, nextDown, nextUp } from '../../src/exchange/order-book.ts'
import { nextInLevel, NO_SLOT, oidOf, remainingOf, slotOfOid } from '../../src/exchange/order-index.ts'
import { holdersBelowMaintenance, reachedBelowMaintenance } from '../../src/exchange/liquidation.ts'
import { ALICE, BOB, BTC, CAROL, DOLLAR, SPEC, START_MS, orderOf } from '../support/exchange-world.ts'

/** What a command is depends on where the world stands: time and prices move from there. */
export type Move = (exchange: Exchange) => ExchangeCommand

function act(account: string, action: Extract<ExchangeCommand, { kind: 'action' }>['action']): Move {
  return () => ({ kind: 'action', account, signer: account, nonce: null, expiresAfterMs: null, action })
}

const place = (account: string, order: Partial<OrderRequest>): Move =>
  act(account, { kind: 'order', grouping: 'na', orders: [orderOf(order)] })

const oracle = (permille: number): Move => {
  return ({ markets }) => ({
    kind: 'oracle',
    assetId: BTC,
    oracleTicks: Math.round(((markets[0]?.oracleTicks ?? 1) * permille) / 1_000),
  })
}

/** Alice has thirty dollars: a little more than the margin of her largest order. */
export const MOVES: Readonly<Record<string, Move>> = {
  'alice buys': place(ALICE, { side: 'buy', sizeLots: 500 }),
  'alice sells': place(ALICE, { side: 'sell', sizeLots: 500 }),
  'bob buys more': place(BOB, { side: 'buy', sizeLots: 700 }),
  'bob sells post-only above': place(BOB, { side: 'sell', priceTicks: 950_010, sizeLots: 300, tif: 'Alo' }),
  'carol sells': place(CAROL, { side: 'sell', sizeLots: 500 }),
  'carol takes': place(CAROL, { side: 'buy', priceTicks: 950_010, sizeLots: 200, tif: 'Ioc' }),
  'alice closes': place(ALICE, { side: 'sell', sizeLots: 2_000, reduceOnly: true }),
  'alice sets a stop': place(ALICE, {
    side: 'sell',
    priceTicks: 800_000,
    sizeLots: 500,
    reduceOnly: true,
    trigger: { isMarket: true, triggerTicks: 940_000, kind: 'sl' },
  }),
  'alice cancels the first': act(ALICE, { kind: 'cancel', cancels: [{ assetId: BTC, ref: { oid: 1 } }] }),
  'bob changes the second': act(BOB, {
    kind: 'modify',
    modifies: [{ ref: { oid: 2 }, order: orderOf({ side: 'buy', sizeLots: 250 }) }],
    always: false,
  }),
  'the price falls': oracle(880),
  'the price rises': oracle(1_120),
  'an hour passes': (exchange) => ({ kind: 'block', tsMs: exchange.tsMs + 3_600_000 }),
}

function born(): Exchange {
  const exchange = createExchange(SPEC, { startTsMs: START_MS })
  const dollars = { [ALICE]: 30, [BOB]: 10_000, [CAROL]: 10_000 }
  for (const [account, amount] of Object.entries(dollars)) {
    apply(exchange, { kind: 'deposit', account, dexIndex: 0, amountMicroUsd: amount * DOLLAR })
  }
  return exchange
}

/** What was told, so that a test can show that the stories were worth telling. */
export interface Told {
  sequences: number
  fills: number
  liquidations: number
  readonly statuses: Set<string>
}

/** Plays every sequence of up to `length` moves and checks the laws. @throws Error with the sequence and the broken law */
export function tellAll(length: number): Told {
  const told: Told = { sequences: 0, fills: 0, liquidations: 0, statuses: new Set() }
  const names = Object.keys(MOVES)
  const path: string[] = []
  const hashes: string[] = []
  const descend = (): void => {
    for (const name of names) {
      path.push(name)
      try {
        hashes.push(playOne(path, hashes, told))
      } catch (error) {
        throw new Error(`after ${path.join(', ')}: ${String(error)}`, { cause: error })
      }
      if (path.length < length) descend()
      path.pop()
      hashes.pop()
    }
  }
  descend()
  return told
}

function playOne(path: readonly string[], hashes: readonly string[], told: Told): string {
  const exchange = born()
  for (const [index, name] of path.slice(0, -1).entries()) {
    apply(exchange, moveOf(name)(exchange))
    must(stateHash(exchange) === hashes[index], 'a replay has the same hash after every command')
  }
  const lots = new Map<number, number>()
  const queuesBefore = [queueOf(exchange, 'buy'), queueOf(exchange, 'sell')]
  for (const oid of queuesBefore.flat()) lots.set(oid, leftOf(exchange, oid))
  const { events } = apply(exchange, moveOf(path.at(-1) ?? '')(exchange))
  checkState(exchange)
  checkFills(events, lots)
  for (const queue of queuesBefore) checkPriority(queue, events)
  told.sequences += 1
  for (const event of events) {
    if (event.kind === 'fill') told.fills += 1
    if (event.kind === 'liquidation') told.liquidations += 1
    if (event.kind === 'order') told.statuses.add(event.status)
  }
  return stateHash(exchange)
}

function moveOf(name: string): Move {
  const move = MOVES[name]
  if (move === undefined) throw new Error(`there is no move '${name}'`)
  return move
}

function must(truth: boolean, law: string): void {
  if (!truth) throw new Error(`broken law: ${law}`)
}

function checkState(exchange: Exchange): void {
  must(conservation(exchange) === 0, 'money is conserved')
  must(netPositionLots(exchange, BTC) === 0, 'positions net to zero')
  for (const market of exchange.markets) {
    const { bestBid, bestAsk } = market.book
    must(bestBid < bestAsk, 'the book is not crossed')
    const judged = holdersBelowMaintenance(market)
    const reached = new Set(reachedBelowMaintenance(market))
    must(judged.length === reached.size && judged.every((one) => reached.has(one)), 'the index misses nobody')
  }
}

/** No order fills beyond what remained of it, and a liquidation only ever closes. */
function checkFills(events: readonly ExchangeEvent[], lots: Map<number, number>): void {
  for (const event of events) {
    if (event.kind !== 'fill') continue
    const after = event.startPositionLots + (event.side === 'buy' ? event.sizeLots : -event.sizeLots)
    if (event.liquidation?.account === event.account && event.crossed) {
      const closes =
        Math.abs(after) < Math.abs(event.startPositionLots) && after * event.startPositionLots >= 0
      must(closes, 'a liquidation never increases a position')
    }
    const left = lots.get(event.oid)
    if (left === undefined) continue
    must(event.sizeLots <= left, 'an order never fills beyond its size')
    lots.set(event.oid, left - event.sizeLots)
  }
}

/** Makers fill in the order of the queue; whoever stood before the last one filled is gone by then. */
function checkPriority(queue: readonly number[], events: readonly ExchangeEvent[]): void {
  const ended = new Set<number>()
  let reached = 0
  for (const event of events) {
    if (event.kind === 'order' && event.status !== 'open') ended.add(event.order.oid)
    if (event.kind !== 'fill' || event.crossed) continue
    const place = queue.indexOf(event.oid)
    if (place < 0) continue
    must(place >= reached, 'makers fill in the order of the queue')
    for (const oid of queue.slice(0, place)) must(ended.has(oid), 'nobody is passed over')
    reached = place
  }
}

/** Ids of one side, best price first and oldest first. */
function queueOf(exchange: Exchange, side: 'buy' | 'sell'): number[] {
  const oids: number[] = []
  const book = exchange.markets[0]?.book
  if (book === undefined) return oids
  let index = side === 'buy' ? book.bestBid : book.bestAsk
  while (index !== NO_BID && index !== NO_ASK) {
    let slot = firstOfLevel(book, levelOf(book, index))
    while (slot !== NO_SLOT) {
      oids.push(oidOf(exchange.pool, slot))
      slot = nextInLevel(exchange.pool, slot)
    }
    index = side === 'buy' ? nextDown(book, index) : nextUp(book, index)
  }
  return oids
}

function leftOf(exchange: Exchange, oid: number): number {
  const slot = slotOfOid(exchange.pool, oid)
  return slot === NO_SLOT ? 0 : remainingOf(exchange.pool, slot)
}
