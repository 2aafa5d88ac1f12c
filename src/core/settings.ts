/** What the engine itself needs of the configuration. Strategy and estimators hold their own. Integers where money is meant. */
import type { BurstConfig } from './risk/burst.ts'
import type { HoldConfig } from './risk/holds.ts'
import type { MarginSettings } from './margin.ts'
import type { KillConfig } from './risk/kill.ts'
import type { MmpConfig } from './risk/mmp.ts'
import type { SweepConfig } from './risk/sweep.ts'

export interface EngineSettings extends BurstConfig, HoldConfig, KillConfig, MarginSettings, SweepConfig {
  /** Largest |position| that quoting may lead to, lots. */
  readonly maxPositionLots: number
  /** Largest single order, lots. */
  readonly maxOrderLots: number
  /** A live quote is left alone while its price is within this of the wished one, bps. */
  readonly maxBpsDiff: number
  /** A quote younger than this is not moved, unless it would lose money, ms. */
  readonly minOrderAgeMs: number
  /** Least time between two quoting cycles, ms; fills and risk do not wait. */
  readonly requoteIntervalMs: number
  /** Orders must reach the venue within this, ms; after it an unknown one is dead. */
  readonly submitExpiryMs: number
  /** The book may be this old, ms. */
  readonly maxBookAgeMs: number
  /** No order further from the mid than this, bps. */
  readonly priceCollarBps: number
  /** Order messages (places, modifies) a second. */
  readonly maxOrdersPerSec: number
  /** Order messages without a fill after which only a tenth of them is left a second, ≥ 1. */
  readonly maxOrdersPerFill: number
  /** Loss of a UTC day that trips the kill switch, micro-dollars; 0: derived from equity. */
  readonly maxDailyLossMicroUsd: number
  /** Fall of equity from its peak that trips the kill switch, share of equity (0…1)… */
  readonly maxDrawdownShare: number
  /** …but only beyond this, micro-dollars: cents are not a drawdown; 0: derived from equity. */
  readonly minDrawdownMicroUsd: number
  /** Ask the venue for position, orders and margin this often, ms. */
  readonly resyncIntervalMs: number
  /** Limits on what trades within a window; quantity and delta in lots, notional in micro-dollars. */
  readonly mmp: MmpConfig
  /** The mid may range this far within the window, bps and ms. */
  readonly velocityPullBps: number
  readonly velocityWindowMs: number
  /** A position of this share of the limit or more… */
  readonly lopsidedShare: number
  /** …may stand this long before only reducing is left, ms. */
  readonly maxLopsidedMs: number
  /** Share of a minute's orders that the venue may refuse, 0…1. */
  readonly maxRefusalShare: number
  /** Our clock and the venue's may differ by less than this, ms. */
  readonly maxClockSkewMs: number
  /** The event loop may stand still for less than this, ms; much longer is a pull. */
  readonly maxLoopLagMs: number
  /** Quote around the mark, this much wider, bps, while nobody else makes the market; otherwise wait until somebody does. */
  readonly quoteAlone: boolean
  readonly aloneWidenBps: number
  /** What becomes of orders that an earlier run of ours left. */
  readonly startOrders: 'cancel' | 'adopt'
  /** The liquidation price must be at least this far from the mark, share of the mark. */
  readonly minLiquidationShare: number
}
