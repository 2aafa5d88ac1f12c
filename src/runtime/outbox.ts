/**
 * The outbox: no byte goes to the venue before its command is on disk, and the kill switch, when it tripped. Batches leave in the
 * order in which they were made; those that wait for one sync leave together with it.
 */
import type { Approved } from '../core/command.ts'
import type { JournalWriter } from '../journal/writer.ts'
import type { VenuePort } from '../venues/port.ts'

/** Batches that may wait for the disk. Beyond it the disk has failed us, whatever it says. */
export const WAITING_BATCHES_MAX = 10_000

export interface Outbox {
  send(commands: readonly Approved[]): void
  /** Resolves when everything handed in so far has left. */
  drained(): Promise<void>
}

/** @param of.latched resolves, and never rejects, when the kill switch is on disk as far as it can be */
export function createOutbox(of: {
  readonly journal: JournalWriter
  readonly venue: VenuePort
  readonly latched: () => Promise<void>
  readonly onFailure: (error: unknown) => void
}): Outbox {
  const { journal, venue, latched, onFailure } = of
  let waitingCount = 0
  let tail: Promise<void> = Promise.resolve()
  return {
    send(commands) {
      waitingCount += 1
      if (waitingCount > WAITING_BATCHES_MAX) {
        onFailure(new Error(`more than ${WAITING_BATCHES_MAX} batches wait for the journal`))
        return
      }
      // Both are asked now, so that one does not wait for the other.
      const isDurable = Promise.all([journal.durable(), latched()])
      // It may fail while an earlier batch still waits; who waits for this one is told then.
      isDurable.catch(() => undefined)
      tail = tail
        .then(() => isDurable)
        .then(() => {
          waitingCount -= 1
          venue.send(commands)
        })
        .catch(onFailure)
    },
    drained: () => tail,
  }
}
