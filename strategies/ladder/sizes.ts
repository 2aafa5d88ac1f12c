/**
 * How many lots each level of one side shows: what position, sweep and account allow, spread by value and risk, cut to
 * whole lots that the venue takes.
 *
 * in      depths of the levels, budget of the side, cost and risk per clip
 * out     whole lots per level and what bound each level
 *
 * Value of a level: λ(δ)·(δ − cost + benefit of reducing); the intensity is relative to the innermost level, so only κ
 * matters. Risk of size: λ(δ)·γσ²h per clip squared, h the holding time. Every level that the budget can afford gets the
 * venue's minimum, from the inside out, so that sizing never moves the innermost quote: prices are the model's.
 */
import { assert, isWhole } from '../../src/core/assert.ts'
import { normalCdf } from '../../src/core/math/normal.ts'
import { truncToLots } from '../../src/core/units.ts'
import type { Allocation } from '../glft-ladder-config.ts'
import { allocateEntropy, allocateQuadratic, bindingOf } from './allocate.ts'
import type { Binding, ShadowPrices } from './allocate.ts'
import { kellyWeight } from './kelly.ts'

/** Written anew for each side; mutable so that nothing is allocated per tick. */
export interface SizingInput {
  readonly allocation: Allocation
  /** Depths as fractions of the price, ascending. */
  readonly depths: Float64Array
  readonly levelsMax: number
  kappa: number
  /** Expected cost of a fill, fraction. */
  cost: number
  /** γσ²h, fraction per clip. */
  riskPerClip: number
  /** σ√h, fraction: how far the price moves while a fill is held. */
  holdMove: number
  /** Inventory in clips that this side reduces, ≥ 0. */
  reducibleClips: number
  clipLots: number
  /** Levels that there may be at most for other reasons; Infinity: none. */
  levelCountMax: number
  /** Whole lots this side may show in all, the least of one level, and the most as a share of the whole. */
  budgetLots: number
  minLots: number
  levelMaxShare: number
}

/** Scratch and result of one side. */
export interface Sizing {
  readonly input: SizingInput
  /** Levels that get size: the inner ones that the budget affords. */
  levels: number
  budget: number
  readonly value: Float64Array
  readonly curvature: Float64Array
  readonly cap: Float64Array
  readonly least: Float64Array
  readonly size: Float64Array
  readonly lots: Float64Array
  readonly prices: ShadowPrices
  readonly binding: Binding[]
}

export function initSizing(allocation: Allocation, levelsMax: number): Sizing {
  const numbers = (): Float64Array => new Float64Array(levelsMax)
  return {
    input: {
      allocation,
      depths: numbers(),
      levelsMax,
      kappa: 0,
      cost: 0,
      riskPerClip: 0,
      holdMove: 0,
      reducibleClips: 0,
      clipLots: 0,
      budgetLots: 0,
      levelCountMax: Infinity,
      minLots: 0,
      levelMaxShare: 0,
    },
    levels: 0,
    budget: 0,
    value: numbers(),
    curvature: numbers(),
    cap: numbers(),
    least: numbers(),
    size: numbers(),
    lots: numbers(),
    prices: { budget: 0, margin: 0 },
    binding: new Array<Binding>(levelsMax).fill('least'),
  }
}

/** A level at or below its cost keeps this share of its depth as value: small, but quoted. */
const EDGE_SHARE_MIN = 0.1
/** A curvature is never zero, even in a market that stands still. */
const CURVATURE_MIN = 1e-30
/** Temperature of the entropy allocation, share of the best value. */
const ENTROPY_TEMPERATURE = 0.5

/** Fills `lots` and `binding` from `input`. @returns lots in all; 0 when the budget is below one smallest order */
export function sizeSide(sizing: Sizing): number {
  const { input } = sizing
  assert(isWhole(input.minLots) && input.minLots >= 1, 'the smallest size is a whole number of lots')
  for (let index = 0; index < input.levelsMax; index += 1) sizing.lots[index] = 0
  sizing.levels = Math.min(input.levelsMax, input.levelCountMax, Math.floor(input.budgetLots / input.minLots))
  sizing.budget = input.budgetLots
  if (sizing.levels === 0) return 0
  writeProblem(sizing)
  allocate(sizing)
  return roundToLots(sizing)
}

