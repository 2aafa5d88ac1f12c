/**
 * How a side's size is spread over its levels: maximise Σ aᵢsᵢ − ½Σ cᵢsᵢ² with 0 ≤ sᵢ ≤ uᵢ, Σsᵢ ≤ S and Σmᵢsᵢ ≤ M.
 *
 * in      value aᵢ, curvature cᵢ > 0 (risk of size), cap uᵢ, margin mᵢ per lot; budgets S and M
 * out     sizes (real lots), the shadow prices of both budgets, and what binds each level
 * source  KKT: sᵢ = clamp((aᵢ − ν − ηmᵢ)/cᵢ, 0, uᵢ); docs/math/ladder.md
 */
import { assert } from '../../src/core/assert.ts'

export interface QuadraticProblem {
  readonly value: ArrayLike<number>
  readonly curvature: ArrayLike<number>
  readonly cap: ArrayLike<number>
  /** Least size of each level; absent: 0. Together they fit the budget. */
  readonly least?: ArrayLike<number>
  readonly levels: number
  readonly budget: number
  /** Margin per lot, and how much there is; without it only the size is bounded. */
  readonly margin?: { readonly perLot: ArrayLike<number>; readonly budget: number }
}

export interface ShadowPrices {
  budget: number
  margin: number
}

/** What keeps a level from being larger; `least`: it would be smaller but for the venue's minimum. */
export type Binding = 'risk' | 'cap' | 'budget' | 'margin' | 'least'

const STEPS_MAX = 200

/** Writes the sizes into `out` and the shadow prices, both ≥ 0, into `prices`. */
export function allocateQuadratic(problem: QuadraticProblem, out: Float64Array, prices: ShadowPrices): void {
  const { levels, budget, curvature, margin } = problem
  assert(levels <= out.length, 'allocation: the sizes have room')
  assert(budget >= 0, 'allocation: the budget is not negative')
  for (let index = 0; index < levels; index += 1) {
    assert((curvature[index] ?? 0) > 0, 'allocation: every curvature is positive')
  }
  prices.margin = 0
  prices.budget = solveBudget(problem, 0, out)
  if (margin === undefined || weightedTotal(out, levels, margin.perLot) <= margin.budget) return
  // The margin binds: its price is found by bisection, with the budget solved inside.
  let low = 0
  let high = largestRatio(problem, margin.perLot)
  for (let step = 0; step < STEPS_MAX; step += 1) {
    const middle = (low + high) / 2
    if (middle === low || middle === high) break
    solveBudget(problem, middle, out)
    if (weightedTotal(out, levels, margin.perLot) > margin.budget) low = middle
    else high = middle
  }
  prices.margin = high
  prices.budget = solveBudget(problem, high, out)
}

/**
 * Sizes for a given margin price, and the smallest budget price that keeps Σs ≤ S. The total is piecewise linear and
 * falls with the price, so Newton lands on the answer after a few kinks; a bracket keeps it honest.
 */
function solveBudget(problem: QuadraticProblem, marginPrice: number, out: Float64Array): number {
  const { levels, budget, value } = problem
  writeSizes(problem, 0, marginPrice, out)
  if (at.total <= budget) return 0
  let low = 0
  let high = 0
  for (let index = 0; index < levels; index += 1) high = Math.max(high, value[index] ?? 0)
  let price = 0
  for (let step = 0; step < STEPS_MAX; step += 1) {
    const excess = at.total - budget
    if (Math.abs(excess) <= budget * 1e-15) return price
    if (excess > 0) low = price
    else high = price
    const newton = at.slope > 0 ? price + excess / at.slope : high
    const next = newton > low && newton < high ? newton : (low + high) / 2
    if (next === low || next === high || next === price) break
    price = next
    writeSizes(problem, price, marginPrice, out)
  }
  // The upper end of the bracket never exceeds the budget.
  writeSizes(problem, high, marginPrice, out)
  return high
}

