/**
 * How far a backtest is from what happened: one run, live or on paper, played again from the market data in its own journal, and
 * the gap between the two results split into named terms.
 *
 *   gap = run − backtest = fees + latency + queue + missedData + other, to the micro-dollar
 *
 *   fees         rates: what the run paid on its own fills, against what the model takes for them
 *   latency      the backtest with the delays that the journal measured, less the backtest with the assumed ones
 *   queue        fills at prices where both makers had an order, that only one of them got or both got differently
 *   missedData   fills of either side while the connection was down or silent
 *   other        fills where only one of them had an order (their quotes had parted), and funding
 *
 * A fill is worth what it makes by the last mid of the period, less the model's fee, so that fills can be added.
 */
import { assert } from '../core/assert.ts'
import type { Engine } from '../core/engine.ts'
import { step } from '../core/engine.ts'
import type { AccountInput, Input } from '../core/input.ts'
import type { MarketSpec } from '../core/market.ts'
import type { QueueModel } from '../core/queue/queue-models.ts'
import { notionalMicroUsd, signOf } from '../core/units.ts'
import { SimulationError } from '../simulation/errors.ts'
import { paperFeeMicroUsd } from '../venues/paper/paper-account.ts'
import type { LatencyDraws } from './latency.ts'
import { playJournal } from './play-journal.ts'
import type { Played, PlayedFill } from './play-journal.ts'
import { hasRested, initRestingSpans, noteSpans } from './resting-spans.ts'
import type { RestingSpans } from './resting-spans.ts'

export interface FidelityOptions {
  /** The inputs of the run, from the first; called once for each pass. */
  readonly inputs: () => Iterable<Input>
  readonly engineOf: (market: MarketSpec) => Engine
  readonly queue: QueueModel
  /** What the backtest assumes, and what the journal measured; fresh draws for each run. */
  readonly assumed: () => LatencyDraws
  readonly measured: () => LatencyDraws
}

export interface FidelitySide {
  readonly pnlMicroUsd: number
  readonly fillCount: number
  readonly volumeMicroUsd: number
  readonly feesMicroUsd: number
  readonly fundingMicroUsd: number
  /** Change over the period. */
  readonly positionLots: number
}

export interface Fidelity {
  readonly market: MarketSpec
  readonly startTsMs: number
  readonly endTsMs: number
  readonly run: FidelitySide
  readonly backtest: FidelitySide
  readonly gapMicroUsd: number
  readonly terms: Readonly<Record<FidelityTerm, number>>
  /** Of the run's fills, those at prices where the backtest's maker stood too. */
  readonly commonFillCount: number
  /** Time without data, ms. */
  readonly outageMs: number
}

export const FIDELITY_TERMS = ['fees', 'latency', 'queue', 'missedData', 'other'] as const
export type FidelityTerm = (typeof FIDELITY_TERMS)[number]

/** Two makers whose timers differ by a little stand at a price at the same time. */
const SLACK_MS = 250
/** The venue speaks twice a second: so long a silence hides something, ms. */
const SILENCE_MS_MAX = 10_000

/** @throws SimulationError TAPE_MALFORMED for a journal without market data or without an account */
export function fidelityOf(options: FidelityOptions): Fidelity {
  const facts = factsOf(options)
  const { market, opening, endTicks } = facts
  const of = { market, opening, queue: options.queue }
  const play = (delays: LatencyDraws): { readonly played: Played; readonly spans: RestingSpans } => {
    const spans = initRestingSpans()
    const engine = options.engineOf(market)
    const onStep = (by: Engine, { tsMs }: Input): void => noteSpans(spans, by, tsMs)
    return { played: playJournal({ ...of, inputs: options.inputs(), engine, delays, onStep }), spans }
  }
  const assumed = play(options.assumed())
  const measured = play(options.measured())
  const value = (fill: PlayedFill): number => valueOf(fill, market, endTicks)
  const run = sideOf(facts.played, endTicks)
  const backtest = sideOf(assumed.played, endTicks)
  const isOut = ({ tsMs }: PlayedFill): boolean =>
    facts.outages.some(({ fromTsMs, toTsMs }) => fromTsMs <= tsMs && tsMs <= toTsMs)
  const isCommon = (fill: PlayedFill, other: RestingSpans): boolean =>
    !isOut(fill) && hasRested(other, fill, SLACK_MS)
  const sum = (fills: readonly PlayedFill[], fits: (fill: PlayedFill) => boolean): number =>
    fills.reduce((total, fill) => (fits(fill) ? total + value(fill) : total), 0)
  const { fills } = facts.played
  const model = fills.reduce((total, fill) => total + paperFeeMicroUsd(market, fill), 0)
  const common = fills.filter((fill) => isCommon(fill, measured.spans))
  const terms = {
    fees: model - run.feesMicroUsd,
    latency: sideOf(measured.played, endTicks).pnlMicroUsd - backtest.pnlMicroUsd,
    queue: sum(common, () => true) - sum(measured.played.fills, (fill) => isCommon(fill, facts.spans)),
    missedData: sum(fills, isOut) - sum(measured.played.fills, isOut),
  }
  const gapMicroUsd = run.pnlMicroUsd - backtest.pnlMicroUsd
  const named = terms.fees + terms.latency + terms.queue + terms.missedData
  return {
    ...{ market, startTsMs: facts.startTsMs, endTsMs: facts.endTsMs, run, backtest, gapMicroUsd },
    terms: { ...terms, other: gapMicroUsd - named },
    commonFillCount: common.length,
    outageMs: facts.outages.reduce((total, { fromTsMs, toTsMs }) => total + toTsMs - fromTsMs, 0),
  }
}

