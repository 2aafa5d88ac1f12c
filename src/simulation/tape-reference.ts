/**
 * Shows the recorded middle of a reference market as that market's book: one bid and one ask as near to it as its grid allows, so
 * that the middle of the touch is the recorded one. It was recorded from a touch, so on its own grid it always is; a middle of a
 * finer grid comes out within half a price step. Size and depth were not recorded: what stands here is `SHOWN_USD` a side, no more.
 *
 * state   the two orders, by the mirror that holds them
 */
import type { ExchangeCommand } from '../exchange/command.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { Instrument } from '../exchange/instrument.ts'
import { absorbEvents, initMirror } from './mirror-state.ts'
import type { Mirror } from './mirror-state.ts'
import { addressOf } from './participant.ts'
import { pushOracles } from './price-process.ts'
import { applyDepth, initTapeBook, isSound } from './tape-book.ts'
import type { TapeBook } from './tape-book.ts'
import { syncMirror } from './tape-mirror.ts'
import { E8 } from './tape.ts'

/** Above the venue's smallest order at any price. */
const SHOWN_USD = 100_000

export interface TapeReference {
  readonly mirror: Mirror
  readonly book: TapeBook
  /** Its oracle follows the recorded middle, because it is not one of those that follow the tape. */
  readonly movesOracle: boolean
}

export function initTapeReference(name: string, instrument: Instrument, movesOracle: boolean): TapeReference {
  return {
    mirror: initMirror({
      instrument,
      maker: addressOf(`${name} reference maker`),
      taker: addressOf(`${name} reference taker`),
      levelCountMax: 1,
      queue: { name: 'pessimistic' },
    }),
    book: initTapeBook(),
    movesOracle,
  }
}

/** @param midE8 the recorded middle in dollars of 1e-8; 0: not told yet */
export function showReference(
  { mirror, book, movesOracle }: TapeReference,
  midE8: number,
  of: {
    readonly events: Parameters<typeof absorbEvents>[1]
    readonly exchange: Exchange
    readonly isOracleDue: boolean
  },
  out: ExchangeCommand[],
): void {
  absorbEvents(mirror, of.events)
  if (midE8 <= 0) return
  const isFirst = !isSound(book)
  // A quarter of a tick to either side: on a step of the grid the touch is one step away, between two steps it is those two.
  const quarterE8 = E8 / 10 ** mirror.instrument.grid.priceDecimals / 4
  const sizeE8 = Math.round((SHOWN_USD / (midE8 / E8)) * E8)
  applyDepth(book, {
    kind: 'depth',
    tsMs: 0,
    isSnapshot: true,
    updateId: book.depthId + 1,
    bids: [Math.round(midE8 - quarterE8), sizeE8],
    asks: [Math.round(midE8 + quarterE8), sizeE8],
  })
  // The oracle comes first: an order too far from it would be refused.
  if (movesOracle && (isFirst || of.isOracleDue)) pushOracles([mirror.instrument], midE8 / E8, out)
  syncMirror(mirror, book, of.exchange, out)
}
