/** The heaps behind the risk index: each position knows its place, so that it moves or leaves in logarithmic time. */
import type { Holding, Purse } from './state.ts'

/** Notes that a purse's money or positions changed: its triggers are stale, and its credit is over. */
export function touchPurse(purse: Purse): void {
  purse.creditMicroUsd = -1
  touchTriggers(purse)
}

/** The same when at most so much of what was free is bound or gone by it: the credit shrinks, and stands. */
export function touchPurseBy(purse: Purse, goneMicroUsd: number): void {
  purse.creditMicroUsd -= goneMicroUsd
  touchTriggers(purse)
}

function touchTriggers(purse: Purse): void {
  // Compared, since asking for the truth of whatever a field holds costs the compiled code several times as much.
  if (purse.isStale === true) return
  purse.isStale = true
  purse.dex.stalePurses.push(purse)
}

/** Puts a position into the heap of its side, or moves it there. */
export function list(holding: Holding, triggerTicks: number): void {
  const isLong = holding.sizeLots > 0
  if (holding.riskPlace >= 0 && holding.riskLong !== isLong) unlist(holding)
  holding.riskTicks = triggerTicks
  const heap = heapOf(holding, isLong)
  if (holding.riskPlace < 0) {
    holding.riskLong = isLong
    holding.riskPlace = heap.length
    heap.push(holding)
  }
  settle(heap, holding)
}

/** Takes a position out; nothing when it is not listed. */
export function unlist(holding: Holding): void {
  const place = holding.riskPlace
  if (place < 0) return
  const heap = heapOf(holding, holding.riskLong)
  const last = heap.pop()!
  holding.riskPlace = -1
  if (last === holding) return
  heap[place] = last
  last.riskPlace = place
  settle(heap, last)
}

function heapOf(holding: Holding, isLong: boolean): Holding[] {
  return isLong ? holding.market.riskLongs : holding.market.riskShorts
}

/** Longs: the highest trigger on top, since a falling mark reaches it first. Shorts: the lowest. */
function isBefore(one: Holding, other: Holding): boolean {
  return one.riskLong ? one.riskTicks > other.riskTicks : one.riskTicks < other.riskTicks
}

function settle(heap: Holding[], holding: Holding): void {
  let place = holding.riskPlace
  while (place > 0) {
    const above = (place - 1) >> 1
    if (!isBefore(holding, heap[above]!)) break
    put(heap, place, heap[above]!)
    place = above
  }
  for (;;) {
    let below = 2 * place + 1
    if (below >= heap.length) break
    if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below += 1
    if (!isBefore(heap[below]!, holding)) break
    put(heap, place, heap[below]!)
    place = below
  }
  put(heap, place, holding)
}

function put(heap: Holding[], place: number, holding: Holding): void {
  heap[place] = holding
  holding.riskPlace = place
}
