/**
 * The GLFT ladder: model terms, floors, depths, sizes, prices, for both sides.
 *
 * in      quote context
 * out     desired ladder, best level first, each level a sum of named terms; with a reason for what is not quoted
 * state   glft-ladder-state.ts: tight-quoting switch, and a report of the last decision (factors, floors, what bound each level)
 * source  docs/math/glft.md, floors.md, ladder.md
 *
 * The side that adds to the position goes first: what the inventory made it wider, the reducing side may be nearer than
 * half the minimum, as long as the full spread stays at its floor. So an inventory always leans both quotes.
 * At full inventory the reducing side no longer insists on earning its fee either.
 * Longer than most files: the whole way of a decision stands here in its order.
 */
import { assert } from '../src/core/assert.ts'
import { MICRO_TICKS_PER_TICK } from '../src/core/contracts.ts'
import type { DesiredLadder, DesiredLevel, QuoteContext, Strategy } from '../src/core/contracts.ts'
import { isUsable } from '../src/core/contracts.ts'
import type { MarketSpec } from '../src/core/market.ts'
import { BPS, priceStepTicks } from '../src/core/units.ts'
import { initGroundStates } from './glft/inventory-cost.ts'
import type { GroundStates } from './glft/inventory-cost.ts'
import { updateKnife } from './glft/knife.ts'
import type { KnifeConfig } from './glft/knife.ts'
import { assertGlftLadderConfig } from './glft-ladder-config.ts'
import type { GlftLadderConfig } from './glft-ladder-config.ts'
import { figures, initLadderState } from './glft-ladder-state.ts'
import type { GlftLadderState, SideReport } from './glft-ladder-state.ts'
import { clipLots, readModel, usableOrNull, widestHole, writeModelTerms } from './glft-terms.ts'
import type { ModelNumbers } from './glft-terms.ts'
import type { Binding } from './ladder/allocate.ts'
import { writeDepths } from './ladder/depths.ts'
import { noteFloor } from './ladder/floor-shares.ts'
import { bindingFloor, largestFloor, latencyFloor, tickFloor } from './ladder/floors.ts'
import type { Floors } from './ladder/floors.ts'
import { minLotsOf, sideBudget } from './ladder/side-budget.ts'
import { initSizing, sizeSide } from './ladder/sizes.ts'
import type { Sizing } from './ladder/sizes.ts'
import { updateTightQuoting } from './ladder/tight-quoting.ts'
import type { TightQuotingConfig, TightQuotingState } from './ladder/tight-quoting.ts'
import { initTerms, microTicksOf, placeLevel, sumTerms, TERM, toMicroTicks } from './ladder/waterfall.ts'
import type { Terms, Touch } from './ladder/waterfall.ts'

/** Reused between calls; what is read across them is a cache of a pure function. */
interface Scratch {
  readonly bidTerms: Terms
  readonly askTerms: Terms
  /** Of the side that is being placed, in micro-ticks. */
  readonly sideMicroTicks: Float64Array
  readonly sizing: Sizing
  /** Of the exact solution; untouched with the closed form. */
  readonly exact: GroundStates
}

