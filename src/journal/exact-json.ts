/**
 * JSON that comes back as it was: −0 is written as `-0` (which `JSON.parse` keeps), and what JSON would change
 * without a word (NaN, infinities, undefined, functions, maps) is refused.
 */
import { InvariantError } from '../core/assert.ts'

/** Deeper values are taken for a cycle. */
const DEPTH_MAX = 100

/** @throws InvariantError naming the path of the first value that JSON cannot hold */
export function toExactJson(value: unknown): string {
  return write(value, 'value', 0)
}

function write(value: unknown, path: string, depth: number): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'number':
      if (!Number.isFinite(value)) throw new InvariantError(`${path} is a finite number, not ${value}`)
      return Object.is(value, -0) ? '-0' : String(value)
    case 'object':
      if (depth > DEPTH_MAX) throw new InvariantError(`${path} is nested at most ${DEPTH_MAX} deep`)
      return value === null ? 'null' : writeObject(value, path, depth + 1)
    default:
      throw new InvariantError(`${path} is a JSON value, not ${typeof value}`)
  }
}

function writeObject(value: object, path: string, depth: number): string {
  if (Array.isArray(value)) {
    return `[${value.map((item: unknown, index) => write(item, `${path}[${index}]`, depth)).join(',')}]`
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) {
    throw new InvariantError(`${path} is a plain object or an array`)
  }
  const members = Object.entries(value).map(
    ([key, member]) => `${JSON.stringify(key)}:${write(member, `${path}.${key}`, depth)}`,
  )
  return `{${members.join(',')}}`
}

/** Equality of JSON values by content: the order of keys does not count, 0 and −0 differ, NaN equals itself. */
export function isSameValue(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  if (Array.isArray(left) !== Array.isArray(right)) return false
  const leftEntries = Object.entries(left)
  const rightByKey = right as Readonly<Record<string, unknown>>
  if (leftEntries.length !== Object.keys(right).length) return false
  return leftEntries.every(
    ([key, member]) => Object.hasOwn(right, key) && isSameValue(member, rightByKey[key]),
  )
}
