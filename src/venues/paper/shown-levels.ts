/** What a taker of ours would meet in the book as it is shown. */
import type { L2Book } from '../../core/book/l2-book.ts'
import { signOf } from '../../core/units.ts'
import type { Side } from '../../core/units.ts'

export interface ShownLevel {
  readonly priceTicks: number
  readonly sizeLots: number
}

/** @param side ours. @returns levels of the other side at our limit or better, best first */
export function levelsWithin(book: L2Book, side: Side, limitTicks: number): ShownLevel[] {
  const other = side === 'buy' ? book.asks : book.bids
  const levels: ShownLevel[] = []
  for (let index = other.first; index < other.first + other.count; index += 1) {
    const priceTicks = other.ticks[index] ?? 0
    const sizeLots = other.lots[index] ?? 0
    if (signOf(side) * (limitTicks - priceTicks) < 0) break
    if (sizeLots > 0) levels.push({ priceTicks, sizeLots })
  }
  return levels
}

/** The first so many lots of the levels. */
export function lotsOf(levels: readonly ShownLevel[], lots: number): ShownLevel[] {
  const taken: ShownLevel[] = []
  let leftLots = lots
  for (const { priceTicks, sizeLots } of levels) {
    if (leftLots === 0) break
    const part = Math.min(leftLots, sizeLots)
    taken.push({ priceTicks, sizeLots: part })
    leftLots -= part
  }
  return taken
}
