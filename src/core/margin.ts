/**
 * The margin of an isolated position: at least the configured one from the entry on, more when the liquidation price comes
 * near, and the surplus back once it is far. Decisions only: the amounts become commands, so that they stand in the journal.
 *
 * in      the venue's last account sample, the mark of now, the configured distances
 * out     micro-dollars to add (> 0) or to take back (< 0), 0: leave it
 * state   when it last changed something, and how long it waits until the venue has followed
 * source  liquidation price = mark ∓ (margin − maintenance) / size / (1 ∓ l), so distance and margin are a straight line
 */
import type { MarketSpec } from './market.ts'
import { MICRO_USD_PER_USD } from './units.ts'

export interface MarginSettings {
  /** Margin to keep on an open isolated position, micro-dollars… */
  readonly isolatedMarginMicroUsd: number
  /** …but this share of the account's value on the DEX stays free for orders, 0…1. */
  readonly marginFreeShare: number
  /** With the liquidation price nearer than this share of the mark, margin is added… */
  readonly marginTopUpShare: number
  /** …until it is this far away. 0 < top up < target < release. */
  readonly marginTargetShare: number
  /** Farther than this, what is not needed for the target is taken back; Infinity: never. */
  readonly marginReleaseShare: number
  /** Leverage of new positions: the venue lets no margin go below notional over it. */
  readonly isolatedLeverage: number
  /** Collateral that may be moved to this DEX on one UTC day, micro-dollars; 0: none. */
  readonly collateralDailyMicroUsd: number
  /** Free collateral to keep on this DEX from elsewhere, micro-dollars. */
  readonly collateralKeepMicroUsd: number
}

/** What the decision looks at. */
export interface MarginFacts {
  readonly sizeLots: number
  readonly markTicks: number
  /** Margin of the position at this mark, its unrealised profit included, micro-dollars. */
  readonly marginMicroUsd: number
  /** Null: the venue sees no price at which it would liquidate. */
  readonly liquidationTicks: number | null
  readonly withdrawableMicroUsd: number
  /** Of the whole DEX, isolated positions included. */
  readonly accountValueMicroUsd: number
  readonly maxLeverage: number
  /** False on strictly isolated markets: what was added stays until the position shrinks. */
  readonly isRemovable: boolean
}

interface MarginPlan {
  /** > 0 add, < 0 take back, 0 leave; never more than what is free. */
  readonly changeMicroUsd: number
  /** What is wanted beyond what is free here, ≥ 0. */
  readonly missingMicroUsd: number
}

export interface MarginState {
  /** When margin was last changed by us; 0: never. */
  lastTsMs: number
  /** The venue has this long to show a change before another is asked for; doubles while it shows none. */
  waitMs: number
  /** The change that was asked for last and is not seen yet, and the position that it was asked for. */
  askedMicroUsd: number
  fromMicroUsd: number
  fromLots: number
  fromMarkTicks: number
  /** When a sample was last wanted because the position had grown since the one before. */
  sampleWantedTsMs: number
  /** What the policy wanted last beyond what was free on this DEX, micro-dollars. */
  missingMicroUsd: number
  /** Collateral moved to this DEX on this UTC day, as far as we asked for it, micro-dollars. */
  movedMicroUsd: number
  movedDay: number
  movedTsMs: number
  /** The mark when the last account sample came: its margin is worth what it says at this mark. */
  sampleMarkTicks: number | null
}

export const MARGIN_WAIT_MS_MIN = 1_000
export const MARGIN_WAIT_MS_MAX = 300_000
/** Less than this is not worth a request, micro-dollars, unless liquidation is near. */
const CHANGE_MICRO_USD_MIN = MICRO_USD_PER_USD
/** The initial margin is restored only once a loss has eaten this share of it: the margin moves with every tick. */
const REFILL_SHARE = 0.1

/** Leverage of an isolated market when none is configured: margin is a fifth of the position or more. */
const ISOLATED_LEVERAGE_DEFAULT = 5

