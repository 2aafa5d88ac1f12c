/**
 * What other quotes would have traded, as far as a recording can say. Every live order is given a twin: the same order moved by
 * the difference of both makers' wishes at its level, with the size changed by the difference of their sizes. Then
 *
 *   kept    an own fill whose twin was at least as aggressive: the twin gets it, at its own price, up to its own size
 *   missed  the rest of the own fills
 *   extra   another print of the tape beyond a twin that stood elsewhere than its order: certain when strictly beyond, only
 *           possible when at its price, because the place in the queue is not known; so is what a larger twin had left
 *
 * Fills are valued at the mid 10 s later, less the maker fee. A twin that traded stands again after the next cycle, and fills
 * change neither position nor later quotes. With equal quotes all differences are zero.
 * source  docs/explain.md. Longer than most files: one set of assumptions, in one place.
 */
import { assert } from '../core/assert.ts'
import { isTwoSided, midOf } from '../core/book/l2-book.ts'
import type { Engine } from '../core/engine.ts'
import type { FillInput, Input, TradeInput } from '../core/input.ts'
import { PPB } from '../core/math/integer.ts'
import { findOrder } from '../core/orders/tracker.ts'
import { opposite, signOf } from '../core/units.ts'
import type { Side } from '../core/units.ts'
import { slotsOf } from './explain-orders.ts'
import { copyLive } from './observed-maker.ts'
import type { WishedLadder, WishedLevel } from './observed-maker.ts'

export const MARKOUT_MS = 10_000

/** What the changed maker would have where the recorded one has an order, or where it has none. */
interface Twin {
  readonly side: Side
  readonly priceTicks: number
  readonly sizeLots: number
  /** Of the recorded order; null when it has none there. */
  readonly ownTicks: number | null
  readonly ownLots: number
  /** Lots of own fills that the recorded order had. */
  filledLots: number
  /** Lots of other prints since the last cycle. */
  extraLots: number
}

type TradeKind = 'own' | 'kept' | 'extra' | 'possible'

interface Valued {
  readonly kind: TradeKind
  readonly side: Side
  readonly priceTicks: number
  readonly sizeLots: number
  readonly tsMs: number
  /** Prints that turn out to be own fills are no others. */
  readonly tid: number | null
  midAfterTicks: number | null
}

export interface FillTally {
  /** By client id of the recorded order; the twin stays while fills may come late. Null: it would not have been there. */
  readonly twins: Map<string, Twin | null>
  /** Which stand now: those of live orders, and those at levels that only the changed maker wishes. */
  standing: Twin[]
  readonly trades: Valued[]
  /** The first trade whose markout is not known yet. */
  ripe: number
  readonly ownTids: Set<number>
}

export interface FillComparison {
  readonly ownFills: number
  readonly ownLots: number
  readonly keptLots: number
  readonly missedLots: number
  readonly extraLots: number
  readonly possibleLots: number
  /** Money of the trades at their markout: recorded, and of the changed maker's certain ones. */
  readonly recordedMicroUsd: number
  readonly changedMicroUsd: number
  /** Changed less recorded, without and with the possible trades that would make it worst and best. */
  readonly differenceMicroUsd: number
  readonly lowMicroUsd: number
  readonly highMicroUsd: number
  /** Trades so near the end that the last mid had to do. */
  readonly unripeCount: number
}

/** Twins of orders that ended long ago are forgotten beyond this count. */
const TWINS_MAX = 4_000

export function initFillTally(): FillTally {
  return { twins: new Map(), standing: [], trades: [], ripe: 0, ownTids: new Set() }
}

/** After every step: marks what is 10 s old, and matches fills and prints with the twins that stood before it. */
export function noteFills(tally: FillTally, input: Input, recorded: Engine): void {
  if (input.kind === 'book' || input.kind === 'touch') ripen(tally, recorded)
  if (input.kind === 'trade') notePrint(tally, input)
  if (input.kind === 'fill') noteOwnFill(tally, input, recorded)
}

/** After a cycle: the twins follow the wishes of now. */
export function noteQuotes(
  tally: FillTally,
  recorded: Engine,
  mine: WishedLadder,
  theirs: WishedLadder,
): void {
  tally.standing = []
  noteSide(tally, recorded, 'buy', mine.bids, theirs.bids)
  noteSide(tally, recorded, 'sell', mine.asks, theirs.asks)
  for (const cloid of tally.twins.keys()) {
    if (tally.twins.size <= TWINS_MAX) break
    tally.twins.delete(cloid)
  }
}

function noteSide(
  tally: FillTally,
  recorded: Engine,
  side: Side,
  mine: readonly WishedLevel[],
  theirs: readonly WishedLevel[],
): void {
  const slots = slotsOf(copyLive(recorded.state.tracker), side)
  slots.forEach((order, index) => {
    const twin = twinOf(order, mine[index], theirs[index])
    const before = tally.twins.get(order.cloid)
    if (twin !== null) {
      twin.filledLots = before?.filledLots ?? 0
      tally.standing.push(twin)
    }
    tally.twins.set(order.cloid, twin)
  })
  // A level that both wish and no order stands at is in the same plight for both.
  for (const level of theirs.slice(Math.max(slots.length, mine.length))) {
    const { priceTicks, sizeLots } = level
    tally.standing.push({ side, priceTicks, sizeLots, ownTicks: null, ownLots: 0, filledLots: 0, extraLots: 0 })
  }
}

