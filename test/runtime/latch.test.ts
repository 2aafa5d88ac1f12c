import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  clearLatch,
  clearReset,
  dropSpareLatch,
  latchPath,
  readLatch,
  readReset,
  spareLatch,
  writeLatch,
  writeReset,
} from '../../src/runtime/latch.ts'

describe('the kill switch on disk', () => {
  let root = ''
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'latch-'))
  })
  afterEach(() => {
    rmSync(root, { recursive: true, force: true })
  })

  test('holds what tripped it until it is cleared, one file per market', () => {
    const path = latchPath({ root: join(root, 'new', 'folder'), network: 'local', coin: 'hyna:BTC' })
    expect(readLatch(path)).toBeNull()
    writeLatch(path, { because: 'lost $200 today', tsMs: 77 })
    expect(readLatch(path)).toEqual({ because: 'lost $200 today', tsMs: 77 })
    expect(readLatch(latchPath({ root, network: 'local', coin: 'BTC' }))).toBeNull()
    clearLatch(path)
    expect(readLatch(path)).toBeNull()
  })

  test('counts as set when its file is damaged or cannot be read', () => {
    const path = latchPath({ root, network: 'local', coin: 'BTC' })
    writeLatch(path, { because: 'x', tsMs: 7 })
    writeFileSync(path, readFileSync(path, 'utf8').slice(0, 9))
    expect(readLatch(path)?.because).toMatch(/damaged/)
    expect(readLatch(root)?.because).toMatch(/cannot be read/)
  })

  test('uses the room taken beforehand when a new file cannot be written', () => {
    const path = latchPath({ root, network: 'local', coin: 'BTC' })
    spareLatch(path)
    // Stands for a full disk: nothing can be written under this name.
    mkdirSync(`${path}.new`)
    writeLatch(path, { because: 'no space left', tsMs: 77 })
    expect(readLatch(path)).toEqual({ because: 'no space left', tsMs: 77 })
    // Without that room the failure is told.
    clearLatch(path)
    expect(() => writeLatch(path, { because: 'again', tsMs: 78 })).toThrow(/EISDIR/)
    spareLatch(path)
    dropSpareLatch(path)
    expect(existsSync(`${path}.spare`)).toBe(false)
  })

  test('a reset by hand waits for the next run, and never frees by itself', () => {
    const path = latchPath({ root, network: 'local', coin: 'BTC' })
    writeLatch(path, { because: 'x', tsMs: 7 })
    writeReset(path, { because: 'looked into it', tsMs: 77 })
    expect(readLatch(path)?.because).toBe('x')
    expect(readReset(path)?.because).toBe('looked into it')
    clearReset(path)
    expect(readReset(path)).toBeNull()
  })
})
