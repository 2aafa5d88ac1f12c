/**
 * Avellaneda and Stoikov's strategy with a fixed horizon, for comparison: quotes around a reservation price that leans with
 * inventory, more at the start of each horizon than at its end.
 *
 * in      quote context; of the estimates fair price, sigma and kappa
 * out     both innermost quotes of the model, then equal levels one step behind another
 * state   none: the time left follows from the clock, horizon after horizon since midnight UTC
 * source  Avellaneda & Stoikov (2008), (29) and (30); docs/math/avellaneda-stoikov.md
 *
 * What the model has nothing to say of (fee, adverse selection, toxicity) it is not given, except the least spread: it is
 * shared by both sides, so that the lean stays what the model says.
 */
import { assert, isWhole } from '../../src/core/assert.ts'
import { isUsable, MICRO_TICKS_PER_TICK } from '../../src/core/contracts.ts'
import type { DesiredLadder, Estimates, QuoteContext, Strategy } from '../../src/core/contracts.ts'
import { BPS } from '../../src/core/units.ts'
import { becauseOfEqual, equalLots, placeEqualLevels } from '../ladder/equal-levels.ts'
import { initTerms, TERM } from '../ladder/waterfall.ts'
import type { Terms } from '../ladder/waterfall.ts'
import { avellanedaStoikovQuote } from './quote.ts'

export interface AvellanedaStoikovConfig {
  /** g = γ × clip / κ, dimensionless, as for the GLFT ladder. */
  readonly gammaBase: number
  /** Length of a horizon, s > 0. */
  readonly horizonSec: number
  /** Least distance between bid and ask, bps. */
  readonly minSpreadBps: number
  readonly levels: number
  /** From level to level, bps ≥ 0. */
  readonly levelStepBps: number
  /** Lots on each side, all levels together. One clip is this over `levels`. */
  readonly targetLots: number
}

export type AvellanedaStoikovState = Record<string, never>

const LEVELS_MAX = 20

/** @throws InvariantError naming the field when a setting has no meaning */
export function createAvellanedaStoikov(config: AvellanedaStoikovConfig): Strategy<AvellanedaStoikovState> {
  assertConfig(config)
  const terms = initTerms()

  function quote(_state: AvellanedaStoikovState, context: QuoteContext, out: DesiredLadder): void {
    const missing = whyNot(context.estimates)
    out.bidFloor = 'none'
    out.askFloor = 'none'
    out.fairMicroTicks =
      missing === null ? Math.round(context.estimates.fairTicks.value * MICRO_TICKS_PER_TICK) : 0
    out.bidCount = missing === null ? quoteSide('bid', config, context, terms, out) : 0
    out.askCount = missing === null ? quoteSide('ask', config, context, terms, out) : 0
    out.bidBecause = missing ?? becauseOfEqual('bid', config, context, out.bidCount)
    out.askBecause = missing ?? becauseOfEqual('ask', config, context, out.askCount)
  }

  return { name: 'avellaneda-stoikov', levelCountMax: config.levels, init: () => ({}), quote }
}

/** The first estimate without which there is no price; null when all are there. */
function whyNot(estimates: Estimates): string | null {
  const { fairTicks, sigmaPerSqrtSec, kappaBid, kappaAsk } = estimates
  if (!isUsable(fairTicks)) return `no fair price: ${fairTicks.status}`
  if (fairTicks.value < 1) return 'no fair price: below one tick'
  if (!isUsable(sigmaPerSqrtSec)) return `no volatility: ${sigmaPerSqrtSec.status}`
  return isUsable(kappaBid) && isUsable(kappaAsk) ? null : 'no kappa'
}

function quoteSide(
  quote: 'bid' | 'ask',
  config: AvellanedaStoikovConfig,
  context: QuoteContext,
  terms: Terms,
  out: DesiredLadder,
): number {
  const { estimates } = context
  const kappa = (estimates.kappaBid.value + estimates.kappaAsk.value) / 2
  const gamma = config.gammaBase * kappa
  const sigma = estimates.sigmaPerSqrtSec.value
  const timeToHorizon = timeLeftSec(context.tsMs, config.horizonSec)
  const inventory = context.positionLots / (config.targetLots / config.levels)
  // Everything is a fraction of the price, so the price itself is one.
  const model = avellanedaStoikovQuote({ price: 1, inventory, gamma, sigma, timeToHorizon, kappa })
  const volatility = (gamma * sigma * sigma * timeToHorizon) / 2
  terms.fill(0)
  terms[TERM.liquidity] = model.spread / 2 - volatility
  terms[TERM.volatility] = volatility
  terms[TERM.inventory] = quote === 'bid' ? 1 - model.reservation : model.reservation - 1
  terms[TERM.floor] = Math.max(0, config.minSpreadBps * BPS - model.spread) / 2
  terms[TERM.risk] = context.riskWidenBps * BPS
  if ((terms[TERM.floor] ?? 0) > 0) {
    if (quote === 'bid') out.bidFloor = 'minimum'
    else out.askFloor = 'minimum'
  }
  return placeEqualLevels(quote, config, context, equalLots(quote, config, context, 1), terms, out)
}

/** Seconds until the horizon that `tsMs` falls into ends, 0 < left ≤ horizon. */
function timeLeftSec(tsMs: number, horizonSec: number): number {
  return horizonSec - ((tsMs / 1_000) % horizonSec)
}

function assertConfig(config: AvellanedaStoikovConfig): void {
  const { gammaBase, horizonSec, minSpreadBps, levels, levelStepBps, targetLots } = config
  const demand = (isSound: boolean, words: string): void => assert(isSound, `avellaneda-stoikov: ${words}`)
  demand(gammaBase > 0 && Number.isFinite(gammaBase), `gammaBase is positive; got ${gammaBase}`)
  demand(horizonSec > 0 && Number.isFinite(horizonSec), `horizonSec is positive; got ${horizonSec}`)
  demand(minSpreadBps >= 0, `minSpreadBps is not negative; got ${minSpreadBps}`)
  demand(isWhole(levels) && levels >= 1 && levels <= LEVELS_MAX, `levels is 1…20; got ${levels}`)
  demand(levelStepBps >= 0, `levelStepBps is not negative; got ${levelStepBps}`)
  demand(isWhole(targetLots) && targetLots > 0, `targetLots is a whole number; got ${targetLots}`)
}
