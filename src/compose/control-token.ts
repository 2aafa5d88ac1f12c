/**
 * The token that `POST /kill` asks for: random, of this run alone, in a file that only its owner can read, beside the
 * journals. It never appears in a log, an address or a command line.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface ControlToken {
  readonly path: string
  readonly token: string
}

const TOKEN_BYTES = 32

/** @param of.root the folder that holds the journals; it exists */
export function makeControlToken(of: {
  readonly root: string
  readonly network: string
  readonly coin: string
}): ControlToken {
  const path = join(of.root, `control-${of.network}-${of.coin.replaceAll(':', '-')}.token`)
  const token = randomBytes(TOKEN_BYTES).toString('hex')
  const fresh = `${path}.${process.pid}.new`
  writeFileSync(fresh, `${token}\n`, { mode: 0o600, flag: 'wx' })
  renameSync(fresh, path)
  return { path, token }
}

/** A later run of the same market may have put its own token there: that one stays. */
export function removeControlToken({ path, token }: ControlToken): void {
  try {
    if (readFileSync(path, 'utf8').trim() === token) rmSync(path)
  } catch {
    // Gone already.
  }
}
