/**
 * Ten million market messages at speed through the maker: bytes of books and touches -> feed -> engine -> commands, with the heap
 * measured in the same run, after collections, once the first two million have warmed everything up.
 *
 *     npm run bench -- soak [--quick]
 *
 * The market is a slow wave, five milliseconds of venue time a message, so that the maker quotes and moves its orders all the way.
 * Every order rests, every cancel is done, nothing fills: what is measured is what market data leaves behind. The goal is a slope of
 * at most 1 MB a minute.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { enginePartsOf } from '../../src/compose/engine-parts.ts'
import type { Approved } from '../../src/core/command.ts'
import { createEngine, step } from '../../src/core/engine.ts'
import type { OpenOrder, RawInput } from '../../src/core/input.ts'
import { btcMarket } from '../support/core-facts.ts'
import { Feed } from '../../src/venues/hyperliquid/feed.ts'
import { load } from '../support/config.ts'
import { say, type Bench } from './harness.ts'

const MESSAGES = 10_000_000
const MESSAGES_QUICK = 1_000_000
/** Share of the run that is not measured. */
const WARMUP_SHARE = 0.2
const SAMPLES = 40
const GOAL_MB_PER_MIN = 1
const MB = 1_048_576

const GAP_MS = 5
const START_TS_MS = 1_700_000_000_000
const TIMER_EVERY = 20
const BOOK_EVERY = 10
/** Messages of one wave: its end meets its beginning. */
const WAVE = 20_000
const MID_TICKS = 600_000
const SWING_TICKS = 3_000
const LEVELS = 20

export const bench: Bench = { about: 'heap over ten million market messages through the maker', run }

interface Template {
  readonly bytes: Buffer
  /** Where the 13 digits of the venue's time stand. */
  readonly timeAt: number
}

function run(): void {
  const count = process.argv.includes('--quick') ? MESSAGES_QUICK : MESSAGES
  const collect = collector()
  const maker = initMaker()
  const wave = Array.from({ length: WAVE }, (_, index) => templateOf(index))
  const sampleEvery = Math.floor(count / SAMPLES)
  const samples: { readonly minutes: number; readonly heapMb: number }[] = []
  const startMs = performance.now()
  for (let index = 0; index < count; index += 1) {
    const template = wave[index % WAVE]
    if (template === undefined) throw new Error('the wave has every message')
    maker.tsMs += GAP_MS
    template.bytes.write(String(maker.tsMs), template.timeAt, 'latin1')
    if (!maker.feed.onBytes(template.bytes)) throw new Error('the feed takes every frame the short way')
    if (index % TIMER_EVERY === 0) maker.push({ kind: 'timer' })
    if (index % sampleEvery !== sampleEvery - 1 || index < WARMUP_SHARE * count) continue
    collect()
    samples.push({
      minutes: (performance.now() - startMs) / 60_000,
      heapMb: process.memoryUsage().heapUsed / MB,
    })
  }
  const seconds = (performance.now() - startMs) / 1_000
  const { counters } = maker.engine.state
  say(`  ${count} messages in ${seconds.toFixed(1)} s, ${Math.round(count / seconds)} a second`)
  say(`  ${counters.quotes} orders and ${counters.cancels} cancels on the way, ${maker.resting.size} resting`)
  const slope = slopeOf(samples)
  const [first, last] = [samples[0]?.heapMb ?? Number.NaN, samples.at(-1)?.heapMb ?? Number.NaN]
  say(`  heap after collections ${first.toFixed(1)} MB after the warm-up, ${last.toFixed(1)} MB at the end`)
  const verdict = slope <= GOAL_MB_PER_MIN ? 'reached' : 'NOT reached'
  say(`  slope ${slope.toFixed(3)} MB a minute; goal: at most ${GOAL_MB_PER_MIN}: ${verdict}`)
}

/** Collections on demand without a flag on the command line. */
function collector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void // What the flag defines.
}

interface SoakMaker {
  tsMs: number
  readonly engine: ReturnType<typeof createEngine>
  readonly feed: Feed
  readonly resting: Map<string, OpenOrder>
  push(raw: RawInput): void
}

