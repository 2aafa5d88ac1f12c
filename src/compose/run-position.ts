/** Keeps the position that the exchange told last beside the journals, for the start of the next run (`start-position.ts`). */
import { writePositionNote } from '../runtime/position-note.ts'
import type { Running } from './running.ts'
import { notePathOf } from './start-position.ts'

/** Called after an account answer; a position that differs from our books is not noted before it was settled. */
export function keepPosition({ options, venue, engine, log }: Running): void {
  const { accountLast, positionMismatchLots, epoch, seq } = engine.state
  if (accountLast === null || positionMismatchLots !== 0) return
  const { market, account } = venue
  const { positionLots, venueTsMs } = accountLast
  try {
    writePositionNote(notePathOf(options.config.values, { coin: market.coin, account }), {
      epoch,
      seq,
      positionLots,
      szDecimals: market.grid.szDecimals,
      venueTsMs,
    })
  } catch (error) {
    // The next run then asks a person, which is safe.
    log.warn('the position could not be noted for the next run', { because: String(error) })
  }
}
