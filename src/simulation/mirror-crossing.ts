/** Where the recorded book has moved through resting orders that are not the tape's. */
import type { Side } from '../core/units.ts'
import type { ExchangeCommand } from '../exchange/command.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { bookSnapshot, touch } from '../exchange/queries/book.ts'
import { lotsMin, toTakerCommand } from './agent-account.ts'
import { lotsOf } from './mirror-state.ts'
import type { DesiredSide, Mirror } from './mirror-state.ts'

/** Levels looked at on the other side. */
const CROSSED_LEVELS_MAX = 100

/**
 * The order that takes what rests on the other side within the recorded levels and is not ours: never more than the
 * recorded side holds there, never beyond its best price. Null when nothing does.
 */
export function crossingOf(
  mirror: Mirror,
  side: Side,
  desired: DesiredSide,
  exchange: Exchange,
): ExchangeCommand | null {
  const limitTicks = bestOf(desired)
  if (limitTicks === null) return null
  const isBuy = side === 'buy'
  const { assetId } = mirror.instrument
  const { bidTicks, askTicks } = touch(exchange, assetId)
  const isReached = isBuy ? askTicks > 0 && askTicks <= limitTicks : bidTicks >= limitTicks
  if (!isReached) return null

  const own = isBuy ? mirror.asks : mirror.bids
  const book = bookSnapshot(exchange, assetId, CROSSED_LEVELS_MAX)
  let foreignLots = 0
  let foreignBestTicks = 0
  for (const level of isBuy ? book.asks : book.bids) {
    if (isBuy ? level.priceTicks > limitTicks : level.priceTicks < limitTicks) break
    const ours = own.get(level.priceTicks)
    const lots = level.sizeLots - (ours === undefined ? 0 : lotsOf(ours))
    if (lots <= 0) continue
    if (foreignLots === 0) foreignBestTicks = level.priceTicks
    foreignLots += lots
  }
  const sizeLots = Math.min(foreignLots, lotsWithin(desired, foreignBestTicks, isBuy))
  if (sizeLots < lotsMin(limitTicks)) return null
  return toTakerCommand(mirror.taker, { assetId, side, priceTicks: limitTicks, sizeLots })
}

/** Recorded lots at prices that reach `priceTicks` on the other side. */
function lotsWithin(desired: DesiredSide, priceTicks: number, isBuy: boolean): number {
  let lots = 0
  for (let index = 0; index < desired.count; index += 1) {
    const ticks = desired.priceTicks[index] ?? 0
    if (isBuy ? ticks >= priceTicks : ticks <= priceTicks) lots += desired.lots[index] ?? 0
  }
  return lots
}

/** The best price of a side, or null. */
export function bestOf(desired: DesiredSide): number | null {
  return desired.count === 0 ? null : (desired.priceTicks[0] ?? null)
}
