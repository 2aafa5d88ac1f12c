import { cpSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import { crc32c } from '../../src/journal/crc32c.ts'
import { JournalError } from '../../src/journal/errors.ts'
import { isSameValue } from '../../src/journal/exact-json.ts'
import { FORMAT_VERSION, HASH_BYTES, encodeSegmentHeader } from '../../src/journal/format.ts'
import type { JournalRecord } from '../../src/journal/format.ts'
import { readJournal, verifyJournal } from '../../src/journal/reader.ts'
import { openJournal } from '../../src/journal/writer.ts'
import { freshDir, header, marketRecords } from './arbitrary.ts'

const FIRST = '00000001.hmj'
const HEADER_BYTES: number = encodeSegmentHeader(1, Buffer.alloc(HASH_BYTES), header).length
const records = marketRecords(13)

/** The bytes of a journal of 13 inputs in groups of four records: closed in order, and as a crash would leave it. */
let closed: Buffer
let crashed: Buffer
/** Where each group ends, chain frame included. */
const groupEnds: number[] = []

beforeAll(async () => {
  const dir = freshDirOutsideTest()
  const writer = await openJournal({ dir, header, sync: 'group', onFailure: () => undefined })
  for (const [index, record] of records.entries()) {
    writer.append(record)
    if (index % 4 === 3) {
      await writer.durable()
      groupEnds.push(writer.byteCount)
    }
  }
  await writer.durable()
  groupEnds.push(writer.byteCount)
  // Of the reserve, a few sectors are enough: every flip in it is a file to read.
  crashed = readFileSync(join(dir, FIRST)).subarray(0, (groupEnds.at(-1) ?? 0) + 1_100)
  await writer.close()
  closed = readFileSync(join(dir, FIRST))
  rmSync(dir, { recursive: true })
})

function freshDirOutsideTest(): string {
  return join(process.env['TMPDIR'] ?? '/tmp', `hmj-damage-${process.pid}`)
}

/** What a reader gets before it ends or refuses. */
function recordsBeforeDamage(dir: string): JournalRecord[] {
  const found: JournalRecord[] = []
  try {
    for (const record of readJournal(dir).records) found.push(record)
  } catch (error) {
    if (!(error instanceof JournalError)) throw error
  }
  return found
}

function expectPrefix(dir: string): JournalRecord[] {
  const found = recordsBeforeDamage(dir)
  // Thousands of times in this file, and ten times faster than `toEqual`.
  const isPrefix = found.every((record, index) => isSameValue(record, records[index]))
  if (!isPrefix) expect(found).toEqual(records.slice(0, found.length))
  return found
}

/** Deleted first: ext4 flushes a file that is truncated and written again, and this happens thousands of times. */
function writeFirst(dir: string, bytes: Buffer): void {
  writeAnew(join(dir, FIRST), bytes)
}

function writeAnew(path: string, bytes: Buffer): void {
  rmSync(path, { force: true })
  writeFileSync(path, bytes)
}

describe('one flipped bit', () => {
  test('at any byte of a closed journal is detected, with the place, and nothing after it is read', () => {
    const dir = freshDir()
    const lastFrame = closed.length - groupEnds.length
    expect(closed.length).toBeGreaterThan(1_200)
    for (let at = 0; at < closed.length; at += 1) {
      const bytes = Buffer.from(closed)
      bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << (at % 8)), at)
      writeFirst(dir, bytes)
      const report = verifyJournal(dir)
      if (report.ok) {
        // Only the last frame, which marks the end, may look like a write that a crash cut short.
        expect(at).toBeGreaterThanOrEqual(groupEnds.at(-1) ?? lastFrame)
        expect(report).toMatchObject({ isClosed: false, recordCount: records.length })
        expect(report.tornBytes).toBeGreaterThan(0)
      } else {
        expect(report.damage?.segment).toBe(1)
        expect(report.damage?.offset).toBeLessThanOrEqual(at)
        expect(report.damage?.because).toContain(FIRST)
      }
      if (at % 4 === 0) expectPrefix(dir)
    }
  })

  test('at any byte before the last group of a crashed journal is refused, and in it is reported as torn', () => {
    const dir = freshDir()
    const lastGroupStart = groupEnds.at(-2) ?? 0
    for (let at = 0; at < crashed.length; at += at < lastGroupStart ? 3 : 1) {
      const bytes = Buffer.from(crashed)
      bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << (at % 8)), at)
      writeFirst(dir, bytes)
      const report = verifyJournal(dir)
      if (at < lastGroupStart) expect(report.ok).toBe(false)
      else expect(report.ok && report.tornBytes === 0).toBe(false)
    }
  })
})

