/**
 * What inventory adds to both depths, cause by cause: by the closed form, or by the exact solution for the bound.
 *
 * in      C/2 by cause, inventory in clips, kappa, position limit in clips
 * out     what holding half a clip costs a flat maker, by cause; what the present inventory adds to bid and ask on top of it
 * state   with the exact solution the last three ground states, a cache
 * source  docs/math/glft.md
 *
 * The closed form lets the depth go up in a straight line for ever; the exact one knows that the position has a limit. They
 * share everything else: unequal flow and its lean come from the joint closed form in both.
 */
import { INVENTORY_CLIPS_MAX, initGroundState, inventoryDepth, solveGroundState } from './ground-state.ts'
import type { GroundState } from './ground-state.ts'

/** By cause; they add up to the whole. Fractions of the price. */
export interface Slopes {
  readonly quiet: number
  readonly toxicity: number
  readonly hour: number
}

export interface InventoryCost {
  /** Depth that a flat maker adds on both sides. */
  readonly flat: Slopes
  /** Positive moves the quote away. */
  readonly bid: number
  readonly ask: number
}

/** @param q inventory in clips */
export function closedCost(slopes: Slopes, q: number): InventoryCost {
  const lean = 2 * (slopes.quiet + slopes.toxicity + slopes.hour) * q
  return { flat: slopes, bid: lean, ask: -lean }
}

/** One ground state for each step of the causes. */
export type GroundStates = readonly [quiet: GroundState, withToxicity: GroundState, all: GroundState]

export function initGroundStates(): GroundStates {
  return [initGroundState(), initGroundState(), initGroundState()]
}

/** @param of position limit in clips, ≥ 0; a limit below one clip counts as one */
export function exactCost(
  states: GroundStates,
  slopes: Slopes,
  q: number,
  of: { readonly kappa: number; readonly clipsMax: number },
): InventoryCost {
  const { kappa } = of
  const [quiet, withToxicity, all] = states
  const bound = Math.min(Math.max(1, Math.floor(of.clipsMax)), INVENTORY_CLIPS_MAX)
  const beta = (slope: number): number => (2 * kappa * slope) ** 2
  solveGroundState(quiet, beta(slopes.quiet), bound)
  solveGroundState(withToxicity, beta(slopes.quiet + slopes.toxicity), bound)
  solveGroundState(all, beta(slopes.quiet + slopes.toxicity + slopes.hour), bound)
  const flatQuiet = inventoryDepth(quiet, 0) / kappa
  const flatToxic = inventoryDepth(withToxicity, 0) / kappa
  const flatAll = inventoryDepth(all, 0) / kappa
  return {
    flat: { quiet: flatQuiet, toxicity: flatToxic - flatQuiet, hour: flatAll - flatToxic },
    bid: inventoryDepth(all, q) / kappa - flatAll,
    ask: inventoryDepth(all, -q) / kappa - flatAll,
  }
}
