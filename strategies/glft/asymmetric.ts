/**
 * Depths when the two sides of the flow differ: one joint solution, because both sides share the inventory.
 *
 * in      as closed-form.ts, with κ and A per side: `bid` is the flow of sellers that hits our bid
 * out     closed form (quadratic Hamiltonians) with its parts, and the exact stationary solution by Newton
 * source  Bergault, Evangelista, Guéant & Vieira (2021), one asset; docs/math/glft.md
 *
 * Evaluating the symmetric formula once per side would use two curvatures for one inventory, and would miss that
 * unequal flow makes the inventory drift.
 */
import { assert } from '../../src/core/assert.ts'
import { solveLinear } from '../../src/core/math/linear.ts'
import { executionPower, inventoryFreeHalfSpread } from './closed-form.ts'
import type { Depths } from './closed-form.ts'

export interface SideFlow {
  readonly fillRate: number
  readonly kappa: number
}

export interface AsymmetricModel {
  readonly sigma: number
  readonly gamma: number
  readonly executionGamma: number
  readonly bid: SideFlow
  readonly ask: SideFlow
  readonly drift: number
}

/** The parts of the closed form: bid = halfBid + slope(2q + 1) + shift, ask = halfAsk + slope(1 − 2q) − shift. */
export interface AsymmetricParts {
  readonly halfBid: number
  readonly halfAsk: number
  /** Half the price of one lot of inventory, C/2 ≥ 0. */
  readonly slope: number
  /** What unequal flow does whatever the risk: towards the busier side away, the other nearer. */
  readonly flowShift: number
  /** (κ-weighted ask − bid flow)/(sum), −1…1: what unequal flow does in proportion to `slope`. */
  readonly slopeShare: number
  readonly driftShift: number
}

export function asymmetricParts(model: AsymmetricModel): AsymmetricParts {
  const { sigma, gamma, executionGamma, bid, ask, drift } = model
  const bidBest = bestRate(bid, executionGamma)
  const askBest = bestRate(ask, executionGamma)
  const bidAlpha2 = bidBest * bid.kappa
  const askAlpha2 = askBest * ask.kappa
  const alpha2 = askAlpha2 + bidAlpha2
  const slope = 0.5 * Math.sqrt((gamma * sigma * sigma) / alpha2)
  assert(drift === 0 || slope > 0, 'glft: a drift needs risk to be weighed against')
  return {
    halfBid: inventoryFreeHalfSpread({ gamma: executionGamma, kappa: bid.kappa, clip: 1 }),
    halfAsk: inventoryFreeHalfSpread({ gamma: executionGamma, kappa: ask.kappa, clip: 1 }),
    slope,
    flowShift: (bidBest - askBest) / alpha2,
    slopeShare: (askAlpha2 - bidAlpha2) / alpha2,
    driftShift: drift === 0 ? 0 : -drift / (2 * slope * alpha2),
  }
}

/** A·C: how often a side is filled at the depth that earns most. */
function bestRate(side: SideFlow, executionGamma: number): number {
  assert(side.fillRate > 0 && side.kappa > 0, 'glft: fill rate and kappa of both sides are positive')
  return side.fillRate / executionPower(executionGamma / side.kappa)
}

/** Closed form at inventory q, in lots of one clip. */
export function asymmetricDepths(model: AsymmetricModel, q: number): Depths {
  const parts = asymmetricParts(model)
  const shift = parts.flowShift + parts.slope * parts.slopeShare + parts.driftShift
  return {
    bidDepth: parts.halfBid + parts.slope * (2 * q + 1) + shift,
    askDepth: parts.halfAsk + parts.slope * (1 - 2 * q) - shift,
  }
}

const NEWTON_STEPS_MAX = 60
const NEWTON_TOLERANCE = 1e-14

/** Value differences and the ergodic constant of the exact stationary problem on −Q…Q. */
export interface ExactSolution {
  /** θ at −Q…Q, θ(0) = 0. */
  readonly theta: readonly number[]
  readonly ergodicConstant: number
}

