/**
 * What our fills earn at the moment they happen, by side: the half spread captured, and the fee paid for it.
 *
 * in      own fills with the mid at that moment
 * out     means in bps of the mid, memory by fills
 * state   three decayed sums per side
 * source  effective half spread = realised + adverse (Huang & Stoll 1996); docs/math/adverse-selection.md
 *
 * The third part, what the market does to us afterwards, is the markout of `adverse-selection.ts`.
 */
import { assert } from '../src/core/assert.ts'
import type { EdgeFigure } from '../src/core/contracts.ts'
import { BPS, signOf } from '../src/core/units.ts'
import type { Side } from '../src/core/units.ts'

export interface EdgeSums {
  weight: number
  spreadBps: number
  feeBps: number
}

export interface FillEdgeState {
  readonly halfLifeFills: number
  readonly bid: EdgeSums
  readonly ask: EdgeSums
}

export function initFillEdge(halfLifeFills: number): FillEdgeState {
  assert(halfLifeFills > 0, 'fill edge: halfLifeFills is positive')
  const sums = (): EdgeSums => ({ weight: 0, spreadBps: 0, feeBps: 0 })
  return { halfLifeFills, bid: sums(), ask: sums() }
}

/** @param midTicks mid at the fill, > 0 */
export function observeFillEdge(
  state: FillEdgeState,
  fill: {
    readonly side: Side
    readonly priceTicks: number
    readonly sizeLots: number
    readonly feeMicroUsd: number
    readonly midTicks: number
  },
): void {
  const { side, priceTicks, sizeLots, feeMicroUsd, midTicks } = fill
  assert(midTicks > 0 && priceTicks > 0 && sizeLots > 0, 'fill edge: mid, price and size are positive')
  const sums = side === 'buy' ? state.bid : state.ask
  const decay = 0.5 ** (1 / state.halfLifeFills)
  sums.weight = sums.weight * decay + 1
  sums.spreadBps = sums.spreadBps * decay + (signOf(side) * (midTicks - priceTicks)) / midTicks / BPS
  sums.feeBps = sums.feeBps * decay + feeMicroUsd / (priceTicks * sizeLots) / BPS
}

/** @param impactBps mean markout of the side, cost positive; null before the first. @returns null before the first fill */
export function edgeFigure(
  state: FillEdgeState,
  quote: 'bid' | 'ask',
  impactBps: number | null,
): EdgeFigure | null {
  const sums = state[quote]
  if (sums.weight === 0) return null
  const spreadBps = sums.spreadBps / sums.weight
  const feeBps = sums.feeBps / sums.weight
  const netBps = impactBps === null ? null : spreadBps - impactBps - feeBps
  return { quote, spreadBps, impactBps, feeBps, netBps }
}
