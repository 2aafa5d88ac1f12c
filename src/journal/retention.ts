/**
 * Old runs give way to new ones, by age and by size, oldest first. A run that somebody writes is never touched, and
 * nothing is deleted that this folder did not make: a run with a foreign file in it stays, and the report says so.
 */
import { existsSync, lstatSync, readdirSync, rmSync, rmdirSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { join } from 'node:path'
import { JournalError } from './errors.ts'
import { segmentIndexOf } from './format.ts'
import { heldBy } from './lock.ts'
import { EXCHANGE_FOLDER, exchangeFolderOf } from './run-dir.ts'
import { snapshotSeqOf } from './snapshot.ts'
import { readHeader } from './walk.ts'
import { LOCK_NAME } from './writer.ts'

export interface RunInfo {
  readonly dir: string
  readonly coin: string
  readonly epoch: number
  readonly createdTsMs: number
  /** When a segment was last written. */
  readonly changedTsMs: number
  readonly bytes: number
  readonly isLocked: boolean
}

export interface RetentionLimits {
  readonly nowMs: number
  /** Runs last written longer ago go; null: any age may stay. */
  readonly ageMsMax: number | null
  /** The oldest go until all together are not larger; null: any size may stay. */
  readonly bytesMax: number | null
}

export interface RetentionReport {
  readonly deleted: readonly RunInfo[]
  readonly kept: readonly RunInfo[]
  /** Runs beyond a limit that had to stay. */
  readonly refused: readonly { readonly dir: string; readonly because: string }[]
}

/**
 * @returns the runs below `root`, oldest first; folders without a readable journal are left out
 * @throws JournalError BAD_DIRECTORY when the root cannot be read
 */
export function listRuns(root: string): RunInfo[] {
  let names: string[]
  try {
    names = readdirSync(root)
  } catch (error) {
    throw new JournalError('BAD_DIRECTORY', `cannot read ${root}: give the folder of the journals`, {
      cause: error,
    })
  }
  const runs = names.map((name) => runInfoOf(join(root, name))).filter((run) => run !== null)
  return runs.sort((left, right) => left.createdTsMs - right.createdTsMs || left.epoch - right.epoch)
}

function runInfoOf(dir: string): RunInfo | null {
  if (!lstatSync(dir).isDirectory()) return null
  try {
    const { coin, epoch, createdTsMs } = readHeader(dir)
    const exchangeDir = exchangeFolderOf(dir)
    const segments = [...segmentsIn(dir), ...(existsSync(exchangeDir) ? segmentsIn(exchangeDir) : [])]
    return {
      dir,
      coin,
      epoch,
      createdTsMs,
      changedTsMs: segments.reduce((latest, { mtimeMs }) => Math.max(latest, mtimeMs), 0),
      bytes: segments.reduce((sum, { size }) => sum + size, 0),
      isLocked: heldBy(join(dir, LOCK_NAME)) !== null,
    }
  } catch (error) {
    if (error instanceof JournalError) return null
    throw error
  }
}

function segmentsIn(dir: string): Stats[] {
  return readdirSync(dir)
    .filter((name) => segmentIndexOf(name) !== null)
    .map((name) => lstatSync(join(dir, name)))
}

/** Deletes the oldest runs beyond the limits. */
export function pruneRuns(root: string, limits: RetentionLimits): RetentionReport {
  const runs = listRuns(root)
  const deleted: RunInfo[] = []
  const kept: RunInfo[] = []
  const refused: { dir: string; because: string }[] = []
  let bytes = runs.reduce((sum, run) => sum + run.bytes, 0)
  for (const run of runs) {
    const isOld = limits.ageMsMax !== null && limits.nowMs - run.changedTsMs > limits.ageMsMax
    const isTooMuch = limits.bytesMax !== null && bytes > limits.bytesMax
    if (!isOld && !isTooMuch) {
      kept.push(run)
      continue
    }
    const because = deleteRun(run)
    if (because === null) {
      deleted.push(run)
      bytes -= run.bytes
    } else {
      kept.push(run)
      refused.push({ dir: run.dir, because })
    }
  }
  return { deleted, kept, refused }
}

/** @returns why the run had to stay, or null when it is gone */
function deleteRun(run: RunInfo): string | null {
  const exchangeDir = exchangeFolderOf(run.dir)
  // A rehearsal has a second journal below the first; looked at before anything goes, for half a run helps nobody.
  const folders = existsSync(exchangeDir) ? [exchangeDir, run.dir] : [run.dir]
  for (const dir of folders) {
    const because = reasonToStay(dir)
    if (because !== null) return because
  }
  // The first segment of the run goes last: a deletion that is cut short leaves a folder that is still listed.
  for (const dir of folders) {
    for (const name of readdirSync(dir).sort().reverse()) {
      if (name !== EXCHANGE_FOLDER) rmSync(join(dir, name))
    }
    rmdirSync(dir)
  }
  return null
}

function reasonToStay(dir: string): string | null {
  // Asked again: a writer may have come since the list was made.
  const holder = heldBy(join(dir, LOCK_NAME))
  if (holder !== null) return `${holder} writes it`
  const foreign = readdirSync(dir).find((name) => name !== EXCHANGE_FOLDER && !isOurs(name))
  return foreign === undefined ? null : `it holds ${foreign}, which is no part of a journal`
}

function isOurs(name: string): boolean {
  const isLock = name === LOCK_NAME || name.startsWith(`${LOCK_NAME}.`)
  return isLock || segmentIndexOf(name) !== null || snapshotSeqOf(name.replace(/\.new$/, '')) !== null
}