/** @throws InvariantError naming the field when a setting has no meaning */
export function createGlftLadder(config: GlftLadderConfig): Strategy<GlftLadderState> {
  assertGlftLadderConfig(config)
  const tightConfig: TightQuotingConfig = {
    isAllowed: config.tightQuoting,
    maxInventoryShare: config.tightQuotingMaxInventory,
    maxToxicity: config.tightQuotingMaxToxicity,
    excludedHours: config.tightQuotingExcludedHours,
    minDepthUsd: config.tightQuotingMinDepthUsd,
    maxHoleBps: config.holeFullBps,
    dwellMs: config.tightQuotingDwellMs,
  }
  const knifeConfig: KnifeConfig = { z: config.knifeZ, flowShare: config.knifeFlowShare }
  const scratch: Scratch = {
    bidTerms: initTerms(),
    askTerms: initTerms(),
    sideMicroTicks: initTerms(),
    sizing: initSizing(config.allocation, config.levels),
    exact: initGroundStates(),
  }

  function quote(state: GlftLadderState, context: QuoteContext, out: DesiredLadder): void {
    const missing = whyNot(context)
    if (missing !== null) {
      noteFloor(state.bid.floorTimes, context.tsMs, null)
      noteFloor(state.ask.floorTimes, context.tsMs, null)
      return quoteNothing(out, missing)
    }
    const { estimates } = context
    readModel(config, context, state.model, state.factors)
    const { momentumZ, flowImbalance } = estimates
    updateKnife(state.knife, knifeConfig, context.tsMs, momentumZ, flowImbalance)
    state.model.fallingKnife = state.knife.falling.isOn ? 1 : 0
    state.model.risingKnife = state.knife.rising.isOn ? 1 : 0
    updateTightQuoting(state.tight, tightConfig, {
      tsMs: context.tsMs,
      regime: estimates.regime,
      inventoryShare: state.model.inventoryShare,
      toxicity: usableOrNull(estimates.toxicity),
      depthUsd: usableOrNull(estimates.depthUsd),
      holeBps: widestHole(estimates),
    })
    const { bidTerms, askTerms, exact } = scratch
    writeModelTerms(config, context, state.model, state.factors, bidTerms, askTerms, exact)
    out.fairMicroTicks = Math.round(estimates.fairTicks.value * MICRO_TICKS_PER_TICK)

    const isLong = context.positionLots > 0
    const adding = isLong ? 'bid' : 'ask'
    const reducing = isLong ? 'ask' : 'bid'
    const minimum = minimumSpread(config, state.tight)
    quoteSide(adding, config, context, state, minimum / 2, scratch, out)
    const lean = (isLong ? scratch.bidTerms : scratch.askTerms)[TERM.inventory] ?? 0
    const given = Math.max(minimum / 2 - lean, minimum - (isLong ? state.bid : state.ask).innerDepth, 0)
    quoteSide(reducing, config, context, state, Math.min(given, minimum / 2), scratch, out)
  }

  return {
    name: 'glft-ladder',
    levelCountMax: config.levels,
    init: (_market: MarketSpec) => initLadderState(config.levels),
    quote,
    figures,
  }
}

/** The first estimate without which there is no price; null when all are there. */
function whyNot(context: QuoteContext): string | null {
  const { estimates } = context
  if (!isUsable(estimates.fairTicks)) return `no fair price: ${estimates.fairTicks.status}`
  if (estimates.fairTicks.value < 1) return 'no fair price: below one tick'
  if (!isUsable(estimates.sigmaPerSqrtSec)) return `no volatility: ${estimates.sigmaPerSqrtSec.status}`
  if (!isUsable(estimates.kappaBid) || !isUsable(estimates.kappaAsk)) return 'no kappa'
  if (!isUsable(estimates.fillRateBidPerSec) || !isUsable(estimates.fillRateAskPerSec)) return 'no fill rate'
  return null
}

function quoteNothing(out: DesiredLadder, because: string): void {
  out.bidCount = 0
  out.askCount = 0
  out.bidBecause = because
  out.askBecause = because
  out.bidFloor = 'none'
  out.askFloor = 'none'
}

/** Full minimum spread, fraction: the configured one, or its share while tight quoting is on. */
function minimumSpread(config: GlftLadderConfig, tight: TightQuotingState): number {
  return config.minSpreadFloorBps * BPS * (tight.isOn ? config.tightQuotingFloorShare : 1)
}

function quoteSide(
  quote: 'bid' | 'ask',
  config: GlftLadderConfig,
  context: QuoteContext,
  state: GlftLadderState,
  minimumHalf: number,
  scratch: Scratch,
  out: DesiredLadder,
): void {
  const report = quote === 'bid' ? state.bid : state.ask
  const terms = quote === 'bid' ? scratch.bidTerms : scratch.askTerms
  writeFloors(quote, config, context, state.model, minimumHalf, report.floors)
  applyFloors(config, context, report, terms)
  noteFloor(report.floorTimes, context.tsMs, report.floor)
  writeLevelDepths(config, report, scratch.sizing.input.depths)
  sizeLevels(quote, config, context, state.model, report, scratch.sizing)
  const count = placeSide(quote, config, context, report, terms, scratch, out)
  const because = becauseOf(quote, config, context, report, count)
  if (quote === 'bid') {
    out.bidCount = count
    out.bidBecause = because
    out.bidFloor = report.floor
  } else {
    out.askCount = count
    out.askBecause = because
    out.askFloor = report.floor
  }
}

