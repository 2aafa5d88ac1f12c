/**
 * The maker: one deterministic function of state and input. The way of a tick is the six numbered calls of `step`;
 * ARCHITECTURE.md walks through them.
 *
 * No clock, no chance, no I/O: time is the input's stamp, and everything that leaves is a command.
 */
import { absorb, absorbSnapshot, absorbTouch } from './absorb.ts'
import type { Absorbed } from './absorb.ts'
import { assert } from './assert.ts'
import type { Approved, Command } from './command.ts'
import type { EstimatePipeline, MarketEvent, QuoteContext, Strategy } from './contracts.ts'
import { anchorTicks, isAlone, noteAlone, standOnMark } from './alone.ts'
import { exposureOf } from './exposure.ts'
import type { Exposure } from './exposure.ts'
import type { Input, InputKind } from './input.ts'
import { hashToHex, initNotes, mixNotes, mixValue } from './math/state-hash.ts'
import type { HashNotes } from './math/state-hash.ts'
import { reconcile } from './reconcile.ts'
import { restrain } from './restrain.ts'
import { marginRoomLots } from './margin-room.ts'
import { levelsAllowed, paceFactor } from './risk/budget.ts'
import type { RiskVerdict } from './risk/aggregator.ts'
import { assess } from './assess.ts'
import { sendThroughGate } from './send.ts'
import type { EngineSettings } from './settings.ts'
import { initState } from './state.ts'
import type { EngineState } from './state.ts'
import { findOrder } from './orders/tracker.ts'
import { upkeep } from './upkeep.ts'

/** What `compose.ts` hands in. The core does not know which estimators and strategy these are. */
export interface EngineParts {
  readonly settings: EngineSettings
  readonly pipeline: EstimatePipeline<unknown>
  readonly strategy: Strategy<unknown>
}

