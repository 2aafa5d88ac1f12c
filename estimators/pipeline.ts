/**
 * The estimators in their order: which event goes where, and how one record of numbers comes out.
 *
 * in      market events in time order
 * out     `Estimates`, every number with status, age and confidence
 * state   the states of the estimators; JSON-safe, so snapshot and restore are a JSON round trip
 *
 *              book   trade   own fill   context   timer
 *   sampler → volatility, jumps, regime      ●                                    ●
 *   touch   → microprice chain, order flow   ●
 *   book    → depth, holes, spread           ●
 *   momentum                                 ●
 *   market orders → κ and A                  ●      ●                             ●
 *   market orders → flow, trade intensity           ●                             ●
 *   market orders → toxicity                        ●                             ●
 *   markouts, edge                           ●                ●                   ●
 *   own fills → κ lean, bursts                                ●                   ●
 *   funding                                                            ●
 *
 * One print is counted once everywhere, and by value in dollars where volume matters.
 * Most events come between two looks at the numbers: they wait (`waiting-events.ts`) and are heard a few at a time, in their order, before
 * anybody reads. Only what needs the whole book is taken from it at once.
 * Longer than most files: it is the one place where every estimator is wired, and reads as a table.
 */
import { assert, assertNever } from '../src/core/assert.ts'
import { isTwoSided, midOf } from '../src/core/book/l2-book.ts'
import type { L2Book } from '../src/core/book/l2-book.ts'
import type {
  Estimates,
  EstimatePipeline,
  MarketEvent,
  PipelineFigures,
  Reading,
} from '../src/core/contracts.ts'
import { BPS, MICRO_USD_PER_USD, priceStepTicks } from '../src/core/units.ts'
import type { Side } from '../src/core/units.ts'
import {
  markoutFigures,
  meanMarkoutBps,
  observeFill,
  observeMarkoutMid,
  readAdverseSelection,
} from './adverse-selection.ts'
import { thinnerDepthUsd } from './depth.ts'
import { edgeFigure, observeFillEdge } from './fill-edge.ts'
import { observeOrder, observeOwnFill, passIntensityTime, readFillRate, readKappa } from './fill-intensity.ts'
import { observeFlow, passFlowTime, readFlow } from './flow-imbalance.ts'
import { confirmMid, takeSample } from './grid-sampler.ts'
import type { GridSample } from './grid-sampler.ts'
import { observeFitEvent, readHawkesFit, watchHawkesFit } from './hawkes-fit.ts'
import { observeEvent, passHawkesTime, readHawkes } from './hawkes.ts'
import { widestHoleBps } from './liquidity-holes.ts'
import { flushOrder, observeMid, observePrint } from './market-orders.ts'
import type { MarketOrder } from './market-orders.ts'
import {
  breakMicropriceChain,
  expectedMove,
  learnMicroprice,
  micropriceConfidence,
} from './microprice-learning.ts'
import { assertMicropriceConfig, fairTicks, gatedTicks, touchImbalance, weightedMid } from './microprice.ts'
import type { MicropriceConfig } from './microprice.ts'
import { readMomentumZ, updateMomentum } from './momentum.ts'
import { observeTouch, readOrderFlow } from './order-flow.ts'
import { assertPipelineConfig } from './pipeline-config.ts'
import type { PipelineConfig } from './pipeline-config.ts'
import {
  observeReference,
  passReferenceTime,
  readReferenceBasis,
  readReferenceLead,
  readReferenceMove,
} from './reference.ts'
import { breakSpread, observeSpread, readSpreadPercentile } from './spread-percentile.ts'
import { observeTrade, readToxicity } from './toxicity.ts'
import {
  readJumps,
  readRegime,
  readSigma,
  readSigmaFast,
  readSigmaSlow,
  updateVolatility,
} from './volatility.ts'
import {
  BUY,
  CONTEXT,
  noteNumber,
  noteTouch,
  noteTrade,
  ONE_SIDED,
  readWaiting,
  REFERENCE,
  SELL,
  TIMER,
  TOUCH,
  WAITING_MAX,
} from './waiting-events.ts'
import type { HeardEvent } from './waiting-events.ts'
import { initPipeline } from './pipeline-state.ts'
import type { PipelineState, TouchMemory } from './pipeline-state.ts'

