/**
 * A ring of numbers: the newest `values.length` of them, plain data, so that it goes into a snapshot as it is.
 *
 * state   one array of fixed length and two counters; pushing is O(1) and allocates nothing
 */
import { assert, isWhole } from '../src/core/assert.ts'

export interface Ring {
  readonly values: number[]
  /** Where the next value goes. */
  head: number
  count: number
}

/** @param lengthMax how many values are kept, ≥ 1 */
export function initRing(lengthMax: number): Ring {
  assert(isWhole(lengthMax) && lengthMax >= 1, 'a ring keeps at least one value')
  return { values: new Array<number>(lengthMax).fill(0), head: 0, count: 0 }
}

/** Adds the newest value. @returns the value that fell out, 0 while the ring is not full */
export function pushRing(ring: Ring, value: number): number {
  const length = ring.values.length
  const evicted = ring.count === length ? (ring.values[ring.head] ?? 0) : 0
  ring.values[ring.head] = value
  ring.head = ring.head + 1 === length ? 0 : ring.head + 1
  if (ring.count < length) ring.count += 1
  return evicted
}

/** The value `age` places back: 0 is the newest. Needs age < count. */
export function ringBack(ring: Ring, age: number): number {
  assert(age >= 0 && age < ring.count, 'a ring is read within its count')
  const at = ring.head - 1 - age
  return ring.values[at < 0 ? at + ring.values.length : at] ?? 0
}

export function clearRing(ring: Ring): void {
  ring.head = 0
  ring.count = 0
}
