/**
 * Tapes bent on purpose, so that settings for rare circumstances have something to act on. Each takes a recorded tape and
 * gives another.
 */
import { assert } from '../core/assert.ts'
import { midOf, initBook, applySnapshot } from '../core/book/l2-book.ts'
import type { BookInput } from '../core/input.ts'
import { MICRO_USD_PER_USD } from '../core/units.ts'
import type { MarketInput, MarketTape, TapeEvent, TapeFill } from './market-tape.ts'

const MS_PER_HOUR = 3_600_000
const MS_PER_DAY = 24 * MS_PER_HOUR

/** The same market at another hour of the day, UTC. */
export function atHour(tape: MarketTape, hour: number): MarketTape {
  const shiftMs = hour * MS_PER_HOUR - (tape.startTsMs % MS_PER_DAY)
  const shift = (tsMs: number): number => tsMs + shiftMs
  const shiftInput = (what: MarketInput | TapeFill): MarketInput | TapeFill =>
    'venueTsMs' in what ? { ...what, venueTsMs: shift(what.venueTsMs) } : what
  return {
    ...tape,
    name: `${tape.name} at ${hour}:00 UTC`,
    startTsMs: shift(tape.startTsMs),
    endTsMs: shift(tape.endTsMs),
    opening: { ...tape.opening, venueTsMs: shift(tape.opening.venueTsMs) },
    events: tape.events.map(({ tsMs, what }) => ({ tsMs: shift(tsMs), what: shiftInput(what) })),
  }
}

/** A small print of each side with every context in place of the recorded ones: flow that knows nothing, told often. */
export function withBalancedFlow(tape: MarketTape): MarketTape {
  let tid = 0
  const events = tape.events.flatMap((event): TapeEvent[] => {
    const { tsMs, what } = event
    if (what.kind === 'trade') return []
    if (what.kind !== 'context') return [event]
    tid += 2
    const print = { kind: 'trade', venueTsMs: tsMs, priceTicks: Math.round(what.markTicks) } as const
    const sizeLots = PRINT_LOTS
    return [
      event,
      { tsMs, what: { ...print, tid, aggressor: 'buy', sizeLots } },
      { tsMs, what: { ...print, tid: tid + 1, aggressor: 'sell', sizeLots } },
    ]
  })
  return { ...tape, name: `${tape.name}, balanced flow`, events }
}

/**
 * A small order with every book: sides by turns until `turnSec`, then all of them buys. Few tapes of a minute have flow
 * that is surely one-sided, or surely not.
 */
export function withTurningFlow(tape: MarketTape, turnSec: number): MarketTape {
  let tid = 0
  const events = tape.events.flatMap((event): TapeEvent[] => {
    const { tsMs, what } = event
    if (what.kind === 'trade') return []
    if (what.kind !== 'book') return [event]
    tid += 1
    const isTurned = tsMs - tape.startTsMs >= turnSec * 1_000
    const aggressor = !isTurned && tid % 2 === 0 ? 'sell' : 'buy'
    const priceTicks = (aggressor === 'buy' ? what.asks[0] : what.bids[0]) ?? 0
    if (priceTicks === 0) return [event]
    const print = {
      kind: 'trade',
      venueTsMs: tsMs,
      priceTicks,
      tid,
      aggressor,
      sizeLots: PRINT_LOTS,
    } as const
    return [event, { tsMs, what: print }]
  })
  return { ...tape, name: `${tape.name}, flow that turns`, events }
}

/** Much smaller than any bucket of volume, so that no bucket is one-sided by where it ends. */
const PRINT_LOTS = 100

/** Nothing is heard of the market between two times after the start. */
export function withSilence(tape: MarketTape, fromSec: number, toSec: number): MarketTape {
  const isHeard = ({ tsMs, what }: TapeEvent): boolean => {
    const atSec = (tsMs - tape.startTsMs) / 1_000
    return what.kind === 'connection' || atSec < fromSec || atSec >= toSec
  }
  return {
    ...tape,
    name: `${tape.name}, silent for ${toSec - fromSec} s`,
    events: tape.events.filter(isHeard),
  }
}

