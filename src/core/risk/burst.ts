/**
 * Bursts of own fills on one side: somebody works a large order through our ladder, so what is left of that side goes at once
 * and stays away for a while, long enough for the rest of the large order to pass.
 *
 * state   times of the last fills of each side, at most `BURST_FILLS_MAX`; when each side may come back
 */
import type { Side } from '../units.ts'

/** Fills that a burst may be set to need. */
export const BURST_FILLS_MAX = 100

export interface BurstConfig {
  /** So many fills of one side… */
  readonly burstFills: number
  /** …within this, ms… */
  readonly burstWindowMs: number
  /** …take the side off for this long, ms. */
  readonly burstCooldownMs: number
}

export interface BurstSide {
  /** Oldest first. */
  fillTsMs: number[]
  offUntilTsMs: number
}

export type BurstState = Record<Side, BurstSide>

export function initBurst(): BurstState {
  return { buy: { fillTsMs: [], offUntilTsMs: 0 }, sell: { fillTsMs: [], offUntilTsMs: 0 } }
}

/** @returns whether this fill makes a burst; a fill during the cooldown prolongs it */
export function noteFill(state: BurstState, config: BurstConfig, side: Side, tsMs: number): boolean {
  const of = state[side]
  of.fillTsMs = of.fillTsMs.filter((old) => tsMs - old < config.burstWindowMs)
  of.fillTsMs.push(tsMs)
  if (of.fillTsMs.length > BURST_FILLS_MAX) of.fillTsMs.shift()
  const isBurst = of.fillTsMs.length >= config.burstFills
  if (isBurst || tsMs < of.offUntilTsMs) of.offUntilTsMs = tsMs + config.burstCooldownMs
  return isBurst
}

/** ms until the side may be quoted again; 0: now. */
export function cooldownMs(state: BurstState, side: Side, tsMs: number): number {
  return Math.max(0, state[side].offUntilTsMs - tsMs)
}
