/**
 * One decision of the maker as plain data: what it knew, how each price came about, what risk left of it, and what became of
 * each order. Numbers are copied, none is computed anew, except the two that a reader needs to follow a decision: distance and
 * age of an order. Longer than most files: it is one record, field by field.
 */
import { failedNames, TIGHT_CONDITIONS } from '../../strategies/ladder/tight-quoting.ts'
import type { GlftLadderState } from '../../strategies/glft-ladder-state.ts'
import { isUsable, MICRO_TICKS_PER_TICK, namedReadings, WATERFALL_TERMS } from '../core/contracts.ts'
import type { Estimates, PipelineFigures, Reading, StrategyFigures } from '../core/contracts.ts'
import type { Command } from '../core/command.ts'
import type { Engine } from '../core/engine.ts'
import { assert } from '../core/assert.ts'
import { isTwoSided, midOf } from '../core/book/l2-book.ts'
import type { RiskFinding } from '../core/risk/finding.ts'
import { BPS, signOf } from '../core/units.ts'
import { decisionsOf } from './explain-orders.ts'
import type { OrderDecision } from './explain-orders.ts'
import { copyLadder } from './observed-maker.ts'
import type { Observation, WishedLevel } from './observed-maker.ts'

export interface ExplainedEstimate {
  readonly name: string
  /** Null when the status says that there is no number to be used. */
  readonly value: number | null
  readonly unit: string
  readonly status: Reading['status']
  /** Null before there was any data. */
  readonly ageMs: number | null
  readonly confidence: number
}

export interface ExplainedTerm {
  readonly name: string
  /** Of the fair price; positive away from the market. */
  readonly bps: number
  /** The same, whole millionths of a tick: these add up exactly. */
  readonly microTicks: number
}

export interface ExplainedLevel {
  /** From 1, the innermost. */
  readonly level: number
  readonly priceTicks: number
  readonly wishedLots: number
  /** What risk left of it; 0: taken off. */
  readonly sizeLots: number
  readonly reduceOnly: boolean
  readonly terms: readonly ExplainedTerm[]
  readonly sumMicroTicks: number
  readonly sumBps: number
  /** `fair − sum` for a bid, `fair + sum` for an ask: equal to the price, or the waterfall is wrong. */
  readonly addsUp: boolean
  /** What bound its size in the allocation; null when the strategy does not tell. */
  readonly binding: string | null
}

export interface ExplainedSide {
  readonly levels: readonly ExplainedLevel[]
  /** Why there are fewer levels than configured, or none; null when they are all there. */
  readonly because: string | null
  readonly floor: string
  /** Every floor of the half spread, bps; null when the strategy does not tell. */
  readonly floorsBps: Readonly<Record<string, number>> | null
  readonly budgetLots: number | null
  /** What allowed no more: the wish, a sweep, the position limit, the exit, margin, or what others show. */
  readonly budgetBy: string | null
}

export interface ExplainedStrategy {
  readonly tight: {
    readonly isOn: boolean
    readonly heldMs: number | null
    readonly conditions: readonly { readonly name: string; readonly holds: boolean }[]
  }
  /** Directions in which the price is a knife. */
  readonly knives: readonly string[]
  /** Each factor on the risk aversion, ≥ 1. */
  readonly factors: Readonly<Record<string, number>>
  readonly model: Readonly<Record<string, number>>
}