describe('a packed segment', () => {
  const PACKED = `${FIRST}.gz`
  /** A few bits tell of the packing alone: its time and system, and what fills up the last byte of the stream. */
  const isSound = (packed: Buffer): boolean => {
    try {
      return gunzipSync(packed).equals(closed)
    } catch {
      return false
    }
  }

  test('with any byte changed is read to where it can be believed, and the damage is told', () => {
    const dir = freshDir()
    const packed = gzipSync(closed)
    let saved = 0
    for (let at = 0; at < packed.length; at += 1) {
      const bytes = Buffer.from(packed)
      bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << (at % 8)), at)
      writeAnew(join(dir, PACKED), bytes)
      const report = verifyJournal(dir)
      expect(report.ok, `byte ${at}`).toBe(isSound(bytes))
      const found = expectPrefix(dir)
      expect(found.length).toBe(report.recordCount)
      if (!report.ok) saved = Math.max(saved, found.length)
      // The checksum behind the stream is wrong and the stream is not.
      if (at < 3 || at >= packed.length - 8) expect(found).toHaveLength(records.length)
    }
    expect(saved).toBe(records.length)
  })

  test('cut off at any byte gives the records that were whole, the more the longer it is', () => {
    const dir = freshDir()
    const packed = gzipSync(closed)
    let before = 0
    for (let size = 0; size < packed.length; size += 1) {
      writeAnew(join(dir, PACKED), packed.subarray(0, size))
      const { ok, recordCount, damage } = verifyJournal(dir)
      expect([ok, damage?.segment]).toEqual([false, 1])
      expect(recordCount).toBeGreaterThanOrEqual(before)
      before = recordCount
      if (size % 8 === 0 && recordCount > 0) expect(expectPrefix(dir)).toHaveLength(recordCount)
    }
    expect(before).toBe(records.length)
  })

  test('cut off before another one ends the journal there: what follows has no beginning', async () => {
    const dir = freshDir()
    const path = join(dir, 'run')
    const writer = await openJournal({
      ...{ dir: path, header, sync: 'never', segmentBytesMax: 1_500, onFailure: () => undefined },
    })
    for (const [index, record] of records.entries()) {
      writer.append(record)
      if (index % 4 === 3) await writer.durable()
    }
    await writer.close()
    expect(readdirSync(path).length).toBeGreaterThan(1)
    const first = join(path, FIRST)
    const packed = gzipSync(readFileSync(first))
    writeAnew(`${first}.gz`, packed.subarray(0, packed.length - 60))
    rmSync(first)
    const report = verifyJournal(path)
    expect(report).toMatchObject({ ok: false, damage: { segment: 1 } })
    expect(report.recordCount).toBeGreaterThan(0)
    expect(expectPrefix(path)).toHaveLength(report.recordCount)
  })
})

describe('a missing sector', () => {
  test('of a group with a later group behind it is damage, for it was on disk once', () => {
    const dir = freshDir()
    for (const image of [closed, crashed]) {
      const bytes = Buffer.from(image)
      expect(groupEnds.at(-2)).toBeGreaterThan(1_024)
      bytes.fill(0, 512, 1_024)
      writeFirst(dir, bytes)
      expect(verifyJournal(dir)).toMatchObject({ ok: false, damage: { segment: 1 } })
    }
  })

  test('of the last group is what a power cut leaves, a changed byte in it is not', async () => {
    const dir = freshDir()
    const writer = await openJournal({
      dir: join(dir, 'live'),
      header,
      sync: 'group',
      onFailure: () => undefined,
    })
    for (const record of records) writer.append(record)
    await writer.durable()
    const whole = readFileSync(join(dir, 'live', FIRST))
    await writer.close()

    const flipped = Buffer.from(whole)
    flipped.writeUInt8(flipped.readUInt8(HEADER_BYTES + 6) ^ 1, HEADER_BYTES + 6)
    writeFirst(dir, flipped)
    expect(verifyJournal(dir)).toMatchObject({ ok: false, damage: { offset: HEADER_BYTES } })

    whole.fill(0, HEADER_BYTES, Math.ceil((HEADER_BYTES + 1) / 512) * 512)
    writeFirst(dir, whole)
    const report = verifyJournal(dir)
    expect(report).toMatchObject({ ok: true, recordCount: 0, isClosed: false })
    expect(report.tornBytes).toBeGreaterThan(0)
  })
})