/** Σs at the price asked for last, and −dΣs/dν there: levels strictly between their bounds give way. */
const at = { total: 0.5, slope: 0.5 }

/** Writes the sizes into `out`, and into `at` what they add up to. */
function writeSizes(problem: QuadraticProblem, price: number, marginPrice: number, out: Float64Array): void {
  const { levels, value, curvature, cap, least } = problem
  const perLot = problem.margin?.perLot
  let total = 0
  let slope = 0
  for (let index = 0; index < levels; index += 1) {
    const dear = curvature[index] ?? 1
    const worth = (value[index] ?? 0) - price
    const wish = (perLot === undefined ? worth : worth - marginPrice * (perLot[index] ?? 0)) / dear
    const low = least === undefined ? 0 : (least[index] ?? 0)
    const high = cap[index] ?? 0
    let size = wish
    if (!(wish < high)) size = high
    else if (wish > low) slope += 1 / dear
    else size = low < high ? low : high
    out[index] = size
    total += size
  }
  at.total = total
  at.slope = slope
}

function weightedTotal(sizes: ArrayLike<number>, levels: number, weights: ArrayLike<number>): number {
  let total = 0
  for (let index = 0; index < levels; index += 1) total += (sizes[index] ?? 0) * (weights[index] ?? 0)
  return total
}

function largestRatio(problem: QuadraticProblem, perLot: ArrayLike<number>): number {
  let largest = 0
  for (let index = 0; index < problem.levels; index += 1) {
    const weight = perLot[index] ?? 0
    if (weight > 0) largest = Math.max(largest, (problem.value[index] ?? 0) / weight)
  }
  return largest
}

/** Why level `index` is not larger. */
export function bindingOf(
  problem: QuadraticProblem,
  prices: ShadowPrices,
  sizes: ArrayLike<number>,
  index: number,
): Binding {
  const size = sizes[index] ?? 0
  if (size >= (problem.cap[index] ?? 0)) return 'cap'
  if (size <= (problem.least?.[index] ?? 0)) return 'least'
  if (prices.margin * (problem.margin?.perLot[index] ?? 0) > prices.budget) return 'margin'
  return prices.budget > 0 ? 'budget' : 'risk'
}

/** Without risk (c = 0): the best levels are filled first, nothing goes to levels without value. @returns unused budget */
export function allocateLinear(
  problem: Pick<QuadraticProblem, 'value' | 'cap' | 'levels' | 'budget'>,
  out: Float64Array,
): number {
  const { value, cap, levels, budget } = problem
  out.fill(0, 0, levels)
  let rest = budget
  for (let round = 0; round < levels; round += 1) {
    let best = -1
    for (let index = 0; index < levels; index += 1) {
      const isOpen = out[index] === 0 && (value[index] ?? 0) > 0 && (cap[index] ?? 0) > 0
      if (isOpen && (best < 0 || (value[index] ?? 0) > (value[best] ?? 0))) best = index
    }
    if (best < 0 || rest <= 0) break
    const size = Math.min(rest, cap[best] ?? 0)
    out[best] = size
    rest -= size
  }
  return rest
}

/** S · softmax(a/T): spreads the more, the higher the temperature. Levels without value must be left out before. */
export function allocateEntropy(
  of: {
    readonly value: ArrayLike<number>
    readonly levels: number
    readonly temperature: number
    readonly budget: number
  },
  out: Float64Array,
): void {
  const { value, levels, temperature, budget } = of
  assert(temperature > 0, 'allocation: the temperature is positive')
  let largest = -Infinity
  for (let index = 0; index < levels; index += 1) largest = Math.max(largest, value[index] ?? 0)
  let total = 0
  for (let index = 0; index < levels; index += 1) {
    const weight = Math.exp(((value[index] ?? 0) - largest) / temperature)
    out[index] = weight
    total += weight
  }
  for (let index = 0; index < levels; index += 1) out[index] = (budget * (out[index] ?? 0)) / total
}
