/** A server of ours could not be opened. One row per code in docs/errors.md. */

export type OpsErrorCode = 'PORT_TAKEN' | 'CANNOT_LISTEN'

export class OpsError extends Error {
  override readonly name = 'OpsError'
  readonly code: OpsErrorCode

  constructor(code: OpsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/**
 * @param cause what `listen` failed with
 * @param at    where, and which flag would choose another port
 */
export function listenError(
  cause: Error & { readonly code?: unknown },
  at: { readonly host: string; readonly port: number; readonly remedy: string },
): OpsError {
  const { host, port, remedy } = at
  return cause.code === 'EADDRINUSE'
    ? new OpsError('PORT_TAKEN', `Port ${port} on ${host} is taken by another process; ${remedy}.`, { cause })
    : new OpsError('CANNOT_LISTEN', `Cannot listen on ${host}:${port}: ${cause.message}.`, { cause })
}

/** What helps when the port of a metrics page is taken. */
export const OTHER_METRICS_PORT = 'choose another with --metrics-port, or 0 for none'
