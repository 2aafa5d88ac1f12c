/** A whole run, maker and exchange, on a file system of 1 MiB: it halts by itself, and nothing that was said is lost. */
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { machineOf } from '../../src/compose/replay.ts'
import { runMaker } from '../../src/compose/run-maker.ts'
import type { RunOptions } from '../../src/config/options.ts'
import { verifyJournal } from '../../src/journal/reader.ts'
import { replayJournal } from '../../src/journal/replay.ts'
import { exchangeFolderOf } from '../../src/journal/run-dir.ts'
import { RESERVE_BYTES } from '../../src/journal/segment-file.ts'
import { latchPath, readLatch } from '../../src/runtime/latch.ts'
import { captured } from '../support/captured.ts'
import { load } from '../support/config.ts'
import { mountSmallDisk } from '../support/small-disk.ts'

/** Some hundred bytes of journal a second of the market: in a few seconds of ours they pass half of the reserve. */
const SPEED = 20
const POLL_MS = 20
const STARTED_MS_MAX = 60_000

test('a full disk ends a run with the kill switch kept, every decision on disk, and a journal that replays', async (context) => {
  const root = mkdtempSync(join(tmpdir(), 'full-disk-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const disk = join(root, 'disk')
  const because = mountSmallDisk(disk)
  if (because !== null) context.skip(because)
  const journalDir = join(disk, 'run')
  const config = load({
    assignments: [`journal.dir=${disk}`, 'journal.sync=group', 'log.level=silent', 'metrics.port=0'],
  })
  const options: RunOptions = {
    ...{ config, seed: 7, durationMs: null, tape: null, speed: SPEED, scenario: null, journalDir },
    ...{ isLive: false, acceptRealMoney: null, resetKill: null, json: true, version: 'test' },
  }
  const deadline = performance.now() + STARTED_MS_MAX
  const timer = setInterval(() => {
    if (!(isBegun(journalDir) && isBegun(exchangeFolderOf(journalDir))) && performance.now() < deadline)
      return
    clearInterval(timer)
    fill(join(disk, 'filler'))
  }, POLL_MS)
  const { code, out } = await captured(() => runMaker(options)).finally(() => clearInterval(timer))
  expect(code, out).toBe(1)
  const { network, coin } = { network: 'local', coin: 'hyna:BTC' }
  expect(readLatch(latchPath({ root: disk, network, coin }))?.because).toMatch(
    /the journal failed: .*no space/,
  )
  expect(verifyJournal(journalDir)).toMatchObject({ ok: true, tornBytes: 0 })
  const replayed = replayJournal(journalDir, machineOf)
  expect(replayed).toMatchObject({ ok: true, difference: null })
  expect(replayed.commandCount).toBeGreaterThan(0)
}, 120_000)

/** The journal in the folder has its first reserve. */
function isBegun(dir: string): boolean {
  const path = join(dir, '00000001.hmj')
  return existsSync(path) && statSync(path).size > RESERVE_BYTES
}

/** Takes what is left, down to the last block. */
function fill(path: string): void {
  for (let bytes = 1024 * 1024; bytes >= 4_096; bytes /= 2) {
    try {
      writeFileSync(path, Buffer.alloc(bytes, 1), { flag: 'a' })
    } catch {
      // Full for so many bytes; fewer may still fit.
    }
  }
}
