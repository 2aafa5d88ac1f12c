/**
 * Paper trading: a real venue's market data, and orders that never leave this process. To the runtime it is a venue like any
 * other; the data's way here is the real one, the way of orders and of their answers is modelled.
 *
 * in      inputs of a venue that is opened for its public channels alone; commands
 * out     the market's inputs as they come; answers, fills, funding and account samples of the paper exchange
 * state   the paper exchange, and commands on their modelled way, at most `PENDING_MAX` batches
 */
import type { Approved } from '../../core/command.ts'
import type { RawInput } from '../../core/input.ts'
import type { HyperliquidVenue } from '../hyperliquid/adapter.ts'
import type { InputListener } from '../port.ts'
import {
  cancelAllPaper,
  initPaperExchange,
  isMarketInput,
  paperAnswer,
  paperMarket,
  sampleOf,
} from './paper-exchange.ts'
import type { PaperExchange, PaperOptions } from './paper-exchange.ts'
import { initVenueTime, noteVenueTime, venueNowMs } from './venue-time.ts'

/** How long an order takes to the venue, and its answer back; whole ms ≥ 0. */
export interface PaperDelays {
  readonly orderMs: () => number
  readonly feedMs: () => number
}

export interface PaperVenueOptions extends Omit<PaperOptions, 'market'> {
  /** Opened with `isPublicOnly`, and not connected yet. */
  readonly market: HyperliquidVenue
  readonly delays: PaperDelays
  /** Our clock, ms since 1970, and how fast it runs. */
  readonly nowMs: () => number
  readonly speed: number
}

export interface PaperVenue extends HyperliquidVenue {
  readonly paper: PaperExchange
}

/** Commands on their way. */
interface Pending {
  /** Our time of the answer, and the venue's time at which they get there. */
  readonly dueMs: number
  readonly joinTsMs: number
  readonly commands: readonly Approved[]
}

/** Batches on their way; beyond it the oldest is answered before its time. Far more than the gate lets out. */
const PENDING_MAX = 10_000

export function openPaperVenue(options: PaperVenueOptions): PaperVenue {
  const { market: source, nowMs, delays } = options
  const paper = initPaperExchange({ ...options, market: source.market })
  const time = initVenueTime()
  const pending: Pending[] = []
  let listener: InputListener | null = null
  let timer: NodeJS.Timeout | null = null
  let dueLastMs = 0
  const emit = (inputs: readonly RawInput[]): void => {
    for (const input of inputs) listener?.(input)
  }

  const answerNext = (): void => {
    const next = pending.shift()
    for (const command of next?.commands ?? []) emit(paperAnswer(paper, command, next?.joinTsMs ?? 0))
  }
  const answerDue = (): void => {
    timer = null
    for (let next = pending[0]; next !== undefined && next.dueMs <= nowMs(); next = pending[0]) answerNext()
    arm()
  }
  const arm = (): void => {
    const next = pending[0]
    if (timer !== null || next === undefined || listener === null) return
    timer = setTimeout(answerDue, Math.max(next.dueMs - nowMs(), 1) / options.speed)
  }

  const hear = (input: RawInput): void => {
    if (isMarketInput(input)) {
      if (input.kind !== 'context') noteVenueTime(time, input.venueTsMs, nowMs())
      emit([input, ...paperMarket(paper, input)])
      return
    }
    // The word that quoting may begin comes after the account, as from the venue itself.
    if (input.kind === 'connection' && input.up) emit([sampleOf(paper, venueNowMs(time, nowMs()))])
    emit([input])
  }

  return {
    paper,
    market: source.market,
    account: source.account,
    requestCounts: source.requestCounts,
    get stats() {
      return source.stats
    },
    async connect(to) {
      listener = to
      await source.connect(hear)
    },
    send(commands) {
      if (pending.length >= PENDING_MAX) answerNext()
      const now = nowMs()
      const [orderMs, feedMs] = [delays.orderMs(), delays.feedMs()]
      // Nothing overtakes. The venue's clock is seen through its fastest message, which took about the way of an answer.
      dueLastMs = Math.max(dueLastMs, now + orderMs + feedMs)
      const joinTsMs = venueNowMs(time, now) + dueLastMs - now
      pending.push({ dueMs: dueLastMs, joinTsMs, commands })
      arm()
    },
    cancelAll() {
      while (pending.length > 0) answerNext()
      emit(cancelAllPaper(paper, venueNowMs(time, nowMs()), 'canceled'))
      return Promise.resolve(0)
    },
    async close() {
      listener = null
      pending.length = 0
      if (timer !== null) clearTimeout(timer)
      await source.close()
    },
  }
}