/** A fill of `sizeLots` at the mid, bought (positive) or sold, so many seconds after the start. */
export function withFill(tape: MarketTape, atSec: number, sizeLots: number): MarketTape {
  const tsMs = tape.startTsMs + atSec * 1_000
  const after = tape.events.findIndex((event) => event.tsMs >= tsMs)
  assert(after > 0, 'the fill lies within the tape')
  const what: TapeFill = {
    kind: 'tapeFill',
    side: sizeLots > 0 ? 'buy' : 'sell',
    priceTicks: Math.round(midBefore(tape, after)),
    sizeLots: Math.abs(sizeLots),
    feeMicroUsd: 0,
  }
  const events = [...tape.events.slice(0, after), { tsMs, what }, ...tape.events.slice(after)]
  return { ...tape, name: `${tape.name}, ${sizeLots} lots filled`, events }
}

/** Only the recorded fills are left out: the position stays where other changes put it. */
export function withoutFills(tape: MarketTape): MarketTape {
  return { ...tape, events: tape.events.filter(({ what }) => what.kind !== 'tapeFill') }
}

function midBefore(tape: MarketTape, index: number): number {
  const book = initBook()
  for (const { what } of tape.events.slice(0, index)) if (what.kind === 'book') applySnapshot(book, what)
  return midOf(book)
}

/** All prices times `factor` from a time on: a crash or a leap in one step. Off-grid prices are only looked at, never sent. */
export function withLeap(tape: MarketTape, fromSec: number, factor: number): MarketTape {
  const scaled = (ticks: number): number => Math.round(ticks * factor)
  const levels = (flat: readonly number[]): number[] =>
    flat.map((value, index) => (index % 2 === 0 ? scaled(value) : value))
  const leap = (what: MarketInput | TapeFill): MarketInput | TapeFill => {
    switch (what.kind) {
      case 'book':
        return { ...what, bids: levels(what.bids), asks: levels(what.asks) }
      case 'touch':
        return { ...what, bidTicks: scaled(what.bidTicks), askTicks: scaled(what.askTicks) }
      case 'context':
        return { ...what, markTicks: what.markTicks * factor, oracleTicks: what.oracleTicks * factor }
      case 'reference':
        return { ...what, midTicks: what.midTicks * factor }
      case 'trade':
      case 'tapeFill':
        return { ...what, priceTicks: scaled(what.priceTicks) }
      case 'connection':
      case 'load':
        return what
    }
  }
  const fromTsMs = tape.startTsMs + fromSec * 1_000
  const events = tape.events.map(({ tsMs, what }) => ({ tsMs, what: tsMs >= fromTsMs ? leap(what) : what }))
  return { ...tape, name: `${tape.name}, prices × ${factor}`, events }
}

/** With every book, a reference market at the mid that ours will have some books later: it leads, and surely. */
export function withReference(tape: MarketTape, booksAhead: number): MarketTape {
  const mids = tape.events.flatMap(({ what }) => (what.kind === 'book' ? [bookMid(what)] : []))
  let book = 0
  const events = tape.events.flatMap((event): TapeEvent[] => {
    const { tsMs, what } = event
    if (what.kind !== 'book') return [event]
    const midTicks = mids[Math.min(book + booksAhead, mids.length - 1)] ?? 0
    book += 1
    return [event, { tsMs, what: { kind: 'reference', venueTsMs: tsMs, midTicks } }]
  })
  return { ...tape, name: `${tape.name}, a reference ahead`, events }
}

function bookMid(input: BookInput): number {
  const book = initBook()
  applySnapshot(book, input)
  return midOf(book)
}

/** The venue names a liquidation price, at this multiple of the first mid. */
export function withLiquidationAt(tape: MarketTape, factor: number): MarketTape {
  const firstBook = tape.events.findIndex(({ what }) => what.kind === 'book')
  const liquidationTicks = Math.round(midBefore(tape, firstBook + 1) * factor)
  return {
    ...tape,
    name: `${tape.name}, liquidation at × ${factor}`,
    opening: { ...tape.opening, liquidationTicks },
  }
}

/**
 * An isolated market with a little money on it and more elsewhere.
 * @param marginUsd what a position is opened with. @param freeUsd free on this DEX. @param reserveUsd free where collateral comes from
 */
