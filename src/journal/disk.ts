/**
 * What the writer needs of a disk: an interface, so that a test can put a failing disk or a power cut under it.
 * Calls that wait for a disk run off the event loop; names are looked up on it, which is microseconds in a folder that is in use.
 */
import {
  close,
  closeSync,
  constants,
  fdatasync,
  fstatSync,
  ftruncate,
  fsyncSync,
  openSync,
  rmSync,
  statSync,
  write,
} from 'node:fs'

export interface Disk {
  /** Creates a file that must not exist. @returns its descriptor */
  create(path: string): number
  /**
   * Opens a file that exists once more, so that what is written through this descriptor is durable when the write resolves: one
   * call in place of a write and a sync. Absent where the system has no such thing.
   */
  openSynced?(path: string): number
  /** Takes back a file that could not be begun. */
  remove(path: string): void
  /** Makes the names in a folder durable. */
  syncDirectory(path: string): void
  /** May write fewer bytes than asked for. @returns how many */
  write(fd: number, bytes: Buffer, position: number): Promise<number>
  sync(fd: number): Promise<void>
  truncate(fd: number, length: number): Promise<void>
  close(fd: number): Promise<void>
  /** False when the path no longer names the open file: deleted, or its folder swapped. */
  isSame(fd: number, path: string): Promise<boolean>
}

/** The file system of this machine. */
export const realDisk: Disk = {
  create: (path) => openSync(path, 'wx', 0o600),
  // Elsewhere the flag exists, but does not reach through the cache of the drive as `fdatasync` does.
  ...(process.platform === 'linux'
    ? { openSynced: (path: string) => openSync(path, constants.O_WRONLY | constants.O_DSYNC) }
    : {}),
  remove: (path) => rmSync(path, { force: true }),

  syncDirectory(path) {
    const fd = openSync(path, 'r')
    try {
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  },

  write: (fd, bytes, position) =>
    settled((done) => {
      write(fd, bytes, 0, bytes.length, position, done)
    }),

  sync: (fd) =>
    settled((done) => {
      fdatasync(fd, done)
    }),

  truncate: (fd, length) =>
    settled((done) => {
      ftruncate(fd, length, done)
    }),

  close: (fd) =>
    settled((done) => {
      close(fd, done)
    }),

  isSame: (fd, path) => Promise.resolve(isNamed(fd, path)),
}

function isNamed(fd: number, path: string): boolean {
  const open = fstatSync(fd)
  try {
    const named = statSync(path, { throwIfNoEntry: false })
    return named !== undefined && named.ino === open.ino && named.dev === open.dev
  } catch {
    return false
  }
}

/** A call back as a promise. */
function settled<T = void>(start: (done: (error: Error | null, value?: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    // Calls without a result resolve to undefined, which is what their `T` is.
    start((error, value) => (error ? reject(error) : resolve(value as T)))
  })
}
