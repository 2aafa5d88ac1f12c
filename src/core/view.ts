/** What the outside may see of the maker: plain numbers for the status line, the metrics and the summary. */
import type { PipelineFigures, ReadingStatus, StrategyFigures } from './contracts.ts'

/** One estimate as of the last decision. */
export interface EstimateView {
  /** Null when the status says that there is no number to be used. */
  readonly value: number | null
  readonly status: ReadingStatus
  /** Null before there was any data. */
  readonly ageMs: number | null
  readonly confidence: number
}

/** PnL of the session, split so that the parts add up exactly to `totalMicroUsd`. */
export interface PnlView {
  readonly totalMicroUsd: number
  /** Σ over fills of side × (mid at fill − price) × size: what the spread earned. */
  readonly spreadMicroUsd: number
  /** Cost negative. */
  readonly feesMicroUsd: number
  readonly fundingMicroUsd: number
  /** Gain of the position by moves of the mark, all the rest. */
  readonly inventoryMicroUsd: number
  readonly realisedMicroUsd: number
  readonly unrealisedMicroUsd: number
}

export interface MakerView {
  readonly tsMs: number
  readonly seq: number
  /** `quoting`, or why not: one word or short sentence with the reason. */
  readonly state: 'starting' | 'quoting' | 'oneSided' | 'notQuoting' | 'paused' | 'stopping' | 'killed'
  readonly because: string | null
  readonly coin: string
  /** Decimals of prices and sizes of this market, for display. */
  readonly priceDecimals: number
  readonly szDecimals: number
  /** Ticks; null when there is none. */
  readonly midTicks: number | null
  readonly fairTicks: number | null
  readonly ownBidTicks: number | null
  readonly ownAskTicks: number | null
  /** Between our best quotes, bps of the mid; null unless both rest. */
  readonly spreadBps: number | null
  readonly sigmaPerSqrtSec: number | null
  readonly kappaBid: number | null
  readonly kappaAsk: number | null
  /** Between these lies kappa of the side with 95 %; null while it is not known. */
  readonly kappaBid95: readonly [number, number] | null
  readonly kappaAsk95: readonly [number, number] | null
  /** By name, as `explain` shows them; empty before the first decision. */
  readonly estimates: Readonly<Record<string, EstimateView>>
  /** Null before the market is known, or when these parts tell nothing more. */
  readonly pipelineFigures: PipelineFigures | null
  readonly strategyFigures: StrategyFigures | null
  readonly adverseSelectionBps: number | null
  readonly toxicity: number | null
  /** Of the reference market: our usual mid over its mid, bps, and the share of a gap that we make up; null without one. */
  readonly referenceBasisBps: number | null
  readonly referenceLead: number | null
  readonly positionLots: number
  readonly positionMicroUsd: number
  readonly maxPositionLots: number
  readonly openOrderCount: number
  readonly uncertainOrderCount: number
  readonly fillCount: number
  readonly volumeMicroUsd: number
  readonly pnl: PnlView
  /** PnL since the last midnight UTC. */
  readonly dailyPnlMicroUsd: number
  readonly quoteCount: number
  readonly cancelCount: number
  readonly refusalCount: number
  readonly duplicateFillCount: number
  /** Age of the last book message. */
  readonly bookAgeMs: number | null
  readonly isKilled: boolean
  /** Requests that the venue still allows; null before it has told. */
  readonly requestsLeft: number | null
  /** Hours until none is left at the present spending; null when unknown or never. */
  readonly requestRunwayHours: number | null
  /** Request weight of our address of origin that is left in the running minute; null where the venue has no such limit. */
  readonly requestWeightLeft: number | null
  /** Margin of an isolated position, micro-dollars; null without one. */
  readonly isolatedMarginMicroUsd: number | null
  /** From the mark to the liquidation price, share of the mark; null without one. */
  readonly liquidationShare: number | null
  /** What risk found in the last cycle, every reason. */
  readonly findings: readonly {
    readonly monitor: string
    readonly action: string
    readonly because: string
  }[]
  readonly protectionTripCount: number
  readonly burstCount: number
  readonly sweepCount: number
  /** Our clock less the venue's by the quickest books of the last minutes, ms; null before any. */
  readonly clockSkewMs: number | null
  /** Longest stall of the event loop within the last sample, ms. */
  readonly loopLagMs: number
  /** Orders that differed from the venue's list at the last comparison. */
  readonly orderMismatchCount: number
  /** How often the send gate gave each reason. */
  readonly gateReasons: Readonly<Record<string, number>>
  readonly foreignOrderCount: number
  readonly stateHash: string
  /** Terms of the innermost bid and ask, bps, by name; empty when that side is not quoted. */
  readonly bidWaterfallBps: Readonly<Record<string, number>>
  readonly askWaterfallBps: Readonly<Record<string, number>>
  readonly bidFloor: string
  readonly askFloor: string
}
