/**
 * The baseline: a fixed spread around the fair price, no lean, position limits only. Every result is compared with it.
 *
 * in      quote context; of the estimates only the fair price
 * out     levels at half the spread, then one step after another, equal sizes
 * state   none
 *
 * `sizeSkewShare` makes the side that adds to the position smaller as inventory grows: the "size only" lean, a second
 * baseline.
 */
import { assert, isWhole } from '../src/core/assert.ts'
import { isUsable, MICRO_TICKS_PER_TICK } from '../src/core/contracts.ts'
import type { DesiredLadder, QuoteContext, Strategy } from '../src/core/contracts.ts'
import { BPS } from '../src/core/units.ts'
import { becauseOfEqual, equalLots, placeEqualLevels } from './ladder/equal-levels.ts'
import { initTerms, TERM } from './ladder/waterfall.ts'
import type { Terms } from './ladder/waterfall.ts'

export interface FixedSpreadConfig {
  /** Between the innermost bid and ask, bps > 0. */
  readonly spreadBps: number
  readonly levels: number
  /** From level to level, bps ≥ 0. */
  readonly levelStepBps: number
  /** Lots on each side, all levels together. */
  readonly targetLots: number
  /** Share of its size that the adding side has lost at full inventory, 0…1. */
  readonly sizeSkewShare: number
}

export const fixedSpreadDefaults: Omit<FixedSpreadConfig, 'targetLots'> = {
  spreadBps: 8,
  levels: 5,
  levelStepBps: 4,
  sizeSkewShare: 0,
}

export type FixedSpreadState = Record<string, never>

const LEVELS_MAX = 20

/** @throws InvariantError naming the field when a setting has no meaning */
export function createFixedSpread(config: FixedSpreadConfig): Strategy<FixedSpreadState> {
  const { spreadBps, levels, levelStepBps, targetLots, sizeSkewShare } = config
  assert(spreadBps > 0 && Number.isFinite(spreadBps), `fixed-spread: spreadBps is positive; got ${spreadBps}`)
  assert(
    isWhole(levels) && levels >= 1 && levels <= LEVELS_MAX,
    `fixed-spread: levels is 1…20; got ${levels}`,
  )
  assert(levelStepBps >= 0, `fixed-spread: levelStepBps is not negative; got ${levelStepBps}`)
  assert(
    isWhole(targetLots) && targetLots > 0,
    `fixed-spread: targetLots is a whole number; got ${targetLots}`,
  )
  assert(sizeSkewShare >= 0 && sizeSkewShare <= 1, `fixed-spread: sizeSkewShare is 0…1; got ${sizeSkewShare}`)
  const terms = initTerms()

  function quote(_state: FixedSpreadState, context: QuoteContext, out: DesiredLadder): void {
    const { fairTicks } = context.estimates
    const isPriced = isUsable(fairTicks) && fairTicks.value >= 1
    out.fairMicroTicks = isPriced ? Math.round(fairTicks.value * MICRO_TICKS_PER_TICK) : 0
    out.bidFloor = 'none'
    out.askFloor = 'none'
    const missing = isPriced ? null : `no fair price: ${fairTicks.status}`
    out.bidCount = missing === null ? quoteSide('bid', config, context, terms, out) : 0
    out.askCount = missing === null ? quoteSide('ask', config, context, terms, out) : 0
    out.bidBecause = missing ?? becauseOfEqual('bid', config, context, out.bidCount)
    out.askBecause = missing ?? becauseOfEqual('ask', config, context, out.askCount)
  }

  return { name: 'fixed-spread', levelCountMax: levels, init: () => ({}), quote }
}

function quoteSide(
  quote: 'bid' | 'ask',
  config: FixedSpreadConfig,
  context: QuoteContext,
  terms: Terms,
  out: DesiredLadder,
): number {
  const { positionLots, maxPositionLots } = context
  const toward = quote === 'bid' ? positionLots : -positionLots
  const fullness = maxPositionLots > 0 ? Math.min(Math.max(toward / maxPositionLots, 0), 1) : 0
  const lots = equalLots(quote, config, context, 1 - config.sizeSkewShare * fullness)
  terms.fill(0)
  terms[TERM.liquidity] = (config.spreadBps * BPS) / 2
  terms[TERM.risk] = context.riskWidenBps * BPS
  return placeEqualLevels(quote, config, context, lots, terms, out)
}
