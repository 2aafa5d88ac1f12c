/**
 * Levels of equal size, one step behind another: how the plain strategies place what they want to show on a side.
 *
 * in      terms of the innermost level, lots of each level
 * out     levels of the ladder; those that fall on one price are merged, those below the venue's least value left out
 */
import { assert } from '../../src/core/assert.ts'
import type { DesiredLadder, QuoteContext } from '../../src/core/contracts.ts'
import { BPS, truncToLots } from '../../src/core/units.ts'
import { TERM, writeLevel } from './waterfall.ts'
import type { Terms } from './waterfall.ts'

export interface EqualLevels {
  readonly levels: number
  /** From level to level, bps ≥ 0. */
  readonly levelStepBps: number
  /** Lots on each side, all levels together. */
  readonly targetLots: number
}

/** Lots of each level, within what the position limit leaves. @param share of its size that the side shows, 0…1 */
export function equalLots(
  quote: 'bid' | 'ask',
  config: EqualLevels,
  context: QuoteContext,
  share: number,
): number {
  const toward = quote === 'bid' ? context.positionLots : -context.positionLots
  const room = Math.max(0, context.maxPositionLots - toward)
  return truncToLots(Math.min(config.targetLots * share, room) / config.levels)
}

/** @param terms of the innermost level; `depth` is overwritten. @returns levels placed */
export function placeEqualLevels(
  quote: 'bid' | 'ask',
  config: EqualLevels,
  context: QuoteContext,
  lots: number,
  terms: Terms,
  out: DesiredLadder,
): number {
  const levels = quote === 'bid' ? out.bids : out.asks
  let count = 0
  for (let index = 0; index < config.levels && lots >= context.minSizeLots; index += 1) {
    const level = levels[count]
    assert(level !== undefined, 'the ladder has room for every level of the strategy')
    terms[TERM.depth] = index * config.levelStepBps * BPS
    if (!writeLevel(quote, out.fairMicroTicks, terms, context.market.grid, context.estimates, level)) continue
    if (level.priceTicks * lots < context.market.minNotionalMicroUsd) continue
    level.reduceOnly = false
    const before = count > 0 ? levels[count - 1] : undefined
    if (before !== undefined && before.priceTicks === level.priceTicks) before.sizeLots += lots
    else {
      level.sizeLots = lots
      count += 1
    }
  }
  return count
}

/** Why a side has fewer levels than wished; null when it has them all. */
export function becauseOfEqual(
  quote: 'bid' | 'ask',
  config: EqualLevels,
  context: QuoteContext,
  count: number,
): string | null {
  if (count === config.levels) return null
  const toward = quote === 'bid' ? context.positionLots : -context.positionLots
  if (toward >= context.maxPositionLots) return 'position limit reached'
  return count > 0 ? 'fewer levels: some lie on the same price' : 'too small to quote'
}
