import fc from 'fast-check'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { initSfc32, nextUnit } from '../../src/core/math/sfc32.ts'
import type { JournalRecord } from '../../src/journal/format.ts'
import { readJournal } from '../../src/journal/reader.ts'
import { openJournal } from '../../src/journal/writer.ts'
import type { SyncMode } from '../../src/journal/writer.ts'
import { freshDir, header, marketRecords } from './arbitrary.ts'
import { initModelDisk } from './model-disk.ts'

interface Cut {
  readonly seed: number
  readonly cutAt: number
  readonly sync: SyncMode
  readonly records: readonly JournalRecord[]
  readonly segmentBytesMax: number
  /** Of the records that somebody waits for; others gather in one turn. */
  readonly waitShare: number
}

/** Writes until the power goes. @returns how many records were acknowledged as durable */
async function writeUntilCut(
  dir: string,
  { seed, cutAt, sync, records, segmentBytesMax, waitShare }: Cut,
): Promise<{ acknowledged: number; crashDir: string; appended: number } | null> {
  const random = initSfc32(seed)
  const disk = initModelDisk(random, cutAt)
  const options = { dir: join(dir, 'live'), header, sync, segmentBytesMax, disk }
  const writer = await openJournal({ ...options, onFailure: () => undefined }).catch(() => null)
  if (!writer) return null // The power went before the journal was open: nothing was promised.
  let acknowledged = 0
  let appended = 0
  const waits: Promise<void>[] = []
  try {
    for (const record of records) {
      writer.append(record)
      appended += 1
      const through = appended
      const durable = (): Promise<void> =>
        writer.durable().then(
          () => {
            acknowledged = Math.max(acknowledged, through)
          },
          () => undefined,
        )
      if (nextUnit(random) < waitShare) await durable()
      else if (nextUnit(random) < 1.5 * waitShare) waits.push(durable())
    }
  } catch {
    // The failure was told; no record after it was accepted.
  }
  await Promise.all(waits)
  await writer.close().catch(() => undefined)
  const crashDir = join(dir, 'crashed')
  disk.dumpAfterCrash(crashDir)
  return { acknowledged, crashDir, appended }
}

/** @returns true when records were lost, none of which was acknowledged */
async function cutOnce(cut: Cut): Promise<boolean> {
  const { records } = cut
  const written = await writeUntilCut(freshDir(), cut)
  if (!written) return false
  const found: JournalRecord[] = [...readJournal(written.crashDir).records]
  expect(found.length).toBeGreaterThanOrEqual(written.acknowledged)
  expect(found.length).toBeLessThanOrEqual(written.appended)
  expect(found).toEqual(records.slice(0, found.length))
  return found.length < records.length
}

test.each(['group', 'every'] as const)(
  'after a power cut at any call (sync = %s) every acknowledged record is there, and the rest is a prefix',
  async (sync) => {
    const records = marketRecords(80)
    let cutShort = 0
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 4, max: 120 }), async (seed, cutAt) => {
        const of = { records, segmentBytesMax: 6_000, waitShare: 0.2 }
        if (await cutOnce({ ...of, seed, cutAt, sync })) cutShort += 1
      }),
      // A short durable write, and the power gone in the next: half a sector is on disk, and those after it.
      { numRuns: 60, examples: [[13, 8]] },
    )
    expect(cutShort).toBeGreaterThan(10)
  },
)

test('the same where one turn appends megabytes, whose beginning goes to the disk before its end is there', async () => {
  const text = 'fifteen bytes, '.repeat(1_000)
  const records = Array.from({ length: 200 }, (_, index): JournalRecord => {
    return { kind: 'note', seq: 0, text: `${index} ${text}` }
  })
  let cutShort = 0
  const size = { segmentBytesMax: fc.constantFrom(700_000, 8_000_000), waitShare: fc.constantFrom(0.04, 0.2) }
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.integer({ min: 4, max: 60 }), fc.record(size), async (seed, cutAt, of) => {
      if (await cutOnce({ ...of, seed, cutAt, sync: 'group', records })) cutShort += 1
    }),
    { numRuns: 40 },
  )
  expect(cutShort).toBeGreaterThan(10)
})
