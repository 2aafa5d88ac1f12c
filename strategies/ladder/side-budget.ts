/**
 * How many lots one side may show in all: the smallest of what is wished, what a sweep may move, what the position
 * limit leaves, and, on the side that reduces, the position itself once it is at least a clip, so that a sweep ends
 * flat and does not turn the position round.
 */
import type { QuoteContext } from '../../src/core/contracts.ts'
import { truncToLots } from '../../src/core/units.ts'
import type { GlftLadderConfig } from '../glft-ladder-config.ts'

/** The venue's minimum is a value; a bid some percent below the fair price needs as much more size. */
const MIN_SIZE_MARGIN = 1.03

/** Smallest size that the venue takes for any level near the fair price, lots ≥ 1. */
export function minLotsOf(context: QuoteContext): number {
  const byValue = context.market.minNotionalMicroUsd / context.estimates.fairTicks.value
  return Math.max(1, Math.ceil(Math.max(context.minSizeLots, byValue) * MIN_SIZE_MARGIN))
}

/** @param reducibleLots position that this side would take off, ≥ 0. @returns whole lots ≥ 0 */
export function sideBudget(
  quote: 'bid' | 'ask',
  config: GlftLadderConfig,
  context: QuoteContext,
  warmth: number,
  reducibleLots: number,
): number {
  const { positionLots, maxPositionLots } = context
  const minSizeLots = minLotsOf(context)
  const wished = config.targetLots * (config.warmupSizeShare + (1 - config.warmupSizeShare) * warmth)
  const sweep = Math.max(config.sweepMaxShare * maxPositionLots, minSizeLots)
  const room = maxPositionLots - (quote === 'bid' ? positionLots : -positionLots)
  const clip = config.targetLots / config.levels
  const isFlipGuarded = reducibleLots > 0 && reducibleLots >= clip
  const exit = isFlipGuarded ? Math.max(reducibleLots, minSizeLots) : Infinity
  return truncToLots(Math.max(0, Math.min(wished, sweep, room, exit)))
}
