/**
 * The journal's writer: `append` is synchronous and cheap, a pump behind it writes and syncs in groups.
 *
 *   append → open block → closed blocks → [write, fdatasync] → durable() resolves
 *
 * While one group is being synced the next one gathers, so a slow disk makes groups larger and not the queue of syncs
 * longer. A failed write or sync is never retried: what it left on the disk is unknown, and the kernel may have
 * forgotten the pages (the error is told once). State: the builder's blocks, at most `bufferBytesMax`.
 * Longer than most files: one class owns the failure, the waiters and the pump, and splitting them would share state.
 */
import { existsSync, lstatSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { assert, isWhole } from '../core/assert.ts'
import { CHAIN_FLAG_END, appendRecord, beginGroup, closeBlock, initBuilder, recycleSink } from './blocks.ts'
import type { Block, BlockBuilder } from './blocks.ts'
import { realDisk } from './disk.ts'
import type { Disk } from './disk.ts'
import { JournalError } from './errors.ts'
import { HASH_BYTES, encodeSegmentHeader, segmentIndexOf } from './format.ts'
import type { JournalHeader, JournalRecord } from './format.ts'
import { acquireLock, releaseLock } from './lock.ts'
import type { Lock } from './lock.ts'
import {
  append,
  appendDurably,
  checkName,
  closeSegment,
  createSegment,
  finishSegment,
  hasRoomFor,
  reserve,
  toJournalError,
} from './segment-file.ts'
import type { SegmentFile } from './segment-file.ts'

/** `group`: one fdatasync for all that gathered; `every`: one for each record; `never`: safe from a crash of ours only. */
export type SyncMode = 'group' | 'every' | 'never'

export interface JournalOptions {
  /** The folder of this run; made when missing. */
  readonly dir: string
  readonly header: JournalHeader
  readonly sync: SyncMode
  /** A segment ends before it would pass this. Default 64 MiB. */
  readonly segmentBytesMax?: number
  /** Appended and not yet written; at this bound the writer fails with FULL. Default 16 MiB. */
  readonly bufferBytesMax?: number
  /** Called once, soon after the first failure. Stop trading: nothing more will be recorded. */
  readonly onFailure: (error: JournalError) => void
  /** Stand-in for the file system. */
  readonly disk?: Disk
}

export interface JournalWriter {
  /**
   * Keeps a record, in order. Returns before it is on disk.
   * @throws JournalError FULL at the buffer's bound, CLOSED after `close`, and after a failure that failure again
   */
  append(record: JournalRecord): void
  /** Resolves when all that was appended before is on disk (with `sync: never`: handed to the system); else rejects. */
  durable(): Promise<void>
  /** Writes what is left, marks the end, gives lock and reserve back. Rejects when that fails. */
  close(): Promise<void>
  readonly recordCount: number
  /** Bytes of segments so far, headers and chain frames included. */
  readonly byteCount: number
  /** Chain hash at the end of the last closed block, 64 hexadecimal digits; final after `close`. */
  readonly headHash: string
  /** Records known to be on disk. */
  readonly durableCount: number
}

export const SEGMENT_BYTES_MAX: number = 64 * 1024 * 1024
export const BUFFER_BYTES_MAX: number = 16 * 1024 * 1024
const SEGMENT_BYTES_LEAST = 512
const SEGMENT_BYTES_MOST: number = 1024 * 1024 * 1024
export const LOCK_NAME = 'lock'
/** Records that nobody waits for reach the disk after at most this. */
const LINGER_MS = 5

/** What is appended in one turn of the event loop begins to be written in the middle of it, from so much on; then from twice as much. */
const EARLY_BYTES: number = 128 * 1024
/** One thread of the pool is left to others. */
const EARLY_WRITES_MAX = 3

/** The first blocks of a group, on their way to the disk before the others. */
interface EarlyWrite {
  readonly done: Promise<void>
  readonly group: number
  readonly recordCount: number
}

interface Waiter {
  readonly throughCount: number
  readonly promise: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: JournalError) => void
}

/**
 * Starts a journal in an empty folder.
 * @throws JournalError BAD_DIRECTORY, LOCKED, EXISTS, BAD_HEADER, DISK_FULL or WRITE_FAILED; then nothing was started
 */