interface Scratch {
  readonly sample: GridSample
  readonly order: MarketOrder
  readonly heard: HeardEvent
  readonly print: { tsMs: number; aggressor: Side; priceTicks: number; sizeLots: number }
}

/** Hyperliquid pays at every full hour UTC. */
const FUNDING_INTERVAL_MS = 3_600_000
/** A ladder changes its shape more slowly than its prices: a look at this pace costs nothing a tick. */
const HOLES_PERIOD_MS = 250
/** Funding is announced at least this often. */
const FUNDING_STALE_MS = 2 * 3_600_000

/**
 * @param hasReference whether a reference market is listened to; without one its estimates say `off`
 * @throws InvariantError naming the field when a setting has no meaning
 */
export function createPipeline(
  config: PipelineConfig,
  hasReference = false,
): EstimatePipeline<PipelineState> {
  assertPipelineConfig(config)
  const micropriceConfig = {
    gateUsdLow: config.micropriceGateUsdLow,
    gateUsdHigh: config.micropriceGateUsdHigh,
  }
  assertMicropriceConfig(micropriceConfig)
  const scratch = initScratch()

  function absorb(state: PipelineState, event: MarketEvent): void {
    const { waiting } = state
    // Read once: the same number is handed on, not a new one made for each call.
    const { tsMs } = event
    switch (event.kind) {
      case 'book':
        if (isTwoSided(event.book)) {
          noteShape(state, tsMs, event.book, config)
          noteTouch(waiting, tsMs, event.book)
        } else noteNumber(waiting, ONE_SIDED, tsMs, 0)
        break
      case 'trade':
        noteTrade(waiting, tsMs, event.aggressor, event.priceTicks, event.sizeLots)
        break
      case 'ownFill':
        hearAll(state)
        passAllTime(state, tsMs, scratch)
        return absorbOwnFill(state, event)
      case 'context':
        noteNumber(waiting, CONTEXT, tsMs, event.fundingPerHour)
        break
      case 'reference':
        noteNumber(waiting, REFERENCE, tsMs, event.midTicks)
        break
      case 'timer':
        // Nobody waits for what comes of a timer: the time to catch up.
        noteNumber(waiting, TIMER, tsMs, 0)
        return hearAll(state)
      default:
        return assertNever(event)
    }
    if (waiting.count === WAITING_MAX) hearAll(state)
  }

  /** In the order in which they came, each at its time. */
  function hearAll(state: PipelineState): void {
    const { waiting } = state
    const { heard } = scratch
    for (let index = 0; index < waiting.count; index += 1) {
      readWaiting(waiting, index, heard)
      const { tsMs } = heard
      passAllTime(state, tsMs, scratch)
      hear(state, heard, tsMs)
    }
    waiting.count = 0
  }

  function hear(state: PipelineState, heard: HeardEvent, tsMs: number): void {
    switch (heard.what) {
      case TOUCH:
        return absorbTouch(state, heard, tsMs)
      case ONE_SIDED:
        state.touch.isTwoSided = false
        if (state.microprice !== null) breakMicropriceChain(state.microprice)
        breakSpread(state.spread)
        return
      case BUY:
      case SELL:
        return absorbTrade(state, heard, scratch)
      case CONTEXT:
        state.funding.perHour = heard.a
        state.funding.tsMs = heard.tsMs
        return
      case REFERENCE:
        observeReference(state.reference, heard.tsMs, heard.a)
        return
    }
  }

  function absorbTouch(state: PipelineState, heard: HeardEvent, tsMs: number): void {
    const { touch } = state
    touch.isTwoSided = true
    if (state.microprice !== null && tsMs - touch.tsMs > config.staleMs)
      breakMicropriceChain(state.microprice)
    rememberTouch(touch, heard)
    observeSpread(state.spread, touch)
    writeFair(state, tsMs, micropriceConfig)
    observeMid(state.marketOrders, tsMs, touch.midTicks)
    confirmMid(state.sampler, tsMs, touch.midTicks)
    updateMomentum(state.momentum, tsMs, touch.midTicks)
    observeTouch(state.orderFlow, tsMs, touch)
    observeMarkoutMid(state.adverseSelection, tsMs, touch.midTicks)
  }

  return {
    init: (market) => initPipeline(config, hasReference, market),
    absorb,
    read: (state, tsMs, out) => {
      hearAll(state)
      read(state, tsMs, out)
    },
    figures: (state) => {
      hearAll(state)
      return figures(state)
    },
  }
}

