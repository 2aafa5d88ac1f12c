/**
 * Where a mirrored level that shrinks loses what it loses: ahead of the orders of others that stand in it or behind, as the
 * queue model says (docs/queues.md). Without state.
 */
import { cancelledAhead } from '../core/queue/queue-models.ts'
import type { QueueModel } from '../core/queue/queue-models.ts'
import type { Mirror, MirrorLevel, MirrorOrder } from './mirror-state.ts'

/** True when an order of somebody else stands behind this one at its price. */
export function isAheadOfForeign(mirror: Mirror, level: MirrorLevel, order: MirrorOrder): boolean {
  const lastOid = mirror.foreign[level.side].get(level.priceTicks)?.at(-1)
  return lastOid !== undefined && order.oid < lastOid
}

/** Neighbouring orders of a level with no order of others between them, and how many lots they lose. */
export interface Segment {
  readonly orders: readonly MirrorOrder[]
  readonly lostLots: number
}

/** Shares `lots` out over the level. @returns from the back to the front */
export function segmentsOf(mirror: Mirror, level: MirrorLevel, lots: number): Segment[] {
  const oids = mirror.foreign[level.side].get(level.priceTicks) ?? []
  if (oids.length === 0) return [{ orders: level.orders, lostLots: lots }]
  const bounds = [...oids, Infinity]
  const segments = bounds.map((bound, index) => {
    const from = index === 0 ? -Infinity : (bounds[index - 1] ?? 0)
    return level.orders.filter((order) => order.oid > from && order.oid < bound)
  })
  const sizes = segments.map((orders) => orders.reduce((sum, order) => sum + order.remainingLots, 0))
  const levelLots = sizes.reduce((sum, size) => sum + size, 0)
  return shareOut(mirror.queue, sizes, levelLots, Math.min(lots, levelLots))
    .map((lostLots, index) => ({
      orders: segments[index] ?? [],
      lostLots,
    }))
    .reverse()
}

/**
 * What each segment loses, front first: the model says for each order of others how much is cancelled ahead of it; whole lots,
 * rounded so that it is not moved too far.
 */
function shareOut(model: QueueModel, sizes: readonly number[], levelLots: number, lots: number): number[] {
  const lost = sizes.map(() => 0)
  let aheadOfNext = lots
  for (let index = sizes.length - 1; index >= 0; index -= 1) {
    const size = sizes[index] ?? 0
    const aheadLots = sizes.slice(0, index).reduce((sum, one) => sum + one, 0)
    const moved = Math.floor(cancelledAhead(model, aheadLots, levelLots - aheadLots, lots))
    // No segment loses more than it has: what is over goes to those before it.
    const ahead = Math.min(Math.max(moved, aheadOfNext - size), aheadOfNext)
    lost[index] = aheadOfNext - ahead
    aheadOfNext = ahead
  }
  return lost
}