function writeFloors(
  quote: 'bid' | 'ask',
  config: GlftLadderConfig,
  context: QuoteContext,
  model: ModelNumbers,
  minimumHalf: number,
  out: Floors,
): void {
  const fair = context.estimates.fairTicks.value
  const step = priceStepTicks(fair, context.market.grid)
  out.tick = config.tickFloor ? tickFloor({ price: fair, step, steps: 1 }) : 0
  out.latency = config.latencyFloor ? latencyFloor(model.sigma, config.quoteUpdateLatencyMs / 1000) : 0
  const adverse = quote === 'bid' ? model.adverseBid : model.adverseAsk
  const isReducing = reducibleLots(quote, context) > 0
  // An exit must not wait for its fee: the fuller the inventory, the less of it is asked for.
  const feeShare = isReducing ? Math.max(0, 1 - model.inventoryShare) : 1
  out.fee = Math.max(0, model.fee + adverse) * feeShare
  out.minimum = minimumHalf
}

/** Adds the terms floor, depth and cap, and notes what bound. */
function applyFloors(
  config: GlftLadderConfig,
  context: QuoteContext,
  report: SideReport,
  terms: Terms,
): void {
  const model = sumTerms(terms)
  const floor = largestFloor(report.floors)
  report.floor = bindingFloor(report.floors, model)
  const floored = Math.max(model, floor)
  terms[TERM.floor] = floored - model
  const bounded = Math.min(
    Math.max(floored, config.minDepthBps * BPS),
    Math.max(config.maxDepthBps * BPS, floor),
  )
  terms[TERM.depth] = bounded - floored
  const capped = Math.min(bounded, Math.max(marketCap(config, context), floor, config.minDepthBps * BPS))
  terms[TERM.cap] = capped - bounded
  report.innerDepth = capped
}

function marketCap(config: GlftLadderConfig, context: QuoteContext): number {
  const { bestBidTicks, bestAskTicks, fairTicks } = context.estimates
  if (config.marketSpreadCapMultiple === 0 || bestBidTicks === 0 || bestAskTicks === 0) return Infinity
  return (config.marketSpreadCapMultiple * (bestAskTicks - bestBidTicks)) / (2 * fairTicks.value)
}

function writeLevelDepths(config: GlftLadderConfig, report: SideReport, depths: Float64Array): void {
  const inner = report.innerDepth
  const outer = Math.max(inner, Math.min(inner * config.ladderSpanMultiple, config.maxDepthBps * BPS))
  // Nothing to multiply at zero: without any floor the levels lie together and are merged.
  const spacing = inner > 0 ? config.spacing : 'linear'
  writeDepths({ spacing, inner, outer, levels: config.levels }, depths)
}

/** Lots that fills of this side would take off the position. */
function reducibleLots(quote: 'bid' | 'ask', context: QuoteContext): number {
  return Math.max(0, quote === 'bid' ? -context.positionLots : context.positionLots)
}

/** @returns lots to show in all */
function sizeLevels(
  quote: 'bid' | 'ask',
  config: GlftLadderConfig,
  context: QuoteContext,
  model: ModelNumbers,
  report: SideReport,
  sizing: Sizing,
): number {
  const reducible = reducibleLots(quote, context)
  sideBudget(quote, config, context, model.warmth, reducible, report.budget)
  const { input } = sizing
  input.kappa = quote === 'bid' ? model.kappaBid : model.kappaAsk
  input.cost = config.feesBps * BPS
  input.riskPerClip = model.gamma * model.sigma * model.sigma * config.holdingSec
  input.holdMove = model.sigma * Math.sqrt(config.holdingSec)
  input.clipLots = clipLots(config)
  input.reducibleClips = reducible / input.clipLots
  input.budgetLots = report.budget.lots
  input.levelCountMax = context.levelCountMax
  input.minLots = minLotsOf(context)
  input.levelMaxShare = config.levelMaxShare
  return sizeSide(sizing)
}