describe('a cut', () => {
  test('at every byte of the last three records leaves the longest valid prefix', () => {
    const dir = freshDir()
    const whole = frameEnds(closed)
    // Record frames and the chain frames between them; the cut goes from the third last record to the end.
    const recordEnds = whole.filter((frame) => frame.isRecord)
    const from = recordEnds.at(-4)?.end ?? 0
    for (let size = from; size <= closed.length; size += 1) {
      writeFirst(dir, closed.subarray(0, size))
      const report = verifyJournal(dir)
      const expected = recordEnds.filter((frame) => frame.end <= size).length
      const prefixEnd = Math.max(...whole.map((frame) => frame.end).filter((end) => end <= size))
      expect(report).toMatchObject({ ok: true, recordCount: expected, isClosed: size === closed.length })
      // A tail that ends in zeros cannot be told from unused reserve: it may be counted shorter, never longer.
      expect(report.tornBytes).toBeLessThanOrEqual(size - prefixEnd)
      if (size > prefixEnd + 8) expect(report.tornBytes).toBeGreaterThan(0)
      expect(expectPrefix(dir)).toHaveLength(expected)
    }
  })

  test('within the header of the run is refused', () => {
    const dir = freshDir()
    for (let size = 0; size < HEADER_BYTES; size += 1) {
      writeFirst(dir, closed.subarray(0, size))
      expect(() => readJournal(dir)).toThrow(expect.objectContaining({ code: 'BAD_HEADER' }) as Error)
      expect(verifyJournal(dir).ok).toBe(false)
    }
  })

  test('unused reserve behind the last group is no damage', () => {
    const dir = freshDir()
    writeFirst(dir, crashed)
    expect(crashed.subarray(groupEnds.at(-1)).every((byte) => byte === 0)).toBe(true)
    expect(verifyJournal(dir)).toMatchObject({
      ok: true,
      tornBytes: 0,
      isClosed: false,
      recordCount: records.length,
    })
    expect(expectPrefix(dir)).toHaveLength(records.length)
  })
})

describe('changes that keep every checksum right', () => {
  test('a rewritten record is found by the chain hash', () => {
    const dir = freshDir()
    const bytes = Buffer.from(closed)
    const second = frameEnds(closed)[1]
    if (!second) throw new Error('there is a second frame')
    // The last byte of the body of input 2, a trade: its size.
    bytes.writeUInt8(bytes.readUInt8(second.end - 5) ^ 2, second.end - 5)
    bytes.writeUInt32LE(crc32c(bytes, second.start, second.end - 4), second.end - 4)
    writeFirst(dir, bytes)
    expect(verifyJournal(dir).damage?.because).toContain('the block was rewritten')
    expect(expectPrefix(dir)).toEqual([])
  })

  test('a removed group, and a group that stands twice, are found', () => {
    const dir = freshDir()
    const [first = 0, second = 0, third = 0] = groupEnds
    writeFirst(dir, Buffer.concat([closed.subarray(0, first), closed.subarray(second)]))
    expect(verifyJournal(dir)).toMatchObject({ ok: false, recordCount: 4 })
    writeFirst(dir, Buffer.concat([closed.subarray(0, third), closed.subarray(second)]))
    expect(verifyJournal(dir)).toMatchObject({ ok: false, recordCount: 12 })
  })

  test('a rewritten header changes the start of the chain', () => {
    const dir = freshDir()
    const forged = encodeSegmentHeader(1, Buffer.alloc(HASH_BYTES), { ...header, configHash: 'c0ffef' })
    writeFirst(dir, Buffer.concat([forged, closed.subarray(HEADER_BYTES)]))
    expect(verifyJournal(dir).damage?.because).toContain('the block was rewritten')
  })

  test('bytes behind the end of a closed journal are refused', () => {
    const dir = freshDir()
    writeFirst(dir, Buffer.concat([closed, Buffer.from('x')]))
    expect(verifyJournal(dir)).toMatchObject({ ok: false, damage: { offset: closed.length } })
  })
})

test('a whole record behind the end mark is refused', () => {
  const dir = freshDir()
  const first = frameEnds(closed)[0]
  writeFirst(dir, Buffer.concat([closed, closed.subarray(first?.start, first?.end)]))
  expect(verifyJournal(dir)).toMatchObject({ ok: false, damage: { offset: closed.length } })
  expect(() => [...readJournal(dir).records]).toThrow('records stand behind the end mark')
})