/** What the fill makes by the end, less the model's fee. */
function valueOf(fill: PlayedFill, market: MarketSpec, endTicks: number): number {
  return grossOf(fill, endTicks) - paperFeeMicroUsd(market, fill)
}

function grossOf({ side, sizeLots, priceTicks }: PlayedFill, endTicks: number): number {
  return signOf(side) * sizeLots * (endTicks - priceTicks)
}

function sideOf({ fills, funding }: Played, endTicks: number): FidelitySide {
  const side = { pnlMicroUsd: 0, volumeMicroUsd: 0, feesMicroUsd: 0, fundingMicroUsd: 0, positionLots: 0 }
  for (const { amountMicroUsd } of funding) side.fundingMicroUsd += amountMicroUsd
  for (const fill of fills) {
    side.volumeMicroUsd += notionalMicroUsd(fill)
    side.feesMicroUsd += fill.feeMicroUsd
    side.positionLots += signOf(fill.side) * fill.sizeLots
    side.pnlMicroUsd += grossOf(fill, endTicks) - fill.feeMicroUsd
  }
  side.pnlMicroUsd += side.fundingMicroUsd
  return { ...side, fillCount: fills.length }
}

interface Outage {
  readonly fromTsMs: number
  readonly toTsMs: number
}

interface Facts {
  readonly market: MarketSpec
  readonly opening: AccountInput
  readonly played: Played
  readonly spans: RestingSpans
  readonly outages: readonly Outage[]
  readonly startTsMs: number
  readonly endTsMs: number
  /** The last mid, rounded down. */
  readonly endTicks: number
}

/** The run as its journal tells it: its own maker goes through its inputs once more, to know where it stood. */
function factsOf({ inputs, engineOf }: FidelityOptions): Facts {
  const played: Played = { fills: [], funding: [] }
  const spans = initRestingSpans()
  const outages: Outage[] = []
  let engine: Engine | null = null
  let market: MarketSpec | null = null
  let opening: AccountInput | null = null
  let [startTsMs, endTsMs, endTicks, heardTsMs] = [0, 0, 0, 0]
  let downTsMs: number | null = null
  for (const input of inputs()) {
    const { tsMs } = input
    if (input.kind === 'sessionStarted') {
      market = input.market
      engine = engineOf(market)
      startTsMs = tsMs
    }
    if (engine === null) break
    step(engine, input)
    noteSpans(spans, engine, tsMs)
    endTsMs = tsMs
    if (input.kind === 'account') opening ??= input
    if (input.kind === 'fill') played.fills.push(input)
    if (input.kind === 'fundingPaid') played.funding.push(input)
    if (input.kind === 'connection') {
      if (input.up && downTsMs !== null) outages.push({ fromTsMs: downTsMs, toTsMs: tsMs })
      downTsMs = input.up ? null : tsMs
    }
    if (input.kind !== 'book' && input.kind !== 'touch') continue
    if (downTsMs === null && heardTsMs > 0 && tsMs - heardTsMs > SILENCE_MS_MAX)
      outages.push({ fromTsMs: heardTsMs, toTsMs: tsMs })
    heardTsMs = tsMs
    endTicks = midOf(input) ?? endTicks
  }
  if (downTsMs !== null) outages.push({ fromTsMs: downTsMs, toTsMs: endTsMs })
  if (market === null || opening === null || endTicks === 0) {
    const message =
      'the journal holds no account and market data to compare with; give the folder of a live or paper run that quoted'
    throw new SimulationError('TAPE_MALFORMED', message)
  }
  assert(startTsMs <= endTsMs, 'a run ends after it began')
  return { market, opening, played, spans, outages, startTsMs, endTsMs, endTicks }
}

function midOf(input: Input & { readonly kind: 'book' | 'touch' }): number | null {
  const [bid = 0, ask = 0] =
    input.kind === 'touch' ? [input.bidTicks, input.askTicks] : [input.bids[0], input.asks[0]]
  return bid > 0 && ask > 0 ? Math.floor((bid + ask) / 2) : null
}