function initMaker(): SoakMaker {
  const engine = createEngine(enginePartsOf(load({ assignments: [] }).values, btcMarket))
  const resting = new Map<string, OpenOrder>()
  let oid = 0
  const queue: RawInput[] = []
  const account = (): RawInput => ({
    kind: 'account',
    positionLots: 0,
    cashMicroUsd: 1e11,
    accountValueMicroUsd: 1e11,
    withdrawableMicroUsd: 1e11,
    isolatedMarginMicroUsd: null,
    liquidationTicks: null,
    openOrders: [...resting.values()],
    venueTsMs: maker.tsMs,
  })
  const rest = ({ order }: Extract<Approved, { kind: 'place' | 'modify' }>): void => {
    const { cloid, side, priceTicks, sizeLots, reduceOnly } = order
    oid += 1
    resting.set(cloid, { oid, cloid, side, priceTicks, remainingLots: sizeLots, reduceOnly })
    queue.push({ kind: 'orderResting', cloid, oid })
  }
  const answer = (command: Approved): void => {
    if (command.kind === 'place') rest(command)
    if (command.kind === 'modify') {
      resting.delete(command.targetCloid)
      rest(command)
    }
    if (command.kind === 'cancel' && command.cloid !== null) {
      resting.delete(command.cloid)
      queue.push({ kind: 'cancelDone', cloid: command.cloid })
    }
    if (command.kind === 'resync') queue.push(account())
  }
  const push = (raw: RawInput): void => {
    queue.push(raw)
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const commands = step(engine, { ...next, seq: engine.state.seq + 1, tsMs: maker.tsMs })
      for (const command of commands) answer(command)
    }
  }
  const { coin, grid, dex } = btcMarket
  const scope = { coin, grid, dex, account: `0x${'77'.repeat(20)}` } as const
  const feed = new Feed(scope, {
    onInput: push,
    onBadFrame: (error) => {
      throw error
    },
  })
  const maker: SoakMaker = { tsMs: START_TS_MS, engine, feed, resting, push }
  push({
    kind: 'sessionStarted',
    market: btcMarket,
    account: scope.account,
    epoch: START_TS_MS,
    configHash: '',
  })
  push({ kind: 'context', markTicks: MID_TICKS, oracleTicks: MID_TICKS, fundingPerHour: 0 })
  push(account())
  feed.beginSession(START_TS_MS)
  feed.goLive()
  push({ kind: 'connection', up: true, text: 'a bench' })
  return maker
}

/** One message of the wave, as the venue writes it. */
function templateOf(index: number): Template {
  const mid = MID_TICKS + Math.round((SWING_TICKS / 10) * Math.sin((2 * Math.PI * index) / WAVE)) * 10
  const level = (ticks: number, lots: number): object => ({
    px: decimal(ticks),
    sz: `${lots}.${index % 97}1`,
    n: 3,
  })
  const sides = [-1, 1].map(
    (way) =>
      (depth: number): object =>
        level(mid + way * (10 + 10 * depth), 1 + depth),
  )
  const book = sides.map((side) => Array.from({ length: LEVELS }, (_, depth) => side(depth)))
  const data =
    index % BOOK_EVERY === 0
      ? { coin: btcMarket.coin, time: START_TS_MS, levels: book }
      : { coin: btcMarket.coin, time: START_TS_MS, bbo: sides.map((side) => side(0)) }
  const text = JSON.stringify({ channel: index % BOOK_EVERY === 0 ? 'l2Book' : 'bbo', data })
  return { bytes: Buffer.from(text, 'latin1'), timeAt: text.indexOf(String(START_TS_MS)) }
}

/** A price of whole decades of ticks, as the venue prints it. */
function decimal(ticks: number): string {
  return String(ticks / 10 ** btcMarket.grid.priceDecimals)
}

/** Least squares, MB a minute. */
function slopeOf(samples: readonly { readonly minutes: number; readonly heapMb: number }[]): number {
  const mean = (of: (sample: (typeof samples)[number]) => number): number =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length
  const [meanMinutes, meanMb] = [mean(({ minutes }) => minutes), mean(({ heapMb }) => heapMb)]
  const covariance = mean(({ minutes, heapMb }) => (minutes - meanMinutes) * (heapMb - meanMb))
  return covariance / mean(({ minutes }) => (minutes - meanMinutes) ** 2)
}
