/**
 * The recorded book, rebuilt from changes, snapshots and touches. There may be no snapshot at the start: then the book fills
 * in by itself, and touches, which come often, keep its inner edge right from the first one on.
 *
 * state   two sorted lists, the best level last so that changes near the touch move little; at most `TAPE_LEVELS_MAX` each
 */
import type { TapeDepth, TapeTouch } from './tape.ts'

/** Levels kept per side; the farthest go first. */
export const TAPE_LEVELS_MAX = 20_000

export interface TapeSide {
  /** +1 for bids, −1 for asks: keys ascend from the worst to the best level. */
  readonly sign: 1 | -1
  /** sign × priceE8, ascending. */
  readonly keys: number[]
  readonly sizesE8: number[]
}

export interface TapeBook {
  readonly bids: TapeSide
  readonly asks: TapeSide
  depthId: number
  touch: TapeTouch | null
}

export function initTapeBook(): TapeBook {
  return {
    bids: { sign: 1, keys: [], sizesE8: [] },
    asks: { sign: -1, keys: [], sizesE8: [] },
    depthId: 0,
    touch: null,
  }
}

export function applyDepth(book: TapeBook, record: TapeDepth): void {
  if (record.isSnapshot && record.updateId >= book.depthId) {
    clear(book.bids)
    clear(book.asks)
  } else if (!record.isSnapshot && record.updateId < book.depthId) {
    return // It is already in a snapshot.
  }
  // A snapshot older than what we have only fills in levels that no change has told us of.
  const onlyUnknown = record.isSnapshot && record.updateId < book.depthId
  setLevels(book.bids, record.bids, onlyUnknown)
  setLevels(book.asks, record.asks, onlyUnknown)
  book.depthId = Math.max(book.depthId, record.updateId)
  if (book.touch !== null && book.touch.updateId >= book.depthId) moveEdges(book, book.touch)
}

/** A touch older than the depth says nothing new. */
export function applyTouch(book: TapeBook, touch: TapeTouch): void {
  if (touch.updateId < book.depthId || touch.bidE8 >= touch.askE8) return
  book.touch = touch
  moveEdges(book, touch)
}

/** True when both sides are there and do not cross. */
export function isSound(book: TapeBook): boolean {
  const bid = book.bids.keys.at(-1)
  const ask = book.asks.keys.at(-1)
  return bid !== undefined && ask !== undefined && bid < -ask
}

/** Middle in dollars of 1e-8; the book must be sound. */
export function midE8Of(book: TapeBook): number {
  return ((book.bids.keys.at(-1) ?? 0) - (book.asks.keys.at(-1) ?? 0)) / 2
}

function setLevels(side: TapeSide, flat: readonly number[], onlyUnknown: boolean): void {
  for (let index = 0; index + 1 < flat.length; index += 2) {
    setLevel(side, side.sign * (flat[index] ?? 0), flat[index + 1] ?? 0, onlyUnknown)
  }
}

function setLevel(side: TapeSide, key: number, sizeE8: number, onlyUnknown: boolean): void {
  const { keys, sizesE8 } = side
  const place = placeOf(keys, key)
  const isKnown = keys[place] === key
  if (isKnown) {
    if (onlyUnknown) return
    if (sizeE8 > 0) {
      sizesE8[place] = sizeE8
    } else {
      removeAt(keys, place)
      removeAt(sizesE8, place)
    }
  } else if (sizeE8 > 0) {
    insertAt(keys, place, key)
    insertAt(sizesE8, place, sizeE8)
    if (keys.length > TAPE_LEVELS_MAX) {
      keys.shift()
      sizesE8.shift()
    }
  }
}

/** Nearer to the end than this, moving the numbers one by one is quicker than `splice`, which makes a list of what it took. */
const MOVED_MAX = 100

function insertAt(numbers: number[], place: number, value: number): void {
  const { length } = numbers
  if (length - place > MOVED_MAX) {
    numbers.splice(place, 0, value)
    return
  }
  numbers.push(value)
  for (let at = length; at > place; at -= 1) numbers[at] = numbers[at - 1] ?? 0
  numbers[place] = value
}

function removeAt(numbers: number[], place: number): void {
  const last = numbers.length - 1
  if (last - place > MOVED_MAX) {
    numbers.splice(place, 1)
    return
  }
  for (let at = place; at < last; at += 1) numbers[at] = numbers[at + 1] ?? 0
  numbers.pop()
}

/** Everything better than the touch is gone; the touch itself has the size it says. */
function moveEdges(book: TapeBook, touch: TapeTouch): void {
  moveEdge(book.bids, touch.bidE8, touch.bidSizeE8)
  moveEdge(book.asks, -touch.askE8, touch.askSizeE8)
}

function moveEdge(side: TapeSide, key: number, sizeE8: number): void {
  const { keys, sizesE8 } = side
  // Level by level: most touches take none away, and to set the length of a list costs as much as taking twenty.
  for (let best = keys.length - 1; best >= 0 && (keys[best] ?? 0) > key; best -= 1) {
    keys.pop()
    sizesE8.pop()
  }
  setLevel(side, key, sizeE8, false)
}

/** First index whose key is not below `key`. */
function placeOf(keys: readonly number[], key: number): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((keys[middle] ?? Infinity) < key) low = middle + 1
    else high = middle
  }
  return low
}

function clear(side: TapeSide): void {
  side.keys.length = 0
  side.sizesE8.length = 0
}