function writeProblem(sizing: Sizing): void {
  const { input, levels } = sizing
  const inner = input.depths[0] ?? 0
  const cap =
    levels === 1 ? input.budgetLots : Math.max(input.minLots, input.budgetLots * input.levelMaxShare)
  for (let index = 0; index < levels; index += 1) {
    const depth = input.depths[index] ?? 0
    const rate = index === 0 ? 1 : Math.exp(-input.kappa * (depth - inner))
    // Per lot: one lot is 1/clip of a clip.
    sizing.value[index] = (rate * edgeOf(input, depth)) / input.clipLots
    const curvature = (rate * input.riskPerClip) / (input.clipLots * input.clipLots)
    sizing.curvature[index] = Math.max(curvature, CURVATURE_MIN)
    sizing.cap[index] = cap
    sizing.least[index] = input.minLots
  }
}

function edgeOf(input: SizingInput, depth: number): number {
  return Math.max(depth - input.cost, EDGE_SHARE_MIN * depth) + input.riskPerClip * input.reducibleClips
}

function allocate(sizing: Sizing): void {
  const { input, levels } = sizing
  switch (input.allocation) {
    case 'constrained':
      allocateQuadratic(sizing, sizing.size, sizing.prices)
      for (let index = 0; index < levels; index += 1) {
        sizing.binding[index] = bindingOf(sizing, sizing.prices, sizing.size, index)
      }
      return
    case 'proportional':
      sizing.size.set(sizing.value)
      return spreadByWeight(sizing)
    case 'entropy': {
      let best = 0
      for (let index = 0; index < levels; index += 1) best = Math.max(best, sizing.value[index] ?? 0)
      const temperature = ENTROPY_TEMPERATURE * Math.max(best, CURVATURE_MIN)
      allocateEntropy({ value: sizing.value, levels, temperature, budget: 1 }, sizing.size)
      return spreadByWeight(sizing)
    }
    case 'kelly':
      for (let index = 0; index < levels; index += 1) sizing.size[index] = kellyOf(input, index)
      return spreadByWeight(sizing)
  }
}

function kellyOf(input: SizingInput, index: number): number {
  const depth = input.depths[index] ?? 0
  // Driftless first passage within the holding time: touched with probability 2Φ(−δ/σ√h).
  const fillProbability = input.holdMove > 0 ? Math.min(1, 2 * normalCdf(-depth / input.holdMove)) : 0
  return kellyWeight({ fillProbability, edge: edgeOf(input, depth), moveVariance: input.holdMove ** 2 })
}

/** Turns the weights in `size` into sizes: the minimum for each level, the rest of the budget by weight, capped. */
function spreadByWeight(sizing: Sizing): void {
  const { input, levels } = sizing
  let total = 0
  for (let index = 0; index < levels; index += 1) total += sizing.size[index] ?? 0
  const free = input.budgetLots - levels * input.minLots
  for (let index = 0; index < levels; index += 1) {
    const share = total > 0 ? (sizing.size[index] ?? 0) / total : 1 / levels
    const wish = input.minLots + free * share
    const cap = sizing.cap[index] ?? 0
    sizing.size[index] = Math.min(wish, cap)
    sizing.binding[index] = wish >= cap ? 'cap' : 'budget'
  }
}

/** Cuts to whole lots; what is cut off goes to the most valuable level below its cap. */
function roundToLots(sizing: Sizing): number {
  const { levels } = sizing
  let wished = 0
  let placed = 0
  let best = -1
  for (let index = 0; index < levels; index += 1) {
    const size = sizing.size[index] ?? 0
    const lots = truncToLots(size + 1e-9 * size)
    sizing.lots[index] = lots
    wished += size
    placed += lots
    const isOpen = lots < Math.floor(sizing.cap[index] ?? 0)
    if (isOpen && (best < 0 || (sizing.value[index] ?? 0) > (sizing.value[best] ?? 0))) best = index
  }
  if (best < 0) return placed
  const rest = Math.min(Math.floor(wished), sizing.budget) - placed
  const room = Math.floor(sizing.cap[best] ?? 0) - (sizing.lots[best] ?? 0)
  const given = Math.max(0, Math.min(rest, room))
  sizing.lots[best] = (sizing.lots[best] ?? 0) + given
  return placed + given
}
