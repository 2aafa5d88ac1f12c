/**
 * What a backtest keeps of a run: one sample per block, every fill of ours as the exchange has it, and sums. All figures of the
 * result, the report and the CSV files are computed from this and nothing else.
 */
import type { Side } from '../core/units.ts'
import { initColumns } from './columns.ts'
import type { Columns } from './columns.ts'

/** Taken at the end of each block, one before the first. Prices in ticks; 0: there is none. */
export const SAMPLE_COLUMNS = [
  'tsMs',
  /** Middle of the touch; while a side is empty, the last one. */
  'midTicks',
  'markTicks',
  'bestBidTicks',
  'bestAskTicks',
  'ownBidTicks',
  'ownAskTicks',
  'positionLots',
  /** Account value by the exchange's own books. */
  'equityMicroUsd',
] as const
export type SampleColumn = (typeof SAMPLE_COLUMNS)[number]

export interface RecordedFill {
  readonly tsMs: number
  /** Row of the sample before the block of the fill: the last that the maker could have seen. */
  readonly sampleIndex: number
  readonly tid: number
  readonly oid: number
  readonly side: Side
  readonly priceTicks: number
  readonly sizeLots: number
  readonly feeMicroUsd: number
  /** True when we took. */
  readonly crossed: boolean
  /** True when the exchange closed us. */
  readonly liquidation: boolean
  readonly midTicks: number
}

export interface RecordedFunding {
  readonly tsMs: number
  /** Negative: paid. */
  readonly amountMicroUsd: number
}

/** Terms of the innermost wished quotes, bps, in the order of `WATERFALL_TERMS`; null: that side was not wished. */
export interface RecordedTerms {
  readonly tsMs: number
  readonly bidBps: readonly number[] | null
  readonly askBps: readonly number[] | null
}

/** Own resting orders by distance from the mid. Bin n holds distances from n to n + 1 widths. */
export interface DepthBin {
  /** Order-milliseconds that orders of ours rested there. */
  restedMs: number
  fills: number
}

export const DEPTH_BIN_BPS = 0.25
/** Orders farther out, or beyond the mid, are not counted. */
export const DEPTH_BINS_MAX = 200

export interface RequestCounts {
  places: number
  modifies: number
  cancels: number
  /** Questions about orders and margin moves. */
  others: number
  /** Lots in places and modifies. */
  shownLots: number
}

export interface Recording {
  readonly blockMs: number
  readonly priceDecimals: number
  readonly szDecimals: number
  readonly samples: Columns<SampleColumn>
  readonly fills: RecordedFill[]
  readonly funding: RecordedFunding[]
  readonly depthBins: DepthBin[]
  readonly terms: RecordedTerms[]
  readonly requests: RequestCounts
  /** Times that the exchange liquidated us. */
  liquidationCount: number
  /** Σ lots × price of positions that no fill of ours explains and that were taken over at that price; a backtest has none. */
  takenOverMicroUsd: number
  /** Cash by the exchange's books, marks left out, at the first and the last sample. */
  cashStartMicroUsd: number
  cashEndMicroUsd: number
}

export function initRecording(of: {
  readonly blockMs: number
  readonly priceDecimals: number
  readonly szDecimals: number
}): Recording {
  return {
    ...of,
    samples: initColumns(SAMPLE_COLUMNS),
    fills: [],
    funding: [],
    depthBins: Array.from({ length: DEPTH_BINS_MAX }, () => ({ restedMs: 0, fills: 0 })),
    terms: [],
    requests: { places: 0, modifies: 0, cancels: 0, others: 0, shownLots: 0 },
    liquidationCount: 0,
    takenOverMicroUsd: 0,
    cashStartMicroUsd: 0,
    cashEndMicroUsd: 0,
  }
}
