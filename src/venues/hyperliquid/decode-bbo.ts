/** `bbo` frame -> TouchInput: the best level of both sides, sent on every change; null where a side is empty. */
import type { ReferenceInput, TouchInput } from '../../core/input.ts'
import { regridTicks } from '../../core/units.ts'
import type { Grid } from '../../core/units.ts'
import { lotsOf, ticksOf } from './decimal.ts'
import { listOf, malformed, recordOf, wholeFieldOf } from './wire.ts'

/** @throws VenueError MALFORMED_MESSAGE when the sides cross; OFF_GRID when a number does not lie on the grid */
export function decodeBbo(data: unknown, grid: Grid): TouchInput {
  const frame = recordOf(data, 'bbo')
  const [bid, ask] = listOf(frame['bbo'], 'bbo')
  const [bidTicks, bidLots] = decodeLevel(bid, grid)
  const [askTicks, askLots] = decodeLevel(ask, grid)
  if (bidLots > 0 && askLots > 0 && bidTicks >= askTicks)
    throw malformed('the best bid lies below the best ask', data)
  return { kind: 'touch', venueTsMs: wholeFieldOf(frame, 'time'), bidTicks, bidLots, askTicks, askLots }
}

/**
 * The touch of another market as its mid in ticks of ours.
 * @returns null while one of its sides is empty
 * @throws VenueError as `decodeBbo`
 */
export function decodeReference(data: unknown, source: Grid, target: Grid): ReferenceInput | null {
  const { venueTsMs, bidTicks, bidLots, askTicks, askLots } = decodeBbo(data, source)
  if (bidLots === 0 || askLots === 0) return null
  return { kind: 'reference', venueTsMs, midTicks: regridTicks((bidTicks + askTicks) / 2, source, target) }
}

function decodeLevel(value: unknown, grid: Grid): readonly [priceTicks: number, sizeLots: number] {
  if (value === null) return [0, 0]
  const level = recordOf(value, 'level')
  const priceTicks = ticksOf(level['px'], grid)
  const sizeLots = lotsOf(level['sz'], grid)
  if (priceTicks === 0 || sizeLots === 0) throw malformed('a level has a price and a size', value)
  return [priceTicks, sizeLots]
}
