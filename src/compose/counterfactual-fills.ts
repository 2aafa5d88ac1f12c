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
import { isTwoSided, midOf } from '../core/book/l2-book.ts'
import type { Engine } from '../core/engine.ts'
import type { Input } from '../core/input.ts'
import { findOrder } from '../core/orders/tracker.ts'
import { opposite, signOf } from '../core/units.ts'
import type { Side } from '../core/units.ts'
import { slotsOf } from './explain-orders.ts'
import { copyLive } from './observed-maker.ts'
import type { WishedLadder, WishedLevel } from './observed-maker.ts'

const MARKOUT_MS = 10_000

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
}

type Totals = Record<TradeKind, number>

export interface FillTally {
  /** By client id of the recorded order; the twin stays while fills may come late. Null: it would not have been there. */
  readonly twins: Map<string, Twin | null>
  /** Which stand now: those of live orders, and those at levels that only the changed maker wishes. */
  standing: Twin[]
  /** Trades of the last 10 s, whose markout is not known yet. */
  readonly pending: Valued[]
  readonly lots: Totals
  /** Micro-dollars, real numbers: mids lie between ticks. */
  readonly value: Totals
  /** What the possible trades lost and gained. */
  worst: number
  best: number
  /** Prints that are own fills: no extra ones. */
  readonly ownTids: ReadonlySet<number>
  /** Own fills counted, because the venue may tell them twice. */
  readonly counted: Set<number>
  /** Share of the notional that a maker pays. */
  readonly feeShare: number
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

/** @param ownTids trade ids of all own fills of the run: a print may be told before its fill */
export function initFillTally(ownTids: ReadonlySet<number>, feeShare: number): FillTally {
  return {
    twins: new Map(),
    standing: [],
    pending: [],
    lots: { own: 0, kept: 0, extra: 0, possible: 0 },
    value: { own: 0, kept: 0, extra: 0, possible: 0 },
    worst: 0,
    best: 0,
    ownTids,
    counted: new Set(),
    feeShare,
  }
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
    tally.standing.push({
      side,
      priceTicks,
      sizeLots,
      ownTicks: null,
      ownLots: 0,
      filledLots: 0,
      extraLots: 0,
    })
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

function notePrint(tally: FillTally, print: Extract<Input, { kind: 'trade' }>): void {
  if (tally.ownTids.has(print.tid)) return
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
    keep(tally, kind, twin, sizeLots, print.tsMs)
  }
}

type OwnFill = Extract<Input, { kind: 'fill' }>

/** Ticks by which a print went beyond a quote; 0: at its price. */
function beyond(twin: Twin, printTicks: number): number {
  return signOf(twin.side) * (twin.priceTicks - printTicks)
}

function noteOwnFill(tally: FillTally, fill: OwnFill, recorded: Engine): void {
  const order = findOrder(recorded.state.tracker, fill)
  // Fills of other hands (the account's owner, liquidation) are the same for both makers.
  if (order === null || tally.counted.has(fill.tid)) return
  tally.counted.add(fill.tid)
  keep(tally, 'own', fill, fill.sizeLots, fill.tsMs)
  const twin = tally.twins.get(order.cloid)
  if (twin === undefined) {
    // Placed and filled with no cycle in between: it cannot be told apart from what the other would have done.
    keep(tally, 'kept', fill, fill.sizeLots, fill.tsMs)
  } else if (twin !== null) keepShare(tally, fill, twin)
}

function keepShare(tally: FillTally, fill: OwnFill, twin: Twin): void {
  const before = twin.filledLots
  twin.filledLots += fill.sizeLots
  if (beyond(twin, fill.priceTicks) < 0) return
  const keptLots = Math.min(twin.filledLots, twin.sizeLots) - Math.min(before, twin.sizeLots)
  if (keptLots > 0) keep(tally, 'kept', twin, keptLots, fill.tsMs)
  const isWhole = twin.filledLots >= twin.ownLots && before < twin.ownLots
  if (isWhole && twin.sizeLots > twin.ownLots) {
    keep(tally, 'possible', twin, twin.sizeLots - twin.ownLots, fill.tsMs)
  }
}

function keep(
  tally: FillTally,
  kind: TradeKind,
  at: { readonly side: Side; readonly priceTicks: number },
  sizeLots: number,
  tsMs: number,
): void {
  const { side, priceTicks } = at
  tally.pending.push({ kind, side, priceTicks, sizeLots, tsMs })
}

function ripen(tally: FillTally, recorded: Engine): void {
  const { state } = recorded
  if (!isTwoSided(state.book)) return
  for (let trade = tally.pending[0]; trade !== undefined; trade = tally.pending[0]) {
    if (state.tsMs - trade.tsMs < MARKOUT_MS) return
    tally.pending.shift()
    value(tally, trade, midOf(state.book))
  }
}

function value(tally: FillTally, trade: Valued, midTicks: number): void {
  const { kind, side, priceTicks, sizeLots } = trade
  const gain = signOf(side) * (midTicks - priceTicks) * sizeLots - priceTicks * sizeLots * tally.feeShare
  tally.lots[kind] += sizeLots
  tally.value[kind] += gain
  if (kind !== 'possible') return
  tally.worst += Math.min(gain, 0)
  tally.best += Math.max(gain, 0)
}

/** At the end: what is not 10 s old takes the last mid. */
export function settleFills(tally: FillTally, recorded: Engine): FillComparison {
  const { state } = recorded
  const lastMid = isTwoSided(state.book) ? midOf(state.book) : (state.markTicks ?? 0)
  const unripeCount = tally.pending.length
  for (const trade of tally.pending.splice(0)) value(tally, trade, lastMid)
  const { lots } = tally
  const changed = tally.value.kept + tally.value.extra
  const difference = changed - tally.value.own
  return {
    ownFills: tally.counted.size,
    ownLots: lots.own,
    keptLots: lots.kept,
    missedLots: lots.own - lots.kept,
    extraLots: lots.extra,
    possibleLots: lots.possible,
    recordedMicroUsd: Math.round(tally.value.own),
    changedMicroUsd: Math.round(changed),
    differenceMicroUsd: Math.round(difference),
    lowMicroUsd: Math.round(difference + tally.worst),
    highMicroUsd: Math.round(difference + tally.best),
    unripeCount,
  }
}
