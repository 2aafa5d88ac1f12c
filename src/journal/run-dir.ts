/** Folders and epochs of runs: every run has its own folder and an epoch larger than any before it. */
import { closeSync, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { assert, isWhole } from '../core/assert.ts'
import { JournalError } from './errors.ts'
import { toJournalError } from './segment-file.ts'

/** Runs of one coin that may start within one second. */
const RUNS_PER_SECOND_MAX = 9999
const EPOCH_TRIES_MAX = 1000
export const EXCHANGE_FOLDER = 'exchange'
const EPOCH_PATTERN = /^epoch-(\d+)$/

/**
 * Takes the next epoch of this journal folder: milliseconds since 1970, or one more than the largest taken so far when
 * the clock stands or was set back. A marker file remembers it, also when the runs themselves were deleted.
 * @throws JournalError BAD_DIRECTORY when the folder cannot be written
 */
export function nextEpoch(rootDir: string, nowMs: number): number {
  assert(isWhole(nowMs) && nowMs > 0, 'the time of a new epoch is a positive whole number of milliseconds')
  makeRoot(rootDir)
  for (let tries = 0; tries < EPOCH_TRIES_MAX; tries += 1) {
    const epoch = Math.max(nowMs, largestEpoch(rootDir) + 1)
    if (!tryMark(rootDir, epoch)) continue
    // Another process may have taken a larger one between the look and the mark; then ours would not grow.
    if (largestEpoch(rootDir) > epoch) {
      rmSync(markerPath(rootDir, epoch), { force: true })
      continue
    }
    for (const older of epochsOf(rootDir)) {
      if (older < epoch) rmSync(markerPath(rootDir, older), { force: true })
    }
    return epoch
  }
  throw new JournalError('LOCKED', `${rootDir}: too many processes take epochs at once: start again`)
}

/**
 * Makes the folder of a new run, such as `hyna-BTC-20261121T091500Z-0001`.
 * @returns its path
 * @throws JournalError BAD_DIRECTORY when the root cannot be written
 */
export function createRunDir(root: string, run: { readonly coin: string; readonly tsMs: number }): string {
  makeRoot(root)
  const coin = run.coin.replaceAll(/[^A-Za-z0-9]+/g, '-')
  const stem = `${coin}-${toCompactUtc(run.tsMs)}`
  for (let count = 1; count <= RUNS_PER_SECOND_MAX; count += 1) {
    const dir = join(root, `${stem}-${String(count).padStart(4, '0')}`)
    try {
      mkdirSync(dir, { mode: 0o700 })
      return dir
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
        throw toJournalError(error, `cannot make ${dir}`)
    }
  }
  throw new JournalError('EXISTS', `${root} has ${RUNS_PER_SECOND_MAX} runs named ${stem} already`)
}

/** Where a rehearsal keeps the journal of its exchange: below the folder of the run. */
export function exchangeFolderOf(runDir: string): string {
  return join(runDir, EXCHANGE_FOLDER)
}

/** `20261121T091500Z`. */
export function toCompactUtc(tsMs: number): string {
  return `${new Date(tsMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
}

function makeRoot(root: string): void {
  try {
    mkdirSync(root, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw toJournalError(error, `cannot make ${root}`)
  }
}

/** @returns the largest epoch that was taken in this folder, 0 without any */
export function largestEpoch(rootDir: string): number {
  return epochsOf(rootDir).reduce((largest, epoch) => Math.max(largest, epoch), 0)
}

function epochsOf(rootDir: string): number[] {
  return readdirSync(rootDir).flatMap((name) => {
    const match = EPOCH_PATTERN.exec(name)
    return match ? [Number(match[1])] : []
  })
}

/** @returns false when another process has taken this very epoch */
function tryMark(rootDir: string, epoch: number): boolean {
  try {
    closeSync(openSync(markerPath(rootDir, epoch), 'wx', 0o600))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw toJournalError(error, `cannot take epoch ${epoch} in ${rootDir}`)
  }
}

function markerPath(rootDir: string, epoch: number): string {
  return join(rootDir, `epoch-${epoch}`)
}
