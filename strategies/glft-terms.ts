/**
 * The terms of both innermost quotes: GLFT with unequal sides, dynamic risk aversion, and what the model leaves out,
 * each as a fraction of the price and each with one cause.
 *
 * in      estimates, position in clips, fee, config
 * out     terms per side (floor, depth, cap, touch and rounding come later), slope, factors
 * source  docs/math/glft.md, docs/math/waterfall.md
 *
 *   liquidity         h0 of the side, widened by what is not known of kappa, ± half the lean of unequal flow
 *   volatility        price of half a clip of inventory, C/2
 *   inventory         ± C·q: away on the side that adds, nearer on the side that reduces
 *   adverseSelection  half the expected move against us (GLFT 2013, Prop. 5)
 *   toxicity          one-sided volume, bursts of own fills, and what both add to C
 *   momentum          runs, one-sided flow, and knives (both at once), only on the side that would be run over
 *   fee, funding      maker fee; funding payments met while held, towards the side that receives it
 *   hour              what the hour's factor adds to liquidity and volatility
 *   risk              what the risk stage asks for
 *
 * Longer than most files: one function a term, side by side.
 */
import type { Estimates, QuoteContext, Reading } from '../src/core/contracts.ts'
import { isUsable } from '../src/core/contracts.ts'
import { PPB } from '../src/core/math/integer.ts'
import { BPS } from '../src/core/units.ts'
import { asymmetricParts } from './glft/asymmetric.ts'
import type { AsymmetricParts } from './glft/asymmetric.ts'
import { costGrowth } from './glft/closed-form.ts'
import { closedCost, exactCost } from './glft/inventory-cost.ts'
import type { GroundStates, InventoryCost, Slopes } from './glft/inventory-cost.ts'
import { aversionFromTargetSkew, writeRiskFactors } from './glft/risk-aversion.ts'
import type { RiskFactors } from './glft/risk-aversion.ts'
import type { GlftLadderConfig } from './glft-ladder-config.ts'
import { expectedPayments, FUNDING_INTERVAL_SEC } from './funding-payments.ts'
import { utcHour } from './ladder/tight-quoting.ts'
import { TERM } from './ladder/waterfall.ts'
import type { Terms } from './ladder/waterfall.ts'

/** What the rest of the ladder needs to know of the model. */
export interface ModelNumbers {
  /** Position in clips and as a share of its limit. */
  inventoryClips: number
  inventoryShare: number
  sigma: number
  kappaBid: number
  kappaAsk: number
  /** γ per fraction and clip, all factors included. */
  gamma: number
  fee: number
  adverseBid: number
  adverseAsk: number
  /** Share of the essential estimates that are measured, 0…1. */
  warmth: number
  /** 1 while the price is a falling or rising knife, else 0. */
  fallingKnife: number
  risingKnife: number
}

export function initModelNumbers(): ModelNumbers {
  return {
    inventoryClips: 0,
    inventoryShare: 0,
    sigma: 0,
    kappaBid: 0,
    kappaAsk: 0,
    gamma: 0,
    fee: 0,
    adverseBid: 0,
    adverseAsk: 0,
    warmth: 0,
    fallingKnife: 0,
    risingKnife: 0,
  }
}

/** The lean of unequal flow at most this share of h0: beyond it, a noisy count would decide the quotes. */
const FLOW_SHIFT_SHARE_MAX = 0.5
/** (sd/mean)² of kappa counts at most this, so that the widening for not knowing stays below two. */
const KAPPA_VARIANCE_MAX = 0.5
/** Impact and fee make inventory dearer by at most this factor: far out, the model's exponential is not believed. */
const COST_GROWTH_MAX = 4
/** A z-score beyond this says no more. */
const MOMENTUM_Z_MAX = 5
/** Quotes come and go without trading: order flow counts half of what trades count. */
const ORDER_FLOW_WEIGHT = 0.5
/** Own fills over their long-run rate that are ordinary, and that count fully as a burst. */
const BURST_ORDINARY = 2
const BURST_FULL = 6

