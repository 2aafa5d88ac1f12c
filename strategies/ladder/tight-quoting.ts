/**
 * May we quote tighter than the configured minimum? Only while all five conditions hold, and have held for a while.
 *
 * in      volatility regime, inventory, toxicity, hour, depth of the book and holes in it
 * out     whether it is on, and which conditions fail
 * state   on or off, and since when the conditions hold
 *
 * Coming on is slow (every condition, for the dwell time); going off is at once, but only past a margin beyond the
 * threshold, so that noise at a threshold does not switch the spread back and forth.
 */
import type { VolatilityRegime } from '../../src/core/contracts.ts'

export interface TightQuotingConfig {
  readonly isAllowed: boolean
  readonly maxInventoryShare: number
  readonly maxToxicity: number
  /** Hours of the day, UTC: a set, not a range. */
  readonly excludedHours: readonly number[]
  readonly minDepthUsd: number
  /** A book with a hole as wide as this has no depth, bps. */
  readonly maxHoleBps: number
  readonly dwellMs: number
}

/** A toxicity, depth or hole that is not known is null, and fails its condition: not knowing is not safe. */
export interface TightQuotingInput {
  readonly tsMs: number
  readonly regime: VolatilityRegime
  readonly inventoryShare: number
  readonly toxicity: number | null
  readonly depthUsd: number | null
  /** Widest of both sides. */
  readonly holeBps: number | null
}

export interface TightQuotingState {
  isOn: boolean
  /** Since when all conditions hold; null while one fails. */
  heldSinceTsMs: number | null
  /** Bit i is set while condition i of `TIGHT_CONDITIONS` fails. */
  failedBits: number
}

export const TIGHT_CONDITIONS = ['volatility', 'inventory', 'toxicity', 'hour', 'depth'] as const

/** Their bits, in the same order. */
const FAILED: Readonly<Record<(typeof TIGHT_CONDITIONS)[number], number>> = {
  volatility: 1,
  inventory: 2,
  toxicity: 4,
  hour: 8,
  depth: 16,
}

/** While it is on, a threshold may be passed by this share. */
const LEAVE_MARGIN = 0.2
const MS_PER_HOUR = 3_600_000

export function initTightQuoting(): TightQuotingState {
  return { isOn: false, heldSinceTsMs: null, failedBits: 0 }
}

/** Hour of the day UTC, 0…23. */
export function utcHour(tsMs: number): number {
  return Math.floor(tsMs / MS_PER_HOUR) % 24
}

export function updateTightQuoting(
  state: TightQuotingState,
  config: TightQuotingConfig,
  input: TightQuotingInput,
): void {
  state.failedBits = failedConditions(config, input, state.isOn ? LEAVE_MARGIN : 0)
  if (!config.isAllowed || state.failedBits !== 0) {
    state.isOn = false
    state.heldSinceTsMs = null
    return
  }
  state.heldSinceTsMs ??= input.tsMs
  if (input.tsMs - state.heldSinceTsMs >= config.dwellMs) state.isOn = true
}

function failedConditions(config: TightQuotingConfig, input: TightQuotingInput, margin: number): number {
  const { toxicity } = input
  let bits = 0
  if (input.regime !== 'calm' && input.regime !== 'normal') bits |= FAILED.volatility
  if (!(input.inventoryShare <= config.maxInventoryShare * (1 + margin))) bits |= FAILED.inventory
  if (toxicity === null || !(toxicity <= config.maxToxicity * (1 + margin))) bits |= FAILED.toxicity
  if (config.excludedHours.includes(utcHour(input.tsMs))) bits |= FAILED.hour
  if (!hasDepth(config, input, margin)) bits |= FAILED.depth
  return bits
}

/** Enough near the mid, and no hole in it: behind a hole it is out of reach. */
function hasDepth(
  config: TightQuotingConfig,
  { depthUsd, holeBps }: TightQuotingInput,
  margin: number,
): boolean {
  if (depthUsd === null || holeBps === null) return false
  return depthUsd >= config.minDepthUsd * (1 - margin) && holeBps < config.maxHoleBps * (1 + margin)
}

/** The conditions that fail, by name. */
export function failedNames(state: TightQuotingState): string[] {
  return TIGHT_CONDITIONS.filter((_, index) => (state.failedBits & (1 << index)) !== 0)
}
