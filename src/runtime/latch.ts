/**
 * The kill switch on disk: it must hold after a crash, a restart and an upgrade. One small file per market beside the
 * journals, written before the process can end; only an operator's reset, which is journalled, removes it.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'

/** One block of common file systems; a reason is a sentence. */
const SPARE_BYTES = 4_096

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

/**
 * Written whole or not at all, and on disk when this returns. On a full disk the room that `spareLatch` has taken is used.
 * @throws the error of the file system when neither works
 */
export function writeLatch(path: string, record: LatchRecord): void {
  const text = `${JSON.stringify(record)}\n`
  try {
    mkdirSync(join(path, '..'), { recursive: true })
    writeDurably(`${path}.new`, 'w', text)
    renameSync(`${path}.new`, path)
  } catch (error) {
    if (!existsSync(sparePath(path))) throw error
    // Written over bytes that the disk has given already; blanks behind JSON mean nothing.
    writeDurably(sparePath(path), 'r+', text.slice(0, SPARE_BYTES - 1).padEnd(SPARE_BYTES))
    renameSync(sparePath(path), path)
  }
}

/** Takes the room that the switch needs while there is some: the disk may be full when it trips. */
export function spareLatch(path: string): void {
  mkdirSync(join(path, '..'), { recursive: true })
  writeDurably(sparePath(path), 'w', ' '.repeat(SPARE_BYTES))
}

/** Gives that room back, at an end in order. */
export function dropSpareLatch(path: string): void {
  rmSync(sparePath(path), { force: true })
}

function sparePath(path: string): string {
  return `${path}.spare`
}

function writeDurably(path: string, flags: 'w' | 'r+', text: string): void {
  const file = openSync(path, flags, 0o600)
  try {
    writeSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

export function clearLatch(path: string): void {
  rmSync(path, { force: true })
}

/** A reset by hand waits here until the next run has journalled it. */
export function writeReset(path: string, record: LatchRecord): void {
  writeDurably(`${path}.reset.new`, 'w', `${JSON.stringify(record)}\n`)
  renameSync(`${path}.reset.new`, `${path}.reset`)
}

/** @returns a reset that no journal has yet; null when there is none, or it cannot be read: the latch alone decides */
export function readReset(path: string): LatchRecord | null {
  try {
    return parseLatch(readFileSync(`${path}.reset`, 'utf8'))
  } catch {
    return null
  }
}

export function clearReset(path: string): void {
  rmSync(`${path}.reset`, { force: true })
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