/**
 * Solves 0 = −c + μq − ½γσ²q² + H_b(θ_q − θ_{q+1}) + H_a(θ_q − θ_{q−1}) for θ and c by Newton.
 * @param inventoryMax Q ≥ 1; cost is O(Q³) per step: for tests and for calibration, not for every tick
 */
export function solveExact(model: AsymmetricModel, inventoryMax: number): ExactSolution {
  assert(Number.isInteger(inventoryMax) && inventoryMax >= 1, 'glft: inventoryMax is a whole number ≥ 1')
  const parts = asymmetricParts(model)
  const size = 2 * inventoryMax + 1
  const theta = Array.from({ length: size }, (_, index) => -parts.slope * (index - inventoryMax) ** 2)
  let constant = 0
  for (let step = 0; step < NEWTON_STEPS_MAX; step += 1) {
    const { residual, jacobian } = linearise(model, theta, constant, inventoryMax)
    const change = solveLinear(jacobian, residual)
    assert(change !== null, 'glft: the stationary problem has one solution')
    let largest = 0
    for (let index = 0; index < size; index += 1) {
      const move = change[index] ?? 0
      if (index === inventoryMax) constant -= move
      else theta[index] = (theta[index] ?? 0) - move
      largest = Math.max(largest, Math.abs(move))
    }
    if (largest <= NEWTON_TOLERANCE * (1 + Math.abs(constant))) return { theta, ergodicConstant: constant }
  }
  return { theta, ergodicConstant: constant }
}

/** One equation per inventory; the column of θ(0), which is fixed, belongs to the constant c. */
function linearise(
  model: AsymmetricModel,
  theta: readonly number[],
  constant: number,
  inventoryMax: number,
): { residual: number[]; jacobian: number[][] } {
  const size = theta.length
  const residual: number[] = []
  const jacobian: number[][] = []
  for (let index = 0; index < size; index += 1) {
    const q = index - inventoryMax
    const row = new Array<number>(size).fill(0)
    const add = (column: number, value: number): void => {
      if (column !== inventoryMax) row[column] = (row[column] ?? 0) + value
    }
    let sum = -constant + model.drift * q - 0.5 * model.gamma * model.sigma ** 2 * q * q
    row[inventoryMax] = -1
    for (const [side, neighbour] of [
      [model.bid, index + 1],
      [model.ask, index - 1],
    ] as const) {
      if (neighbour < 0 || neighbour >= size) continue
      const gain = hamiltonian(side, model.executionGamma, (theta[index] ?? 0) - (theta[neighbour] ?? 0))
      sum += gain
      add(index, -side.kappa * gain)
      add(neighbour, side.kappa * gain)
    }
    residual.push(sum)
    jacobian.push(row)
  }
  return { residual, jacobian }
}

/** H(p) = A C/κ · e^{−κp}: the best rate of gain when a fill costs p in value. */
function hamiltonian(side: SideFlow, executionGamma: number, p: number): number {
  return (bestRate(side, executionGamma) / side.kappa) * Math.exp(-side.kappa * p)
}

/** Depths of the exact solution; null on the side that would pass the bound. */
export function exactDepths(
  model: AsymmetricModel,
  solution: ExactSolution,
  q: number,
): { readonly bidDepth: number | null; readonly askDepth: number | null } {
  const parts = asymmetricParts(model)
  const inventoryMax = (solution.theta.length - 1) / 2
  assert(Number.isInteger(q) && Math.abs(q) <= inventoryMax, 'glft: q is a whole number within the bound')
  const at = (inventory: number): number => solution.theta[inventory + inventoryMax] ?? 0
  return {
    bidDepth: q === inventoryMax ? null : parts.halfBid + at(q) - at(q + 1),
    askDepth: q === -inventoryMax ? null : parts.halfAsk + at(q) - at(q - 1),
  }
}
