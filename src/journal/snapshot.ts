/**
 * Snapshots: the state after one input, beside the segments of its run. A file appears whole or not at all (written
 * aside, synced, renamed); its checksum is over everything else in it. A journal is complete without them.
 *
 *   snapshot-<seq, 16 digits>.json   line 1: SHA-256 of line 2, hexadecimal   line 2: the JSON of `Snapshot`
 */
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { assert, isWhole } from '../core/assert.ts'
import { realDisk } from './disk.ts'
import { JournalError } from './errors.ts'
import { toExactJson } from './exact-json.ts'
import { toJournalError } from './segment-file.ts'

export interface Snapshot {
  readonly formatVersion: number
  /** The last input that the state has absorbed. */
  readonly seq: number
  readonly tsMs: number
  readonly configHash: string
  /** As the machine reports it after that input; to be compared after restoring. */
  readonly stateHash: string
  readonly state: unknown
}

export const SNAPSHOT_VERSION = 1
const NAME_PATTERN = /^snapshot-(\d{16})\.json$/
const HASH_LINE_LENGTH = 65

/** @returns the sequence of a snapshot file, or null for another file */
export function snapshotSeqOf(fileName: string): number | null {
  const match = NAME_PATTERN.exec(fileName)
  return match ? Number(match[1]) : null
}

/**
 * @param state JSON-safe; refused when it is not
 * @returns the path of the new file, durable
 * @throws JournalError DISK_FULL, BAD_DIRECTORY or WRITE_FAILED; then no file is left behind
 */
export async function writeSnapshot(dir: string, snapshot: Omit<Snapshot, 'formatVersion'>): Promise<string> {
  assert(isWhole(snapshot.seq) && snapshot.seq >= 0, 'the seq of a snapshot is a whole number')
  const json = toExactJson({ formatVersion: SNAPSHOT_VERSION, ...snapshot })
  const path = join(dir, `snapshot-${String(snapshot.seq).padStart(16, '0')}.json`)
  const asidePath = `${path}.new`
  try {
    const file = await open(asidePath, 'w', 0o600)
    try {
      await file.writeFile(`${sha256(json)}\n${json}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(asidePath, path)
    realDisk.syncDirectory(dirname(path))
    return path
  } catch (error) {
    await rm(asidePath, { force: true })
    throw toJournalError(error, `cannot write ${path}`)
  }
}

/** @throws JournalError BAD_SNAPSHOT when the file cannot be read or is not what was written */
export function readSnapshot(path: string): Snapshot {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new JournalError('BAD_SNAPSHOT', `cannot read ${path}`, { cause: error })
  }
  const json = text.slice(HASH_LINE_LENGTH, -1)
  if (text.slice(0, HASH_LINE_LENGTH) !== `${sha256(json)}\n` || !text.endsWith('\n')) {
    throw new JournalError(
      'BAD_SNAPSHOT',
      `${path} has a wrong checksum: use an earlier one, or replay from 0`,
    )
  }
  // The checksum held, so this is what `writeSnapshot` wrote.
  const snapshot = JSON.parse(json) as Snapshot
  if (snapshot.formatVersion !== SNAPSHOT_VERSION) {
    throw new JournalError(
      'UNKNOWN_VERSION',
      `${path} has format ${snapshot.formatVersion}; this build reads ${SNAPSHOT_VERSION}: replay from 0`,
    )
  }
  return snapshot
}

export interface SnapshotSearch {
  readonly snapshot: Snapshot | null
  /** Newer files that could not be used, newest first. */
  readonly refused: readonly { readonly path: string; readonly because: string }[]
}

/** Finds the newest usable snapshot with `seq` at most `seqMax`. */
export function newestSnapshot(dir: string, seqMax: number = Infinity): SnapshotSearch {
  const refused: { path: string; because: string }[] = []
  const names = readdirSync(dir).filter((name) => (snapshotSeqOf(name) ?? Infinity) <= seqMax)
  // Sixteen digits sort as the numbers do.
  for (const name of names.sort().reverse()) {
    const path = join(dir, name)
    try {
      return { snapshot: readSnapshot(path), refused }
    } catch (error) {
      if (!(error instanceof JournalError)) throw error
      refused.push({ path, because: error.message })
    }
  }
  return { snapshot: null, refused }
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex')
}
