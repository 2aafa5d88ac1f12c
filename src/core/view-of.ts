/** Makes the outside's view of the maker. Reads only; called by the runtime for status, metrics and summary, never in a tick. */
import { liquidationShare } from './assess.ts'
import { leastDelayMs } from './book/book-delay.ts'
import { isUsable, namedReadings, WATERFALL_TERMS } from './contracts.ts'
import type { DesiredLevel, Estimates, Reading } from './contracts.ts'
import type { Engine } from './engine.ts'
import { engineHash } from './engine.ts'
import { exposureOf, midTicksOf } from './exposure.ts'
import { pnlOf } from './ledger/ledger.ts'
import { isActive } from './orders/order-state.ts'
import { openLots } from './orders/tracker.ts'
import { leftOf, runwayHours } from './risk/budget.ts'
import type { EngineState } from './state.ts'
import type { Side } from './units.ts'
import type { EstimateView, MakerView } from './view.ts'

export function viewOf(engine: Engine): MakerView {
  const { state, parts } = engine
  const midTicks = midTicksOf(state)
  const exposure = exposureOf(state)
  const pnl = pnlOf(state.ledger, midTicks ?? state.markTicks)
  const { estimates, ladder, market } = state
  const ownBidTicks = bestResting(state, 'buy')
  const ownAskTicks = bestResting(state, 'sell')
  const [stateWord, because] = stateOf(state, ownBidTicks, ownAskTicks)
  return {
    tsMs: state.tsMs,
    seq: state.seq,
    state: stateWord,
    because,
    coin: market?.coin ?? '',
    priceDecimals: market?.grid.priceDecimals ?? 0,
    szDecimals: market?.grid.szDecimals ?? 0,
    midTicks,
    fairTicks: valueOf(estimates.fairTicks),
    ownBidTicks,
    ownAskTicks,
    spreadBps:
      ownBidTicks === null || ownAskTicks === null || midTicks === null
        ? null
        : ((ownAskTicks - ownBidTicks) / midTicks) * 10_000,
    sigmaPerSqrtSec: valueOf(estimates.sigmaPerSqrtSec),
    kappaBid: valueOf(estimates.kappaBid),
    kappaAsk: valueOf(estimates.kappaAsk),
    kappaBid95: credible95(estimates.kappaBid),
    kappaAsk95: credible95(estimates.kappaAsk),
    estimates: estimates.tsMs === 0 ? {} : estimateViews(estimates),
    pipelineFigures:
      engine.pipelineState === null ? null : (parts.pipeline.figures?.(engine.pipelineState) ?? null),
    strategyFigures:
      engine.strategyState === null ? null : (parts.strategy.figures?.(engine.strategyState) ?? null),
    adverseSelectionBps: meanOf(estimates.adverseSelectionBidBps, estimates.adverseSelectionAskBps),
    toxicity: valueOf(estimates.toxicity),
    referenceBasisBps: valueOf(estimates.referenceBasisBps),
    referenceLead: valueOf(estimates.referenceLead),
    positionLots: exposure.positionLots,
    positionMicroUsd: midTicks === null ? 0 : Math.round(exposure.positionLots * midTicks),
    maxPositionLots: parts.settings.maxPositionLots,
    openOrderCount: exposure.openOrderCount,
    uncertainOrderCount: exposure.uncertainCount,
    fillCount: state.ledger.fillCount,
    volumeMicroUsd: state.ledger.volumeMicroUsd,
    pnl,
    dailyPnlMicroUsd: pnl.totalMicroUsd - state.ledger.dayStartMicroUsd,
    quoteCount: state.counters.quotes,
    cancelCount: state.counters.cancels,
    refusalCount: state.counters.refusals,
    duplicateFillCount: state.counters.duplicateFills,
    bookAgeMs: state.hasBook ? state.tsMs - state.bookTsMs : null,
    isKilled: state.killedBecause !== null,
    requestsLeft: leftOf(state.budget),
    requestRunwayHours: runwayHours(state.budget, state.tsMs),
    requestWeightLeft: state.budget.weightMax === 0 ? null : state.budget.weightMax - state.budget.weightUsed,
    isolatedMarginMicroUsd: state.accountLast?.isolatedMarginMicroUsd ?? null,
    liquidationShare: liquidationShare(state),
    findings: (state.verdict?.findings ?? []).map(({ monitor, action, because }) => ({
      monitor,
      action,
      because,
    })),
    protectionTripCount: state.counters.mmpTrips,
    burstCount: state.counters.bursts,
    sweepCount: state.counters.sweeps,
    clockSkewMs: leastDelayMs(state.bookDelay),
    loopLagMs: state.loopLagMs,
    orderMismatchCount: state.orderMismatchCount,
    gateReasons: { ...state.gateReasons },
    foreignOrderCount: state.foreignOrders.length,
    stateHash: engineHash(engine),
    bidWaterfallBps: waterfallOf(ladder.bids[0], ladder.bidCount, ladder.fairMicroTicks),
    askWaterfallBps: waterfallOf(ladder.asks[0], ladder.askCount, ladder.fairMicroTicks),
    bidFloor: ladder.bidFloor,
    askFloor: ladder.askFloor,
  }
}

