/**
 * For how long each floor decided the innermost quote of a side: a floor that binds most of the time hides the model.
 *
 * in      the time of each decision and what bound it
 * out     shares of the time, which add up to one
 * state   milliseconds by name; what bound counts until the next decision
 */
import type { FloorName } from './floors.ts'

export interface FloorTimes {
  /** What has bound since `tsMs`; null: nothing was decided. */
  held: FloorName | null
  tsMs: number
  readonly ms: Record<FloorName, number>
}

/** A decision says nothing of later than this, ms: then nobody asked, for want of a book. */
const HELD_MS_MAX = 5_000

export function initFloorTimes(): FloorTimes {
  return { held: null, tsMs: 0, ms: { model: 0, tick: 0, latency: 0, fee: 0, minimum: 0 } }
}

/** @param floor what binds from now on; null: nothing is quoted */
export function noteFloor(times: FloorTimes, tsMs: number, floor: FloorName | null): void {
  const { held } = times
  if (held !== null) times.ms[held] += Math.min(Math.max(tsMs - times.tsMs, 0), HELD_MS_MAX)
  times.held = floor
  times.tsMs = tsMs
}

/** By name, 0…1; empty before any time has passed. */
export function floorShares({ ms }: FloorTimes): Record<string, number> {
  const total = Object.values(ms).reduce((sum, one) => sum + one, 0)
  if (total === 0) return {}
  return Object.fromEntries(Object.entries(ms).map(([name, one]) => [name, one / total]))
}