export function withIsolatedMargin(
  tape: MarketTape,
  marginUsd: number,
  freeUsd: number,
  reserveUsd: number,
): MarketTape {
  const { opening, market } = tape
  return {
    ...tape,
    name: `${tape.name}, isolated with ${marginUsd} USD`,
    market: { ...market, marginMode: 'isolated' },
    opening: {
      ...opening,
      withdrawableMicroUsd: freeUsd * MICRO_USD_PER_USD,
      reserveMicroUsd: reserveUsd * MICRO_USD_PER_USD,
      movedTodayMicroUsd: 0,
    },
    isolatedMicroUsd: marginUsd * MICRO_USD_PER_USD,
  }
}

/** Nobody asks between two times after the start. */
export function withoutAsks(tape: MarketTape, fromSec: number, toSec: number): MarketTape {
  const isWithin = (tsMs: number): boolean => {
    const atSec = (tsMs - tape.startTsMs) / 1_000
    return atSec >= fromSec && atSec < toSec
  }
  const events = tape.events.map((event): TapeEvent => {
    const { tsMs, what } = event
    if (!isWithin(tsMs)) return event
    if (what.kind === 'book') return { tsMs, what: { ...what, asks: [] } }
    if (what.kind === 'touch') return { tsMs, what: { ...what, askTicks: 0, askLots: 0 } }
    return event
  })
  return { ...tape, name: `${tape.name}, no asks for ${toSec - fromSec} s`, events }
}

/** @param makerFeePpb what the venue tells of the maker fee, parts per billion; null: nothing */
export function withMakerFee(tape: MarketTape, makerFeePpb: number | null): MarketTape {
  const told = makerFeePpb === null ? 'not told' : `${makerFeePpb} ppb`
  return { ...tape, name: `${tape.name}, maker fee ${told}`, market: { ...tape.market, makerFeePpb } }
}

/** The event loop stood still for so long, as told so many seconds after the start. */
export function withStall(tape: MarketTape, atSec: number, loopLagMs: number): MarketTape {
  const stall: TapeEvent = { tsMs: tape.startTsMs + atSec * 1_000, what: { kind: 'load', loopLagMs } }
  return { ...tape, name: `${tape.name}, a stall of ${loopLagMs} ms`, events: inserted(tape.events, [stall]) }
}

/** The venue's clock is so far behind ours. */
export function withVenueBehind(tape: MarketTape, behindMs: number): MarketTape {
  const events = tape.events.map(({ tsMs, what }) => ({
    tsMs,
    what: 'venueTsMs' in what ? { ...what, venueTsMs: what.venueTsMs - behindMs } : what,
  }))
  const opening = { ...tape.opening, venueTsMs: tape.opening.venueTsMs - behindMs }
  return { ...tape, name: `${tape.name}, the venue ${behindMs} ms behind`, opening, events }
}

/** A seller prints at one price after another, each further down, 60 ms apart; the books know nothing of it. */
export function withSweep(tape: MarketTape, atSec: number): MarketTape {
  const startTsMs = tape.startTsMs + atSec * 1_000
  const midTicks = midBefore(
    tape,
    tape.events.findIndex(({ tsMs }) => tsMs >= startTsMs),
  )
  const prints = Array.from({ length: SWEEP_PRINTS }, (_, index): TapeEvent => {
    const tsMs = startTsMs + index * SWEEP_GAP_MS
    const priceTicks = Math.round(midTicks * (1 - index * SWEEP_STEP_SHARE))
    const print = { kind: 'trade', venueTsMs: tsMs, tid: SWEEP_TID + index, aggressor: 'sell' } as const
    return { tsMs, what: { ...print, priceTicks, sizeLots: PRINT_LOTS } }
  })
  return { ...tape, name: `${tape.name}, a sweep`, events: inserted(tape.events, prints) }
}

const SWEEP_PRINTS = 14
const SWEEP_GAP_MS = 60
const SWEEP_STEP_SHARE = 0.0005
/** Above every id of a recorded print. */
const SWEEP_TID = 1e12

/** In order of time, what is new behind what was there at the same moment. */
function inserted(events: readonly TapeEvent[], added: readonly TapeEvent[]): TapeEvent[] {
  return [...events, ...added].sort((left, right) => left.tsMs - right.tsMs)
}
