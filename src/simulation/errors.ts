/** What a caller can get wrong about a simulation. One row per code in docs/errors.md. */

export type SimulationErrorCode =
  | 'UNKNOWN_MARKET'
  | 'UNKNOWN_SCENARIO'
  /** The file cannot be opened or unpacked. */
  | 'TAPE_UNREADABLE'
  /** The file holds no recording that we know. */
  | 'TAPE_MALFORMED'
  /** The recording is of another coin than the one to be traded. */
  | 'TAPE_COIN'
  /** A journal in which no latency was measured. */
  | 'NO_LATENCY'
  /** A file that should hold the results of a sweep, and does not. */
  | 'BAD_RESULTS'
  /** Results of a sweep of another space, market or configuration. */
  | 'OTHER_SWEEP'
  /** The data are too few to calibrate anything by. */
  | 'NO_DATA'

export class SimulationError extends Error {
  override readonly name = 'SimulationError'
  readonly code: SimulationErrorCode

  constructor(code: SimulationErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
