/** How fills look later: the move from the price of the fill to the mid some time after it, ours positive. */
import { BPS, signOf } from '../core/units.ts'
import type { Side } from '../core/units.ts'
import { cell } from './columns.ts'
import type { RecordedFill, Recording } from './recording.ts'

export const MARKOUT_HORIZONS_MS = [0, 500, 2_000, 10_000, 60_000] as const

export interface Markout {
  /** 0: against the mid before the fill, which is what the spread earned. */
  readonly horizonMs: number
  readonly side: Side | 'both'
  /** Mean of side × (mid later − price) weighed by size, over value; null without fills that are old enough. */
  readonly bps: number | null
  readonly fillCount: number
}

/** Every horizon for buys, sells and both. Forced fills and fills too close to the end are left out. */
export function markoutsOf(recording: Recording): Markout[] {
  return MARKOUT_HORIZONS_MS.flatMap((horizonMs) =>
    (['buy', 'sell', 'both'] as const).map((side) => markoutOf(recording, horizonMs, side)),
  )
}

function markoutOf(recording: Recording, horizonMs: number, side: Side | 'both'): Markout {
  let gain = 0
  let value = 0
  let fillCount = 0
  for (const fill of recording.fills) {
    if (fill.liquidation || (side !== 'both' && fill.side !== side)) continue
    const midTicks = midAfter(recording, fill, horizonMs)
    if (midTicks === null) continue
    gain += signOf(fill.side) * (midTicks - fill.priceTicks) * fill.sizeLots
    value += fill.priceTicks * fill.sizeLots
    fillCount += 1
  }
  return { horizonMs, side, bps: value === 0 ? null : gain / value / BPS, fillCount }
}

/**
 * The mid of the first sample at least `horizonMs` after the fill; for 0 the one before it. Null when the run ended before.
 * Samples are one block apart, so the row is reckoned and not searched.
 */
export function midAfter(recording: Recording, fill: RecordedFill, horizonMs: number): number | null {
  if (horizonMs === 0) return fill.midTicks
  // The sample of the fill's own block is the next row, taken at the time of the fill.
  const row = fill.sampleIndex + 1 + Math.ceil(horizonMs / recording.blockMs)
  return row < recording.samples.length ? cell(recording.samples, 'midTicks', row) : null
}
