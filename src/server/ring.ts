/** The last `capacity` things, oldest first. Older ones are dropped: what history keeps is bounded by name. */
import { assert, isWhole } from '../core/assert.ts'

export interface Ring<Item> {
  readonly capacity: number
  /** Where the oldest stands once the ring is full. */
  start: number
  readonly items: Item[]
}

export function initRing<Item>(capacity: number): Ring<Item> {
  assert(isWhole(capacity) && capacity > 0, 'a ring keeps a positive whole number of items')
  return { capacity, start: 0, items: [] }
}

export function pushRing<Item>(ring: Ring<Item>, item: Item): void {
  if (ring.items.length < ring.capacity) {
    ring.items.push(item)
    return
  }
  ring.items[ring.start] = item
  ring.start = (ring.start + 1) % ring.capacity
}

/** Oldest first. @param limit only the newest so many */
export function ringItems<Item>(ring: Ring<Item> | undefined, limit: number = Infinity): Item[] {
  if (ring === undefined) return []
  const ordered = [...ring.items.slice(ring.start), ...ring.items.slice(0, ring.start)]
  return ordered.slice(Math.max(0, ordered.length - limit))
}

export function newestOf<Item>(ring: Ring<Item> | undefined): Item | null {
  if (ring === undefined || ring.items.length === 0) return null
  return ring.items[(ring.start + ring.items.length - 1) % ring.items.length] ?? null
}
