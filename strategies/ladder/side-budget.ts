/**
 * How many lots one side may show in all: the smallest of what is wished, what a sweep may move, what the position
 * limit leaves, what the account can margin, a multiple of what others show near the mid, and, on the side that reduces, the
 * position itself once it is at least a clip, so that a sweep ends flat and does not turn the position round.
 */
import { isUsable } from '../../src/core/contracts.ts'
import type { QuoteContext } from '../../src/core/contracts.ts'
import { MICRO_USD_PER_USD, truncToLots } from '../../src/core/units.ts'
import type { GlftLadderConfig } from '../glft-ladder-config.ts'

/** The venue's minimum is a value; a bid some percent below the fair price needs as much more size. */
const MIN_SIZE_MARGIN = 1.03

/** Smallest size that the venue takes for any level near the fair price, lots ≥ 1. */
export function minLotsOf(context: QuoteContext): number {
  const byValue = context.market.minNotionalMicroUsd / context.estimates.fairTicks.value
  return Math.max(1, Math.ceil(Math.max(context.minSizeLots, byValue) * MIN_SIZE_MARGIN))
}

/** What a side's budget is the smallest of; in the order of precedence when two are equal. */
export type BudgetBound = 'target' | 'sweep' | 'room' | 'exit' | 'margin' | 'liquidity'

/** Reused between calls. */
export interface SideBudget {
  lots: number
  by: BudgetBound
}

/** @param reducibleLots position that this side would take off, ≥ 0. Writes whole lots ≥ 0 and what bound them into `out` */
export function sideBudget(
  quote: 'bid' | 'ask',
  config: GlftLadderConfig,
  context: QuoteContext,
  warmth: number,
  reducibleLots: number,
  out: SideBudget,
): void {
  const { positionLots, maxPositionLots } = context
  const minSizeLots = minLotsOf(context)
  const wished = config.targetLots * (config.warmupSizeShare + (1 - config.warmupSizeShare) * warmth)
  const sweep = Math.max(config.sweepMaxShare * maxPositionLots, minSizeLots)
  const room = maxPositionLots - (quote === 'bid' ? positionLots : -positionLots)
  const clip = config.targetLots / config.levels
  const isFlipGuarded = reducibleLots > 0 && reducibleLots >= clip
  const exit = isFlipGuarded ? Math.max(reducibleLots, minSizeLots) : Infinity
  out.lots = wished
  out.by = 'target'
  bind(out, sweep, 'sweep')
  bind(out, room, 'room')
  bind(out, exit, 'exit')
  // What takes the position off needs no margin.
  bind(out, context.marginRoomLots + reducibleLots, 'margin')
  bind(out, liquidity(config, context) + reducibleLots, 'liquidity')
  out.lots = truncToLots(Math.max(0, out.lots))
}

function bind(out: SideBudget, lots: number, by: BudgetBound): void {
  if (lots >= out.lots) return
  out.lots = lots
  out.by = by
}

/** Who shows many times what the market shows is most of it: every large order is his. An unknown depth bounds nothing. */
function liquidity(config: GlftLadderConfig, { estimates }: QuoteContext): number {
  const { depthUsd, fairTicks } = estimates
  if (config.depthMultipleMax === 0 || !isUsable(depthUsd)) return Infinity
  return (config.depthMultipleMax * depthUsd.value * MICRO_USD_PER_USD) / fairTicks.value
}
