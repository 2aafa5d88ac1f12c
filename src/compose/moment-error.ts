/** What was asked about a moment of a journal that it does not have. One row per code in docs/errors.md. */

export type MomentErrorCode =
  /** `--seq` is beyond the last input. */
  | 'UNKNOWN_SEQ'
  /** No order of this run has that id. */
  | 'UNKNOWN_ORDER'
  /** Nothing was quoted up to that moment. */
  | 'NO_DECISION'
  /** A replay parts from what was recorded, so that it cannot tell. */
  | 'DIVERGED'

export class MomentError extends Error {
  override readonly name = 'MomentError'
  readonly code: MomentErrorCode

  constructor(code: MomentErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