/** Reads the context into `numbers` and `factors`. */
export function readModel(
  config: GlftLadderConfig,
  context: QuoteContext,
  numbers: ModelNumbers,
  factors: RiskFactors,
): void {
  const { estimates, positionLots, maxPositionLots, market } = context
  numbers.inventoryClips = positionLots / clipLots(config)
  numbers.inventoryShare = maxPositionLots > 0 ? Math.abs(positionLots) / maxPositionLots : 1
  numbers.sigma = estimates.sigmaPerSqrtSec.value
  numbers.kappaBid = estimates.kappaBid.value
  numbers.kappaAsk = estimates.kappaAsk.value
  numbers.fee = market.makerFeePpb === null ? config.makerFeeRateBps * BPS : market.makerFeePpb / PPB
  numbers.adverseBid = Math.max(usableOr(estimates.adverseSelectionBidBps, 0), 0) * BPS
  numbers.adverseAsk = Math.max(usableOr(estimates.adverseSelectionAskBps, 0), 0) * BPS
  numbers.warmth = warmthOf(estimates)
  const toxicity = usableOr(estimates.toxicity, 0)
  writeRiskFactors(
    {
      sigmaRatio: numbers.sigma / config.sigmaReferencePerSqrtSec,
      regime: estimates.regime,
      jumpRatio: usableOrNull(estimates.jumpRatio),
      jumpZ: usableOrNull(estimates.jumpZ),
      inventoryShare: numbers.inventoryShare,
      depthShare: depthShare(config, estimates),
      holeShare: holeShare(config, estimates),
      spreadExcess: spreadExcess(config, estimates),
      warmth: numbers.warmth,
      toxicityExcess: Math.max(0, (toxicity - config.toxicityNeutral) / (1 - config.toxicityNeutral)),
      tradeIntensityRatio: usableOrNull(estimates.tradeIntensityRatio),
      hourMultiplier: config.toxicHours.includes(utcHour(context.tsMs)) ? config.toxicHoursMultiplier : 1,
    },
    factors,
  )
}

/** Size that one level trades, lots ≥ 1: the unit of inventory. */
export function clipLots(config: GlftLadderConfig): number {
  return Math.max(1, config.targetLots / config.levels)
}

/** Writes the terms of both sides. Needs usable sigma, kappas and fill rates. */
export function writeModelTerms(
  config: GlftLadderConfig,
  context: QuoteContext,
  numbers: ModelNumbers,
  factors: RiskFactors,
  bid: Terms,
  ask: Terms,
  exact: GroundStates,
): void {
  const { estimates } = context
  const kappaMean = (numbers.kappaBid + numbers.kappaAsk) / 2
  const base = baseAversion(config, context, numbers)
  const parts = asymmetricParts({
    sigma: numbers.sigma,
    gamma: base * kappaMean,
    executionGamma: config.executionRiskAversion * kappaMean,
    bid: { kappa: numbers.kappaBid, fillRate: estimates.fillRateBidPerSec.value },
    ask: { kappa: numbers.kappaAsk, fillRate: estimates.fillRateAskPerSec.value },
    drift: 0,
  })
  const bound = Math.log(config.riskAversionGrowthMax)
  const { volatility, regime, inventory, depth, spread, warmup } = factors
  const calm = volatility + regime + inventory + depth + spread + warmup
  const quiet = Math.min(calm, bound)
  const withToxicity = Math.min(calm + factors.toxicity, bound)
  const all = Math.min(calm + factors.toxicity + factors.hour, bound)
  numbers.gamma = base * kappaMean * Math.exp(all)

  const growth = costGrowth(kappaMean, (numbers.adverseBid + numbers.adverseAsk) / 2, numbers.fee)
  // The price of inventory goes with the root of the aversion: each cause is shown by what it adds.
  const slope = parts.slope * Math.min(growth, COST_GROWTH_MAX)
  const quietRoot = Math.exp(quiet / 2)
  // Most of the time there is no such cause, and nothing to add.
  const toxicRoot = withToxicity === quiet ? quietRoot : Math.exp(withToxicity / 2)
  const allRoot = all === withToxicity ? toxicRoot : Math.exp(all / 2)
  const slopes: Slopes = {
    quiet: slope * quietRoot,
    toxicity: slope * (toxicRoot - quietRoot),
    hour: slope * (allRoot - toxicRoot),
  }
  const clipsMax = context.maxPositionLots / clipLots(config)
  const cost =
    config.solution === 'spectral'
      ? exactCost(exact, slopes, numbers.inventoryClips, { kappa: kappaMean, clipsMax })
      : closedCost(slopes, numbers.inventoryClips)
  const funding = usableOr(estimates.fundingPerHour, 0) * fundingPayments(config, estimates)
  writeSide('bid', config, context, numbers, parts, cost, factors, funding, bid)
  writeSide('ask', config, context, numbers, parts, cost, factors, funding, ask)
}