export interface Explanation {
  readonly seq: number
  readonly tsMs: number
  readonly inputKind: string
  readonly coin: string
  readonly strategyName: string
  readonly priceDecimals: number
  readonly szDecimals: number
  readonly fair: {
    /** Ticks; null when the strategy was not asked. */
    readonly fairTicks: number | null
    readonly midTicks: number | null
    readonly bidTicks: number
    readonly bidLots: number
    readonly askTicks: number
    readonly askLots: number
    /** Of the fair price from the mid, bps. */
    readonly leanBps: number | null
  }
  readonly regime: string
  readonly estimates: readonly ExplainedEstimate[]
  readonly positionLots: number
  readonly maxPositionLots: number
  readonly riskWidenBps: number
  readonly bid: ExplainedSide
  readonly ask: ExplainedSide
  /** What our fills earned and what came after them; null when the estimators do not tell. */
  readonly fills: PipelineFigures | null
  /** For how long each floor decided the innermost quotes so far; null when the strategy does not tell. */
  readonly floorShares: Pick<StrategyFigures, 'bidFloorShares' | 'askFloorShares'> | null
  /** Null for strategies that keep no report. */
  readonly strategy: ExplainedStrategy | null
  readonly risk: { readonly action: string; readonly findings: readonly RiskFinding[] }
  readonly orders: readonly OrderDecision[]
  readonly commands: readonly Command[]
}

/** Units of the estimates, where the name does not end in one. */
const UNITS: Readonly<Record<string, string>> = {
  midTicks: 'ticks',
  fairTicks: 'ticks',
  micropriceLeanBps: 'bps',
  referenceBasisBps: 'bps',
  referenceLead: '0…1',
  referenceMoveBps: 'bps',
  sigmaPerSqrtSec: 'per √s',
  sigmaFastPerSqrtSec: 'per √s',
  sigmaSlowPerSqrtSec: 'per √s',
  jumpZ: 'z',
  jumpRatio: 'ratio',
  kappaBid: 'per fraction',
  kappaAsk: 'per fraction',
  fillRateBidPerSec: 'per s',
  fillRateAskPerSec: 'per s',
  flowImbalance: '−1…1',
  orderFlowImbalance: '−1…1',
  toxicity: '0…1',
  fillBurstBid: 'ratio',
  fillBurstAsk: 'ratio',
  tradeIntensityRatio: 'ratio',
  tradeBranchingRatio: 'share',
  bookImbalance: '−1…1',
  depthUsd: 'USD',
  holeBidBps: 'bps',
  holeAskBps: 'bps',
  spreadPercentile: '0…1',
  adverseSelectionBidBps: 'bps',
  adverseSelectionAskBps: 'bps',
  fundingPerHour: 'per hour',
  fundingDueSec: 's',
  momentumZ: 'z',
}

/** The decision that `engine` took last, which must be the step of `observation`. */
export function explanationOf(engine: Engine, observation: Observation): Explanation {
  const { state, parts } = engine
  const { market } = state
  assert(market !== null, 'a decision comes after the session has started')
  const { context } = observation
  const isAsked = observation.wished !== null
  const fairTicks = isAsked ? state.ladder.fairMicroTicks / MICRO_TICKS_PER_TICK : null
  const { bids, asks } = state.book
  const midTicks = isTwoSided(state.book) ? midOf(state.book) : null
  // Only the ladder itself has this name, and its state is what it made.
  const report = parts.strategy.name === 'glft-ladder' ? (engine.strategyState as GlftLadderState) : null
  return {
    seq: observation.input.seq,
    tsMs: observation.input.tsMs,
    inputKind: observation.input.kind,
    coin: market.coin,
    strategyName: parts.strategy.name,
    priceDecimals: market.grid.priceDecimals,
    szDecimals: market.grid.szDecimals,
    fair: {
      fairTicks,
      midTicks,
      bidTicks: bids.count > 0 ? (bids.ticks[bids.first] ?? 0) : 0,
      bidLots: bids.count > 0 ? (bids.lots[bids.first] ?? 0) : 0,
      askTicks: asks.count > 0 ? (asks.ticks[asks.first] ?? 0) : 0,
      askLots: asks.count > 0 ? (asks.lots[asks.first] ?? 0) : 0,
      leanBps: fairTicks === null || midTicks === null ? null : (fairTicks / midTicks - 1) / BPS,
    },
    regime: state.estimates.regime,
    estimates: isAsked ? estimatesOf(state.estimates) : [],
    positionLots: context?.positionLots ?? state.ledger.positionLots,
    maxPositionLots: parts.settings.maxPositionLots,
    riskWidenBps: state.verdict?.widenBps ?? 0,
    bid: sideOf('bid', engine, observation, report),
    ask: sideOf('ask', engine, observation, report),
    fills: engine.pipelineState === null ? null : (parts.pipeline.figures?.(engine.pipelineState) ?? null),
    floorShares:
      engine.strategyState === null ? null : (parts.strategy.figures?.(engine.strategyState) ?? null),
    strategy: report === null || !isAsked ? null : strategyOf(report, state.tsMs),
    risk: { action: state.verdict?.action ?? 'none', findings: state.verdict?.findings ?? [] },
    orders: decisionsOf(engine, observation),
    commands: observation.commands,
  }
}

