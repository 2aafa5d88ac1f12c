/**
 * One open segment: bytes go in at the end, into space that was reserved before with zeros, so that a disk that fills
 * up is noticed while there is still room for everything that was already appended.
 *
 *   |header|block|block|…|000000000000|      the reader takes a frame length of 0 as the end
 *                        ^offset      ^reservedEnd
 */
import { join } from 'node:path'
import type { Disk } from './disk.ts'
import { JournalError } from './errors.ts'
import { SECTOR_BYTES, segmentName } from './format.ts'

/** The least that is written ahead with zeros; half of it must be left after every group. */
export const RESERVE_BYTES: number = 256 * 1024
/**
 * A journal that has grown takes as much again, up to this: a sync that only overwrites is twice as fast as one that must also
 * make new blocks of the file durable, so those should be rare.
 */
export const RESERVE_BYTES_MAX: number = 4 * 1024 * 1024
/** Zeros that one call writes. */
const ZEROS_BYTES: number = 1024 * 1024
/** A disk that takes only a few bytes a call is not waited for longer than this. */
const WRITE_CALLS_MAX = 10_000

const zeros: Buffer = Buffer.alloc(ZEROS_BYTES)

export interface SegmentFile {
  readonly disk: Disk
  readonly fd: number
  /** Each write through it is durable when it resolves; null where the disk has no such thing, or nobody wants it. */
  readonly syncedFd: number | null
  readonly path: string
  /** Where the next write goes: behind those that are under way. */
  offset: number
  reservedEnd: number
  /** End of the reserve that is on disk: a write before it changes nothing else about the file. */
  readyEnd: number
  /** A reserve that is being taken while groups are written; never rejects. */
  refilling: Promise<void> | null
  /** Why that failed, if not for want of space. */
  fault: JournalError | null
}

/**
 * Creates the file, writes its header and first reserve, and makes both and the name durable.
 * @throws JournalError DISK_FULL, EXISTS, BAD_DIRECTORY or WRITE_FAILED
 */
export async function createSegment(
  disk: Disk,
  dir: string,
  index: number,
  header: Buffer,
  isSynced: boolean,
): Promise<SegmentFile> {
  const path = join(dir, segmentName(index))
  let fd: number
  try {
    fd = disk.create(path)
  } catch (error) {
    throw toJournalError(error, `cannot create ${path}`)
  }
  let file: SegmentFile = {
    disk,
    fd,
    syncedFd: null,
    path,
    offset: 0,
    reservedEnd: 0,
    readyEnd: 0,
    refilling: null,
    fault: null,
  }
  try {
    await writeAt(file, header, 0)
    file.offset = header.length
    file.reservedEnd = header.length
    await reserve(file, 0)
    if (isSynced) {
      await disk.sync(fd)
      disk.syncDirectory(dir)
      file = { ...file, syncedFd: disk.openSynced?.(path) ?? null, readyEnd: file.reservedEnd }
    }
  } catch (error) {
    await closeSegment(file)
    disk.remove(path)
    throw toJournalError(error, `cannot write ${path}`)
  }
  return file
}

/** True when so many bytes can be written at once, and half a reserve is on disk behind them. */
export function hasRoomFor(file: SegmentFile, byteCount: number): boolean {
  return file.offset + byteCount + RESERVE_BYTES / 2 <= file.readyEnd
}

/**
 * Sees to it that after `byteCount` more bytes half a reserve is still left. While there is room the next reserve is taken behind
 * the back of the groups. On a disk without room for a large one the least will do.
 * @throws JournalError DISK_FULL or WRITE_FAILED; the space reserved before stays usable
 */
export async function reserve(file: SegmentFile, byteCount: number): Promise<void> {
  if (file.refilling !== null) {
    if (hasRoomFor(file, byteCount)) return
    await file.refilling
  }
  if (file.fault) throw file.fault
  const wanted = reserveWanted(file)
  if (file.reservedEnd - file.offset - byteCount >= wanted / 2) return
  if (hasRoomFor(file, byteCount)) refillBehind(file, byteCount)
  else await refill(file, byteCount)
}

function reserveWanted(file: SegmentFile): number {
  return Math.min(Math.max(file.offset, RESERVE_BYTES), RESERVE_BYTES_MAX)
}

async function refill(file: SegmentFile, byteCount: number): Promise<void> {
  const wanted = reserveWanted(file)
  const end = file.offset + byteCount
  while (file.reservedEnd - end < wanted) {
    const piece = Math.max(RESERVE_BYTES, Math.min(wanted - (file.reservedEnd - end), ZEROS_BYTES))
    try {
      file.reservedEnd += await file.disk.write(file.fd, zeros.subarray(0, piece), file.reservedEnd)
    } catch (error) {
      const failure = toJournalError(error, `cannot reserve space in ${file.path}`)
      if (failure.code === 'DISK_FULL' && file.reservedEnd - end >= RESERVE_BYTES / 2) return
      throw failure
    }
  }
}

