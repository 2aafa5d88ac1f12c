/** Small dense linear algebra: what micro-price chains and Newton steps need. Not for large systems: O(n³). */
import { assert } from '../assert.ts'

/** Below this share of the largest entry a pivot is rounding, and the matrix singular. */
const PIVOT_SHARE_MIN = 1e-14

/**
 * Solves A·x = b by elimination with partial pivoting.
 * @param matrix rows of A, square; left as it is
 * @returns x, or null when A is singular to working precision
 */
export function solveLinear(matrix: readonly (readonly number[])[], rhs: readonly number[]): number[] | null {
  const n = rhs.length
  assert(matrix.length === n, 'a linear system has as many rows as right sides')
  const rows = matrix.map((row, index) => {
    assert(row.length === n, 'a linear system is square')
    return [...row, rhs[index]!]
  })
  const largest = rows.reduce((max, row) => row.reduce((m, value) => Math.max(m, Math.abs(value)), max), 0)
  for (let column = 0; column < n; column += 1) {
    const pivot = pivotRow(rows, column)
    if (Math.abs(rows[pivot]![column]!) <= PIVOT_SHARE_MIN * largest) return null
    const swapped = rows[column]!
    rows[column] = rows[pivot]!
    rows[pivot] = swapped
    eliminate(rows, column)
  }
  return substituteBack(rows)
}

function pivotRow(rows: readonly (readonly number[])[], column: number): number {
  let best = column
  for (let row = column + 1; row < rows.length; row += 1) {
    if (Math.abs(rows[row]![column]!) > Math.abs(rows[best]![column]!)) best = row
  }
  return best
}

function eliminate(rows: number[][], column: number): void {
  const pivot = rows[column]!
  for (let row = column + 1; row < rows.length; row += 1) {
    const target = rows[row]!
    const factor = target[column]! / pivot[column]!
    if (factor === 0) continue
    for (let index = column; index < target.length; index += 1) target[index]! -= factor * pivot[index]!
  }
}

function substituteBack(rows: readonly (readonly number[])[]): number[] {
  const n = rows.length
  const x = new Array<number>(n).fill(0)
  for (let row = n - 1; row >= 0; row -= 1) {
    let sum = rows[row]![n]!
    for (let index = row + 1; index < n; index += 1) sum -= rows[row]![index]! * x[index]!
    x[row] = sum / rows[row]![row]!
  }
  return x
}

/** A·x. */
export function multiplyVector(matrix: readonly (readonly number[])[], x: readonly number[]): number[] {
  return matrix.map((row) => row.reduce((sum, value, index) => sum + value * x[index]!, 0))
}
