/** What may be wrong with a configuration. One row per code in docs/errors.md; each ends the program with exit code 2. */

export type ConfigErrorCode =
  | 'FILE_UNREADABLE'
  | 'BAD_TOML'
  | 'UNKNOWN_KEY'
  | 'UNKNOWN_VARIABLE'
  | 'UNKNOWN_PROFILE'
  | 'BAD_ASSIGNMENT'
  | 'BAD_VALUE'
  | 'MISSING_KEY'
  | 'FOREIGN_PREFIX'
  | 'IMPOSSIBLE'
  | 'FIXED_KEY'

export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly code: ConfigErrorCode

  constructor(code: ConfigErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
