import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { positionNotePath, readPositionNote, writePositionNote } from '../../src/runtime/position-note.ts'
import type { PositionNote } from '../../src/runtime/position-note.ts'

const root = mkdtempSync(join(tmpdir(), 'position-note-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const note: PositionNote = {
  epoch: 1_790_000_000_000,
  seq: 4_711,
  positionLots: -2_500,
  szDecimals: 5,
  venueTsMs: 1_790_000_123_456,
}

test('what is written is read, the last note alone, with nothing left beside it', () => {
  const path = join(root, 'whole.json')
  writePositionNote(path, { ...note, positionLots: 3 })
  writePositionNote(path, note)
  expect(readPositionNote(path)).toEqual(note)
  expect(readdirSync(root).filter((name) => name.startsWith('whole'))).toEqual(['whole.json'])
})

test.each([
  ['nothing', ''],
  ['half a note', JSON.stringify(note).slice(0, 40)],
  ['no object', '17'],
  ['null', 'null'],
  ['a note without a position', JSON.stringify({ ...note, positionLots: undefined })],
  ['a position that is no number', JSON.stringify({ ...note, positionLots: '-2500' })],
  ['a position that is not whole', JSON.stringify({ ...note, positionLots: -2_500.5 })],
])('a file that holds %s explains nothing', (what, text) => {
  const path = join(root, `${what.replaceAll(' ', '-')}.json`)
  writeFileSync(path, text)
  expect(readPositionNote(path)).toBeNull()
})

test('a file that is not there explains nothing', () => {
  expect(readPositionNote(join(root, 'never-written.json'))).toBeNull()
})

test('each account, market and network has a note of its own, under a name that every file system takes', () => {
  const of = { root, world: 'http://127.0.0.1:3001', coin: 'hyna:BTC', account: `0x${'a1'.repeat(20)}` }
  const paths = [
    of,
    { ...of, world: 'mainnet' },
    { ...of, coin: 'BTC' },
    { ...of, coin: 'flx:BTC' },
    { ...of, account: `0x${'a2'.repeat(20)}` },
  ].map(positionNotePath)
  expect(new Set(paths).size).toBe(paths.length)
  for (const path of paths) expect(path.slice(root.length + 1)).toMatch(/^position-[A-Za-z0-9-]+\.json$/)
})
