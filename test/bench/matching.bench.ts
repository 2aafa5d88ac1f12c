/**
 * The embedded exchange's book, with all its rules, beside two order books from npm, on one flow in one process.
 *
 *     npm run bench -- matching
 *
 * Ours: admission, bands, minimum, open-order limit, margin, self-trade check, fees, positions, history, the events as
 * numbers, the state hash, and a block every thousand messages. Theirs: the bare book, journaling off.
 * CPU time. Passes interleave, each on a fresh book; a ratio is printed only when trades and volumes agree message by message.
 */
import { OrderBook as HftBook, Side as HftSide } from 'hft-limit-order-book'
import { OrderBook as NodeBook, Side as NodeSide } from 'nodejs-order-book'
import { initSfc32, nextBelow } from '../../src/core/math/sfc32.ts'
import { stateHash, type Exchange } from '../../src/exchange/exchange.ts'
import { cancelDirect, placeDirect } from '../../src/exchange/direct.ts'
import { keep, machineLine, medianOf, nsText, quantile, say, type Bench } from './harness.ts'
import {
  ADD,
  CANCEL,
  makeFlow,
  mixTraded,
  NumberSink,
  passBlock,
  playMessage,
  richExchange,
  type Flow,
  type Played,
} from './matching-flow.ts'

const SEED = 20_240_808
const COUNT = 1_000_000
/** The peers take some microseconds a message, so a pass is a quarter of a minute. */
const PASSES = 3
const GOAL_RATIO = 80
const GOAL_TAIL = 10
const GOAL_DEPTH = 1.2

export const bench: Bench = {
  about: 'the book with all its rules, and two npm order books, on one flow',
  run: () => void runMatching(),
}

/** CPU time of this process, so that what else the machine does counts little; milliseconds. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

function playOurs(flow: Flow): { ns: number; played: Played; exchange: Exchange } {
  const exchange = richExchange()
  const sink = new NumberSink()
  exchange.sink = sink
  const oids = new Float64Array(COUNT)
  let checksum = 0
  let before = 0
  const startMs = cpuMs()
  for (let index = 0; index < COUNT; index += 1) {
    passBlock(exchange, index)
    playMessage(exchange, flow, index, oids)
    checksum = mixTraded(checksum, index, sink.volumeLots - before)
    before = sink.volumeLots
  }
  const ns = ((cpuMs() - startMs) * 1e6) / COUNT
  keep(sink.eventCount)
  const played = { tradeCount: sink.tradeCount, volumeLots: sink.volumeLots, checksum }
  return { ns, played, exchange }
}

/** What both peers have in common: they are of one family. */
interface PeerAnswer {
  readonly done: readonly unknown[]
  readonly partial: unknown
  readonly quantityLeft: number
}

export interface PeerBook {
  limit(id: string, isBuy: boolean, size: number, price: number): PeerAnswer
  market(isBuy: boolean, size: number): PeerAnswer
  cancel(id: string): void
}

export function nodejsBook(): PeerBook {
  const book = new NodeBook()
  const side = (isBuy: boolean): NodeSide => (isBuy ? NodeSide.BUY : NodeSide.SELL)
  return {
    limit: (id, isBuy, size, price) => book.limit({ id, side: side(isBuy), size, price }),
    market: (isBuy, size) => book.market({ side: side(isBuy), size }),
    cancel: (id) => void book.cancel(id),
  }
}

function hftBook(): PeerBook {
  const book = new HftBook()
  const side = (isBuy: boolean): HftSide => (isBuy ? HftSide.BUY : HftSide.SELL)
  return {
    limit: (id, isBuy, size, price) => book.limit({ id, side: side(isBuy), size, price }),
    market: (isBuy, size) => book.market({ side: side(isBuy), size }),
    cancel: (id) => void book.cancel(id),
  }
}

function idOf(order: unknown): string {
  return typeof order === 'object' && order !== null && 'id' in order ? String(order.id) : ''
}

