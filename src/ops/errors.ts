/** The HTTP server of the maker could not do its part. One row per code in docs/errors.md. */

export type OpsErrorCode = 'PORT_TAKEN' | 'CANNOT_LISTEN'

export class OpsError extends Error {
  override readonly name = 'OpsError'
  readonly code: OpsErrorCode

  constructor(code: OpsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
