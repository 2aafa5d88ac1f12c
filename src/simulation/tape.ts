/**
 * A recorded market, as the player sees it: records in order of receipt, whatever file they came from.
 * Prices and sizes are whole numbers of 1e-8, exact for every decimal a recording carries.
 */
import type { Side } from '../core/units.ts'

export const E8 = 100_000_000

/** Changes of the book; size 0 removes a level. Flat: [priceE8, sizeE8, …]. */
export interface TapeDepth {
  readonly kind: 'depth'
  readonly tsMs: number
  /** True: these are all levels; false: only those that changed. */
  readonly isSnapshot: boolean
  /** The venue's last update id in it: orders depth and touch records of different streams. */
  readonly updateId: number
  readonly bids: readonly number[]
  readonly asks: readonly number[]
}

/** Best bid and ask. */
export interface TapeTouch {
  readonly kind: 'touch'
  readonly tsMs: number
  readonly updateId: number
  readonly bidE8: number
  readonly bidSizeE8: number
  readonly askE8: number
  readonly askSizeE8: number
}

export interface TapeTrade {
  readonly kind: 'trade'
  readonly tsMs: number
  readonly aggressor: Side
  readonly priceE8: number
  readonly sizeE8: number
}

/** The middle of the reference market that was recorded beside; half ticks of its grid, so it need not be whole. */
export interface TapeReference {
  readonly kind: 'reference'
  readonly tsMs: number
  readonly midE8: number
}

export type TapeMarketRecord = TapeDepth | TapeTouch | TapeTrade
export type TapeRecord = TapeMarketRecord | TapeReference

export interface TapeCounters {
  lines: number
  /** Lines that could not be read; they are left out. */
  damagedLines: number
  /** Lines of another symbol or stream. */
  foreignLines: number
  /** Depth changes whose predecessor is missing. */
  gaps: number
}

export interface TapeSource {
  readonly path: string
  /** As recorded: `BTCUSDT`. */
  readonly symbol: string
  /** Without the quote currency: `BTC`. */
  readonly coin: string
  /** The reference market whose mid is on it, too, as the venue names it: `BTC`; null: it is of one market alone. */
  readonly reference: string | null
  /** Time of the first record, milliseconds since 1970. */
  readonly firstTsMs: number
  /** First middle of bid and ask, dollars. */
  readonly firstMidUsd: number
  readonly counters: Readonly<TapeCounters>
  /** What was wrong with the first damaged line, with file and line number; null while none was. */
  readonly firstDamage: string | null
  /** The next record, or null at the end. Times never go back. */
  next(): TapeRecord | null
}
