/**
 * One writer at a time: a lock file that names its holder. A lock whose process is dead is taken over; one of another
 * host is never judged from here.
 *
 * The file appears whole (written aside, then hard-linked into place), so a reader never sees half a holder. A dead
 * holder is recognised by its process id and that process's start time: ids are used again, start times are not.
 */
import { existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { JournalError } from './errors.ts'
import { toJournalError } from './segment-file.ts'

/** Who holds a lock. */
export interface LockHolder {
  readonly pid: number
  readonly epoch: number
  readonly host: string
  /** Boot id and start time of the process; empty where the system does not tell. */
  readonly started: string
}

export interface Lock {
  readonly path: string
  readonly holder: LockHolder
  /** The dead holder whose lock was taken over, or null. */
  readonly takenFrom: LockHolder | null
}

/**
 * @param path the lock file, in an existing folder
 * @throws JournalError LOCKED when a live process holds it or its holder cannot be judged; BAD_DIRECTORY when the folder
 *   cannot be written
 */
export function acquireLock(path: string, epoch: number): Lock {
  const holder: LockHolder = { pid: process.pid, epoch, host: hostname(), started: startedOf(process.pid) }
  const asidePath = `${path}.${process.pid}.new`
  try {
    writeFileSync(asidePath, JSON.stringify(holder), { flag: 'w', mode: 0o600 })
  } catch (error) {
    rmSync(asidePath, { force: true })
    throw toJournalError(error, `cannot write ${asidePath}`)
  }
  try {
    if (tryLink(asidePath, path)) return { path, holder, takenFrom: null }
    return { path, holder, takenFrom: takeOver(asidePath, path) }
  } finally {
    rmSync(asidePath, { force: true })
  }
}

/** Gives the lock up; a file that is no longer ours stays. */
export function releaseLock(lock: Lock): void {
  const held = readHolder(lock.path)
  if (held !== null && JSON.stringify(held) === JSON.stringify(lock.holder))
    rmSync(lock.path, { force: true })
}

/** @returns who holds a lock, in words, or null when it is free or its holder is dead; unreadable counts as held */
export function heldBy(path: string): string | null {
  if (!existsSync(path)) return null
  const holder = readHolder(path)
  return holder !== null && isDead(holder) ? null : toWords(holder)
}

/**
 * Two processes may find the same dead lock. A second file, made exclusively, decides who replaces it; the loser is
 * refused, and so is everybody when a process died in these few lines (the message says which file to remove).
 */
function takeOver(asidePath: string, path: string): LockHolder {
  const deciderPath = `${path}.takeover`
  const before = readHolder(path)
  if (before === null || !isDead(before)) throw lockedError(path, before)
  if (!tryLink(asidePath, deciderPath)) throw lockedError(deciderPath, readHolder(deciderPath))
  try {
    const dead = readHolder(path)
    if (dead === null || !isDead(dead)) throw lockedError(path, dead)
    renameSync(path, `${path}.stale`)
    rmSync(`${path}.stale`, { force: true })
    if (!tryLink(asidePath, path)) throw lockedError(path, readHolder(path))
    return dead
  } finally {
    rmSync(deciderPath, { force: true })
  }
}

function lockedError(path: string, holder: LockHolder | null): JournalError {
  return new JournalError(
    'LOCKED',
    `${path} is held by ${toWords(holder)}: stop it first, or remove the file if it surely no longer runs`,
  )
}

function toWords(holder: LockHolder | null): string {
  return holder
    ? `process ${holder.pid} on ${holder.host} (epoch ${holder.epoch})`
    : 'a process that left no readable name'
}

function tryLink(existingPath: string, newPath: string): boolean {
  try {
    linkSync(existingPath, newPath)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw new JournalError('BAD_DIRECTORY', `cannot create ${newPath}`, { cause: error })
  }
}

/** Null when there is no lock or its content is not ours to read: an unreadable lock counts as held. */
function readHolder(path: string): LockHolder | null {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return isHolder(value) ? value : null
  } catch {
    return null
  }
}

function isHolder(value: unknown): value is LockHolder {
  if (typeof value !== 'object' || value === null) return false
  const fields = value as Readonly<Record<string, unknown>>
  return (
    Number.isSafeInteger(fields['pid']) &&
    typeof fields['epoch'] === 'number' &&
    typeof fields['host'] === 'string' &&
    typeof fields['started'] === 'string'
  )
}

function isDead(holder: LockHolder): boolean {
  if (holder.host !== hostname()) return false
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    return codeOf(error) === 'ESRCH'
  }
  const started = startedOf(holder.pid)
  return holder.started !== '' && started !== '' && started !== holder.started
}

/** Boot id and start time of a process on Linux; '' elsewhere, where the process id alone must do. */
function startedOf(pid: number): string {
  try {
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold spaces; after it, the start time is the 20th field.
    const startTicks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    return startTicks === undefined ? '' : `${bootId}/${startTicks}`
  } catch {
    return ''
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}