/** Groups go on into the reserve that is on disk; what was taken joins it when it is on disk too. */
function refillBehind(file: SegmentFile, byteCount: number): void {
  const take = async (): Promise<void> => {
    try {
      await refill(file, byteCount)
      const { reservedEnd } = file
      if (file.syncedFd !== null) await file.disk.sync(file.fd)
      file.readyEnd = reservedEnd
    } catch (error) {
      file.fault = toJournalError(error, `cannot reserve space in ${file.path}`)
    } finally {
      file.refilling = null
    }
  }
  file.refilling = take()
}

/** @throws JournalError when the disk does not take all bytes */
export async function append(file: SegmentFile, bytes: Buffer): Promise<void> {
  await file.refilling
  await appendBy(file, file.fd, bytes)
}

/**
 * Appends what is a whole group or a part of one, durable when it resolves: into a reserve that is on disk in one call, which has
 * begun when this returns; else by a write and a sync.
 * @throws JournalError when the disk does not take all bytes or cannot sync them
 */
export async function appendDurably(file: SegmentFile, bytes: Buffer): Promise<void> {
  const { syncedFd } = file
  if (syncedFd !== null && file.offset + bytes.length <= file.readyEnd) {
    await appendBy(file, syncedFd, bytes)
    return
  }
  await append(file, bytes)
  const { reservedEnd } = file
  try {
    await file.disk.sync(file.fd)
  } catch (error) {
    throw toJournalError(error, `cannot sync ${file.path}`)
  }
  file.readyEnd = Math.max(file.readyEnd, reservedEnd)
}

async function appendBy(file: SegmentFile, fd: number, bytes: Buffer): Promise<void> {
  const position = file.offset
  file.offset += bytes.length
  file.reservedEnd = Math.max(file.reservedEnd, file.offset)
  try {
    await writeAt({ disk: file.disk, fd }, bytes, position)
  } catch (error) {
    throw toJournalError(error, `cannot write ${file.path}`)
  }
}

/** @throws JournalError WRITE_FAILED when the file is no longer under its name, so that what was written is lost */
export async function checkName({ disk, fd, path }: SegmentFile): Promise<void> {
  if (await disk.isSame(fd, path)) return
  throw new JournalError('WRITE_FAILED', `${path} was deleted or replaced while in use`)
}

/** Leaves the file as it is. */
export async function closeSegment(file: SegmentFile): Promise<void> {
  // A descriptor that is closed under a write may be another file's by then.
  await file.refilling
  if (file.syncedFd !== null) await file.disk.close(file.syncedFd)
  await file.disk.close(file.fd)
}

/** Gives the reserve back and closes. */
export async function finishSegment(file: SegmentFile, isSynced: boolean): Promise<void> {
  try {
    await file.refilling
    if (file.fault) throw file.fault
    await file.disk.truncate(file.fd, file.offset)
    if (isSynced) await file.disk.sync(file.fd)
  } catch (error) {
    throw toJournalError(error, `cannot finish ${file.path}`)
  } finally {
    await closeSegment(file)
  }
}

async function writeAt(
  file: Pick<SegmentFile, 'disk' | 'fd'>,
  bytes: Buffer,
  position: number,
): Promise<void> {
  let done = 0
  for (let calls = 0; done < bytes.length; calls += 1) {
    const end = done === 0 ? bytes.length : done + sectorRest(position + done, bytes.length - done)
    const written = await file.disk.write(file.fd, bytes.subarray(done, end), position + done)
    if (written === 0 || calls === WRITE_CALLS_MAX) throw new Error('the disk takes no more bytes')
    done += written
  }
}

/**
 * After a short write the sector it ended in is completed first: were it left half while those after it are on disk, a reader could
 * not tell the power cut from damage.
 * @returns how many bytes to write next
 */
function sectorRest(position: number, byteCount: number): number {
  const inSector = position % SECTOR_BYTES
  return inSector === 0 ? byteCount : Math.min(byteCount, SECTOR_BYTES - inSector)
}

/** Gives a failure of the file system its code. */
export function toJournalError(error: unknown, what: string): JournalError {
  if (error instanceof JournalError) return error
  const systemCode = (error as NodeJS.ErrnoException).code
  const message = `${what}: ${error instanceof Error ? error.message : String(error)}`
  switch (systemCode) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new JournalError('DISK_FULL', `${message}; free space and start a new run`, { cause: error })
    case 'EEXIST':
      return new JournalError('EXISTS', `${message}; one folder per run: give a new one`, { cause: error })
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENOTDIR':
    case 'ENOENT':
    case 'ELOOP':
      return new JournalError('BAD_DIRECTORY', `${message}; give a folder that can be written`, {
        cause: error,
      })
    default:
      return new JournalError('WRITE_FAILED', message, { cause: error })
  }
}