/** Written and read within one call; not state. */
function initScratch(): Scratch {
  return {
    sample: { tsMs: 0, midTicks: 0, meanTicks: 0 },
    order: { aggressor: 'buy', tsMs: 0, depthFraction: 0, sizeLots: 0, valueUsd: 0 },
    heard: { what: TIMER, tsMs: 0, a: 0, b: 0, c: 0, d: 0 },
    print: { tsMs: 0, aggressor: 'buy', priceTicks: 0, sizeLots: 0 },
  }
}

function absorbTrade(state: PipelineState, heard: HeardEvent, { print, order }: Scratch): void {
  print.tsMs = heard.tsMs
  print.aggressor = heard.what === BUY ? 'buy' : 'sell'
  print.priceTicks = heard.a
  print.sizeLots = heard.b
  const usd = (print.priceTicks * print.sizeLots) / MICRO_USD_PER_USD
  if (observePrint(state.marketOrders, print, order)) absorbOrder(state, order)
  observeFlow(state.flow, print.tsMs, print.aggressor, usd)
}

function absorbOwnFill(state: PipelineState, event: Extract<MarketEvent, { kind: 'ownFill' }>): void {
  const quote = event.side === 'buy' ? 'bid' : 'ask'
  observeEvent(quote === 'bid' ? state.burstBid : state.burstAsk, event.tsMs)
  const { midAtPlacementTicks } = event
  if (midAtPlacementTicks !== null && midAtPlacementTicks > 0) {
    const distanceTicks =
      quote === 'bid' ? midAtPlacementTicks - event.priceTicks : event.priceTicks - midAtPlacementTicks
    observeOwnFill(state.intensity, quote, distanceTicks / midAtPlacementTicks)
  }
  if (state.touch.midTicks > 0) {
    const fill = { tsMs: event.tsMs, side: event.side, midTicks: state.touch.midTicks, midAtPlacementTicks }
    observeFill(state.adverseSelection, fill)
    observeFillEdge(state.fillEdge, { ...event, midTicks: state.touch.midTicks })
  }
}

/** What the chain knows of this state is believed as far as it was seen; the rest is the weighted mid. */
function writeFair(state: PipelineState, tsMs: number, config: MicropriceConfig): void {
  const { touch, microprice } = state
  if (microprice === null) {
    touch.fairTicks = fairTicks(touch, config)
    return
  }
  learnMicroprice(microprice, tsMs, touch)
  const { midTicks } = touch
  const known = micropriceConfidence(microprice, touch)
  const learntTicks = expectedMove(microprice, touch) * midTicks
  const leanTicks = known * learntTicks + (1 - known) * (weightedMid(touch) - midTicks)
  touch.fairTicks = gatedTicks(touch, config, leanTicks)
}

