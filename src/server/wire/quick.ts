/**
 * Pieces of quick decoders: what traders send a thousand times a minute is read by hand, since a schema takes as long as the
 * rest of the way through the server. A quick decoder returns what the schema of the same name returns, or null: then the
 * schema decides, and refuses. The law is in test/server/quick.test.ts.
 */
import { isHexOf } from '../../signing/bytes.ts'
import { isUnsignedDecimal, normaliseDecimal } from './decimals.ts'

export type Fields = Readonly<Record<string, unknown>>

/** @returns the value as fields when it is an object and no list */
export function quickFields(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null
}

/** True when there are exactly so many keys: with each wanted one read, nothing unknown is left. */
export function hasKeyCount(fields: Fields, wanted: number): boolean {
  return Object.keys(fields).length === wanted
}

/** 1 when the key is there, whatever its value: null counts as a key. */
export function keyed(fields: Fields, key: string): 0 | 1 {
  return key in fields ? 1 : 0
}

/** @returns each item as read; null when there is no list, or when one of them is not the usual */
export function quickList<Item>(value: unknown, read: (item: unknown) => Item | null): Item[] | null {
  if (!Array.isArray(value)) return null
  const items: Item[] = []
  for (const entry of value as unknown[]) {
    const item = read(entry)
    if (item === null) return null
    items.push(item)
  }
  return items
}

/** 0 … 2^53 − 1, as `whole`. */
export function isQuickWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/** As `decimal`. */
export function quickDecimal(value: unknown): string | null {
  return typeof value === 'string' && isUnsignedDecimal(value) ? normaliseDecimal(value) : null
}

/** As `address` and `cloid`. */
export function quickHex(value: unknown, digitCount: number): string | null {
  return typeof value === 'string' && isHexOf(value, digitCount) ? value.toLowerCase() : null
}

export const ADDRESS_DIGITS = 40
export const CLOID_DIGITS = 32
