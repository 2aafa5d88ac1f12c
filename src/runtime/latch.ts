/**
 * The kill switch on disk: it must hold after a crash, a restart and an upgrade. One small file per market beside the
 * journals, written before the process can end; only an operator's reset, which is journalled, removes it.
 */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'

export interface LatchRecord {
  readonly because: string
  readonly tsMs: number
}

/** @param of.root the folder that holds the journals */
export function latchPath(of: {
  readonly root: string
  readonly network: string
  readonly coin: string
}): string {
  return join(of.root, `kill-${of.network}-${of.coin.replaceAll(':', '-')}.json`)
}

/**
 * @returns what tripped the switch, or null when it is not set. A file that cannot be read counts as set: the switch
 *   fails closed
 */
export function readLatch(path: string): LatchRecord | null {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return null
    return { because: `the kill switch file ${path} cannot be read`, tsMs: 0 }
  }
  return parseLatch(text) ?? { because: `the kill switch file ${path} is damaged`, tsMs: 0 }
}

/** Written whole or not at all, and on disk when this returns. */
export function writeLatch(path: string, record: LatchRecord): void {
  mkdirSync(join(path, '..'), { recursive: true })
  const fresh = `${path}.new`
  const file = openSync(fresh, 'w', 0o600)
  try {
    writeSync(file, `${JSON.stringify(record)}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(fresh, path)
}

export function clearLatch(path: string): void {
  rmSync(path, { force: true })
}

function parseLatch(text: string): LatchRecord | null {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return null
    const { because, tsMs } = value as Record<string, unknown>
    return typeof because === 'string' && typeof tsMs === 'number' ? { because, tsMs } : null
  } catch {
    return null
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
