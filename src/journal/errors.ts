/** What can go wrong with a journal, one stable code each; the table is in docs/errors.md. */

export type JournalErrorCode =
  /** Another live process writes here. */
  | 'LOCKED'
  /** Bytes before the tail are not what was written; `segment` and `offset` say where. */
  | 'DAMAGED'
  /** A write or sync failed, or the file vanished. Never retried: what a failed sync left behind is unknown. */
  | 'WRITE_FAILED'
  /** The disk was slower than the maker for so long that the buffer reached its bound. */
  | 'FULL'
  /** No space for the next reserve; what was appended before still went into the reserved space. */
  | 'DISK_FULL'
  /** The first segment's header cannot be read, or the header given cannot be written. */
  | 'BAD_HEADER'
  /** The folder holds no segment. */
  | 'NOT_A_JOURNAL'
  /** Written by a format that this build does not read, or by a maker whose configuration has other keys. */
  | 'UNKNOWN_VERSION'
  /** Missing, a symbolic link, not a folder, or not writable. */
  | 'BAD_DIRECTORY'
  /** There is a journal here already: one folder per run. */
  | 'EXISTS'
  /** Appended after `close`. */
  | 'CLOSED'
  /** One record is larger than a record may be. */
  | 'TOO_LARGE'
  /** The file is not a whole snapshot. */
  | 'BAD_SNAPSHOT'

/** Where in a journal: segment number (from 1) and byte offset in that file. */
export interface JournalPlace {
  readonly segment: number
  readonly offset: number
}

export class JournalError extends Error {
  override readonly name = 'JournalError'
  readonly code: JournalErrorCode
  /** Only with DAMAGED and BAD_HEADER. */
  readonly place: JournalPlace | null

  constructor(
    code: JournalErrorCode,
    message: string,
    options?: ErrorOptions & { readonly place?: JournalPlace },
  ) {
    super(message, options)
    this.code = code
    this.place = options?.place ?? null
  }
}
