/**
 * Stoikov's micro-price: where the mid goes in the long run, given imbalance and spread, from counted transitions.
 *
 * in      touches in time order; transition matrices for the solution
 * out     correction of the mid per state, in units of the spread while learning, of the price in the pure solution
 * state   transition counts of `IMBALANCE_BUCKETS` buckets, each with its mirror image
 * source  Stoikov (2018); docs/math/microprice.md
 *
 * Data are mirrored (imbalance I becomes 1 − I, moves change sign), so that the chain has no drift of its own and the
 * series converges. Rows carry a pseudo-count towards "no opinion", so that few data give the mid.
 */
import { assert } from '../src/core/assert.ts'
import { multiplyVector, solveLinear } from '../src/core/math/linear.ts'

export interface MicropriceChain {
  /** Probability of a change of state without a move, states × states. */
  readonly noMove: readonly (readonly number[])[]
  /** Probability of each move, states × moves; with `noMove` the rows sum to one. */
  readonly moves: readonly (readonly number[])[]
  /** Probability of the state after a move, states × states. */
  readonly afterMove: readonly (readonly number[])[]
  readonly moveSizes: readonly number[]
}

export interface MicropriceSolution {
  /** Expected first move. */
  readonly firstMove: readonly number[]
  /** Probability of the state after the first move. */
  readonly next: readonly (readonly number[])[]
  /** Σ over six moves, and over all. */
  readonly sixMoves: readonly number[]
  readonly limit: readonly number[]
}

/** @returns null when some state never sees a move: nothing can be said of it */
export function solveMicroprice(chain: MicropriceChain): MicropriceSolution | null {
  const n = chain.noMove.length
  const stay = chain.noMove.map((row, i) => row.map((value, j) => (i === j ? 1 : 0) - value))
  const firstMove = solveLinear(stay, multiplyVector(chain.moves, chain.moveSizes))
  if (firstMove === null) return null
  const columns: number[][] = []
  for (let column = 0; column < n; column += 1) {
    const solved = solveLinear(
      stay,
      chain.afterMove.map((row) => row[column] ?? 0),
    )
    if (solved === null) return null
    columns.push(solved)
  }
  const next = stay.map((_, row) => columns.map((column) => column[row] ?? 0))
  const limit = limitOf(next, firstMove)
  if (limit === null) return null
  return { firstMove, next, sixMoves: sumOfMoves(next, firstMove, 6), limit }
}

/** Σ_{i<count} Bⁱ G₁. */
function sumOfMoves(
  next: readonly (readonly number[])[],
  firstMove: readonly number[],
  count: number,
): number[] {
  let term = [...firstMove]
  const sum = [...firstMove]
  for (let move = 1; move < count; move += 1) {
    term = multiplyVector(next, term)
    term.forEach((value, index) => (sum[index] = (sum[index] ?? 0) + value))
  }
  return sum
}

/** (I − B + 1π)G = G₁: with πG₁ = 0 this is the sum of the whole series. */
function limitOf(next: readonly (readonly number[])[], firstMove: readonly number[]): number[] | null {
  const n = next.length
  const stationary = stationaryOf(next)
  if (stationary === null) return null
  const matrix = next.map((row, i) => row.map((value, j) => (i === j ? 1 : 0) - value + (stationary[j] ?? 0)))
  assert(matrix.length === n, 'the chain is square')
  return solveLinear(matrix, firstMove)
}

/** π with πB = π, Σπ = 1. */
function stationaryOf(next: readonly (readonly number[])[]): number[] | null {
  const n = next.length
  const matrix = Array.from({ length: n }, (_, j) =>
    Array.from({ length: n }, (__, i) => (j === n - 1 ? 1 : (next[i]?.[j] ?? 0) - (i === j ? 1 : 0))),
  )
  const rhs = Array.from({ length: n }, (_, j) => (j === n - 1 ? 1 : 0))
  return solveLinear(matrix, rhs)
}