function estimatesOf(estimates: Estimates): ExplainedEstimate[] {
  return namedReadings(estimates).map(([name, reading]) => ({
    name,
    value: isUsable(reading) ? reading.value : null,
    unit: UNITS[name.replace(/\[\d+\]$/, '')] ?? '',
    status: reading.status,
    ageMs: reading.tsMs === 0 ? null : estimates.tsMs - reading.tsMs,
    confidence: reading.confidence,
  }))
}

function sideOf(
  quote: 'bid' | 'ask',
  engine: Engine,
  observation: Observation,
  report: GlftLadderState | null,
): ExplainedSide {
  const left = copyLadder(engine.state.ladder)
  const wished = observation.wished ?? left
  const levels = quote === 'bid' ? wished.bids : wished.asks
  const remaining = quote === 'bid' ? left.bids : left.asks
  const isTold = report !== null && observation.wished !== null
  return {
    levels: levels.map((level, index) => ({
      ...levelOf(quote, wished.fairMicroTicks, level),
      level: index + 1,
      sizeLots: remaining[index]?.sizeLots ?? 0,
      reduceOnly: remaining[index]?.reduceOnly ?? level.reduceOnly,
      binding: isTold ? (report[quote].binding[index] ?? null) : null,
    })),
    because: quote === 'bid' ? left.bidBecause : left.askBecause,
    floor: quote === 'bid' ? left.bidFloor : left.askFloor,
    floorsBps: isTold ? scaled({ ...report[quote].floors }, 1 / BPS) : null,
    budgetLots: isTold ? report[quote].budget.lots : null,
    budgetBy: isTold ? report[quote].budget.by : null,
  }
}

function levelOf(
  quote: 'bid' | 'ask',
  fairMicroTicks: number,
  level: WishedLevel,
): Omit<ExplainedLevel, 'level' | 'sizeLots' | 'reduceOnly' | 'binding'> {
  const terms = WATERFALL_TERMS.map((name, index) => {
    const microTicks = level.termsMicroTicks[index] ?? 0
    return { name, microTicks, bps: microTicks / fairMicroTicks / BPS }
  })
  const sumMicroTicks = terms.reduce((sum, term) => sum + term.microTicks, 0)
  const sign = signOf(quote === 'bid' ? 'buy' : 'sell')
  return {
    priceTicks: level.priceTicks,
    wishedLots: level.sizeLots,
    terms,
    sumMicroTicks,
    sumBps: sumMicroTicks / fairMicroTicks / BPS,
    addsUp: fairMicroTicks - sign * sumMicroTicks === level.priceTicks * MICRO_TICKS_PER_TICK,
  }
}

function strategyOf(report: GlftLadderState, tsMs: number): ExplainedStrategy {
  const failed = failedNames(report.tight)
  const { heldSinceTsMs, isOn } = report.tight
  const factors = Object.entries({ ...report.factors }).map(([name, log]) => [name, Math.exp(log)] as const)
  return {
    tight: {
      isOn,
      heldMs: heldSinceTsMs === null ? null : tsMs - heldSinceTsMs,
      conditions: TIGHT_CONDITIONS.map((name) => ({ name, holds: !failed.includes(name) })),
    },
    knives: (['falling', 'rising'] as const).filter((direction) => report.knife[direction].isOn),
    factors: Object.fromEntries(factors),
    model: { ...report.model },
  }
}

function scaled(values: Readonly<Record<string, number>>, factor: number): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value * factor]))
}
