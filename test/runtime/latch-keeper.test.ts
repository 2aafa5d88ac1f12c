/** The kill switch of a running maker: room taken at the start, one write and one sync, and what holds at each moment in between. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { realDisk } from '../../src/journal/disk.ts'
import { clearLatch, readLatch, sparePath, spareText, writeLatch } from '../../src/runtime/latch.ts'
import { openLatch } from '../../src/runtime/latch-keeper.ts'

const RECORD = { because: 'lost $200 today', tsMs: 77 }
const failing = { ...realDisk, sync: () => Promise.reject(new Error('EIO: the disk is broken')) }

describe('the latch of a running maker', () => {
  let root = ''
  let path = ''
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'keeper-'))
    path = join(root, 'kill-local-BTC.json')
  })
  afterEach(() => {
    rmSync(root, { recursive: true, force: true })
  })

  test('keeps what tripped it first, in the room taken at the start; room not needed is given back', async () => {
    const unused = openLatch(path)
    expect(readLatch(path)).toBeNull()
    expect(readFileSync(sparePath(path)).length).toBe(4_096)
    await unused.close()
    expect(existsSync(sparePath(path))).toBe(false)

    const latch = openLatch(path)
    await Promise.all([latch.keep(RECORD), latch.keep({ because: 'again', tsMs: 78 })])
    expect(readLatch(path)).toEqual(RECORD)
    await latch.close()
    expect([readLatch(path), existsSync(path), existsSync(sparePath(path))]).toEqual([RECORD, true, false])
  })

  test('holds from its sync on, before it has its name; the next run gives it the name, a reset takes both', () => {
    writeFileSync(sparePath(path), spareText(RECORD))
    expect(readLatch(path)).toEqual(RECORD)
    void openLatch(path).close()
    expect([readLatch(path), existsSync(path)]).toEqual([RECORD, true])
    writeFileSync(sparePath(path), spareText(RECORD))
    clearLatch(path)
    expect(readLatch(path)).toBeNull()
  })

  test('room that holds nothing is not a set switch, half a record in it is', () => {
    for (const nothing of ['', ' '.repeat(4_096), '\0'.repeat(4_096)]) {
      writeFileSync(sparePath(path), nothing)
      expect(readLatch(path)).toBeNull()
    }
    writeFileSync(sparePath(path), spareText(RECORD).slice(0, 9))
    expect(readLatch(path)?.because).toMatch(/damaged/)
  })

  test('a reason of any length and script fits the room and stays readable', () => {
    for (const because of ['x'.repeat(9_000), 'é'.repeat(3_000), '"\n'.repeat(2_500), '😀'.repeat(1_999)]) {
      const text = spareText({ because, tsMs: 77 })
      expect(Buffer.byteLength(text)).toBe(4_096)
      writeFileSync(sparePath(path), text)
      expect(readLatch(path)?.tsMs).toBe(77)
      expect(because.startsWith(readLatch(path)?.because.slice(0, 100) ?? '?')).toBe(true)
    }
  })

  test('a new file takes its place when the room fails in use', async () => {
    const latch = openLatch(path, failing)
    await latch.keep(RECORD)
    await latch.close()
    expect([readLatch(path), existsSync(path)]).toEqual([RECORD, true])
  })

  test('a new file takes its place when somebody has taken the room away', async () => {
    const latch = openLatch(path)
    rmSync(sparePath(path))
    await latch.keep(RECORD)
    expect([readLatch(path), existsSync(path)]).toEqual([RECORD, true])
    await latch.close()
  })

  test('room that another process has used and named on a full disk serves both', async () => {
    const latch = openLatch(path)
    mkdirSync(`${path}.new`)
    writeLatch(path, { because: 'hypermake kill: a test', tsMs: 76 })
    expect(readLatch(path)?.because).toBe('hypermake kill: a test')
    await latch.keep(RECORD)
    expect(readLatch(path)).toEqual(RECORD)
    await latch.close()
  })

  test('when neither can be written, the failure is told', async () => {
    const latch = openLatch(path, failing)
    rmSync(sparePath(path))
    mkdirSync(`${path}.new`)
    await expect(latch.keep(RECORD)).rejects.toThrow(/EISDIR/)
    await latch.close()
  })
})
