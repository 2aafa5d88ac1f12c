/**
 * The kill switch on disk: it must hold after a crash, a restart and an upgrade. One small file per market beside the
 * journals, written before anything acts on it; only an operator's reset, which is journalled, removes it.
 *
 *   kill-….json         what tripped it
 *   kill-….json.spare   room of a running maker (latch-keeper.ts): blank, or a record that was about to get its name
 *   kill-….json.reset   a reset by hand that no journal has yet
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
import { dirname, join } from 'node:path'
import { realDisk } from '../journal/disk.ts'

/** One block of common file systems; a reason is a sentence. */
const SPARE_BYTES = 4_096
/** Room that holds nothing yet; after a power cut it may read as zeros. */
const BLANK = /^[\s\0]*$/

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
  // First the room, then the name: a record that moves from one to the other meanwhile is seen under the name.
  const spare = readText(sparePath(path))
  const text = readText(path)
  if (text !== null) return text.record
  return spare === null || spare.isBlank ? null : spare.record
}

/**
 * Written whole or not at all, and on disk when this returns. On a full disk the room that `spareLatch` has taken is used.
 * @throws the error of the file system when neither works
 */
export function writeLatch(path: string, record: LatchRecord): void {
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeDurably(`${path}.new`, 'w', `${JSON.stringify(record)}\n`)
    renameSync(`${path}.new`, path)
    realDisk.syncDirectory(dirname(path))
  } catch (error) {
    if (!existsSync(sparePath(path))) throw error
    writeDurably(sparePath(path), 'r+', spareText(record))
    renameSync(sparePath(path), path)
  }
}

/**
 * Takes the room that the switch needs while there is some: the disk may be full when it trips. A record that an earlier run
 * left there gets its name first.
 */
export function spareLatch(path: string): void {
  mkdirSync(dirname(path), { recursive: true })
  const left = readText(sparePath(path))
  if (left !== null && !left.isBlank && readText(path) === null) renameSync(sparePath(path), path)
  writeDurably(sparePath(path), 'w', ' '.repeat(SPARE_BYTES))
  realDisk.syncDirectory(dirname(path))
}

/** Gives that room back, at an end in order; a record in it stays. */
export function dropSpareLatch(path: string): void {
  if (readText(sparePath(path))?.isBlank === true) rmSync(sparePath(path), { force: true })
}

export function sparePath(path: string): string {
  return `${path}.spare`
}

/** The record at the length of the room: written over bytes that the disk has given already; blanks behind JSON mean nothing. */
export function spareText(record: LatchRecord): string {
  const textOf = (because: string): string => JSON.stringify({ ...record, because })
  let { because } = record
  while (Buffer.byteLength(textOf(because)) > SPARE_BYTES) because = because.slice(0, because.length / 2)
  const text = textOf(because)
  return `${text}${' '.repeat(SPARE_BYTES - Buffer.byteLength(text))}`
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

/** Null: there is no such file. */
function readText(path: string): { readonly record: LatchRecord; readonly isBlank: boolean } | null {
  const failed = (how: string): LatchRecord => ({
    because: `the kill switch file ${path} ${how}`,
    tsMs: 0,
  })
  try {
    const text = readFileSync(path, 'utf8')
    return { record: parseLatch(text) ?? failed('is damaged'), isBlank: BLANK.test(text) }
  } catch (error) {
    return isMissing(error) ? null : { record: failed('cannot be read'), isBlank: false }
  }
}

export function clearLatch(path: string): void {
  rmSync(path, { force: true })
  if (readText(sparePath(path))?.isBlank === false) rmSync(sparePath(path), { force: true })
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
