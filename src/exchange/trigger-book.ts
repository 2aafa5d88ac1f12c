/**
 * Armed triggers of a market in firing order, so that a mark update looks only at those it reaches.
 * Two sorted lists with binary search; equal prices fire in the order of their ids.
 */
import { assert } from '../core/assert.ts'
import type { TriggerBook, TriggerEntry } from './state.ts'

/** Lists are kept with the next to fire at the end, so that firing is a pop. */
export function addTrigger(book: TriggerBook, above: boolean, entry: TriggerEntry): void {
  const list = above ? book.above : book.below
  list.splice(placeOf(list, above, entry), 0, entry)
}

export function removeTrigger(book: TriggerBook, above: boolean, entry: TriggerEntry): void {
  const list = above ? book.above : book.below
  const place = placeOf(list, above, entry)
  assert(list[place]?.oid === entry.oid, 'an armed trigger is listed')
  list.splice(place, 1)
}

/** The id of the next trigger the mark has reached, taken off the list; null when there is none. */
export function takeReached(book: TriggerBook, markTicks: number): number | null {
  const above = book.above.at(-1)
  if (above !== undefined && markTicks >= above.triggerTicks) return book.above.pop()!.oid
  const below = book.below.at(-1)
  if (below !== undefined && markTicks <= below.triggerTicks) return book.below.pop()!.oid
  return null
}

/** First place whose entry does not fire after `entry`. */
function placeOf(list: readonly TriggerEntry[], above: boolean, entry: TriggerEntry): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (firesAfter(list[middle]!, entry, above)) low = middle + 1
    else high = middle
  }
  return low
}

function firesAfter(one: TriggerEntry, other: TriggerEntry, above: boolean): boolean {
  if (one.triggerTicks === other.triggerTicks) return one.oid > other.oid
  return above ? one.triggerTicks > other.triggerTicks : one.triggerTicks < other.triggerTicks
}