function valueOf(reading: Reading): number | null {
  return isUsable(reading) ? reading.value : null
}

function estimateViews(estimates: Estimates): Record<string, EstimateView> {
  return Object.fromEntries(
    namedReadings(estimates).map(([name, reading]) => [name, estimateView(reading, estimates.tsMs)]),
  )
}

function estimateView(reading: Reading, tsMs: number): EstimateView {
  const { status, confidence } = reading
  return {
    value: valueOf(reading),
    status,
    ageMs: reading.tsMs === 0 ? null : tsMs - reading.tsMs,
    confidence,
  }
}

const Z_95 = 1.959964

/**
 * Between which values 95 % of a Gamma posterior lie whose sd/mean is 1/confidence − 1: Wilson and Hilferty's (1931) cube root, within
 * 1 % from five observations on.
 */
export function credible95(kappa: Reading): readonly [number, number] | null {
  if (!isUsable(kappa) || kappa.value <= 0 || kappa.confidence <= 0 || kappa.confidence >= 1) return null
  const ninth = (1 / kappa.confidence - 1) ** 2 / 9
  const bound = (z: number): number => kappa.value * Math.max(0, 1 - ninth + z * Math.sqrt(ninth)) ** 3
  return [bound(-Z_95), bound(Z_95)]
}

function meanOf(a: Reading, b: Reading): number | null {
  const [first, second] = [valueOf(a), valueOf(b)]
  if (first === null) return second
  return second === null ? first : (first + second) / 2
}

function bestResting(state: EngineState, side: Side): number | null {
  let best: number | null = null
  for (const order of state.tracker.live.values()) {
    // An order whose place another takes rests at the venue until that moment: the side is quoted all along.
    const isBeingMoved = order.state === 'cancelPending' && order.replacedBy !== null
    if (order.side !== side || !(isActive(order.state) || isBeingMoved) || openLots(order) === 0) continue
    if (best === null || (side === 'buy' ? order.priceTicks > best : order.priceTicks < best)) {
      best = order.priceTicks
    }
  }
  return best
}

function stateOf(
  state: EngineState,
  ownBidTicks: number | null,
  ownAskTicks: number | null,
): readonly [MakerView['state'], string | null] {
  if (state.killedBecause !== null) return ['killed', state.killedBecause]
  if (state.mode === 'stopping') return ['stopping', state.pauseBecause]
  if (state.mode === 'paused') return ['paused', state.pauseBecause]
  if (state.accountFirst === null) return ['starting', 'waiting for the venue']
  const { ladder } = state
  if (ownBidTicks !== null && ownAskTicks !== null) return ['quoting', null]
  const because = [ladder.bidBecause, ladder.askBecause].filter((reason) => reason !== null)
  const reason = because.length > 0 ? [...new Set(because)].join('; ') : 'orders are on their way'
  return [ownBidTicks === null && ownAskTicks === null ? 'notQuoting' : 'oneSided', reason]
}

function waterfallOf(
  level: DesiredLevel | undefined,
  count: number,
  fairMicroTicks: number,
): Readonly<Record<string, number>> {
  if (level === undefined || count === 0 || fairMicroTicks <= 0) return {}
  const terms: Record<string, number> = {}
  WATERFALL_TERMS.forEach((term, index) => {
    terms[term] = ((level.termsMicroTicks[index] ?? 0) / fairMicroTicks) * 10_000
  })
  return terms
}
