/** What trips the switch from outside: the file, whoever writes it and whatever is in it, and a signal. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type KillTriggers, watchKillTriggers } from '../../src/compose/kill-triggers.ts'
import { createLog, type Log } from '../../src/ops/log.ts'
import { keepLatchAfterFailure } from '../../src/compose/run-latch.ts'
import { JournalError } from '../../src/journal/errors.ts'
import { latchPath, readLatch, spareLatch, writeLatch } from '../../src/runtime/latch.ts'
import { load } from '../support/config.ts'
import { until } from '../support/venue-stage.ts'

let root = ''
let path = ''
let log: Log
let triggers: KillTriggers
let trips: { because: string; atMs: number }[] = []

beforeEach(() => {
  root = mkdtempSync(`${tmpdir()}/triggers-`)
  path = latchPath({ root, network: 'local', coin: 'hyna:BTC' })
  trips = []
  log = createLog(load({ assignments: ['log.level=silent'] }).values.log)
  triggers = watchKillTriggers({ path, trip: (because, atMs) => trips.push({ because, atMs }), log })
})
afterEach(() => {
  triggers.stop()
  rmSync(root, { recursive: true, force: true })
})

describe('triggers of the kill switch', () => {
  test('the latch that another process writes trips, with its reason', async () => {
    // What lies beside it does not.
    spareLatch(path)
    writeLatch(latchPath({ root, network: 'local', coin: 'ETH' }), { because: 'another market', tsMs: 7 })
    writeLatch(path, { because: 'the feed looks wrong', tsMs: 77 })
    await until(() => trips.length > 0, 'the trip')
    expect(new Set(trips.map(({ because }) => because))).toEqual(new Set(['the feed looks wrong']))
  })

  test('an empty file of that name is enough', async () => {
    writeFileSync(path, '')
    await until(() => trips.length > 0, 'the trip')
    expect(trips[0]?.because).toMatch(/damaged/)
  })

  test('SIGUSR2 trips, and after the end nothing does', async () => {
    // Without a listener the signal would end this process.
    const keep = (): void => undefined
    process.on('SIGUSR2', keep)
    try {
      process.kill(process.pid, 'SIGUSR2')
      await until(() => trips.length > 0, 'the trip')
      expect(trips.map(({ because }) => because)).toEqual(['SIGUSR2'])
      triggers.stop()
      expect(process.listeners('SIGUSR2')).toEqual([keep])
    } finally {
      process.off('SIGUSR2', keep)
    }
  })

  test('a failed write of the journal sets the latch, a failure of anything else does not', () => {
    const nowMs = 77
    keepLatchAfterFailure({ path, error: new Error('a bug'), nowMs, log })
    expect(readLatch(path)).toBeNull()
    keepLatchAfterFailure({ path, error: new JournalError('WRITE_FAILED', 'no space left'), nowMs, log })
    expect(readLatch(path)).toEqual({ because: 'the journal failed: no space left', tsMs: 77 })
  })
})
