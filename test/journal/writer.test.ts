import { mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { initSfc32 } from '../../src/core/math/sfc32.ts'
import { realDisk } from '../../src/journal/disk.ts'
import type { Disk } from '../../src/journal/disk.ts'
import { JournalError } from '../../src/journal/errors.ts'
import { FORMAT_VERSION } from '../../src/journal/format.ts'
import type { JournalRecord } from '../../src/journal/format.ts'
import { readJournal, verifyJournal } from '../../src/journal/reader.ts'
import { initTally, walkBlocks } from '../../src/journal/walk.ts'
import { LOCK_NAME, openJournal } from '../../src/journal/writer.ts'
import type { JournalOptions, JournalWriter } from '../../src/journal/writer.ts'
import { freshDir, header, marketRecords } from './arbitrary.ts'
import { initModelDisk } from './model-disk.ts'

interface Opened {
  readonly writer: JournalWriter
  readonly failures: JournalError[]
}

async function open(dir: string, options: Partial<JournalOptions> = {}): Promise<Opened> {
  const failures: JournalError[] = []
  const writer = await openJournal({
    dir,
    header,
    sync: 'group',
    onFailure: (error) => failures.push(error),
    ...options,
  })
  onTestFinished(() => writer.close().catch(() => undefined))
  return { writer, failures }
}

function codeOf(error: unknown): unknown {
  return error instanceof JournalError ? error.code : error
}

/** What `call` throws, or undefined. */
function thrownBy(call: () => void): unknown {
  try {
    call()
  } catch (error) {
    return error
  }
  return undefined
}

describe('writing and reading', () => {
  test.each(['group', 'every', 'never'] as const)(
    'all records come back in order with sync = %s',
    async (sync) => {
      const dir = freshDir()
      const records = marketRecords(300)
      const { writer, failures } = await open(dir, { sync })
      for (const record of records) writer.append(record)
      await writer.durable()
      await writer.close()

      const reader = readJournal(dir)
      expect(reader.header).toEqual(header)
      expect([...reader.records]).toEqual(records)
      expect(reader.summary).toMatchObject({
        recordCount: records.length,
        tornBytes: 0,
        isClosed: true,
        headHash: writer.headHash,
        validBytes: writer.byteCount,
      })
      expect(failures).toEqual([])
      expect(writer.recordCount).toBe(records.length)
    },
  )

  test('segments end before their bound and read as one journal', async () => {
    const dir = freshDir()
    const records = marketRecords(400)
    const { writer } = await open(dir, { segmentBytesMax: 10_000, sync: 'every' })
    for (const record of records) writer.append(record)
    await writer.close()

    const sizes = readdirSync(dir).map((name) => statSync(join(dir, name)).size)
    expect(sizes.length).toBeGreaterThan(5)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(10_000)
    expect([...readJournal(dir).records]).toEqual(records)
    expect(verifyJournal(dir)).toMatchObject({ ok: true, headHash: writer.headHash, isClosed: true })
  })

  test('a record larger than a block and blocks of the usual size stand next to each other', async () => {
    const dir = freshDir()
    const { writer } = await open(dir)
    const note = (text: string): JournalRecord => ({ kind: 'note', seq: 0, text })
    const records = [
      note('small'),
      note('€'.repeat(200_000)),
      note('small'),
      note('y'.repeat(70_000)),
      note(''),
    ]
    for (const record of records) writer.append(record)
    await writer.close()
    expect([...readJournal(dir).records]).toEqual(records)
  })

  test('records that nobody waits for reach the disk by themselves', async () => {
    const dir = freshDir()
    const { writer } = await open(dir)
    for (const record of marketRecords(3)) writer.append(record)
    await expect.poll(() => writer.durableCount, { timeout: 20_000, interval: 5 }).toBe(3)
    expect(verifyJournal(dir)).toMatchObject({ ok: true, recordCount: 3, isClosed: false, tornBytes: 0 })
  })

  test('a record that cannot be encoded changes nothing, and the journal goes on', async () => {
    const dir = freshDir()
    const { writer } = await open(dir)
    const [first, second] = marketRecords(2)
    if (!first || !second) throw new Error('there are two records')
    writer.append(first)
    const broken: JournalRecord = {
      kind: 'input',
      input: { kind: 'budget', usedCount: NaN, capCount: 1, seq: 2, tsMs: header.createdTsMs + 100 },
    }
    expect(() => writer.append(broken)).toThrow('usedCount')
    writer.append(second)
    await writer.close()
    expect([...readJournal(dir).records]).toEqual([first, second])
  })

  test('inputs out of number or time, and commands of another input, are refused', async () => {
    const { writer } = await open(freshDir())
    const timer = (seq: number, tsMs: number): JournalRecord => ({
      kind: 'input',
      input: { kind: 'timer', seq, tsMs },
    })
    expect(() => writer.append(timer(2, 10))).toThrow('numbered from 1')
    writer.append(timer(1, 10))
    expect(() => writer.append(timer(3, 10))).toThrow('numbered from 1')
    expect(() => writer.append(timer(2, 9))).toThrow('does not go back')
    expect(() => writer.append({ kind: 'checkpoint', seq: 2, stateHash: '' })).toThrow('last input')
    expect(writer.recordCount).toBe(1)
  })
})

describe('group commit', () => {
  test('everybody who waits at the same time shares one sync, and is told in order', async () => {
    const disk = initModelDisk(initSfc32(1), Infinity, 0)
    const { writer } = await open(freshDir(), { disk })
    const syncsBefore = disk.syncCount
    const told: number[] = []
    const waits = marketRecords(50).map((record, index) => {
      writer.append(record)
      return writer.durable().then(() => told.push(index))
    })
    await Promise.all(waits)
    expect(disk.syncCount - syncsBefore).toBe(1)
    expect(told).toEqual(told.toSorted((left, right) => left - right))
    expect(told).toHaveLength(waits.length)
  })

  test('what arrives during a sync waits for the next one, all together', async () => {
    const gate = gatedDisk()
    const { writer } = await open(freshDir(), { disk: gate.disk })
    const records = marketRecords(30)
    let done = 0
    gate.close()
    writer.append(records[0] as JournalRecord)
    const first = writer.durable().then(() => (done += 1))
    await gate.arrived(1)
    const rest = records.slice(1).map((record) => {
      writer.append(record)
      return writer.durable().then(() => (done += 1))
    })
    expect(done).toBe(0)
    gate.open()
    await first
    await Promise.all(rest)
    expect(gate.syncCount()).toBe(2)
  })

  test('a large group begins to be written in the turn that appends it, and is one group', async () => {
    const dir = freshDir()
    let writes = 0
    const disk: Disk = {
      ...realDisk,
      write: (fd, bytes, position) => {
        writes += 1
        return realDisk.write(fd, bytes, position)
      },
    }
    const { writer } = await open(dir, { disk })
    // Until the reserve has grown beyond what the group needs.
    for (let round = 0; round < 20; round += 1) {
      writer.append({ kind: 'note', seq: 0, text: 'x'.repeat(100_000) })
      await writer.durable()
    }
    const writesBefore = writes
    for (let index = 0; index < 10; index += 1)
      writer.append({ kind: 'note', seq: 0, text: 'y'.repeat(50_000) })
    expect(writes).toBeGreaterThan(writesBefore)
    expect(writer.durableCount).toBe(20)
    await writer.durable()
    expect(writer.durableCount).toBe(30)
    await writer.close()
    const { damage, recordCount, isClosed } = verifyJournal(dir)
    expect({ damage, recordCount, isClosed }).toEqual({ damage: null, recordCount: 30, isClosed: true })
    const groups = new Set<number>()
    const tally = initTally(dir)
    for (const _ of walkBlocks(dir, tally)) groups.add(tally.group)
    // Twenty small ones, the large one, and the end.
    expect(Math.max(...groups)).toBe(groups.size)
    expect(groups.size).toBe(21)
  })

  test('with sync = every each record has a sync of its own', async () => {
    const disk = initModelDisk(initSfc32(1), Infinity, 0)
    const { writer } = await open(freshDir(), { disk, sync: 'every' })
    const syncsBefore = disk.syncCount
    const records = marketRecords(10)
    for (const record of records) writer.append(record)
    await writer.durable()
    expect(disk.syncCount - syncsBefore).toBe(records.length)
  })

  test('durable without anything new is at once true', async () => {
    const { writer } = await open(freshDir())
    await writer.durable()
    writer.append(marketRecords(1)[0] as JournalRecord)
    await writer.durable()
    await writer.durable()
    expect(writer.durableCount).toBe(1)
  })
})

/** The real disk as systems have it that know no writes which are durable by themselves: every sync is a call. */
const { openSynced: _, ...plainDisk }: Disk = realDisk

describe('failure', () => {
  test.each(['write', 'sync'] as const)(
    'after one failed %s nothing is written again, all waiters and appends are refused',
    async (what) => {
      const dir = freshDir()
      let isFailing = false
      let callsAfter = 0
      const failOnce = <R>(call: () => Promise<R>): Promise<R> => {
        if (!isFailing) return call()
        callsAfter += 1
        // Once, then success: a retry would look fine and lose the pages.
        return callsAfter === 1 ? Promise.reject(Object.assign(new Error('broken'), { code: 'EIO' })) : call()
      }
      const disk: Disk = {
        ...(what === 'sync' ? plainDisk : realDisk),
        write: (fd, bytes, position) =>
          what === 'write'
            ? failOnce(() => realDisk.write(fd, bytes, position))
            : realDisk.write(fd, bytes, position),
        sync: (fd) => (what === 'sync' ? failOnce(() => realDisk.sync(fd)) : realDisk.sync(fd)),
      }
      const { writer, failures } = await open(dir, { disk })
      const records = marketRecords(20)
      for (const record of records.slice(0, 10)) writer.append(record)
      await writer.durable()
      isFailing = true
      for (const record of records.slice(10, 15)) writer.append(record)
      const waits = await Promise.allSettled([writer.durable(), writer.durable()])
      expect(waits.map((wait) => wait.status)).toEqual(['rejected', 'rejected'])
      expect(failures.map((failure) => failure.code)).toEqual(['WRITE_FAILED'])
      expect(codeOf(thrownBy(() => writer.append(records[15] as JournalRecord)))).toBe('WRITE_FAILED')
      await expect(writer.durable()).rejects.toThrow('broken')
      await writer.close()
      expect(callsAfter).toBe(1)
      expect(failures).toHaveLength(1)
      const found = [...readJournal(dir).records]
      expect(found).toEqual(records.slice(0, found.length))
      expect(found.length).toBeGreaterThanOrEqual(10)
    },
  )

  test('at the bound of the buffer the writer refuses for good, and what it took still reaches the disk', async () => {
    const dir = freshDir()
    const gate = gatedDisk()
    const { writer, failures } = await open(dir, { disk: gate.disk, bufferBytesMax: 5_000 })
    const records = marketRecords(200)
    gate.close()
    let taken = 0
    const error = thrownBy(() => {
      for (const record of records) {
        writer.append(record)
        taken += 1
      }
    })
    expect(codeOf(error)).toBe('FULL')
    expect(taken).toBeGreaterThan(5)
    expect(codeOf(thrownBy(() => writer.append(records[taken] as JournalRecord)))).toBe('FULL')
    gate.open()
    await writer.durable()
    await writer.close()
    expect(failures.map((failure) => failure.code)).toEqual(['FULL'])
    expect([...readJournal(dir).records]).toEqual(records.slice(0, taken))
  })

  test('a segment that is deleted under the writer is noticed at the next sync', async () => {
    const dir = freshDir()
    const { writer, failures } = await open(dir)
    rmSync(join(dir, '00000001.hmj'))
    writer.append(marketRecords(1)[0] as JournalRecord)
    await expect(writer.durable()).rejects.toThrow('deleted or replaced')
    expect(failures[0]?.code).toBe('WRITE_FAILED')
  })

  test('nothing can be appended after close, and close twice is one close', async () => {
    const { writer } = await open(freshDir())
    const closing = writer.close()
    expect(writer.close()).toBe(closing)
    await closing
    expect(codeOf(thrownBy(() => writer.append({ kind: 'note', seq: 0, text: '' })))).toBe('CLOSED')
  })
})

describe('opening', () => {
  test('a second writer is refused before anything is written', async () => {
    const dir = freshDir()
    await open(dir)
    const before = readdirSync(dir)
    await expect(open(dir)).rejects.toMatchObject({ code: 'LOCKED' })
    expect(readdirSync(dir)).toEqual(before)
  })

  test('the lock is given back at the end', async () => {
    const dir = freshDir()
    const { writer } = await open(dir)
    await writer.close()
    expect(readdirSync(dir)).toEqual(['00000001.hmj'])
  })

  test('a folder that holds a journal is refused and stays as it is', async () => {
    const dir = freshDir()
    const { writer } = await open(dir)
    await writer.close()
    await expect(open(dir)).rejects.toMatchObject({ code: 'EXISTS' })
    expect(readdirSync(dir)).toEqual(['00000001.hmj'])
  })

  test('the lock of a dead process is taken over, with a note', async () => {
    const dir = freshDir()
    const { writer: probe } = await open(join(dir, 'probe'))
    await probe.close()
    // No process has this id: Linux ends at 2^22.
    const holder = { pid: 2 ** 22 + 1, epoch: 41, host: (await import('node:os')).hostname(), started: '' }
    writeFileSync(join(dir, LOCK_NAME), JSON.stringify(holder))
    const { writer } = await open(dir)
    await writer.close()
    expect([...readJournal(dir).records]).toEqual([
      { kind: 'note', seq: 0, text: `took over the lock of dead process ${holder.pid}, epoch 41` },
    ])
  })

  test.each([
    { name: 'of another host', holder: { pid: 2 ** 22 + 1, epoch: 1, host: 'elsewhere', started: '' } },
    { name: 'that cannot be read', holder: 'rubbish' },
  ])('a lock $name is not judged but respected', async ({ holder }) => {
    const dir = freshDir()
    writeFileSync(join(dir, LOCK_NAME), JSON.stringify(holder))
    await expect(open(dir)).rejects.toMatchObject({ code: 'LOCKED' })
    expect(readdirSync(dir)).toEqual([LOCK_NAME])
  })

  test('a symbolic link, a file and a path below a file are no folder for a journal', async () => {
    const dir = freshDir()
    mkdirSync(join(dir, 'real'))
    symlinkSync(join(dir, 'real'), join(dir, 'link'))
    writeFileSync(join(dir, 'file'), '')
    for (const name of ['link', 'file', 'file/below']) {
      await expect(open(join(dir, name))).rejects.toMatchObject({ code: 'BAD_DIRECTORY' })
    }
    expect(readdirSync(join(dir, 'real'))).toEqual([])
  })

  test('a header that JSON cannot hold is refused with the place', async () => {
    const config = { strategy: { gamma: NaN } }
    await expect(open(freshDir(), { header: { ...header, config } })).rejects.toMatchObject({
      code: 'BAD_HEADER',
      message: expect.stringContaining('value.config.strategy.gamma') as string,
    })
  })

  test('bounds that make no sense are refused', async () => {
    for (const bounds of [{ segmentBytesMax: 0 }, { segmentBytesMax: 2 ** 40 }, { bufferBytesMax: NaN }]) {
      await expect(open(freshDir(), bounds)).rejects.toThrow(/segmentBytesMax is|bufferBytesMax is/)
    }
  })

  test('a header of another format is refused', async () => {
    await expect(
      open(freshDir(), { header: { ...header, formatVersion: FORMAT_VERSION + 1 } }),
    ).rejects.toMatchObject({
      code: 'BAD_HEADER',
    })
  })
})

/** The real disk with a gate before its syncs. */
function gatedDisk(): {
  readonly disk: Disk
  close(): void
  open(): void
  arrived(count: number): Promise<void>
  syncCount(): number
} {
  let count = 0
  let isOpen = true
  let pass: () => void = () => undefined
  let passed: Promise<void> = Promise.resolve()
  return {
    disk: {
      ...plainDisk,
      async sync(fd) {
        if (!isOpen) {
          count += 1
          await passed
        } else if (count > 0) count += 1
        await realDisk.sync(fd)
      },
    },
    close() {
      isOpen = false
      passed = new Promise((resolve) => (pass = resolve))
    },
    open() {
      isOpen = true
      pass()
    },
    arrived: (wanted) => expect.poll(() => count, { timeout: 20_000, interval: 1 }).toBe(wanted),
    syncCount: () => count,
  }
}