function writeSide(
  quote: 'bid' | 'ask',
  config: GlftLadderConfig,
  context: QuoteContext,
  numbers: ModelNumbers,
  parts: AsymmetricParts,
  cost: InventoryCost,
  factors: RiskFactors,
  funding: number,
  terms: Terms,
): void {
  const { estimates } = context
  const sign = quote === 'bid' ? 1 : -1
  const half = quote === 'bid' ? parts.halfBid : parts.halfAsk
  const kappa = quote === 'bid' ? estimates.kappaBid : estimates.kappaAsk
  const shiftMax = FLOW_SHIFT_SHARE_MAX * Math.min(parts.halfBid, parts.halfAsk)
  const flowShift = Math.min(Math.max(parts.flowShift, -shiftMax), shiftMax)
  const lean = 1 + sign * parts.slopeShare
  const cap = config.termMaxBps * BPS

  const liquidity = half * uncertaintyGrowth(kappa) + sign * flowShift
  const volatility = cost.flat.quiet * lean
  const toxicity = cost.flat.toxicity * lean
  const burst = quote === 'bid' ? estimates.fillBurstBid : estimates.fillBurstAsk
  const adverse = quote === 'bid' ? numbers.adverseBid : numbers.adverseAsk
  const hourGrowth = factors.hour === 0 ? 0 : Math.exp(factors.hour / 2) - 1
  // A loop, because at this length a call costs more than the writing.
  for (let index = 0; index < terms.length; index += 1) terms[index] = 0
  terms[TERM.liquidity] = liquidity
  terms[TERM.volatility] = boundedBy(cap, volatility)
  terms[TERM.inventory] = boundedBy(cap, quote === 'bid' ? cost.bid : cost.ask)
  terms[TERM.adverseSelection] = boundedBy(cap, adverse / 2)
  terms[TERM.toxicity] = boundedBy(cap, toxicity + toxicityWiden(config, estimates, burst))
  terms[TERM.momentum] = boundedBy(cap, momentumTerm(sign, config, numbers, estimates))
  terms[TERM.fee] = numbers.fee
  terms[TERM.funding] = boundedBy(cap, sign * funding)
  terms[TERM.hour] = boundedBy(cap, cost.flat.hour * lean + hourGrowth * half)
  terms[TERM.risk] = context.riskWidenBps * BPS
}

/** Within −bound…bound. */
function boundedBy(bound: number, value: number): number {
  return Math.min(Math.max(value, -bound), bound)
}

/** E[1/κ]·E[κ] of the Gamma posterior, 1/(1 − cv²): a kappa that is hardly known gives a wider quote. */
function uncertaintyGrowth(kappa: Reading): number {
  const variation = kappa.confidence > 0 ? 1 / kappa.confidence - 1 : 1
  return 1 / (1 - Math.min(variation * variation, KAPPA_VARIANCE_MAX))
}

function toxicityWiden(config: GlftLadderConfig, estimates: Estimates, burst: Reading): number {
  const excess = Math.max(
    0,
    (usableOr(estimates.toxicity, 0) - config.toxicityNeutral) / (1 - config.toxicityNeutral),
  )
  const burstShare = (usableOr(burst, 0) - BURST_ORDINARY) / (BURST_FULL - BURST_ORDINARY)
  const burstExcess = Math.min(Math.max(burstShare, 0), 1)
  return (config.toxicityWidenBps * excess + config.burstWidenBps * burstExcess) * BPS
}