/** What time alone does, before any event: samples fall due, memories fade, a market order of earlier is complete. */
function passAllTime(state: PipelineState, tsMs: number, scratch: Scratch): void {
  while (takeSample(state.sampler, tsMs, scratch.sample)) updateVolatility(state.volatility, scratch.sample)
  if (flushOrder(state.marketOrders, tsMs, scratch.order)) absorbOrder(state, scratch.order)
  passIntensityTime(state.intensity, tsMs)
  passFlowTime(state.flow, tsMs)
  watchHawkesFit(state.tradeIntensity, tsMs)
  passHawkesTime(state.burstBid, tsMs)
  passHawkesTime(state.burstAsk, tsMs)
  passReferenceTime(state.reference, tsMs, isTouchFresh(state, tsMs) ? state.touch : null)
}

function isTouchFresh({ touch, sampler }: PipelineState, tsMs: number): boolean {
  return touch.isTwoSided && tsMs - touch.tsMs <= sampler.config.staleMs
}

/** A market order that is complete: sell aggressors hit bids. */
function absorbOrder(state: PipelineState, order: MarketOrder): void {
  observeOrder(state.intensity, order.aggressor === 'sell' ? 'bid' : 'ask', order.depthFraction)
  observeFitEvent(state.tradeIntensity, order.tsMs)
  observeTrade(state.toxicity, order.tsMs, order.aggressor, order.valueUsd)
}

function rememberTouch(touch: TouchMemory, heard: HeardEvent): void {
  touch.bidTicks = heard.a
  touch.bidLots = heard.b
  touch.askTicks = heard.c
  touch.askLots = heard.d
  touch.midTicks = (heard.a + heard.c) / 2
  touch.tsMs = heard.tsMs
}

/** What the book looks like beside its prices. */
function noteShape({ shape, grid }: PipelineState, tsMs: number, book: L2Book, config: PipelineConfig): void {
  shape.depthUsd = thinnerDepthUsd(book, config.depthWithinBps)
  if (tsMs - shape.holesTsMs < HOLES_PERIOD_MS) return
  shape.holesTsMs = tsMs
  const midTicks = midOf(book)
  const reachTicks = midTicks * config.depthWithinBps * BPS
  const stepTicks = priceStepTicks(midTicks, grid)
  shape.holeBidBps = widestHoleBps(book.bids, midTicks, reachTicks, stepTicks)
  shape.holeAskBps = widestHoleBps(book.asks, midTicks, reachTicks, stepTicks)
}

function read(state: PipelineState, tsMs: number, out: Estimates): void {
  out.tsMs = tsMs
  readTouch(state, tsMs, out)
  readSigma(state.volatility, out.sigmaPerSqrtSec)
  readSigmaFast(state.volatility, out.sigmaFastPerSqrtSec)
  readSigmaSlow(state.volatility, out.sigmaSlowPerSqrtSec)
  readJumps(state.volatility, out.jumpRatio, out.jumpZ)
  out.regime = readRegime(state.volatility)
  readKappa(state.intensity, 'bid', out.kappaBid)
  readKappa(state.intensity, 'ask', out.kappaAsk)
  readFillRate(state.intensity, 'bid', out.fillRateBidPerSec)
  readFillRate(state.intensity, 'ask', out.fillRateAskPerSec)
  readMomentum(state, out)
  readFlow(state.flow, out.flowImbalance)
  readOrderFlow(state.orderFlow, out.orderFlowImbalance)
  readToxicity(state.toxicity, out.toxicity)
  readHawkes(state.burstBid, out.fillBurstBid)
  readHawkes(state.burstAsk, out.fillBurstAsk)
  readHawkesFit(state.tradeIntensity, tsMs, out.tradeIntensityRatio, out.tradeBranchingRatio)
  readAdverseSelection(state.adverseSelection, 'bid', out.adverseSelectionBidBps)
  readAdverseSelection(state.adverseSelection, 'ask', out.adverseSelectionAskBps)
  const { funding } = state
  const isFundingFresh = funding.tsMs > 0 && tsMs - funding.tsMs <= FUNDING_STALE_MS
  writeReading(out.fundingPerHour, funding.perHour, funding.tsMs, isFundingFresh)
  const dueSec = (FUNDING_INTERVAL_MS - (tsMs % FUNDING_INTERVAL_MS)) / 1_000
  writeReading(out.fundingDueSec, dueSec, funding.tsMs, isFundingFresh)
}