export async function openJournal(options: JournalOptions): Promise<JournalWriter> {
  const { dir, header } = options
  assert(isWhole(header.epoch) && header.epoch > 0, 'the epoch of a journal is a positive whole number')
  const segmentBytesMax = options.segmentBytesMax ?? SEGMENT_BYTES_MAX
  assert(
    segmentBytesMax >= SEGMENT_BYTES_LEAST && segmentBytesMax <= SEGMENT_BYTES_MOST,
    `segmentBytesMax is ${SEGMENT_BYTES_LEAST} to ${SEGMENT_BYTES_MOST}: the reader holds one segment in memory`,
  )
  assert((options.bufferBytesMax ?? BUFFER_BYTES_MAX) > 0, 'bufferBytesMax is positive')
  const headerBytes = encodeSegmentHeader(1, Buffer.alloc(HASH_BYTES), header)
  prepareDirectory(dir)
  const lock = acquireLock(join(dir, LOCK_NAME), header.epoch)
  try {
    if (readdirSync(dir).some((name) => segmentIndexOf(name) !== null)) {
      throw new JournalError(
        'EXISTS',
        `${dir} holds a journal already: one folder per run, so give a new one`,
      )
    }
    const disk = options.disk ?? realDisk
    const file = await createSegment(disk, dir, 1, headerBytes, options.sync !== 'never')
    const writer = new GroupWriter(options, headerBytes, file, lock)
    const dead = lock.takenFrom
    if (dead) {
      writer.append({
        kind: 'note',
        seq: 0,
        text: `took over the lock of dead process ${dead.pid}, epoch ${dead.epoch}`,
      })
    }
    return writer
  } catch (error) {
    releaseLock(lock)
    throw error
  }
}

/** A journal behind a symbolic link could be moved away under the writer. */
function prepareDirectory(dir: string): void {
  try {
    if (!existsSync(dir)) mkdirSync(dir, { recursive: true, mode: 0o700 })
    const found = lstatSync(dir)
    if (found.isSymbolicLink()) {
      throw new JournalError('BAD_DIRECTORY', `${dir} is a symbolic link: give the folder itself`)
    }
    if (!found.isDirectory()) throw new JournalError('BAD_DIRECTORY', `${dir} is not a folder`)
  } catch (error) {
    throw toJournalError(error, `cannot use ${dir}`)
  }
}

/** A class, because an open file has a lifetime. */
class GroupWriter implements JournalWriter {
  private readonly options: JournalOptions
  private readonly isSynced: boolean
  private readonly isEvery: boolean
  private readonly bufferBytesMax: number
  private readonly builder: BlockBuilder
  private readonly lock: Lock
  private file: SegmentFile
  private waiters: Waiter[] = []
  /** Of the group that the pump takes next. */
  private early: EarlyWrite[] = []
  private writtenBytes: number
  private isPumping = false
  /** A group was taken and is not yet durable: nothing of the next one may reach the disk. */
  private isGroupUnderWay = false
  /** The pump's last run. */
  private pumping: Promise<void> = Promise.resolve()
  private isClosed = false
  /** Set at the first failure; appends throw it. */
  private failure: JournalError | null = null
  /** True once bytes may be missing on disk: nothing more is written. Without it, what was appended still drains. */
  private isBroken = false
  private lingerTimer: NodeJS.Timeout | null = null
  private kickPending = false
  private closing: Promise<void> | null = null
  durableCount = 0

  constructor(options: JournalOptions, headerBytes: Buffer, file: SegmentFile, lock: Lock) {
    this.options = options
    this.isSynced = options.sync !== 'never'
    this.isEvery = options.sync === 'every'
    this.bufferBytesMax = options.bufferBytesMax ?? BUFFER_BYTES_MAX
    this.builder = initBuilder(headerBytes, options.segmentBytesMax ?? SEGMENT_BYTES_MAX)
    this.file = file
    this.lock = lock
    this.writtenBytes = headerBytes.length
  }

  get recordCount(): number {
    return this.builder.recordCount
  }

  get byteCount(): number {
    return this.builder.byteCount
  }

  get headHash(): string {
    return this.builder.chainHash.toString('hex')
  }

