/** Books as the venue shows them: at most 20 levels a side, if wanted gathered into buckets of significant figures. */
import { bookSnapshot, touch } from '../../exchange/queries/book.ts'
import type { Exchange } from '../../exchange/state.ts'
import type { Instrument } from '../../exchange/instrument.ts'
import { fromWhole } from './decimals.ts'
import type { WireBook, WireLevel } from './types.ts'

export const BOOK_LEVELS_MAX = 20
/** Levels read for a gathered book; what lies deeper is not shown. */
const GATHERED_LEVELS_MAX = 5_000

export interface Gathering {
  readonly nSigFigs: number
  /** Steps of 1, 2 or 5 in the last figure. */
  readonly mantissa: number
}

interface LevelInt {
  readonly priceTicks: number
  readonly sizeLots: number
  readonly orderCount: number
}

export function toBook(
  exchange: Exchange,
  instrument: Instrument,
  view: { readonly tsMs: number; readonly gathering: Gathering | null; readonly levelCountMax?: number },
): WireBook {
  const { assetId, coin, grid } = instrument
  const levelCountMax = view.levelCountMax ?? BOOK_LEVELS_MAX
  const toLevels = (levels: readonly LevelInt[]): WireLevel[] =>
    levels.slice(0, levelCountMax).map((level) => ({
      px: fromWhole(level.priceTicks, grid.priceDecimals),
      sz: fromWhole(level.sizeLots, grid.szDecimals),
      n: level.orderCount,
    }))
  if (view.gathering === null) {
    const { bids, asks } = bookSnapshot(exchange, assetId, levelCountMax)
    return { coin, time: view.tsMs, levels: [toLevels(bids), toLevels(asks)] }
  }
  const { bids, asks } = bookSnapshot(exchange, assetId, GATHERED_LEVELS_MAX)
  const { bidTicks, askTicks } = touch(exchange, assetId)
  const stepTicks = bucketTicks(bidTicks > 0 ? bidTicks : askTicks, view.gathering)
  const spreadTicks = bidTicks > 0 && askTicks > 0 ? askTicks - bidTicks : 0
  return {
    coin,
    time: view.tsMs,
    levels: [toLevels(gather(bids, stepTicks, Math.floor)), toLevels(gather(asks, stepTicks, Math.ceil))],
    spread: fromWhole(spreadTicks, grid.priceDecimals),
  }
}

/** The width of a bucket around a price: what the last of its figures counts. */
function bucketTicks(priceTicks: number, { nSigFigs, mantissa }: Gathering): number {
  const digits = Math.max(priceTicks, 1).toString().length
  return 10 ** Math.max(digits - nSigFigs, 0) * (digits > nSigFigs ? mantissa : 1)
}

/** Bids round down and asks up, away from the mid: a bucket never shows a better price than its orders have. */
function gather(
  levels: readonly LevelInt[],
  stepTicks: number,
  round: (value: number) => number,
): LevelInt[] {
  const buckets = new Map<number, LevelInt>()
  for (const { priceTicks, sizeLots, orderCount } of levels) {
    const bucket = round(priceTicks / stepTicks) * stepTicks
    const before = buckets.get(bucket)
    buckets.set(bucket, {
      priceTicks: bucket,
      sizeLots: (before?.sizeLots ?? 0) + sizeLots,
      orderCount: (before?.orderCount ?? 0) + orderCount,
    })
  }
  return [...buckets.values()]
}
