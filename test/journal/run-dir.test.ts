import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { acquireLock, heldBy, releaseLock } from '../../src/journal/lock.ts'
import { createRunDir, nextEpoch } from '../../src/journal/run-dir.ts'
import { freshDir } from './arbitrary.ts'

describe('epochs', () => {
  test('an epoch is the time, and one more when the clock stands or goes back', () => {
    const root = join(freshDir(), 'journal')
    expect(nextEpoch(root, 1_000)).toBe(1_000)
    expect(nextEpoch(root, 1_000)).toBe(1_001)
    expect(nextEpoch(root, 400)).toBe(1_002)
    expect(nextEpoch(root, 5_000)).toBe(5_000)
  })

  test('only the largest epoch is remembered, however many were taken', () => {
    const root = freshDir()
    for (let count = 0; count < 20; count += 1) nextEpoch(root, 7)
    expect(readdirSync(root)).toEqual(['epoch-26'])
  })

  test('a time that is none is refused', () => {
    expect(() => nextEpoch(freshDir(), NaN)).toThrow('positive whole number')
  })

  test('a root that cannot be a folder says so', () => {
    const dir = freshDir()
    writeFileSync(join(dir, 'file'), '')
    expect(() => nextEpoch(join(dir, 'file'), 1)).toThrow(/cannot make .*file/)
  })
})

describe('folders of runs', () => {
  test.each([
    { coin: 'hyna:BTC', tsMs: Date.UTC(2026, 10, 21, 9, 15, 0, 999), name: 'hyna-BTC-20261121T091500Z-0001' },
    { coin: 'kPEPE', tsMs: Date.UTC(2028, 1, 29, 23, 59, 59), name: 'kPEPE-20280229T235959Z-0001' },
    { coin: '../etc', tsMs: Date.UTC(2026, 0, 1), name: '-etc-20260101T000000Z-0001' },
  ])('$coin becomes $name', ({ coin, tsMs, name }) => {
    const root = join(freshDir(), 'journal')
    expect(createRunDir(root, { coin, tsMs })).toBe(join(root, name))
    expect(readdirSync(root)).toEqual([name])
  })

  test('runs of one second are counted', () => {
    const root = freshDir()
    const run = { coin: 'BTC', tsMs: 0 }
    mkdirSync(join(root, 'BTC-19700101T000000Z-0002'))
    expect(basename(createRunDir(root, run))).toBe('BTC-19700101T000000Z-0001')
    expect(basename(createRunDir(root, run))).toBe('BTC-19700101T000000Z-0003')
  })
})

describe('locks', () => {
  test('a lock is held until it is released, and only by its holder', () => {
    const path = join(freshDir(), 'lock')
    const lock = acquireLock(path, 5)
    expect(heldBy(path)).toContain(`process ${process.pid}`)
    expect(() => acquireLock(path, 6)).toThrow(/held by process .* \(epoch 5\)/)
    releaseLock({ ...lock, holder: { ...lock.holder, epoch: 6 } })
    expect(heldBy(path)).not.toBeNull()
    releaseLock(lock)
    expect(heldBy(path)).toBeNull()
    acquireLock(path, 6)
  })

  test('an id that was used again by another process does not keep a dead lock alive', () => {
    const path = join(freshDir(), 'lock')
    const { holder } = acquireLock(path, 5)
    // This very process lives, but it did not start when the holder did.
    writeFileSync(path, JSON.stringify({ ...holder, started: `${holder.started}0` }))
    expect(acquireLock(path, 6).takenFrom).toMatchObject({ epoch: 5, pid: process.pid })
  })

  test('while one process replaces a dead lock, another is refused', () => {
    const path = join(freshDir(), 'lock')
    const { holder } = acquireLock(path, 5)
    writeFileSync(path, JSON.stringify({ ...holder, started: `${holder.started}0` }))
    writeFileSync(`${path}.takeover`, JSON.stringify(holder))
    expect(() => acquireLock(path, 6)).toThrow(/takeover is held by/)
  })
})
