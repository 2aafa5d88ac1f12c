/** `trades` frame -> TradeInputs, one per print of the tape. The side in a print is the taker's. */
import type { TradeInput } from '../../core/input.ts'
import type { Grid } from '../../core/units.ts'
import { lotsOf, ticksOf } from './decimal.ts'
import { listOf, malformed, recordOf, sideOf, textOf, wholeFieldOf } from './wire.ts'

/** @param coin prints of other coins are left out */
export function decodeTrades(data: unknown, coin: string, grid: Grid): TradeInput[] {
  const trades: TradeInput[] = []
  for (const entry of listOf(data, 'trades')) {
    const print = recordOf(entry, 'trade')
    if (textOf(print, 'coin') !== coin) continue
    const priceTicks = ticksOf(print['px'], grid)
    const sizeLots = lotsOf(print['sz'], grid)
    if (priceTicks === 0 || sizeLots === 0) throw malformed('a print has a price and a size', entry)
    trades.push({
      kind: 'trade',
      venueTsMs: wholeFieldOf(print, 'time'),
      tid: wholeFieldOf(print, 'tid'),
      aggressor: sideOf(print),
      priceTicks,
      sizeLots,
    })
  }
  // A snapshot comes newest first.
  return trades.sort((earlier, later) => earlier.venueTsMs - later.venueTsMs)
}