describe('segments', () => {
  /** A journal of several small segments. */
  async function segmented(): Promise<string> {
    const dir = freshDir()
    const writer = await openJournal({
      dir,
      header,
      sync: 'every',
      segmentBytesMax: 600,
      onFailure: () => undefined,
    })
    for (const record of records) writer.append(record)
    await writer.close()
    expect(readdirSync(dir).length).toBeGreaterThan(3)
    return dir
  }

  test('a missing, exchanged or foreign segment is refused with its number', async () => {
    const dir = await segmented()
    const copy = (): string => {
      const target = join(freshDir(), 'copy')
      cpSync(dir, target, { recursive: true })
      return target
    }
    const missing = copy()
    rmSync(join(missing, '00000002.hmj'))
    expect(verifyJournal(missing).damage).toMatchObject({ segment: 2, offset: 0 })

    const exchanged = copy()
    renameSync(join(exchanged, '00000002.hmj'), join(exchanged, 'aside'))
    renameSync(join(exchanged, '00000003.hmj'), join(exchanged, '00000002.hmj'))
    renameSync(join(exchanged, 'aside'), join(exchanged, '00000003.hmj'))
    expect(verifyJournal(exchanged).damage).toMatchObject({ segment: 2, offset: 0 })

    const foreign = copy()
    const head = encodeSegmentHeader(2, Buffer.alloc(HASH_BYTES, 7), null)
    writeFileSync(join(foreign, '00000002.hmj'), head)
    expect(verifyJournal(foreign).damage?.because).toContain('does not follow the one before it')

    const cut = copy()
    const second = readFileSync(join(cut, '00000002.hmj'))
    writeFileSync(join(cut, '00000002.hmj'), second.subarray(0, second.length - 1))
    expect(verifyJournal(cut).damage?.segment).toBe(2)

    const lost = copy()
    const last = readdirSync(lost).toSorted().at(-1) ?? ''
    rmSync(join(lost, last))
    expect(verifyJournal(lost)).toMatchObject({ ok: true, isClosed: false })
  })

  test('every flipped bit in every segment is detected', async () => {
    const dir = await segmented()
    for (const name of readdirSync(dir)) {
      const bytes = readFileSync(join(dir, name))
      for (let at = 0; at < bytes.length; at += 3) {
        const flipped = Buffer.from(bytes)
        flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << (at % 8)), at)
        writeAnew(join(dir, name), flipped)
        const report = verifyJournal(dir)
        expect(report.ok && report.tornBytes === 0, `${name} at ${at}`).toBe(false)
      }
      writeFileSync(join(dir, name), bytes)
    }
  })

  test('a crash while a segment is begun leaves the segments before it', async () => {
    const dir = await segmented()
    const names = readdirSync(dir).toSorted()
    const last = names.at(-1) ?? ''
    const bytes = readFileSync(join(dir, last))
    for (const left of [Buffer.alloc(0), Buffer.alloc(600), bytes.subarray(0, 30)]) {
      writeFileSync(join(dir, last), left)
      expect(verifyJournal(dir)).toMatchObject({ ok: true, isClosed: false })
      expectPrefix(dir)
    }
  })
})

test('a folder without segments, and a folder that is none, say so', () => {
  const dir = freshDir()
  expect(() => verifyJournal(dir)).toThrow(expect.objectContaining({ code: 'NOT_A_JOURNAL' }) as Error)
  expect(() => verifyJournal(join(dir, 'none'))).toThrow(
    expect.objectContaining({ code: 'BAD_DIRECTORY' }) as Error,
  )
})

test('a journal of a later format is named as such', () => {
  const dir = freshDir()
  const bytes = Buffer.from(closed)
  bytes.writeUInt32LE(FORMAT_VERSION + 1, 8)
  bytes.writeUInt32LE(crc32c(bytes, 0, HEADER_BYTES - 4), HEADER_BYTES - 4)
  writeFirst(dir, bytes)
  expect(() => verifyJournal(dir)).toThrow('has format 3; this build reads 1 to 2')
})

interface FrameSpan {
  readonly start: number
  readonly end: number
  readonly isRecord: boolean
}

/** Frames by their lengths alone, written apart from the reader. */
function frameEnds(bytes: Buffer): FrameSpan[] {
  const spans: FrameSpan[] = []
  for (let start = HEADER_BYTES; start < bytes.length;) {
    const end = start + 8 + bytes.readUInt32LE(start)
    spans.push({ start, end, isRecord: bytes.readUInt8(start + 4) !== 64 })
    start = end
  }
  return spans
}