function twinOf(
  order: { readonly side: Side; readonly priceTicks: number; readonly sizeLots: number },
  mine: WishedLevel | undefined,
  theirs: WishedLevel | undefined,
): Twin | null {
  const { side, priceTicks: ownTicks, sizeLots: ownLots } = order
  const base = { side, ownTicks, ownLots, filledLots: 0, extraLots: 0 }
  if (mine === undefined && theirs === undefined) return { ...base, priceTicks: ownTicks, sizeLots: ownLots }
  if (theirs === undefined) return null
  if (mine === undefined) return { ...base, priceTicks: theirs.priceTicks, sizeLots: theirs.sizeLots }
  return {
    ...base,
    priceTicks: ownTicks + theirs.priceTicks - mine.priceTicks,
    sizeLots: Math.max(0, ownLots + theirs.sizeLots - mine.sizeLots),
  }
}

function notePrint(tally: FillTally, print: TradeInput): void {
  const side = opposite(print.aggressor)
  let leftLots = print.sizeLots
  const reached = tally.standing
    .filter((twin) => twin.side === side && twin.priceTicks !== twin.ownTicks)
    .filter((twin) => beyond(twin, print.priceTicks) >= 0)
    .sort((a, b) => signOf(side) * (b.priceTicks - a.priceTicks))
  for (const twin of reached) {
    const sizeLots = Math.min(leftLots, twin.sizeLots - twin.extraLots)
    if (sizeLots <= 0) continue
    twin.extraLots += sizeLots
    leftLots -= sizeLots
    const kind = beyond(twin, print.priceTicks) > 0 ? 'extra' : 'possible'
    keep(tally, kind, twin, sizeLots, print.tsMs, print.tid)
  }
}

/** Ticks by which a print went beyond a quote; 0: at its price. */
function beyond(twin: Twin, printTicks: number): number {
  return signOf(twin.side) * (twin.priceTicks - printTicks)
}

function noteOwnFill(tally: FillTally, fill: Extract<Input, { kind: 'fill' }>, recorded: Engine): void {
  const order = findOrder(recorded.state.tracker, fill)
  // Fills of other hands (the account's owner, liquidation) are the same for both makers.
  if (order === null || tally.ownTids.has(fill.tid)) return
  tally.ownTids.add(fill.tid)
  keep(tally, 'own', fill, fill.sizeLots, fill.tsMs, null)
  const twin = tally.twins.get(order.cloid)
  if (twin === undefined) {
    // Placed and filled with no cycle in between: it cannot be told apart from what the other would have done.
    keep(tally, 'kept', fill, fill.sizeLots, fill.tsMs, null)
  } else if (twin !== null) keepShare(tally, fill, twin)
}

function keepShare(tally: FillTally, fill: FillInput & { readonly tsMs: number }, twin: Twin): void {
  const before = twin.filledLots
  twin.filledLots += fill.sizeLots
  if (beyond(twin, fill.priceTicks) < 0) return
  const keptLots = Math.min(twin.filledLots, twin.sizeLots) - Math.min(before, twin.sizeLots)
  if (keptLots > 0) keep(tally, 'kept', twin, keptLots, fill.tsMs, null)
  const isWhole = twin.filledLots >= twin.ownLots && before < twin.ownLots
  if (isWhole && twin.sizeLots > twin.ownLots) {
    keep(tally, 'possible', twin, twin.sizeLots - twin.ownLots, fill.tsMs, null)
  }
}

function keep(
  tally: FillTally,
  kind: TradeKind,
  at: { readonly side: Side; readonly priceTicks: number },
  sizeLots: number,
  tsMs: number,
  tid: number | null,
): void {
  const { side, priceTicks } = at
  tally.trades.push({ kind, side, priceTicks, sizeLots, tsMs, tid, midAfterTicks: null })
}

function ripen(tally: FillTally, recorded: Engine): void {
  const { state } = recorded
  if (!isTwoSided(state.book)) return
  for (; tally.ripe < tally.trades.length; tally.ripe += 1) {
    const trade = tally.trades[tally.ripe]
    assert(trade !== undefined, 'trades below the count exist')
    if (state.tsMs - trade.tsMs < MARKOUT_MS) return
    trade.midAfterTicks = midOf(state.book)
  }
}

/** At the end: what is not 10 s old takes the last mid. */
export function settleFills(tally: FillTally, recorded: Engine): FillComparison {
  const { state } = recorded
  const lastMid = isTwoSided(state.book) ? midOf(state.book) : (state.markTicks ?? 0)
  const feePpb = state.market?.makerFeePpb ?? 0
  const lots: Record<TradeKind, number> = { own: 0, kept: 0, extra: 0, possible: 0 }
  const value: Record<TradeKind, number> = { own: 0, kept: 0, extra: 0, possible: 0 }
  let worst = 0
  let best = 0
  for (const trade of tally.trades) {
    if (trade.tid !== null && tally.ownTids.has(trade.tid)) continue
    const mid = trade.midAfterTicks ?? lastMid
    const fee = (trade.priceTicks * trade.sizeLots * feePpb) / PPB
    const gain = signOf(trade.side) * (mid - trade.priceTicks) * trade.sizeLots - fee
    lots[trade.kind] += trade.sizeLots
    value[trade.kind] += gain
    if (trade.kind === 'possible') {
      worst += Math.min(gain, 0)
      best += Math.max(gain, 0)
    }
  }
  const changed = value.kept + value.extra
  const difference = changed - value.own
  return {
    ownFills: tally.ownTids.size,
    ownLots: lots.own,
    keptLots: lots.kept,
    missedLots: lots.own - lots.kept,
    extraLots: lots.extra,
    possibleLots: lots.possible,
    recordedMicroUsd: Math.round(value.own),
    changedMicroUsd: Math.round(changed),
    differenceMicroUsd: Math.round(difference),
    lowMicroUsd: Math.round(difference + worst),
    highMicroUsd: Math.round(difference + best),
    unripeCount: tally.trades.length - tally.ripe,
  }
}