/** Writes the levels that have size; those that fall on one price are merged. @returns how many */
function placeSide(
  quote: 'bid' | 'ask',
  config: GlftLadderConfig,
  context: QuoteContext,
  report: SideReport,
  terms: Terms,
  scratch: Scratch,
  out: DesiredLadder,
): number {
  const { market, estimates, positionLots, maxPositionLots } = context
  const levels = quote === 'bid' ? out.bids : out.asks
  const touch: Touch = estimates
  const reduceOnly = Math.abs(positionLots) >= maxPositionLots && reducibleLots(quote, context) > 0
  const { sideMicroTicks, sizing } = scratch
  const { lots: sizes, binding } = sizing
  const { depths } = sizing.input
  const inner = depths[0] ?? 0
  const { fairMicroTicks } = out
  toMicroTicks(fairMicroTicks, terms, sideMicroTicks)
  sideMicroTicks[TERM.depth] = 0
  const sumMicroTicks = sumTerms(sideMicroTicks)
  const sideDepth = terms[TERM.depth] ?? 0
  let count = 0
  for (let index = 0; index < config.levels; index += 1) {
    const lots = sizes[index] ?? 0
    if (lots === 0) continue
    const level = levels[count]
    assert(level !== undefined, 'the ladder has room for every level of the strategy')
    // The levels of a side differ by their depth alone.
    const { termsMicroTicks } = level
    // A loop, because at this length a call costs more than the copying.
    for (let term = 0; term < sideMicroTicks.length; term += 1)
      termsMicroTicks[term] = sideMicroTicks[term] ?? 0
    const depthMicroTicks = microTicksOf(fairMicroTicks, sideDepth + (depths[index] ?? 0) - inner)
    termsMicroTicks[TERM.depth] = depthMicroTicks
    const sum = sumMicroTicks + depthMicroTicks
    if (!placeLevel(quote, fairMicroTicks, sum, market.grid, touch, level)) continue
    level.reduceOnly = reduceOnly
    const before = count > 0 ? levels[count - 1] : undefined
    if (before !== undefined && before.priceTicks === level.priceTicks) before.sizeLots += lots
    else {
      level.sizeLots = lots
      report.binding[count] = binding[index] ?? 'least'
      count += 1
    }
  }
  return dropTooSmall(levels, report.binding, count, market.minNotionalMicroUsd)
}

/** A bid below the fair price may fall under the minimum value by rounding: such levels go. */
function dropTooSmall(
  levels: DesiredLevel[],
  binding: Binding[],
  count: number,
  minNotionalMicroUsd: number,
): number {
  let kept = 0
  for (let index = 0; index < count; index += 1) {
    const level = levels[index]
    const other = levels[kept]
    assert(level !== undefined && other !== undefined, 'levels below the count exist')
    if (level.priceTicks * level.sizeLots < minNotionalMicroUsd) continue
    levels[kept] = level
    levels[index] = other
    binding[kept] = binding[index] ?? 'least'
    kept += 1
  }
  return kept
}

function becauseOf(
  quote: 'bid' | 'ask',
  config: GlftLadderConfig,
  context: QuoteContext,
  report: SideReport,
  count: number,
): string | null {
  if (count === config.levels) return null
  if (count > 0) {
    const isShort = count >= Math.min(context.levelCountMax, config.levels)
    return isShort
      ? 'fewer levels: requests are short'
      : 'fewer levels: the budget is small, or levels fall on one price'
  }
  const toward = quote === 'bid' ? context.positionLots : -context.positionLots
  if (toward >= context.maxPositionLots) return 'position limit reached'
  const needed = minLotsOf(context)
  if (report.budget.lots < needed) {
    const { lots, by } = report.budget
    return `too small to quote: ${lots} lots allowed by ${by}, ${needed} needed`
  }
  return 'no valid price left'
}