  append(record: JournalRecord): void {
    if (this.failure) throw this.failure
    if (this.isClosed) throw new JournalError('CLOSED', 'the journal was closed: nothing can be appended')
    if (this.builder.byteCount - this.writtenBytes > this.bufferBytesMax) {
      // A journal with a hole in it would replay to another state, so after one refusal all are refused.
      throw this.fail(
        new JournalError(
          'FULL',
          `${this.bufferBytesMax} bytes wait for a disk that is too slow: use a faster one, or sync = "group"`,
        ),
      )
    }
    const { builder } = this
    const closedBefore = builder.closed.length
    appendRecord(builder, record)
    if (this.isEvery) {
      closeBlock(builder, 0)
      beginGroup(builder)
    } else if (this.isSynced && !this.isGroupUnderWay && builder.closed.length > closedBefore)
      this.writeEarly()
    if (this.isPumping) return
    if (builder.closed.length > 0 || this.early.length > 0) this.kick()
    else this.lingerTimer ??= setTimeout(() => this.pumpNow(), LINGER_MS)
  }

  durable(): Promise<void> {
    const throughCount = this.builder.recordCount
    if (this.durableCount >= throughCount) return Promise.resolve()
    if (this.isBroken && this.failure) return Promise.reject(this.failure)
    const last = this.waiters.at(-1)
    if (last?.throughCount === throughCount) return last.promise
    const waiter = initWaiter(throughCount)
    this.waiters.push(waiter)
    this.kick()
    return waiter.promise
  }

  close(): Promise<void> {
    this.closing ??= this.closeOnce()
    return this.closing
  }

  /** After the callbacks of this turn of the event loop: messages that arrived together share one group. */
  private kick(): void {
    if (this.isPumping || this.kickPending) return
    this.kickPending = true
    setImmediate(() => {
      this.kickPending = false
      this.pumpNow()
    })
  }

  private pumpNow(): void {
    if (this.lingerTimer) clearTimeout(this.lingerTimer)
    this.lingerTimer = null
    if (!this.isPumping) this.pumping = this.pump()
  }

  /** Writes group after group while somebody waits or whole blocks are ready. Never throws. */
  private async pump(): Promise<void> {
    this.isPumping = true
    try {
      do await this.writeGroup(this.takeGroup())
      while (!this.isBroken && this.waiters.length + this.builder.closed.length + this.early.length > 0)
    } catch (error) {
      this.isBroken = true
      const failure = this.fail(toJournalError(error, 'the journal cannot be written'))
      for (const waiter of this.waiters.splice(0)) waiter.reject(failure)
    } finally {
      this.isPumping = false
    }
    const isIdle = this.builder.frameEnd === 0 || this.isBroken
    if (!isIdle) this.lingerTimer ??= setTimeout(() => this.pumpNow(), LINGER_MS)
  }

  /**
   * A group may be written in pieces and in any order, so its first blocks need not wait for the last. No group is under way, so
   * all before it are durable.
   */
  private writeEarly(): void {
    const { builder, early, file } = this
    const least = EARLY_BYTES << early.length
    if (early.length === EARLY_WRITES_MAX || builder.groupBytes < least) return
    const group = early[0]?.group ?? builder.closed[0]?.group
    const blocks = builder.closed
    const last = blocks.at(-1)
    const byteCount = byteCountOf(blocks)
    if (last === undefined || byteCount < least || !hasRoomFor(file, byteCount)) return
    if (blocks.some((block) => block.group !== group || block.segmentHeader !== null)) return
    builder.closed = []
    const done = this.writePart(blocks, true)
    // The pump looks at it later.
    done.catch(() => undefined)
    early.push({ done, group: last.group, recordCount: last.recordCount })
  }

  /** @returns the blocks of the next group that are not yet on their way */
  private takeGroup(): Block[] {
    const { builder } = this
    if (!this.isEvery) closeBlock(builder, 0)
    const group = this.early[0]?.group ?? builder.closed[0]?.group
    const end = builder.closed.findIndex((block) => block.group !== group)
    const taken = builder.closed.splice(0, end < 0 ? builder.closed.length : end)
    // Without a gap: the reader takes a jump by two as proof of a group that is missing.
    if (builder.group === group) beginGroup(builder)
    return taken
  }

