/**
 * Plays a recorded market on ours: a maker account mirrors the recorded book, a taker account sends the recorded trades,
 * the oracle follows the recorded middle.
 *
 *   after block N the player sends, for block N+1:
 *     the book as it was when window N began   (post-only and cancels: they run first)
 *     the trades of window N                   (takers: they run last, against that book)
 *
 * so a trade meets the book from before it, and ours in it at the trade's price or better.
 * state   the tape's place, the rebuilt book, the mirrors; one window of trades
 */
import { assert } from '../core/assert.ts'
import type { QueueModel } from '../core/queue/queue-models.ts'
import { snapAway, opposite } from '../core/units.ts'
import type { ExchangeCommand } from '../exchange/command.ts'
import type { Instrument } from '../exchange/instrument.ts'
import { genesisOf, lotsMin, toTakerCommand } from './agent-account.ts'
import { absorbEvents, initMirror } from './mirror-state.ts'
import type { Mirror } from './mirror-state.ts'
import { addressOf } from './participant.ts'
import type { Participant } from './participant.ts'
import { isOracleDue, pushOracles } from './price-process.ts'
import { E8 } from './tape.ts'
import type { TapeRecord, TapeSource, TapeTrade } from './tape.ts'
import { applyDepth, applyTouch, initTapeBook, isSound, midE8Of } from './tape-book.ts'
import type { TapeBook } from './tape-book.ts'
import { syncMirror } from './tape-mirror.ts'
import { initTapeReference, showReference } from './tape-reference.ts'

export interface TapePlayer {
  readonly participant: Participant
  readonly counters: Readonly<TapePlayerCounters>
}

export interface TapePlayerCounters {
  records: number
  trades: number
  /** Trades below the venue's smallest order, left out. */
  smallTrades: number
  /** Blocks in which the recorded book was empty or crossed, and the mirror stood still. */
  unsoundBlocks: number
}

/** Recorded prices that are mirrored one by one, per side, when nothing else is said. */
const MIRROR_LEVELS_DEFAULT = 40

interface State {
  readonly tape: TapeSource
  readonly speed: number
  readonly book: TapeBook
  readonly trades: TapeTrade[]
  readonly counters: TapePlayerCounters
  /** Read, but not due yet. */
  ahead: TapeRecord | null
  /** Of the reference market as of the book, and what is shown of it: 0 before its first price. */
  referenceE8: number
  shownReferenceE8: number
}

/**
 * @param options.markets     the markets that get book and trades
 * @param options.instruments the markets whose oracle follows the tape
 * @param options.reference   the market that shows the recorded middle of the tape's reference, for whoever hears it over the wire
 * @param options.speed       seconds of the tape per second of the world, > 0
 */
export function createTapePlayer(options: {
  readonly tape: TapeSource
  readonly startTsMs: number
  readonly blockMs: number
  readonly markets: readonly Instrument[]
  readonly instruments: readonly Instrument[]
  readonly reference?: Instrument
  readonly speed?: number
  readonly levelCountMax?: number
  /** Where recorded cancels happen around orders that are not the tape's; pessimistic when left out. */
  readonly queue?: QueueModel
}): TapePlayer {
  const { tape, startTsMs, blockMs, instruments } = options
  const speed = options.speed ?? 1
  assert(Number.isFinite(speed) && speed > 0, 'a tape runs forward, at a speed above 0')
  const name = `tape ${tape.symbol}`
  const maker = addressOf(`${name} maker`)
  const taker = addressOf(`${name} taker`)
  const levelCountMax = options.levelCountMax ?? MIRROR_LEVELS_DEFAULT
  const queue = options.queue ?? { name: 'pessimistic' }
  const mirrors = options.markets.map((instrument) =>
    initMirror({ instrument, maker, taker, levelCountMax, queue }),
  )
  const shown =
    options.reference === undefined
      ? null
      : initTapeReference(name, options.reference, !instruments.includes(options.reference))
  const state: State = {
    tape,
    speed,
    book: initTapeBook(),
    trades: [],
    counters: { records: 0, trades: 0, smallTrades: 0, unsoundBlocks: 0 },
    ahead: tape.next(),
    referenceE8: 0,
    shownReferenceE8: 0,
  }
  const participant: Participant = {
    name,
    account: maker,
    genesis: [...mirrors, ...(shown === null ? [] : [shown.mirror])].flatMap((mirror) => [
      ...genesisOf(mirror.maker, mirror.instrument),
      ...genesisOf(mirror.taker, mirror.instrument),
    ]),
    latencyBlocks: 0,
    onBlock(view, out) {
      const isMirrored = isSound(state.book)
      if (!isMirrored) state.counters.unsoundBlocks += 1
      for (const mirror of mirrors) {
        absorbEvents(mirror, view.events)
        if (isMirrored) syncMirror(mirror, state.book, view.exchange, out)
      }
      // It is seen with the book of the same moment, one block on: otherwise it would lead by that block.
      state.shownReferenceE8 = state.referenceE8
      const { events, exchange } = view
      const isDue = isOracleDue(view.tsMs, blockMs)
      if (shown !== null) {
        showReference(shown, state.referenceE8, { events, exchange, isOracleDue: isDue }, out)
      }
      consume(state, tape.firstTsMs + (view.tsMs - startTsMs) * speed)
      for (const mirror of mirrors) pushTrades(state, mirror, out)
      if (isDue && isSound(state.book)) {
        pushOracles(instruments, midE8Of(state.book) / E8, out)
      }
    },
    isFinished: () => state.ahead === null,
    ...(tape.reference === null ? {} : { referenceUsd: () => state.shownReferenceE8 / E8 }),
  }
  return { participant, counters: state.counters }
}

/** Plays the records up to `tapeTsMs`; the trades among them stay in `state.trades`. */
function consume(state: State, tapeTsMs: number): void {
  if (state.trades.length > 0) state.trades.length = 0
  for (let record = state.ahead; record !== null && record.tsMs <= tapeTsMs; record = state.ahead) {
    state.counters.records += 1
    if (record.kind === 'depth') applyDepth(state.book, record)
    else if (record.kind === 'touch') applyTouch(state.book, record)
    else if (record.kind === 'trade') state.trades.push(record)
    else state.referenceE8 = record.midE8
    state.ahead = state.tape.next()
  }
  state.counters.trades += state.trades.length
}

/** Runs of trades of one side and one price on our grid become one order each. */
function pushTrades(state: State, mirror: Mirror, out: ExchangeCommand[]): void {
  const { assetId, grid } = mirror.instrument
  const e8PerTick = E8 / 10 ** grid.priceDecimals
  const e8PerLot = E8 / 10 ** grid.szDecimals
  for (let index = 0; index < state.trades.length;) {
    const first = state.trades[index]
    if (first === undefined) break
    // Snapped as the quote it met was snapped: a buy lifts an ask, and asks go up.
    const priceTicks = snapAway(opposite(first.aggressor), first.priceE8 / e8PerTick, grid)
    let sizeE8 = 0
    let trade: TapeTrade | undefined = first
    while (
      trade !== undefined &&
      trade.aggressor === first.aggressor &&
      snapAway(opposite(trade.aggressor), trade.priceE8 / e8PerTick, grid) === priceTicks
    ) {
      sizeE8 += trade.sizeE8
      index += 1
      trade = state.trades[index]
    }
    const sizeLots = Math.floor(sizeE8 / e8PerLot)
    if (sizeLots < lotsMin(priceTicks)) {
      state.counters.smallTrades += 1
      continue
    }
    out.push(toTakerCommand(mirror.taker, { assetId, side: first.aggressor, priceTicks, sizeLots }))
  }
}