function figures({ adverseSelection, fillEdge }: PipelineState): PipelineFigures {
  const { horizonIndex } = adverseSelection.config
  const edges = (['bid', 'ask'] as const).flatMap((quote) => {
    const edge = edgeFigure(fillEdge, quote, meanMarkoutBps(adverseSelection, quote, horizonIndex))
    return edge === null ? [] : [edge]
  })
  return { markouts: markoutFigures(adverseSelection), edges }
}

function readTouch(state: PipelineState, tsMs: number, out: Estimates): void {
  const { touch, shape } = state
  const isFresh = isTouchFresh(state, tsMs)
  readMicroprice(state, isFresh, out.micropriceLeanBps)
  out.bestBidTicks = touch.isTwoSided ? touch.bidTicks : 0
  out.bestAskTicks = touch.isTwoSided ? touch.askTicks : 0
  writeReading(out.midTicks, touch.midTicks, touch.tsMs, isFresh)
  writeReading(out.fairTicks, fairWithReference(state, tsMs, out), touch.tsMs, isFresh)
  writeReading(out.bookImbalance, touchImbalance(touch), touch.tsMs, isFresh)
  writeReading(out.depthUsd, shape.depthUsd, touch.tsMs, isFresh)
  writeReading(out.holeBidBps, shape.holeBidBps, shape.holesTsMs, isFresh)
  writeReading(out.holeAskBps, shape.holeAskBps, shape.holesTsMs, isFresh)
  readSpreadPercentile(state.spread, isFresh, out.spreadPercentile)
}

/** The microprice, moved by what the reference market is ahead; the microprice itself when that cannot be used. */
function fairWithReference({ reference, touch }: PipelineState, tsMs: number, out: Estimates): number {
  readReferenceBasis(reference, tsMs, out.referenceBasisBps)
  readReferenceLead(reference, tsMs, out.referenceLead)
  readReferenceMove(reference, tsMs, touch.fairTicks, out.referenceMoveBps)
  return touch.fairTicks * (1 + out.referenceMoveBps.value * BPS)
}

function readMicroprice({ touch, microprice }: PipelineState, isFresh: boolean, out: Reading): void {
  if (microprice === null) {
    out.status = 'off'
    return
  }
  if (touch.tsMs === 0) return
  const known = micropriceConfidence(microprice, touch)
  writeReading(out, expectedMove(microprice, touch) / BPS, touch.tsMs, isFresh)
  if (!isFresh) return
  out.status = known > 0 ? 'measured' : 'warming'
  out.confidence = known
}

function readMomentum(state: PipelineState, out: Estimates): void {
  const { touch } = state
  const noise = touch.midTicks > 0 ? (touch.askTicks - touch.bidTicks) / (2 * touch.midTicks) : 0
  for (let index = 0; index < out.momentumZ.length; index += 1) {
    const reading = out.momentumZ[index]
    assert(reading !== undefined, 'estimates have a reading for every momentum horizon')
    readMomentumZ(state.momentum, index, out.sigmaSlowPerSqrtSec.value, noise, reading)
  }
}

/** A number seen once stays readable with its age; whether it may be used, its status says. */
function writeReading(out: Reading, value: number, dataTsMs: number, isFresh: boolean): void {
  out.value = value
  out.status = dataTsMs === 0 ? 'noData' : isFresh ? 'measured' : 'stale'
  out.tsMs = dataTsMs
  out.confidence = isFresh ? 1 : 0
}