  private async writeGroup(blocks: readonly Block[]): Promise<void> {
    const early = this.early.splice(0)
    this.isGroupUnderWay = true
    const written = await Promise.allSettled([
      this.writeParts(blocks, early),
      ...early.map(({ done }) => done),
    ])
    const failed = written.find((one) => one.status === 'rejected')
    if (failed) throw failed.reason
    this.isGroupUnderWay = false
    const last = blocks.at(-1) ?? early.at(-1)
    if (!last) return
    this.durableCount = last.recordCount
    while (this.waiters[0] && this.waiters[0].throughCount <= this.durableCount)
      this.waiters.shift()?.resolve()
  }

  private async writeParts(blocks: readonly Block[], early: readonly EarlyWrite[]): Promise<void> {
    const parts = partsOf(blocks)
    for (const [index, part] of parts.entries()) {
      const [first] = part
      if (first?.segmentHeader) {
        await Promise.all(early.map(({ done }) => done))
        await this.nextSegment(first.segmentIndex, first.segmentHeader)
      }
      await this.reserveFor(byteCountOf(part))
      // The end of a segment was made durable when the next one began.
      await this.writePart(part, this.isSynced && index === parts.length - 1)
    }
    if (this.isSynced) await checkName(this.file)
  }

  private async writePart(part: readonly Block[], isDurable: boolean): Promise<void> {
    const bytes = bytesOf(part)
    await (isDurable ? appendDurably(this.file, bytes) : append(this.file, bytes))
    this.writtenBytes += bytes.length
    for (const { sink } of part) recycleSink(this.builder, sink)
  }

  private async nextSegment(index: number, header: Buffer): Promise<void> {
    await finishSegment(this.file, this.isSynced)
    this.file = await createSegment(this.file.disk, this.options.dir, index, header, this.isSynced)
    this.writtenBytes += header.length
  }

  /** A disk that fills up stops the appends at once; what was appended before still goes into the old reserve. */
  private async reserveFor(byteCount: number): Promise<void> {
    if (!this.failure) {
      try {
        await reserve(this.file, byteCount)
        return
      } catch (error) {
        this.fail(toJournalError(error, 'cannot reserve space'))
      }
    }
    if (this.file.offset + byteCount > this.file.reservedEnd && this.failure?.code !== 'FULL')
      throw this.failure
  }

  private fail(error: JournalError): JournalError {
    if (this.failure) return this.failure
    this.failure = error
    queueMicrotask(() => this.options.onFailure(error))
    return error
  }

  private async closeOnce(): Promise<void> {
    const failureBefore = this.failure
    this.isClosed = true
    try {
      await this.durable().catch(() => undefined)
      await this.pumping
      if (this.lingerTimer) clearTimeout(this.lingerTimer)
      if (!this.failure) {
        closeBlock(this.builder, CHAIN_FLAG_END)
        await this.pump()
      }
      // After a failed write or sync the file is left as it is, for the reader to judge.
      if (this.isBroken) await closeSegment(this.file)
      else await finishSegment(this.file, this.isSynced)
    } catch (error) {
      this.fail(toJournalError(error, 'the journal cannot be closed'))
    } finally {
      releaseLock(this.lock)
    }
    if (this.failure && !failureBefore) throw this.failure
  }
}

/** Blocks that are written in one go: a new segment begins a new part. */
function partsOf(blocks: readonly Block[]): Block[][] {
  const parts: Block[][] = []
  for (const block of blocks) {
    const last = parts.at(-1)
    if (last === undefined || block.segmentHeader !== null) parts.push([block])
    else last.push(block)
  }
  return parts
}

function byteCountOf(blocks: readonly Block[]): number {
  return blocks.reduce((sum, { sink }) => sum + sink.at, 0)
}

function bytesOf(part: readonly Block[]): Buffer {
  const written = part.map(({ sink }) => sink.bytes.subarray(0, sink.at))
  const [first] = written
  return written.length === 1 && first !== undefined ? first : Buffer.concat(written)
}

function initWaiter(throughCount: number): Waiter {
  let resolve = (): void => undefined
  let reject = (_error: JournalError): void => undefined
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { throughCount, promise, resolve, reject }
}
