/**
 * The market of a journal played to a maker again, with our own fills by the models of paper trading: the same books, prints,
 * timers and words of the operator at the same times, and nothing of what the venue once said about our orders.
 *
 * in      the inputs of a run; a fresh engine; queue and delays
 * out     the fills that this maker would have had; each step, for who looks on
 * state   the paper exchange, and commands on their way
 */
import type { Approved } from '../core/command.ts'
import { step } from '../core/engine.ts'
import type { Engine } from '../core/engine.ts'
import type { AccountInput, FillInput, FundingPaid, Input, RawInput } from '../core/input.ts'
import type { MarketSpec } from '../core/market.ts'
import type { QueueModel } from '../core/queue/queue-models.ts'
import {
  initPaperExchange,
  isMarketInput,
  paperAnswer,
  paperMarket,
  sampleOf,
} from '../venues/paper/paper-exchange.ts'
import type { PaperExchange } from '../venues/paper/paper-exchange.ts'
import { initVenueTime, noteVenueTime, venueNowMs } from '../venues/paper/venue-time.ts'
import type { VenueTime } from '../venues/paper/venue-time.ts'
import type { LatencyDraws } from './latency.ts'

export interface JournalPlay {
  readonly market: MarketSpec
  readonly inputs: Iterable<Input>
  readonly engine: Engine
  readonly queue: QueueModel
  readonly delays: LatencyDraws
  /** The account as it was when the run began. */
  readonly opening: AccountInput
  readonly onStep: (engine: Engine, input: Input) => void
}

export interface PlayedFill extends FillInput {
  /** Our time. */
  readonly tsMs: number
}

export interface Played {
  readonly fills: PlayedFill[]
  readonly funding: FundingPaid[]
}

interface Pending {
  readonly dueMs: number
  readonly joinTsMs: number
  readonly commands: readonly Approved[]
}

interface Playing {
  readonly of: JournalPlay
  readonly paper: PaperExchange
  readonly time: VenueTime
  readonly pending: Pending[]
  readonly played: Played
  dueLastMs: number
}

export function playJournal(of: JournalPlay): Played {
  const { market, queue, opening } = of
  // The paper account wants some money; the opening's own figures then take its place, a debt too.
  const paper = initPaperExchange({ market, queue, capitalMicroUsd: 1 })
  paper.account.cashMicroUsd = opening.cashMicroUsd
  paper.account.positionLots = opening.positionLots
  const played: Played = { fills: [], funding: [] }
  const playing: Playing = { of, paper, time: initVenueTime(), pending: [], played, dueLastMs: 0 }
  for (const input of of.inputs) {
    answerUntil(playing, input.tsMs)
    take(playing, input)
  }
  return played
}

/** Answers arrive at their own times, those of one moment before what comes then. */
function answerUntil(playing: Playing, tsMs: number): void {
  const { pending, paper } = playing
  for (let next = pending[0]; next !== undefined && next.dueMs <= tsMs; next = pending[0]) {
    pending.shift()
    for (const command of next.commands) {
      for (const answer of paperAnswer(paper, command, next.joinTsMs)) feed(playing, answer, next.dueMs)
    }
  }
}

function take(playing: Playing, input: Input): void {
  const { paper, time, of } = playing
  const { tsMs } = input
  if (isMarketInput(input)) {
    if (input.kind !== 'context') noteVenueTime(time, input.venueTsMs, tsMs)
    feed(playing, input, tsMs)
    for (const fact of paperMarket(paper, input)) feed(playing, fact, tsMs)
    return
  }
  if (!isKept(input)) return
  if (input.kind === 'connection' && input.up) {
    // A position that was held before is worth what it was taken over at.
    if (paper.account.markTicks === null) paper.account.markTicks = of.engine.state.markTicks
    feed(playing, sampleOf(paper, venueNowMs(time, tsMs)), tsMs)
  }
  feed(playing, input, tsMs)
}

/** What was not about our account. */
function isKept({ kind }: Input): boolean {
  return (
    kind === 'sessionStarted' ||
    kind === 'connection' ||
    kind === 'reference' ||
    kind === 'timer' ||
    kind === 'operator' ||
    kind === 'budget'
  )
}

function feed(playing: Playing, raw: RawInput, tsMs: number): void {
  const { of, played, time, pending } = playing
  const { engine, delays } = of
  if (raw.kind === 'fill') played.fills.push({ ...raw, tsMs })
  if (raw.kind === 'fundingPaid') played.funding.push(raw)
  const input: Input = { ...raw, seq: engine.state.seq + 1, tsMs }
  const commands = step(engine, input)
  of.onStep(engine, input)
  if (commands.length === 0) return
  // As the paper venue does: nothing overtakes, and the venue's clock is seen through its fastest message.
  playing.dueLastMs = Math.max(playing.dueLastMs, tsMs + delays.orderMs() + delays.feedMs())
  const joinTsMs = venueNowMs(time, tsMs) + playing.dueLastMs - tsMs
  pending.push({ dueMs: playing.dueLastMs, joinTsMs, commands: [...commands] })
}
