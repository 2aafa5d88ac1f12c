/**
 * Where the signing key comes from: the environment or a file it names. Never from the command line, where every user of
 * the machine could read it; never printed, not even in part, in an error.
 */
import { VenueError } from '../errors.ts'

export const KEY_VARIABLE = 'HYPERMAKE_PRIVATE_KEY'
export const KEY_FILE_VARIABLE = 'HYPERMAKE_PRIVATE_KEY_FILE'

const KEY_PATTERN = /^(0x)?[0-9a-f]{64}$/i

/**
 * @param environment  `process.env`
 * @param readTextFile reads the key file
 * @returns 0x and 64 lower-case hexadecimal digits; null when neither variable is set
 * @throws VenueError BAD_KEY when both are set, the file cannot be read, or the text is no key; it names the source, not the value
 */
export function privateKeyFrom(
  environment: Readonly<Record<string, string | undefined>>,
  readTextFile: (path: string) => string,
): string | null {
  const direct = nonEmpty(environment[KEY_VARIABLE])
  const path = nonEmpty(environment[KEY_FILE_VARIABLE])
  if (direct !== null && path !== null) {
    throw new VenueError(
      'BAD_KEY',
      `${KEY_VARIABLE} and ${KEY_FILE_VARIABLE} are both set: unset one of them`,
    )
  }
  if (direct !== null) return parseKey(direct, KEY_VARIABLE)
  if (path === null) return null
  return parseKey(readKeyFile(path, readTextFile), `the file that ${KEY_FILE_VARIABLE} names`)
}

/** The key in a file that a flag names. @throws VenueError BAD_KEY */
export function keyIn(path: string, readTextFile: (path: string) => string): string {
  return parseKey(readKeyFile(path, readTextFile, 'the key file'), 'the key file')
}

function readKeyFile(
  path: string,
  readTextFile: (path: string) => string,
  source = `the file that ${KEY_FILE_VARIABLE} names`,
): string {
  try {
    return readTextFile(path)
  } catch (error) {
    // The cause is left out: a path may be a key pasted into the wrong variable, and causes are printed.
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    throw new VenueError('BAD_KEY', `${source} cannot be read (${reason})`)
  }
}

function parseKey(text: string, source: string): string {
  const trimmed = text.trim()
  if (!KEY_PATTERN.test(trimmed)) {
    throw new VenueError(
      'BAD_KEY',
      `${source} holds no private key: 0x and 64 hexadecimal digits are expected, ${trimmed.length} characters were found`,
    )
  }
  const digits = trimmed.toLowerCase()
  return digits.startsWith('0x') ? digits : `0x${digits}`
}

function nonEmpty(text: string | undefined): string | null {
  return text === undefined || text.trim() === '' ? null : text
}