export interface Engine {
  readonly parts: EngineParts
  readonly state: EngineState
  pipelineState: unknown
  strategyState: unknown
  /** Written and read within one step, so that most inputs allocate nothing. */
  readonly scratch: EngineScratch
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
type EventOf<Kind extends MarketEvent['kind']> = Mutable<Extract<MarketEvent, { kind: Kind }>>

interface EngineScratch {
  readonly wanted: Command[]
  /** Of the steps since the hash was brought up to date last. */
  readonly hashed: HashNotes
  readonly book: EventOf<'book'>
  readonly trade: EventOf<'trade'>
  readonly context: EventOf<'context'>
  readonly reference: EventOf<'reference'>
  readonly timer: EventOf<'timer'>
}

export function createEngine(parts: EngineParts): Engine {
  const state = initState(parts.strategy.levelCountMax)
  const scratch: EngineScratch = {
    wanted: [],
    hashed: initNotes(HASHED_STEPS_MAX * HASHED_NUMBERS),
    book: { kind: 'book', tsMs: 0, book: state.book },
    trade: { kind: 'trade', tsMs: 0, aggressor: 'buy', priceTicks: 0, sizeLots: 0 },
    context: { kind: 'context', tsMs: 0, fundingPerHour: 0 },
    reference: { kind: 'reference', tsMs: 0, midTicks: 0 },
    timer: { kind: 'timer', tsMs: 0 },
  }
  return { parts, state, pipelineState: null, strategyState: null, scratch }
}

/**
 * Takes one input.
 * @returns commands that passed the send gate, in the order in which they must reach the venue
 * @throws InvariantError on a bug of ours: the runtime pulls the quotes and stops
 */
export function step(engine: Engine, input: Input): readonly Approved[] {
  const { state, parts } = engine
  // Read once: inputs have many shapes, so that each further look at one is a search.
  const { kind, seq, tsMs } = input
  assert(seq === state.seq + 1, 'inputs are numbered without gaps')
  assert(tsMs >= state.tsMs, 'time does not go back')
  state.seq = seq
  state.tsMs = tsMs
  state.counters.steps += 1

  const { wanted } = engine.scratch
  while (wanted.length > 0) wanted.pop()
  // Most inputs are of the book: they find their way without another look at what they are.
  const absorbed = //                                                             1 absorb
    kind === 'touch'
      ? absorbTouch(state, input)
      : kind === 'book'
        ? absorbSnapshot(state, input)
        : absorb(state, input, parts.settings)
  estimate(engine, input, absorbed) //                                            2 estimate
  upkeep(state, parts.settings, wanted, isSilentOnOrders(kind))
  if (isCycleDue(state, kind, absorbed, parts.settings)) {
    state.lastCycleTsMs = state.tsMs
    const exposure = exposureOf(state)
    noteAlone(state, exposure)
    const verdict = assess(state, exposure, parts.settings)
    if (isRequoteDue(state, kind, verdict, parts.settings)) {
      state.lastRequoteTsMs = state.tsMs
      quote(engine, exposure, verdict) //                                         3 quote
      restrain(state, verdict, exposure.positionLots) //                          4 restrain
      reconcile(state, parts.settings, wanted) //                                 5 reconcile
    }
  }
  const commands = sendThroughGate(state, parts.settings, wanted) //              6 approve
  advanceHash(state, engine.scratch.hashed, commands, kind === 'timer')
  return commands
}

/** 64 bits over everything decided so far, as 16 hexadecimal digits. */
export function engineHash(engine: Engine): string {
  mixNotes(engine.state.hash, engine.scratch.hashed)
  return hashToHex(engine.state.hash)
}

/** Step 2: the pipeline hears what happened, in the order in which it happened. */
function estimate(engine: Engine, input: Input, absorbed: Absorbed): void {
  const { state, parts, pipelineState } = engine
  const { pipeline } = parts
  // Read once, as in `step`.
  const { kind } = input
  const { book, trade, context, reference, timer } = engine.scratch
  if (absorbed === 'book' && pipelineState !== null) {
    book.tsMs = state.tsMs
    pipeline.absorb(pipelineState, book)
  } else if (kind === 'sessionStarted') {
    engine.pipelineState = pipeline.init(input.market)
    engine.strategyState = parts.strategy.init(input.market)
  } else if (pipelineState === null) {
    return
  } else if (kind === 'trade' && absorbed === 'trade') {
    trade.tsMs = state.tsMs
    trade.aggressor = input.aggressor
    trade.priceTicks = input.priceTicks
    trade.sizeLots = input.sizeLots
    pipeline.absorb(pipelineState, trade)
  } else if (kind === 'fill' && absorbed === 'fill') {
    const { tsMs } = state
    const { side, priceTicks, sizeLots, feeMicroUsd } = input
    const midAtPlacementTicks = findOrder(state.tracker, input)?.midAtPlacementTicks ?? null
    const fill = { tsMs, side, priceTicks, sizeLots, feeMicroUsd, midAtPlacementTicks }
    pipeline.absorb(pipelineState, { kind: 'ownFill', ...fill })
  } else if (kind === 'context') {
    context.tsMs = state.tsMs
    context.fundingPerHour = input.fundingPerHour
    pipeline.absorb(pipelineState, context)
  } else if (kind === 'reference') {
    reference.tsMs = state.tsMs
    reference.midTicks = input.midTicks
    pipeline.absorb(pipelineState, reference)
  } else if (kind === 'timer') {
    timer.tsMs = state.tsMs
    pipeline.absorb(pipelineState, timer)
  }
}

/** The most frequent inputs say nothing of our orders: none changes by them. */
function isSilentOnOrders(kind: InputKind): boolean {
  switch (kind) {
    case 'book':
    case 'touch':
    case 'trade':
    case 'context':
    case 'reference':
    case 'load':
    case 'timer':
      return true
    default:
      return false
  }
}

/** Fills, operators and lost connections do not wait for the pace of quoting. */
function isCycleDue(
  state: EngineState,
  kind: InputKind,
  absorbed: Absorbed,
  settings: EngineSettings,
): boolean {
  if (state.market === null) return false
  if (absorbed === 'fill' || kind === 'operator' || kind === 'connection') return true
  // An order that comes to rest after the kill switch goes at once.
  if (state.killedBecause !== null && kind === 'orderResting') return true
  const isPriced = absorbed === 'book' || absorbed === 'reference'
  if (!isPriced && kind !== 'timer' && kind !== 'account') return false
  return state.tsMs - state.lastCycleTsMs >= settings.requoteIntervalMs
}

/** A low request budget slows the quoting down; what risk, fills or the operator want does not wait for it. */
function isRequoteDue(
  state: EngineState,
  kind: InputKind,
  verdict: RiskVerdict,
  settings: EngineSettings,
): boolean {
  const factor = paceFactor(state.budget)
  const isUrgent = verdict.action !== 'none' && verdict.action !== 'widen'
  if (factor === 1 || isUrgent || kind === 'fill' || kind === 'operator') return true
  return state.tsMs - state.lastRequoteTsMs >= factor * settings.requoteIntervalMs
}

/** Step 3: the strategy fills the ladder; without a price, neither the market's nor the mark, there is nothing to ask it. */
function quote(engine: Engine, exposure: Exposure, verdict: RiskVerdict): void {
  const { state, parts } = engine
  const { market, ladder, estimates } = state
  const aroundTicks = anchorTicks(state)
  if (market === null || aroundTicks === null) {
    ladder.bidCount = 0
    ladder.askCount = 0
    ladder.bidBecause = 'no price: no two-sided book, and no mark'
    ladder.askBecause = ladder.bidBecause
    return
  }
  parts.pipeline.read(engine.pipelineState, state.tsMs, estimates)
  if (isAlone(state)) standOnMark(state, aroundTicks, estimates)
  const context: QuoteContext = {
    market,
    tsMs: state.tsMs,
    estimates,
    positionLots: exposure.positionLots,
    maxPositionLots: parts.settings.maxPositionLots,
    minSizeLots: Math.ceil(market.minNotionalMicroUsd / aroundTicks),
    marginRoomLots: marginRoomLots(state, parts.settings, aroundTicks),
    levelCountMax: levelsAllowed(state.budget),
    riskWidenBps: verdict.widenBps,
  }
  parts.strategy.quote(engine.strategyState, context, ladder)
}

/** What a step adds to the hash, and how many steps may wait: no more than is mixed in a few microseconds. */
const HASHED_NUMBERS = 6
const HASHED_STEPS_MAX = 64

/**
 * Nobody looks at the hash between two checkpoints of the journal: until then, or until there are commands, numbers are noted only.
 * They are mixed at a timer, which nobody waits for.
 */
function advanceHash(
  state: EngineState,
  notes: HashNotes,
  commands: readonly Command[],
  isTimer: boolean,
): void {
  const { hash, ledger } = state
  const { numbers, count } = notes
  numbers[count] = state.seq
  numbers[count + 1] = state.tsMs
  // Adding 0 makes one of the two zeros.
  numbers[count + 2] = ledger.positionLots + 0
  numbers[count + 3] = ledger.cashFlowMicroUsd + 0
  numbers[count + 4] = ledger.feesMicroUsd + 0
  numbers[count + 5] = state.tracker.live.size
  notes.count = count + HASHED_NUMBERS
  if (commands.length === 0 && !isTimer && notes.count < numbers.length) return
  mixNotes(hash, notes)
  for (const command of commands) mixValue(hash, command)
}
