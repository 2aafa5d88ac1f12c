/**
 * The kill switch of a running maker: its record goes into room that was taken at the start, off the event loop, while the journal
 * writes and syncs what led to it. From its sync on it holds, because `readLatch` looks into the room as well; the name that it then
 * gets is for people, and nobody waits for it.
 *
 * state   the open file of the room; the one record that was kept
 */
import { openSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { type Disk, realDisk } from '../journal/disk.ts'
import { dropSpareLatch, spareLatch, sparePath, spareText, writeLatch } from './latch.ts'
import type { LatchRecord } from './latch.ts'

export interface LatchKeeper {
  /**
   * Puts the switch on disk; the first record is the one that counts. Resolves when it holds after a power cut.
   * Rejects with the error of the file system when neither the room nor a new file could be written.
   */
  keep(record: LatchRecord): Promise<void>
  /** Waits for what is being kept; room that was not needed is given back. */
  close(): Promise<void>
}

/**
 * @param path of the latch
 * @param disk stand-in for the file system, as the room sees it
 * @throws the error of the file system when the room cannot be had
 */
export function openLatch(
  path: string,
  disk: Pick<Disk, 'write' | 'sync' | 'isSame' | 'close'> = realDisk,
): LatchKeeper {
  const room = sparePath(path)
  spareLatch(path)
  const fd = openSync(room, 'r+')
  let kept: Promise<void> | null = null
  let named: Promise<void> = Promise.resolve()

  const fill = async (record: LatchRecord): Promise<void> => {
    const bytes = Buffer.from(spareText(record))
    const written = await disk.write(fd, bytes, 0)
    if (written < bytes.length) throw new Error(`${room}: the disk took ${written} of ${bytes.length} bytes`)
    const [, isSame] = await Promise.all([disk.sync(fd), disk.isSame(fd, room)])
    // On a full disk another process that sets the switch uses this room, and names it.
    if (!isSame && !(await disk.isSame(fd, path)))
      throw new Error(`${room} was deleted or replaced while in use`)
    // Without its name it is found in the room.
    named = rename(room, path).catch(() => undefined)
  }
  return {
    keep(record) {
      kept ??= fill(record).catch(() => writeLatch(path, record))
      return kept
    },
    async close() {
      await kept?.catch(() => undefined)
      await named
      await disk.close(fd)
      if (kept === null) dropSpareLatch(path)
    },
  }
}