/** @param configured 0: the default. @returns what is set on the market before the first order */
export function isolatedLeverageOf(market: MarketSpec, configured: number): number {
  return Math.min(market.maxLeverage, configured === 0 ? ISOLATED_LEVERAGE_DEFAULT : configured)
}

export function initMargin(): MarginState {
  return {
    lastTsMs: 0,
    waitMs: MARGIN_WAIT_MS_MIN,
    askedMicroUsd: 0,
    fromMicroUsd: 0,
    fromLots: 0,
    fromMarkTicks: 0,
    sampleWantedTsMs: 0,
    missingMicroUsd: 0,
    movedMicroUsd: 0,
    movedDay: 0,
    movedTsMs: 0,
    sampleMarkTicks: null,
  }
}

/** @returns how far the liquidation price is from the mark, share of the mark; below 0: beyond it; null: there is none */
export function liquidationDistance(
  facts: Pick<MarginFacts, 'sizeLots' | 'markTicks' | 'liquidationTicks'>,
): number | null {
  if (facts.liquidationTicks === null) return null
  const share = 1 - facts.liquidationTicks / facts.markTicks
  return facts.sizeLots > 0 ? share : -share
}

export function planMargin(facts: MarginFacts, settings: MarginSettings): MarginPlan {
  const distance = liquidationDistance(facts)
  const floor = floorOf(facts, settings)
  if (distance !== null && distance < settings.marginTopUpShare) {
    return adding(facts, Math.max(marginAt(facts, distance, settings.marginTargetShare), floor), 1)
  }
  if (facts.marginMicroUsd < (1 - REFILL_SHARE) * floor) return adding(facts, floor, CHANGE_MICRO_USD_MIN)
  const isFar = distance === null || distance > settings.marginReleaseShare
  if (!isFar || !facts.isRemovable || settings.marginReleaseShare === Infinity) return NOTHING
  const kept = Math.max(
    marginAt(facts, distance, settings.marginTargetShare),
    floor,
    leastOf(facts, settings),
  )
  const surplus = Math.floor(facts.marginMicroUsd - kept)
  return surplus < CHANGE_MICRO_USD_MIN ? NOTHING : { changeMicroUsd: -surplus, missingMicroUsd: 0 }
}

const NOTHING: MarginPlan = { changeMicroUsd: 0, missingMicroUsd: 0 }

function adding(facts: MarginFacts, wantedMicroUsd: number, atLeast: number): MarginPlan {
  const wanted = Math.ceil(wantedMicroUsd - facts.marginMicroUsd)
  if (wanted < atLeast) return NOTHING
  const free = Math.max(0, Math.floor(facts.withdrawableMicroUsd))
  const added = Math.min(wanted, free)
  return { changeMicroUsd: added < atLeast ? 0 : added, missingMicroUsd: wanted - added }
}

/** The margin to keep whatever the distance: an account smaller than the configured amount keeps money for its orders. */
function floorOf(facts: MarginFacts, settings: MarginSettings): number {
  const most = Math.max(0, facts.accountValueMicroUsd) * (1 - settings.marginFreeShare)
  return Math.min(settings.isolatedMarginMicroUsd, most)
}

/** The venue keeps the initial margin of the position, and a tenth of its value, in it. */
function leastOf(facts: MarginFacts, settings: MarginSettings): number {
  return notionalOf(facts) * Math.max(0.1, 1 / settings.isolatedLeverage)
}

/**
 * The margin at which the liquidation price would be `target` away. Extrapolated from the venue's own price where there is
 * one, so that the margin tier that applies is hers; without one, by the market's lowest tier.
 */
function marginAt(facts: MarginFacts, distance: number | null, target: number): number {
  const maintenance = 1 / (2 * facts.maxLeverage)
  const slope = facts.sizeLots > 0 ? 1 - maintenance : 1 + maintenance
  if (distance !== null) return facts.marginMicroUsd + (target - distance) * notionalOf(facts) * slope
  return notionalOf(facts) * (target * slope + maintenance)
}

function notionalOf(facts: MarginFacts): number {
  return Math.abs(facts.sizeLots) * facts.markTicks
}
