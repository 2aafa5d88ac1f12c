/**
 * A disk that forgets: what was not synced may be lost sector by sector and in any order when the power goes, names of
 * files too. Writes may be short. Stands in for the file system under the writer.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { nextBelow, nextUnit } from '../../src/core/math/sfc32.ts'
import type { Sfc32 } from '../../src/core/math/sfc32.ts'
import type { Disk } from '../../src/journal/disk.ts'

const SECTOR_BYTES = 512

interface ModelFile {
  readonly path: string
  cached: Buffer
  synced: Buffer
  hasDurableName: boolean
  readonly dirtySectors: Set<number>
}

export interface ModelDisk extends Disk {
  /** Writes to a real folder what a restart would find. */
  dumpAfterCrash(dir: string): void
  readonly callCount: number
  readonly syncCount: number
}

/**
 * @param cutAt the power goes at this call; every later call fails
 * @param shortShare of the writes that take fewer bytes than asked for
 */
export function initModelDisk(random: Sfc32, cutAt: number, shortShare = 0.2): ModelDisk {
  const files: ModelFile[] = []
  /** Open descriptors by number; a synced one makes each of its writes durable. */
  const open: { readonly file: ModelFile; readonly isSynced: boolean }[] = []
  let callCount = 0
  let syncCount = 0

  function call(): void {
    callCount += 1
    if (callCount >= cutAt) throw new Error('the power is gone')
  }

  function fileOf(fd: number): ModelFile {
    const file = open[fd]?.file
    if (!file) throw new Error(`no open file ${fd}`)
    return file
  }

  /** What a cut in the middle of this call leaves is decided by the dump: all of it may or may not be there. */
  function put(file: ModelFile, bytes: Buffer, position: number): void {
    const end = position + bytes.length
    if (end > file.cached.length)
      file.cached = Buffer.concat([file.cached, Buffer.alloc(end - file.cached.length)])
    bytes.copy(file.cached, position)
    for (let sector = Math.floor(position / SECTOR_BYTES); sector * SECTOR_BYTES < end; sector += 1)
      file.dirtySectors.add(sector)
  }

  /** The sectors that a synced write touched are on disk; others of the file are where they were. */
  function syncRange(file: ModelFile, start: number, end: number): void {
    const first = Math.floor(start / SECTOR_BYTES)
    if (end > file.synced.length)
      file.synced = Buffer.concat([file.synced, Buffer.alloc(end - file.synced.length)])
    for (let sector = first; sector * SECTOR_BYTES < end; sector += 1) {
      file.cached.copy(file.synced, sector * SECTOR_BYTES, sector * SECTOR_BYTES, (sector + 1) * SECTOR_BYTES)
      file.dirtySectors.delete(sector)
    }
  }

  return {
    get callCount() {
      return callCount
    },
    get syncCount() {
      return syncCount
    },
    create(path) {
      const empty = { cached: Buffer.alloc(0), synced: Buffer.alloc(0), dirtySectors: new Set<number>() }
      const file: ModelFile = { path, ...empty, hasDurableName: false }
      files.push(file)
      return open.push({ file, isSynced: false }) - 1
    },
    openSynced(path) {
      const file = files.find((one) => one.path === path)
      if (!file) throw new Error(`no file ${path}`)
      return open.push({ file, isSynced: true }) - 1
    },
    remove: () => undefined,
    syncDirectory() {
      call()
      for (const file of files) file.hasDurableName = true
    },
    async write(fd, bytes, position) {
      await Promise.resolve()
      const isShort = nextUnit(random) < shortShare
      const length = isShort ? 1 + nextBelow(random, bytes.length) : bytes.length
      put(fileOf(fd), bytes.subarray(0, length), position)
      call()
      if (open[fd]?.isSynced === true) {
        syncRange(fileOf(fd), position, position + length)
        if (!isShort) syncCount += 1
      }
      return length
    },
    async sync(fd) {
      await Promise.resolve()
      call()
      syncCount += 1
      const file = fileOf(fd)
      file.synced = Buffer.from(file.cached)
      file.dirtySectors.clear()
    },
    async truncate(fd, length) {
      await Promise.resolve()
      call()
      const file = fileOf(fd)
      file.cached = Buffer.from(file.cached.subarray(0, length))
      for (const sector of file.dirtySectors)
        if (sector * SECTOR_BYTES >= length) file.dirtySectors.delete(sector)
    },
    close: () => Promise.resolve(),
    isSame: () => Promise.resolve(true),

    dumpAfterCrash(dir) {
      mkdirSync(dir, { recursive: true })
      for (const file of files) {
        const isNamed = file.hasDurableName || nextUnit(random) < 0.5
        if (isNamed) writeFileSync(join(dir, basename(file.path)), afterCrash(file, random))
      }
    },
  }
}

function afterCrash(file: ModelFile, random: Sfc32): Buffer {
  const size = nextUnit(random) < 0.5 ? file.synced.length : file.cached.length
  const image = Buffer.alloc(size)
  file.synced.copy(image)
  for (const sector of file.dirtySectors) {
    if (nextUnit(random) < 0.5)
      file.cached.copy(image, sector * SECTOR_BYTES, sector * SECTOR_BYTES, (sector + 1) * SECTOR_BYTES)
  }
  return image
}
