/**
 * The exact bounded-inventory solution: stationary from the ground state of a tridiagonal matrix, and finite horizon
 * from its exponential. The closed form is checked against it.
 *
 * in      σ, A, κ, γ as in closed-form.ts with unit clips, inventory bound Q
 * out     depths at every inventory; null where the bound forbids the side
 * cost    O(Q) an iteration; on a change of parameters, not on a tick
 * source  GLFT (2013), Prop. 1–2, Thm 1–2; docs/math/glft.md
 *
 * M[q,q] = αq² − κμq, M[q,q±1] = −η. Everything that is summed is positive, so even the tiny ends of the eigenvector
 * keep their relative accuracy, and its logarithm is safe.
 */
import { assert } from '../../src/core/assert.ts'
import { executionPower, inventoryFreeHalfSpread } from './closed-form.ts'

export interface BoundedModel {
  readonly sigma: number
  readonly fillRate: number
  readonly kappa: number
  readonly gamma: number
  /** Q, whole lots ≥ 1. */
  readonly inventoryMax: number
}

export interface BoundedSolution {
  readonly halfSpread: number
  readonly kappa: number
  readonly inventoryMax: number
  /** ln of the positive eigenvector (or of v at the horizon) at −Q…Q. */
  readonly logValue: readonly number[]
  /** Smallest eigenvalue of M; null for a finite horizon. */
  readonly eigenvalue: number | null
}

interface Tridiagonal {
  readonly diagonal: readonly number[]
  readonly eta: number
}

const ITERATIONS_MAX = 2_000
const CONVERGED = 1e-15
/** Terms of one step of the exponential; the horizon is cut so that they suffice. */
const STEP_NORM = 16
const STEP_TERMS = 80
const STEPS_MAX = 200_000

function matrixOf(model: BoundedModel): Tridiagonal {
  const { sigma, fillRate, kappa, gamma, inventoryMax } = model
  assert(Number.isInteger(inventoryMax) && inventoryMax >= 1, 'glft: inventoryMax is a whole number ≥ 1')
  assert(
    gamma > 0 && kappa > 0 && fillRate > 0 && sigma >= 0,
    'glft: gamma, kappa and fill rate are positive',
  )
  const alpha = (kappa / 2) * gamma * sigma * sigma
  // (1 + γ/κ)^−(1 + κ/γ) is one over the power of the closed form.
  const eta = fillRate / executionPower(gamma / kappa)
  const diagonal = Array.from(
    { length: 2 * inventoryMax + 1 },
    (_, index) => alpha * (index - inventoryMax) ** 2,
  )
  return { diagonal, eta }
}

/** Stationary solution by inverse iteration from below the spectrum: M + 2η is positive, so every iterate is too. */
export function solveSpectral(model: BoundedModel): BoundedSolution {
  const matrix = matrixOf(model)
  const shift = 2 * matrix.eta
  let value = matrix.diagonal.map(() => 1)
  let eigenvalue = 0
  for (let iteration = 0; iteration < ITERATIONS_MAX; iteration += 1) {
    const next = solveShifted(matrix, shift, value)
    const norm = Math.sqrt(next.reduce((sum, x) => sum + x * x, 0))
    let largest = 0
    const scaled = next.map((x) => x / norm)
    scaled.forEach((x, index) => (largest = Math.max(largest, Math.abs(Math.log(x / (value[index] ?? 1))))))
    value = scaled
    eigenvalue = rayleigh(matrix, value)
    if (largest < CONVERGED * 10) break
  }
  return solutionOf(model, value.map(Math.log), eigenvalue)
}

/** (M + shift)·x = rhs by the Thomas algorithm; all pivots are positive. */
function solveShifted(matrix: Tridiagonal, shift: number, rhs: readonly number[]): number[] {
  const { diagonal, eta } = matrix
  const size = diagonal.length
  const ratio = new Array<number>(size).fill(0)
  const x = new Array<number>(size).fill(0)
  for (let row = 0; row < size; row += 1) {
    const pivot = (diagonal[row] ?? 0) + shift - eta * (row === 0 ? 0 : (ratio[row - 1] ?? 0))
    ratio[row] = eta / pivot
    x[row] = ((rhs[row] ?? 0) + eta * (row === 0 ? 0 : (x[row - 1] ?? 0))) / pivot
  }
  for (let row = size - 2; row >= 0; row -= 1) x[row] = (x[row] ?? 0) + (ratio[row] ?? 0) * (x[row + 1] ?? 0)
  return x
}

function rayleigh(matrix: Tridiagonal, unit: readonly number[]): number {
  const product = multiply(matrix, unit)
  return unit.reduce((sum, x, index) => sum + x * (product[index] ?? 0), 0)
}

function multiply(matrix: Tridiagonal, x: readonly number[]): number[] {
  const { diagonal, eta } = matrix
  return x.map((value, row) => (diagonal[row] ?? 0) * value - eta * ((x[row - 1] ?? 0) + (x[row + 1] ?? 0)))
}

/** v = exp(−M·τ)·1 by Taylor steps of cI − M, all of whose entries are positive; the scale goes into the logarithm. */
export function solveFiniteHorizon(model: BoundedModel, timeToHorizon: number): BoundedSolution {
  assert(Number.isFinite(timeToHorizon) && timeToHorizon >= 0, 'glft: the horizon is not negative')
  const matrix = matrixOf(model)
  const top = Math.max(...matrix.diagonal)
  const steps = Math.max(1, Math.ceil(((top + 2 * matrix.eta) * timeToHorizon) / STEP_NORM))
  assert(steps <= STEPS_MAX, 'glft: the horizon is too long for the exact solution; use the stationary one')
  const h = timeToHorizon / steps
  let value = matrix.diagonal.map(() => 1)
  for (let step = 0; step < steps; step += 1) {
    value = exponentialStep(matrix, top, h, value)
    const scale = Math.max(...value)
    value = value.map((x) => x / scale)
  }
  return solutionOf(model, value.map(Math.log), null)
}

function exponentialStep(matrix: Tridiagonal, top: number, h: number, start: readonly number[]): number[] {
  let term = [...start]
  const sum = [...start]
  for (let k = 1; k <= STEP_TERMS; k += 1) {
    const product = multiply(matrix, term)
    term = term.map((x, row) => ((top * x - (product[row] ?? 0)) * h) / k)
    term.forEach((x, row) => (sum[row] = (sum[row] ?? 0) + x))
  }
  return sum
}

function solutionOf(
  model: BoundedModel,
  logValue: readonly number[],
  eigenvalue: number | null,
): BoundedSolution {
  const { gamma, kappa, inventoryMax } = model
  return {
    halfSpread: inventoryFreeHalfSpread({ gamma, kappa, clip: 1 }),
    kappa,
    inventoryMax,
    logValue,
    eigenvalue,
  }
}

/** h0 + ln(v_q/v_{q±1})/κ. */
export function boundedDepths(
  solution: BoundedSolution,
  q: number,
): { readonly bidDepth: number | null; readonly askDepth: number | null } {
  const { inventoryMax, halfSpread, kappa, logValue } = solution
  assert(Number.isInteger(q) && Math.abs(q) <= inventoryMax, 'glft: q is a whole number within the bound')
  const at = (inventory: number): number => logValue[inventory + inventoryMax] ?? 0
  return {
    bidDepth: q === inventoryMax ? null : halfSpread + (at(q) - at(q + 1)) / kappa,
    askDepth: q === -inventoryMax ? null : halfSpread + (at(q) - at(q - 1)) / kappa,
  }
}