export function playPeer(
  flow: Flow,
  count: number,
  ids: readonly string[],
  book: PeerBook,
): { ns: number; played: Played } {
  const played: Played = { tradeCount: 0, volumeLots: 0, checksum: 0 }
  const startMs = cpuMs()
  for (let index = 0; index < count; index += 1) {
    const id = ids[flow.ids[index] ?? 0] ?? ''
    const kind = flow.kinds[index]
    if (kind === CANCEL) {
      book.cancel(id)
      continue
    }
    const isBuy = flow.isBuy[index] === 1
    const size = flow.sizeLots[index] ?? 0
    const answer =
      kind === ADD ? book.limit(id, isBuy, size, flow.priceTicks[index] ?? 0) : book.market(isBuy, size)
    const lots = size - answer.quantityLeft
    if (lots === 0) continue
    const own = kind === ADD ? id : ''
    for (const done of answer.done) if (idOf(done) !== own) played.tradeCount += 1
    if (answer.partial !== null && idOf(answer.partial) !== own) played.tradeCount += 1
    played.volumeLots += lots
    played.checksum = mixTraded(played.checksum, index, lots)
  }
  return { ns: ((cpuMs() - startMs) * 1e6) / count, played }
}

function mustAgree(name: string, ours: Played, theirs: Played): void {
  const [mine, other] = [JSON.stringify(ours), JSON.stringify(theirs)]
  if (mine !== other) throw new Error(`no ratio: the books disagree; ours ${mine}, ${name} ${other}`)
}

/** Wall time of single messages, the median of an empty timer taken off. */
function tailOf(flow: Flow): { p50Ns: number; p99Ns: number } {
  const exchange = richExchange()
  exchange.sink = new NumberSink()
  const oids = new Float64Array(COUNT)
  const times = new Float64Array(COUNT)
  const empty = new Float64Array(COUNT)
  for (let index = 0; index < COUNT; index += 1) {
    passBlock(exchange, index)
    const startMs = performance.now()
    playMessage(exchange, flow, index, oids)
    const endMs = performance.now()
    times[index] = endMs - startMs
    empty[index] = performance.now() - endMs
  }
  times.sort()
  empty.sort()
  const at = (share: number): number => (quantile(times, share) - quantile(empty, 0.5)) * 1e6
  return { p50Ns: at(0.5), p99Ns: at(0.99) }
}

/** As few accounts as the limit of open orders lets hold them. */
const leastAccounts = (depth: number): number => Math.ceil(depth / 900)

/**
 * One add to a level of `depth` orders and one cancel of any of them.
 * @param accounts whose orders they are, as many of each
 * @returns nanoseconds for both
 */
function depthOf(depth: number, rounds: number, accounts: number): () => number {
  const perAccount = Math.ceil(depth / accounts)
  const exchange = richExchange(accounts + 1)
  exchange.sink = new NumberSink()
  const oids = Array.from({ length: depth }, (_, index) => place(index))
  const random = initSfc32(SEED)
  function place(index: number): number {
    return placeDirect(exchange, Math.floor(index / perAccount), 0, true, 949_000, 20, 'Gtc', false)
  }
  return () => {
    const startMs = cpuMs()
    for (let round = 0; round < rounds; round += 1) {
      const index = nextBelow(random, depth)
      if (!cancelDirect(exchange, Math.floor(index / perAccount), 0, oids[index] ?? 0))
        throw new Error('not live')
      oids[index] = place(index)
    }
    return ((cpuMs() - startMs) * 1e6) / rounds
  }
}

