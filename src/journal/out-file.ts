/**
 * Results that are there whole or not at all: written aside under a name of their own, and renamed when everything is written. A
 * full disk, a failure or a signal in between leaves what was there before. Devices and pipes are written to as they are.
 */
import { realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { JournalError } from './errors.ts'

interface Draft {
  /** Where the result goes, links followed. */
  readonly target: string
  /** Where it is written; the target itself where nothing can be renamed to. It ends as the target does: endings say how to pack. */
  readonly path: string
}

/**
 * @param write writes each file under the name that it is given in the place of its own
 * @throws JournalError DISK_FULL or BAD_DIRECTORY with the file and what to do; whatever else `write` throws
 */
export function writeWhole<T>(paths: readonly string[], write: (drafts: readonly string[]) => T): T {
  const drafts = paths.map(draftOf)
  try {
    const result = write(drafts.map(({ path }) => path))
    keep(drafts)
    return result
  } catch (error) {
    throw discard(drafts, error)
  }
}

/** The same for one file that is written piece by piece. */
export async function writeWholeAsync<T>(path: string, write: (draft: string) => Promise<T>): Promise<T> {
  const draft = draftOf(path)
  try {
    const result = await write(draft.path)
    keep([draft])
    return result
  } catch (error) {
    throw discard([draft], error)
  }
}

/** @throws JournalError as `writeWhole` */
export function writeWholeText(path: string, text: string): void {
  writeWhole([path], ([draft = path]) => writeFileSync(draft, text))
}

function draftOf(path: string): Draft {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found !== undefined && !found.isFile()) return { target: path, path }
  const target = found === undefined ? path : realpathSync(path)
  return { target, path: join(dirname(target), `.${process.pid}.${basename(target)}`) }
}

function keep(drafts: readonly Draft[]): void {
  for (const { target, path } of drafts) if (path !== target) renameSync(path, target)
}

/** @returns what to throw */
function discard(drafts: readonly Draft[], error: unknown): unknown {
  for (const { target, path } of drafts) if (path !== target) rmSync(path, { force: true })
  const names = drafts.map(({ target }) => target).join(', ')
  return toOutError(error, names, 'nothing was changed; free some, or name another place')
}

/**
 * @param atFull what stands now, and what to do about it, when there is no space left
 * @returns the failure with the file and the remedy; whatever else went wrong as it is
 */
export function toOutError(error: unknown, names: string, atFull: string): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new JournalError('DISK_FULL', `${names}: there is no space left, and ${atFull}`, {
        cause: error,
      })
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new JournalError('BAD_DIRECTORY', `${names}: cannot be written; name another place`, {
        cause: error,
      })
    default:
      return error
  }
}
