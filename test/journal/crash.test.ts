import { spawn } from 'node:child_process'
import { readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { JournalError } from '../../src/journal/errors.ts'
import type { JournalRecord } from '../../src/journal/format.ts'
import { readJournal, verifyJournal } from '../../src/journal/reader.ts'
import { openJournal } from '../../src/journal/writer.ts'
import { mountSmallDisk } from '../support/small-disk.ts'
import { freshDir, header, marketRecords } from './arbitrary.ts'

/** More than the first reserve, less than what is written in a second. */
const FILE_KIB_MAX = 700

/** Kills the writer once it has acknowledged that many records. @returns the last count it acknowledged */
async function killedAfter(dir: string, count: number): Promise<number> {
  const script = join(import.meta.dirname, 'crash-child.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', script, dir], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
    if (lastNumber(output) >= count) child.kill('SIGKILL')
  })
  const signal = await new Promise((resolve) => child.on('close', (_code, by) => resolve(by)))
  expect(`${String(signal)} ${errors}`).toBe('SIGKILL ')
  return lastNumber(output)
}

/** The last whole line. */
function lastNumber(output: string): number {
  return Number(output.slice(0, output.lastIndexOf('\n')).split('\n').at(-1) ?? 0)
}

test('a writer that is killed leaves every record that it had acknowledged', async () => {
  for (const count of [1, 1_000]) {
    const dir = join(freshDir(), 'run')
    const acknowledged = await killedAfter(dir, count)
    const reader = readJournal(dir)
    const found = [...reader.records]
    expect(acknowledged).toBeGreaterThanOrEqual(count)
    expect(found.length).toBeGreaterThanOrEqual(acknowledged)
    expect(found).toEqual(marketRecords(found.length).slice(0, found.length))
    expect(reader.summary.isClosed).toBe(false)
    expect(verifyJournal(dir).ok).toBe(true)
  }
})

test('a file that may not grow any further halts the writer, with nothing lost that it had acknowledged', async () => {
  // A limit of the system on the size of files is there for every process, and fails in the middle of a write as a disk does.
  const dir = join(freshDir(), 'run')
  const script = join(import.meta.dirname, 'crash-child.ts')
  const limited = `ulimit -f ${FILE_KIB_MAX} && exec "$@"`
  const child = spawn(
    'bash',
    ['-c', limited, 'bash', process.execPath, '--import', 'tsx', script, dir, String(64 * 1024 * 1024)],
    // Other files than the journal must not meet the limit: nothing is cached.
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TSX_DISABLE_CACHE: '1' } },
  )
  let output = ''
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const code = await new Promise((resolve) => child.on('close', (exit) => resolve(exit)))
  const lines = output.trimEnd().split('\n')
  expect([code, errors, lines.pop()]).toEqual([1, '', 'WRITE_FAILED'])
  const acknowledged = Number(lines.pop())
  expect(acknowledged).toBeGreaterThan(1_000)
  const found = [...readJournal(dir).records]
  expect(found.length).toBeGreaterThanOrEqual(acknowledged)
  expect(found).toEqual(marketRecords(found.length).slice(0, found.length))
  expect(statSync(join(dir, '00000001.hmj')).size).toBeLessThanOrEqual(FILE_KIB_MAX * 1024)
  expect(verifyJournal(dir)).toMatchObject({ ok: true, isClosed: false })
})

test('a disk that fills up halts the journal with nothing lost that was appended', async (context) => {
  const disk = join(freshDir(), 'disk')
  const because = mountSmallDisk(disk)
  if (because !== null) context.skip(because)
  const dir = join(disk, 'run')
  const failures: JournalError[] = []
  const writer = await openJournal({ dir, header, sync: 'group', onFailure: (error) => failures.push(error) })
  const records = marketRecords(20_000)
  const taken: JournalRecord[] = []
  let acknowledged = 0
  try {
    for (const record of records) {
      writer.append(record)
      taken.push(record)
      if (taken.length % 20 === 0) {
        await writer.durable()
        acknowledged = taken.length
      }
    }
  } catch (error) {
    expect(error).toMatchObject({ code: 'DISK_FULL' })
  }
  expect(failures.map((failure) => failure.code)).toEqual(['DISK_FULL'])
  expect(() => writer.append({ kind: 'note', seq: 0, text: '' })).toThrow(failures[0])
  // The reserve took even what was appended while the disk was found full.
  await writer.durable()
  await writer.close()
  expect(taken.length).toBeGreaterThan(2_000)
  expect(taken.length).toBeLessThan(records.length)
  expect(acknowledged).toBeGreaterThan(2_000)
  expect([...readJournal(dir).records]).toEqual(taken)
  expect(verifyJournal(dir)).toMatchObject({ ok: true, tornBytes: 0, isClosed: false })
})

test('on a full disk a journal does not open, and leaves nothing behind', async (context) => {
  const disk = join(freshDir(), 'disk')
  const because = mountSmallDisk(disk)
  if (because !== null) context.skip(because)
  expect(() => writeFileSync(join(disk, 'filler'), Buffer.alloc(2 * 1024 * 1024))).toThrow('ENOSPC')
  truncateSync(join(disk, 'filler'), 900 * 1024)
  const dir = join(disk, 'run')
  const opening = openJournal({ dir, header, sync: 'group', onFailure: () => undefined })
  await expect(opening).rejects.toMatchObject({ code: 'DISK_FULL' })
  expect(readdirSync(dir)).toEqual([])
})
