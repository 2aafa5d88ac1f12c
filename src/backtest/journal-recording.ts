/**
 * The recording of a run that happened, live, on paper or rehearsed: the samples, fills and sums that a backtest takes from its
 * exchange, taken from the maker that its journal is replayed to. So one report serves both.
 *
 * in      every input of the journal with the maker before and after it
 * out     a `Recording` on an even grid of time, from the first account and two-sided book on
 * state   the recording; money by the maker's own ledger (`equity`), beside the account values that the venue told
 */
import { assert } from '../core/assert.ts'
import { bestTicks } from '../core/book/l2-book.ts'
import type { Approved } from '../core/command.ts'
import type { Engine } from '../core/engine.ts'
import { midTicksOf } from '../core/exposure.ts'
import type { Input } from '../core/input.ts'
import { pnlOf } from '../core/ledger/ledger.ts'
import { isActive } from '../core/orders/order-state.ts'
import { openLots } from '../core/orders/tracker.ts'
import type { Order } from '../core/orders/tracker.ts'
import { signOf } from '../core/units.ts'
import { cell, pushRow } from './columns.ts'
import { depthBinOf, noteCommands, noteTerms } from './recorder.ts'
import { initRecording } from './recording.ts'
import type { Recording } from './recording.ts'

/** Who looks at every step of a replay. */
export interface StepWatch {
  before(engine: Engine, input: Input): void
  after(engine: Engine, input: Input, commands: readonly Approved[]): void
}

export interface JournalRecorder extends StepWatch {
  /** Ends with a sample of what the last input left. Null: the run never had both an account and a two-sided book. */
  finish(): JournalRecording | null
}

export interface JournalRecording {
  readonly recording: Recording
  /** The account by the venue's own words, all its markets included, and ours at the same moment; null with one word alone. */
  readonly venue: {
    readonly changeMicroUsd: number
    readonly oursMicroUsd: number
    readonly tsMs: number
  } | null
}

/** Rows of terms that a plot can show, and the finest step between them. */
const TERMS_ROWS_MAX = 4_096
const TERMS_PERIOD_MS_MIN = 1_000
/** A fill may be told after the books that it made: the venue's channels overtake one another by some messages, not by more. */
const MIDS_KEPT_MAX = 64
/** Rows of 72 bytes that lie in memory. */
const SAMPLES_MAX = 1_000_000
/** Steps of the grid; the first that keeps the rows below their bound. The last holds for thirty years. */
const STEPS_MS = [100, 250, 500, 1_000, 2_500, 5_000, 10_000, 60_000, 600_000, 1_000_000] as const

/** @param spanMs from the first to the last input. @returns time between two samples */
export function sampleStepMs(spanMs: number): number {
  return STEPS_MS.find((ms) => spanMs / ms <= SAMPLES_MAX) ?? STEPS_MS[STEPS_MS.length - 1] ?? 1
}

/** Owned by this file. */
interface State {
  recording: Recording | null
  engine: Engine | null
  /** When the next sample is due. */
  dueTsMs: number
  capitalMicroUsd: number | null
  /** PnL by the ledger when the recording began. */
  pnlStartMicroUsd: number
  termsTsMs: number
  /** Orders that rest since the last sample. */
  resting: readonly Pick<Order, 'side' | 'priceTicks'>[]
  /** What the maker was told of the mid, by the venue's time; the newest last, at most `MIDS_KEPT_MAX`. */
  readonly mids: { readonly venueTsMs: number; readonly midTicks: number }[]
  /** The ledger as it was before the step. */
  ledger: { fillCount: number; fundingMicroUsd: number; adjustedMicroUsd: number }
  venue: JournalRecording['venue']
}

/** @param of.spanMs from the first to the last input */
export function recordJournal(of: { readonly spanMs: number }): JournalRecorder {
  const blockMs = sampleStepMs(of.spanMs)
  const termsPeriodMs = Math.max(TERMS_PERIOD_MS_MIN, Math.ceil(of.spanMs / TERMS_ROWS_MAX))
  const state: State = {
    recording: null,
    engine: null,
    dueTsMs: 0,
    capitalMicroUsd: null,
    pnlStartMicroUsd: 0,
    termsTsMs: -Infinity,
    resting: [],
    mids: [],
    ledger: { fillCount: 0, fundingMicroUsd: 0, adjustedMicroUsd: 0 },
    venue: null,
  }
  return {
    before(engine, input) {
      const { recording } = state
      state.engine = engine
      if (recording === null) return
      for (; state.dueTsMs < input.tsMs; state.dueTsMs += blockMs) sample(state, recording, engine)
      const { fillCount, fundingMicroUsd, adjustedMicroUsd } = engine.state.ledger
      Object.assign(state.ledger, { fillCount, fundingMicroUsd, adjustedMicroUsd })
    },
    after(engine, input, commands) {
      state.engine = engine
      noteMid(state, engine, input)
      if (state.recording === null) begin(state, engine, input, blockMs)
      const { recording } = state
      if (recording === null) return
      note(state, recording, engine, input)
      noteCommands(recording, commands)
      if (input.tsMs - state.termsTsMs < termsPeriodMs) return
      state.termsTsMs = input.tsMs
      noteTerms(recording, engine, input.tsMs)
    },
    finish() {
      const { recording, engine, venue } = state
      if (recording === null || engine === null) return null
      sample(state, recording, engine)
      return { recording, venue }
    },
  }
}

