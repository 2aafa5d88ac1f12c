/** A table of numbers that grows: one Float64Array per column, doubled when full. A day of blocks fits in memory as these. */
import { assert } from '../core/assert.ts'

export interface Columns<Name extends string> {
  readonly names: readonly Name[]
  length: number
  readonly data: Record<Name, Float64Array>
}

const FIRST_CAPACITY = 1024

export function initColumns<Name extends string>(names: readonly Name[]): Columns<Name> {
  const data = Object.fromEntries(names.map((name) => [name, new Float64Array(FIRST_CAPACITY)]))
  // `fromEntries` forgets which keys it was given.
  return { names, length: 0, data: data as Record<Name, Float64Array> }
}

export function pushRow<Name extends string>(
  columns: Columns<Name>,
  row: Readonly<Record<Name, number>>,
): void {
  const { names, data, length } = columns
  addRow(columns)
  for (const name of names) data[name][length] = row[name]
}

/** Adds a row of zeros, which the caller fills. @returns its index */
export function addRow<Name extends string>(columns: Columns<Name>): number {
  const { names, data, length } = columns
  // All columns are equally long.
  const [first] = names
  if (first !== undefined && length === data[first].length) {
    for (const name of names) {
      const column = new Float64Array(length * 2)
      column.set(data[name])
      data[name] = column
    }
  }
  columns.length = length + 1
  return length
}

/** @param index 0 … length − 1 */
export function cell<Name extends string>(columns: Columns<Name>, name: Name, index: number): number {
  const value = index < columns.length ? columns.data[name][index] : undefined
  assert(value !== undefined, 'the row is in the table')
  return value
}

/** The filled part of a column; a view, not a copy. */
export function columnOf<Name extends string>(columns: Columns<Name>, name: Name): Float64Array {
  return columns.data[name].subarray(0, columns.length)
}
