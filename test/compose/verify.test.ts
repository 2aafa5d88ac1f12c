/** What `hypermake verify` prints, outcome by outcome, of one small run of the maker. */
import { cpSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { verify } from '../../src/compose/verify.ts'
import { readJournal } from '../../src/journal/reader.ts'
import { openJournal } from '../../src/journal/writer.ts'
import { freshDir } from '../journal/arbitrary.ts'
import { captured } from '../support/captured.ts'
import { journalledRun } from '../support/journalled-run.ts'

const SEGMENT = '00000001.hmj'
let run = ''

beforeAll(async () => {
  ;({ dir: run } = await journalledRun({ seed: 5, seconds: 2 }))
})

function verified(dir: string): ReturnType<typeof captured> {
  return captured(() => verify({ dir, metrics: null, json: false }))
}

/** The run again, its segment changed. */
function changed(change: (path: string, bytes: Buffer) => void): string {
  const dir = join(freshDir(), 'run')
  cpSync(run, dir, { recursive: true })
  change(join(dir, SEGMENT), readFileSync(join(dir, SEGMENT)))
  return dir
}

test('a whole run: its records, its chain, its state, and that all came out as recorded', async () => {
  const { records } = readJournal(run)
  const kinds = [...records].map(({ kind }) => kind)
  const count = (wanted: string): number => kinds.filter((kind) => kind === wanted).length
  const { code, out } = await verified(run)
  expect(code).toBe(0)
  const lines = out.trimEnd().split('\n')
  expect(lines).toEqual([
    `maker  ${run}`,
    `  records  ${kinds.length} (${count('input')} inputs, ${count('command')} commands)`,
    expect.stringMatching(/^ {2}chain {4}[0-9a-f]{64}$/),
    expect.stringMatching(
      new RegExp(`^  state    [0-9a-f]+ after ${count('input')}, \\d+ records a second$`),
    ),
    '  equal    every decision and every state hash came out as recorded',
  ])
})

test('a changed byte: DAMAGED with segment, offset and what saves the rest, and no word of a replay', async () => {
  let flippedAt = 0
  const dir = changed((path, bytes) => {
    flippedAt = bytes.length >> 1
    bytes[flippedAt] = (bytes[flippedAt] ?? 0) ^ 1
    writeFileSync(path, bytes)
  })
  const { code, out } = await verified(dir)
  expect(code).toBe(1)
  const told =
    /^ {2}DAMAGED {2}segment 1 at byte (\d+): (.+); hypermake journal cut saves what stands before it$/m
  const [, offset = ''] = told.exec(out) ?? []
  // The record that holds the byte begins before it.
  expect(Number(offset)).toBeGreaterThan(0)
  expect(Number(offset)).toBeLessThanOrEqual(flippedAt)
  expect(out).not.toMatch(/ {2}(state|equal|DIVERGED) /)
})

test('a run that was cut off: how much of a write is unfinished, that it was not closed, and that the rest is equal', async () => {
  const dir = changed((path, bytes) => truncateSync(path, bytes.length - 150))
  const { code, out } = await verified(dir)
  expect(code).toBe(0)
  expect(out).toMatch(/^ {2}torn {5}\d+ bytes of an unfinished write at the end$/m)
  expect(out).toContain('  closed   no: the run was cut off, or still writes\n')
  expect(out).toContain('  equal    every decision')
})

test('another state than the recorded one: DIVERGED with the first sequence and both hashes', async () => {
  const { header, records } = readJournal(run)
  const all = [...records]
  const last = all.at(-1)
  if (last?.kind !== 'checkpoint') throw new Error('a run ends with its state')
  const dir = join(freshDir(), 'run')
  const onFailure = (error: Error): never => {
    throw error
  }
  const writer = await openJournal({ dir, header, sync: 'never', onFailure })
  const wrong = last.stateHash.replace(/^./, (digit) => (digit === '0' ? '1' : '0'))
  for (const record of [...all.slice(0, -1), { ...last, stateHash: wrong }]) writer.append(record)
  await writer.close()
  const { code, out } = await verified(dir)
  expect(code).toBe(5)
  expect(out).toMatch(new RegExp(`^  DIVERGED after ${last.seq}: `, 'm'))
  expect(out).toContain(`    recorded "${wrong}"\n    came     "${last.stateHash}"\n`)
  expect(out).not.toContain('  equal ')
})