/** The first account and the first mid: from here on there is something to value. */
function begin(state: State, engine: Engine, input: Input, blockMs: number): void {
  if (input.kind === 'account') state.capitalMicroUsd ??= input.accountValueMicroUsd
  const { market } = engine.state
  if (state.capitalMicroUsd === null || market === null || midTicksOf(engine.state) === null) return
  const recording = initRecording({ blockMs, ...market.grid })
  state.recording = recording
  state.dueTsMs = input.tsMs
  state.pnlStartMicroUsd = pnlAtMark(engine)
  const { fillCount, fundingMicroUsd, adjustedMicroUsd } = engine.state.ledger
  Object.assign(state.ledger, { fillCount, fundingMicroUsd, adjustedMicroUsd })
  sample(state, recording, engine)
  state.dueTsMs += blockMs
  recording.cashStartMicroUsd = recording.cashEndMicroUsd
}

/** What the input did to the ledger; a fill that is told twice moves it once. */
function note(state: State, recording: Recording, engine: Engine, input: Input): void {
  const { ledger } = engine.state
  const before = state.ledger
  if (input.kind === 'fill' && ledger.fillCount > before.fillCount) noteFill(state, recording, input)
  if (ledger.fundingMicroUsd !== before.fundingMicroUsd) {
    const amountMicroUsd = ledger.fundingMicroUsd - before.fundingMicroUsd
    recording.funding.push({ tsMs: input.tsMs, amountMicroUsd })
  }
  recording.takenOverMicroUsd += ledger.adjustedMicroUsd - before.adjustedMicroUsd
  if (input.kind !== 'account' || state.capitalMicroUsd === null) return
  state.venue = {
    changeMicroUsd: input.accountValueMicroUsd - state.capitalMicroUsd,
    oursMicroUsd: pnlAtMark(engine) - state.pnlStartMicroUsd,
    tsMs: input.tsMs,
  }
}

function noteMid({ mids }: State, engine: Engine, input: Input): void {
  if (input.kind !== 'book' && input.kind !== 'touch') return
  const midTicks = midTicksOf(engine.state)
  if (midTicks === null) return
  mids.push({ venueTsMs: input.venueTsMs, midTicks })
  if (mids.length > MIDS_KEPT_MAX) mids.shift()
}

/** The last mid before the fill by the venue's time: what the maker could have known, and not what the fill itself made of it. */
function midBefore({ mids }: State, recording: Recording, fillTsMs: number): number {
  const known = mids.findLast(({ venueTsMs }) => venueTsMs < fillTsMs) ?? mids[0]
  return known?.midTicks ?? cell(recording.samples, 'midTicks', recording.samples.length - 1)
}

function noteFill(state: State, recording: Recording, input: Input & { readonly kind: 'fill' }): void {
  const { tsMs, tid, oid, side, priceTicks, sizeLots, feeMicroUsd, crossed, liquidation } = input
  const sampleIndex = recording.samples.length - 1
  const midTicks = midBefore(state, recording, input.venueTsMs)
  recording.fills.push({
    ...{ tsMs, sampleIndex, tid, oid, side, priceTicks, sizeLots, feeMicroUsd, crossed, liquidation },
    midTicks,
  })
  if (liquidation) recording.liquidationCount += 1
  if (crossed) return
  const bin = depthBinOf(recording, signOf(side) * (midTicks - priceTicks), midTicks)
  if (bin !== null) bin.fills += 1
}

function sample(state: State, recording: Recording, engine: Engine): void {
  const { samples } = recording
  const { book, ledger } = engine.state
  noteRested(state, recording)
  const lastMid = samples.length === 0 ? null : cell(samples, 'midTicks', samples.length - 1)
  const midTicks = midTicksOf(engine.state) ?? lastMid
  assert(midTicks !== null && state.capitalMicroUsd !== null, 'a recording begins with a mid and an account')
  let ownBidTicks = 0
  let ownAskTicks = 0
  const resting: Order[] = []
  for (const order of engine.state.tracker.live.values()) {
    if (!isActive(order.state) || openLots(order) === 0) continue
    resting.push(order)
    const { side, priceTicks } = order
    if (side === 'buy') ownBidTicks = Math.max(ownBidTicks, priceTicks)
    else ownAskTicks = ownAskTicks === 0 ? priceTicks : Math.min(ownAskTicks, priceTicks)
  }
  state.resting = resting.map(({ side, priceTicks }) => ({ side, priceTicks }))
  const equityMicroUsd = state.capitalMicroUsd + pnlAtMark(engine) - state.pnlStartMicroUsd
  const markTicks = markOf(engine)
  pushRow(samples, {
    tsMs: state.dueTsMs,
    midTicks,
    markTicks,
    bestBidTicks: book.bids.count > 0 ? bestTicks(book.bids) : 0,
    bestAskTicks: book.asks.count > 0 ? bestTicks(book.asks) : 0,
    ownBidTicks,
    ownAskTicks,
    positionLots: ledger.positionLots,
    equityMicroUsd,
  })
  recording.cashEndMicroUsd = equityMicroUsd - ledger.positionLots * markTicks
}

/** Orders rest from one sample to the next. */
function noteRested(state: State, recording: Recording): void {
  if (state.resting.length === 0) return
  const midTicks = cell(recording.samples, 'midTicks', recording.samples.length - 1)
  for (const { side, priceTicks } of state.resting) {
    const bin = depthBinOf(recording, signOf(side) * (midTicks - priceTicks), midTicks)
    if (bin !== null) bin.restedMs += recording.blockMs
  }
}

/** The venue's mark, in whole ticks so that money stays whole; before the first one the mid. */
function markOf(engine: Engine): number {
  const ticks = engine.state.markTicks ?? midTicksOf(engine.state)
  return ticks === null ? 0 : Math.round(ticks)
}

function pnlAtMark(engine: Engine): number {
  return pnlOf(engine.state.ledger, markOf(engine)).totalMicroUsd
}
