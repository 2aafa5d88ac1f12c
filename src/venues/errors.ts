/** The outside failed at a venue. One row per code in docs/errors.md. */

export type VenueErrorCode =
  | 'UNREACHABLE'
  | 'UNKNOWN_DEX'
  | 'UNKNOWN_COIN'
  | 'MALFORMED_MESSAGE'
  | 'OFF_GRID'
  | 'BAD_KEY'
  | 'NOT_FUNDED'
  | 'REFUSED'

export class VenueError extends Error {
  override readonly name = 'VenueError'
  readonly code: VenueErrorCode

  constructor(code: VenueErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
