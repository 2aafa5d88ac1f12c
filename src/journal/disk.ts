/**
 * What the writer needs of a disk: an interface, so that a test can put a failing disk or a power cut under it.
 * All calls but those of `open` run off the event loop.
 */
import {
  close,
  closeSync,
  fdatasync,
  fstatSync,
  ftruncate,
  fsyncSync,
  openSync,
  rmSync,
  write,
} from 'node:fs'
import { stat } from 'node:fs/promises'

export interface Disk {
  /** Creates a file that must not exist. @returns its descriptor */
  create(path: string): number
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

  async isSame(fd, path) {
    const open = fstatSync(fd)
    try {
      const named = await stat(path)
      return named.ino === open.ino && named.dev === open.dev
    } catch {
      return false
    }
  },
}

/** A call back as a promise. */
function settled<T = void>(start: (done: (error: Error | null, value?: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    // Calls without a result resolve to undefined, which is what their `T` is.
    start((error, value) => (error ? reject(error) : resolve(value as T)))
  })
}
