/** A run that is under way, as its parts know it, and how it speaks. */
import type { RunOptions } from '../config/options.ts'
import type { Engine } from '../core/engine.ts'
import type { JournalWriter } from '../journal/writer.ts'
import type { Log } from '../ops/log.ts'
import type { Clock } from '../runtime/clock.ts'
import type { KillTimer } from '../runtime/kill-timer.ts'
import type { VenuePort } from '../venues/port.ts'
import type { Embedded } from './embedded.ts'
import type { PaperVenue } from '../venues/paper/paper-venue.ts'
import type { PaperTerms } from './paper.ts'
import type { Session } from './session.ts'

export interface Running {
  readonly options: RunOptions
  readonly log: Log
  readonly clock: Clock
  readonly engine: Engine
  readonly venue: VenuePort
  readonly journal: JournalWriter
  readonly journalDir: string
  readonly session: Session
  readonly embedded: Embedded | null
  readonly apiUrl: string
  readonly killTimer: KillTimer
  /** Null: orders are real, at least to the exchange that they go to. */
  readonly paper: { readonly venue: PaperVenue; readonly terms: PaperTerms } | null
}

/** Prints for people or for pipes. */
export function say<T>(
  options: RunOptions,
  text: (value: T) => string,
  record: (value: T) => object,
  value: T,
): void {
  process.stdout.write(`${options.json ? JSON.stringify(record(value)) : text(value)}\n`)
}