function runMatching(): void {
  const flow = makeFlow(SEED, COUNT)
  const share = (kind: number): string =>
    ((100 * flow.kinds.filter((one) => one === kind).length) / COUNT).toFixed(1)
  say(
    `  seed ${SEED}, ${COUNT} messages: ${share(0)} % adds, ${share(1)} % cancels, ${share(2)} % takers; ${PASSES} interleaved passes`,
  )
  say(`  ${machineLine()}`)
  const ids = Array.from({ length: COUNT }, (_, index) => `o${index}`)
  // Its exchange stays alive, as that of a venue does: with the last one gone, a collection of the peers' garbage would
  // forget the shapes of its objects and the machine code that was made for them.
  const cold = playOurs(flow)
  const hash = stateHash(cold.exchange)
  const times: Record<'ours' | 'nodejs' | 'hft', number[]> = { ours: [], nodejs: [], hft: [] }
  for (let pass = 0; pass < PASSES; pass += 1) {
    const nodejs = playPeer(flow, COUNT, ids, nodejsBook())
    const ours = playOurs(flow)
    const hft = playPeer(flow, COUNT, ids, hftBook())
    mustAgree('nodejs-order-book', ours.played, nodejs.played)
    mustAgree('hft-limit-order-book', ours.played, hft.played)
    if (stateHash(ours.exchange) !== hash) throw new Error('no ratio: our passes ended in different states')
    times.ours.push(ours.ns)
    times.nodejs.push(nodejs.ns)
    times.hft.push(hft.ns)
  }
  const { tradeCount, volumeLots } = cold.played
  say(`  trades ${tradeCount}, lots ${volumeLots}: equal in all three, message by message`)
  say(`  ${cold.exchange.pool.live} orders rest at the end`)
  const row = (name: string, list: readonly number[], more = ''): void => {
    const [low, high] = [Math.min(...list), Math.max(...list)]
    say(
      `  ${name.padEnd(34)} median ${nsText(medianOf(list)).padStart(9)}  (${nsText(low)} … ${nsText(high)})${more}`,
    )
  }
  row('this exchange', times.ours, `  cold ${nsText(cold.ns)}`)
  row('nodejs-order-book', times.nodejs)
  row('hft-limit-order-book', times.hft)
  const ratio = (list: readonly number[]): string =>
    `${medianOf(list.map((ns, pass) => ns / (times.ours[pass] ?? NaN))).toFixed(0)}x`
  say(
    `  ratio to nodejs-order-book ${ratio(times.nodejs)}, to hft-limit-order-book ${ratio(times.hft)} (goal: at least ${GOAL_RATIO}x)`,
  )
  const tails = Array.from({ length: PASSES }, () => tailOf(flow))
  const p50 = medianOf(tails.map((one) => one.p50Ns))
  const p99 = medianOf(tails.map((one) => one.p99Ns))
  say(
    `  one message, timer taken off: p50 ${nsText(p50)}, p99 ${nsText(p99)}: ${(p99 / p50).toFixed(1)}x (goal: at most ${GOAL_TAIL}x)`,
  )
  sayDepth()
}

function sayDepth(): void {
  const rounds = 200_000
  const shallow = depthOf(1_000, rounds, leastAccounts(1_000))
  const spread = depthOf(1_000, rounds, leastAccounts(100_000))
  const deep = depthOf(100_000, rounds, leastAccounts(100_000))
  const times = { shallow: [] as number[], spread: [] as number[], deep: [] as number[] }
  for (let pass = 0; pass <= PASSES; pass += 1) {
    const [one, between, other] = [shallow(), spread(), deep()]
    if (pass === 0) continue
    times.shallow.push(one)
    times.spread.push(between)
    times.deep.push(other)
  }
  const [one, other] = [medianOf(times.shallow), medianOf(times.deep)]
  say(
    `  cancel and add on a level of 1 000 ${nsText(one)}, of 100 000 ${nsText(other)}: ${(other / one).toFixed(2)}x (goal: at most ${GOAL_DEPTH}x)`,
  )
  say(
    `  the same on a level of 1 000 of as many accounts as the deep one has, ${leastAccounts(100_000)}: ${nsText(medianOf(times.spread))}`,
  )
}
