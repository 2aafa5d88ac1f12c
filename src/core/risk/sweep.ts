/**
 * A market-wide sweep: prints of one aggressor through many prices within a moment, whoever's quotes they hit. What it eats next
 * may be ours, at prices that are already history, so the side that is swept goes before our own fills tell us.
 *
 * in      prints of the tape, as told
 * out     how long each of our sides stays off
 * state   prices printed by each aggressor within the window, at most `SWEEP_LEVELS_MAX`; when each side may come back
 */
import type { Side } from '../units.ts'

/** Prices that a sweep may be set to need. */
export const SWEEP_LEVELS_MAX = 64
/** Many prices close together are a dense book, not a sweep, bps from the first to the last. */
const SWEEP_RANGE_BPS_MIN = 40

export interface SweepConfig {
  /** Prints at so many different prices… */
  readonly sweepLevels: number
  /** …within this, ms… */
  readonly sweepWindowMs: number
  /** …take the swept side off for this long, ms. */
  readonly sweepCooldownMs: number
}

interface Printed {
  readonly priceTicks: number
  tsMs: number
}

export interface SweepSide {
  /** Of prints that hit this side of ours, oldest first. */
  printed: Printed[]
  offUntilTsMs: number
}

export type SweepState = Record<Side, SweepSide>

export function initSweep(): SweepState {
  return { buy: { printed: [], offUntilTsMs: 0 }, sell: { printed: [], offUntilTsMs: 0 } }
}

/**
 * @param print.aggressor who takes: a seller eats bids
 * @returns whether this print makes a sweep
 */
export function notePrint(
  state: SweepState,
  config: SweepConfig,
  print: { readonly aggressor: Side; readonly priceTicks: number; readonly tsMs: number },
): boolean {
  const { priceTicks, tsMs } = print
  const side = state[print.aggressor === 'sell' ? 'buy' : 'sell']
  while (side.printed.length > 0 && tsMs - (side.printed[0]?.tsMs ?? tsMs) >= config.sweepWindowMs) {
    side.printed.shift()
  }
  const again = side.printed.findIndex((one) => one.priceTicks === priceTicks)
  if (again >= 0) side.printed.splice(again, 1)
  side.printed.push({ priceTicks, tsMs })
  if (side.printed.length > SWEEP_LEVELS_MAX) side.printed.shift()
  const isSweep = side.printed.length >= config.sweepLevels && isWide(side.printed)
  if (isSweep) side.offUntilTsMs = tsMs + config.sweepCooldownMs
  return isSweep
}

/** ms until the side may be quoted again; 0: now. */
export function sweepCooldownMs(state: SweepState, side: Side, tsMs: number): number {
  return Math.max(0, state[side].offUntilTsMs - tsMs)
}

function isWide(printed: readonly Printed[]): boolean {
  let [low, high] = [Infinity, 0]
  for (const { priceTicks } of printed) {
    low = Math.min(low, priceTicks)
    high = Math.max(high, priceTicks)
  }
  return (high - low) * 10_000 >= SWEEP_RANGE_BPS_MIN * low
}
