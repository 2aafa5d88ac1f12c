/**
 * Reading what the venue sent: untrusted JSON, one field at a time. A field that is missing or of another kind is a
 * MALFORMED_MESSAGE that names it; unknown extra fields are ignored, since the venue adds some without notice.
 */
import { isWhole } from '../../core/assert.ts'
import type { Side } from '../../core/units.ts'
import { VenueError } from '../errors.ts'

export type WireRecord = Readonly<Record<string, unknown>>

/** Offending values are quoted up to this length, so that a hostile frame does not flood the logs. */
const QUOTED_LENGTH_MAX = 80
const CLOID_PATTERN = /^0x[0-9a-f]{32}$/

export function malformed(what: string, value: unknown): VenueError {
  const text = JSON.stringify(value) ?? String(value)
  return new VenueError('MALFORMED_MESSAGE', `${what}: got ${text.slice(0, QUOTED_LENGTH_MAX)}`)
}

export function recordOf(value: unknown, what: string): WireRecord {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw malformed(`${what} is an object`, value)
  }
  return value as WireRecord // Just checked: a plain JSON object.
}

export function listOf(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw malformed(`${what} is a list`, value)
  return value
}

export function textOf(record: WireRecord, key: string): string {
  const value = record[key]
  if (typeof value !== 'string') throw malformed(`${key} is a text`, value)
  return value
}

/** Ids and times: whole, not negative, and small enough to be exact. */
export function wholeFieldOf(record: WireRecord, key: string): number {
  const value = record[key]
  if (typeof value !== 'number' || !isWhole(value) || value < 0) {
    throw malformed(`${key} is a whole number that is not negative`, value)
  }
  return value
}

/** Optional flags are absent when they are false. */
export function flagOf(record: WireRecord, key: string): boolean {
  const value = record[key]
  if (value === undefined || value === null) return false
  if (typeof value !== 'boolean') throw malformed(`${key} is true, false or absent`, value)
  return value
}

/** The venue prints `B` for bids and buyers, `A` for asks and sellers; in the tape it is the taker's side. */
export function sideOf(record: WireRecord): Side {
  const value = record['side']
  if (value === 'B') return 'buy'
  if (value === 'A') return 'sell'
  throw malformed('side is B or A', value)
}

/** @returns the client id in lower case, or null for an order placed without one */
export function cloidOf(record: WireRecord): string | null {
  const value = record['cloid']
  if (value === undefined || value === null) return null
  const cloid = typeof value === 'string' ? value.toLowerCase() : ''
  if (!CLOID_PATTERN.test(cloid)) throw malformed('cloid is 0x and 32 hexadecimal digits', value)
  return cloid
}