/** How far the price may run on against this side. @param sign +1: our bid, which a falling price runs over */
function momentumTerm(
  sign: 1 | -1,
  config: GlftLadderConfig,
  numbers: ModelNumbers,
  estimates: Estimates,
): number {
  let run = 0
  for (const reading of estimates.momentumZ) {
    const adverseZ = -sign * usableOr(reading, 0)
    run = Math.max(run, Math.min(adverseZ, MOMENTUM_Z_MAX) - config.momentumZMin)
  }
  const tradeFlow = -sign * usableOr(estimates.flowImbalance, 0)
  const quoteFlow = -sign * usableOr(estimates.orderFlowImbalance, 0) * ORDER_FLOW_WEIGHT
  const flow = Math.max(0, tradeFlow, quoteFlow)
  const scale = numbers.sigma * Math.sqrt(config.momentumHoldSec)
  const knife = (sign === 1 ? numbers.fallingKnife : numbers.risingKnife) * config.knifeWidenBps * BPS
  return scale * (config.momentumSensitivity * run + config.flowSensitivity * flow) + knife
}

/** g before factors: configured, or solved from the skew wanted at full inventory. */
function baseAversion(config: GlftLadderConfig, context: QuoteContext, numbers: ModelNumbers): number {
  const inventoryMax = context.maxPositionLots / clipLots(config)
  if (config.skewBpsAtMax === 0 || inventoryMax <= 0) return config.gammaBase
  const { fillRateBidPerSec, fillRateAskPerSec } = context.estimates
  return aversionFromTargetSkew({
    sigma: numbers.sigma,
    fillRate: (fillRateBidPerSec.value + fillRateAskPerSec.value) / 2,
    executionRiskAversion: config.executionRiskAversion,
    inventoryMax,
    targetSkew: config.skewBpsAtMax * BPS,
  })
}

/** Payments that a position taken now will meet; by the mean of an hour where the time to the next one is not known. */
function fundingPayments(config: GlftLadderConfig, { fundingDueSec }: Estimates): number {
  const { fundingHorizonSec } = config
  return isUsable(fundingDueSec)
    ? expectedPayments(fundingDueSec.value, fundingHorizonSec)
    : fundingHorizonSec / FUNDING_INTERVAL_SEC
}

function depthShare(config: GlftLadderConfig, estimates: Estimates): number | null {
  if (!isUsable(estimates.depthUsd) || config.tightQuotingMinDepthUsd === 0) return null
  return estimates.depthUsd.value / config.tightQuotingMinDepthUsd
}

function holeShare(config: GlftLadderConfig, estimates: Estimates): number | null {
  const holeBps = widestHole(estimates)
  return holeBps === null ? null : holeBps / config.holeFullBps
}

/** Of both sides, bps; null when one is not known. */
export function widestHole({ holeBidBps, holeAskBps }: Estimates): number | null {
  if (!isUsable(holeBidBps) || !isUsable(holeAskBps)) return null
  return Math.max(holeBidBps.value, holeAskBps.value)
}

function spreadExcess(config: GlftLadderConfig, { spreadPercentile }: Estimates): number | null {
  if (!isUsable(spreadPercentile)) return null
  return (spreadPercentile.value - config.wideSpreadPercentile) / (1 - config.wideSpreadPercentile)
}

function warmthOf(estimates: Estimates): number {
  const { fairTicks, sigmaPerSqrtSec, kappaBid, kappaAsk } = estimates
  // Without a price of the market nothing that was measured is known to hold.
  if (fairTicks.status !== 'measured') return 0
  return (oneIfMeasured(sigmaPerSqrtSec) + oneIfMeasured(kappaBid) + oneIfMeasured(kappaAsk)) / 3
}

function oneIfMeasured(reading: Reading): 0 | 1 {
  return reading.status === 'measured' ? 1 : 0
}

export function usableOr(reading: Reading, otherwise: number): number {
  return isUsable(reading) ? reading.value : otherwise
}

export function usableOrNull(reading: Reading): number | null {
  return isUsable(reading) ? reading.value : null
}
