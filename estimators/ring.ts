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
  // Pushed one by one: in a list that may have holes, every number that is read becomes an object.
  const values: number[] = []
  while (values.length < lengthMax) values.push(0)
  return { values, head: 0, count: 0 }
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
  return ring.values[ringPlace(ring, age)] ?? 0
}

/** Where that value stands; on the path of every tick, because a number that a call gives back may be an object of its own. */
export function ringPlace(ring: Ring, age: number): number {
  assert(age >= 0 && age < ring.count, 'a ring is read within its count')
  const at = ring.head - 1 - age
  return at < 0 ? at + ring.values.length : at
}

export function clearRing(ring: Ring): void {
  ring.head = 0
  ring.count = 0
}
