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

const records = marketRecords(80)

/** Writes until the power goes. @returns how many records were acknowledged as durable */
async function writeUntilCut(
  dir: string,
  of: { readonly seed: number; readonly cutAt: number; readonly sync: SyncMode },
): Promise<{ acknowledged: number; crashDir: string; appended: number } | null> {
  const random = initSfc32(of.seed)
  const disk = initModelDisk(random, of.cutAt)
  const options = { dir: join(dir, 'live'), header, sync: of.sync, segmentBytesMax: 6_000, disk }
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
      if (nextUnit(random) < 0.2) await durable()
      else if (nextUnit(random) < 0.3) waits.push(durable())
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

test.each(['group', 'every'] as const)(
  'after a power cut at any call (sync = %s) every acknowledged record is there, and the rest is a prefix',
  async (sync) => {
    let cutShort = 0
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 4, max: 120 }), async (seed, cutAt) => {
        const written = await writeUntilCut(freshDir(), { seed, cutAt, sync })
        if (!written) return
        const found: JournalRecord[] = [...readJournal(written.crashDir).records]
        expect(found.length).toBeGreaterThanOrEqual(written.acknowledged)
        expect(found.length).toBeLessThanOrEqual(written.appended)
        expect(found).toEqual(records.slice(0, found.length))
        if (found.length < records.length) cutShort += 1
      }),
      // A short durable write, and the power gone in the next: half a sector is on disk, and those after it.
      { numRuns: 60, examples: [[13, 8]] },
    )
    expect(cutShort).toBeGreaterThan(10)
  },
)
