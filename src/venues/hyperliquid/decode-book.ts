/** `l2Book` frame -> BookInput: a whole snapshot of at most 20 levels a side, best first. */
import type { BookInput } from '../../core/input.ts'
import type { Grid } from '../../core/units.ts'
import { lotsOf, ticksOf } from './decimal.ts'
import { listOf, malformed, recordOf, wholeFieldOf } from './wire.ts'

/** The venue shows 20; a frame with far more is not a book. */
const LEVELS_MAX = 1_000

/**
 * @throws VenueError MALFORMED_MESSAGE for levels out of order, empty levels or crossed sides; OFF_GRID when a number does not
 *   lie on the grid (then our `meta` is stale)
 * @see https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/websocket/subscriptions
 */
export function decodeBook(data: unknown, grid: Grid): BookInput {
  const book = recordOf(data, 'l2Book')
  const levels = listOf(book['levels'], 'levels')
  const bids = decodeSide(levels[0], grid, -1)
  const asks = decodeSide(levels[1], grid, 1)
  const bestBid = bids[0]
  const bestAsk = asks[0]
  if (bestBid !== undefined && bestAsk !== undefined && bestBid >= bestAsk) {
    throw malformed(`bids lie below asks (${bestBid} and ${bestAsk} ticks)`, book['coin'])
  }
  return { kind: 'book', venueTsMs: wholeFieldOf(book, 'time'), bids, asks }
}

/** @param direction −1: prices fall from the best on (bids); 1: they rise (asks) */
function decodeSide(side: unknown, grid: Grid, direction: 1 | -1): number[] {
  const levels = listOf(side, 'a side of the book')
  if (levels.length > LEVELS_MAX) throw malformed(`a side has at most ${LEVELS_MAX} levels`, levels.length)
  const flat: number[] = []
  let previousTicks: number | null = null
  for (const entry of levels) {
    const level = recordOf(entry, 'level')
    const priceTicks = ticksOf(level['px'], grid)
    const sizeLots = lotsOf(level['sz'], grid)
    if (priceTicks === 0 || sizeLots === 0) throw malformed('a level has a price and a size', entry)
    if (previousTicks !== null && (priceTicks - previousTicks) * direction <= 0) {
      throw malformed('levels are sorted best first', entry)
    }
    previousTicks = priceTicks
    flat.push(priceTicks, sizeLots)
  }
  return flat
}
