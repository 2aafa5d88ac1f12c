/** Results are whole or not there, against real files and a device that is always full. */
import {
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { runProgram } from '../../src/cli/program.ts'
import { writeWhole, writeWholeAsync, writeWholeText } from '../../src/journal/out-file.ts'
import { captured } from '../support/captured.ts'

const root = mkdtempSync(join(tmpdir(), 'out-file-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const folder = (): string => mkdtempSync(join(root, 'in-'))
/** Linux refuses every write to it with ENOSPC. */
const FULL = '/dev/full'

describe('a result', () => {
  test('replaces what was there when it is whole, and nothing else is left', () => {
    const dir = folder()
    const path = join(dir, 'a.html')
    writeFileSync(path, 'old')
    writeWholeText(path, 'new')
    expect(readFileSync(path, 'utf8')).toBe('new')
    expect(readdirSync(dir)).toEqual(['a.html'])
  })

  test('is written under a name that ends as its own, beside it', () => {
    const dir = folder()
    const seen = writeWhole([join(dir, 'market.gz')], ([draft = '']) => {
      writeFileSync(draft, 'x')
      return draft
    })
    expect(seen).toMatch(/\.market\.gz$/)
    expect(readdirSync(dir)).toEqual(['market.gz'])
  })

  test('goes where a link points, and the link stays', () => {
    const dir = folder()
    writeFileSync(join(dir, 'real'), 'old')
    symlinkSync('real', join(dir, 'link'))
    writeWholeText(join(dir, 'link'), 'new')
    expect(readlinkSync(join(dir, 'link'))).toBe('real')
    expect(readFileSync(join(dir, 'real'), 'utf8')).toBe('new')
  })

  test('may be thrown away: a device is written to as it is', () => {
    writeWholeText('/dev/null', 'gone')
  })
})

describe('a failure', () => {
  test('leaves all files of a set as they were, and nothing beside them', () => {
    const dir = folder()
    const paths = ['a.csv', 'b.csv'].map((name) => join(dir, name))
    writeFileSync(paths[0] ?? '', 'old')
    expect(() =>
      writeWhole(paths, ([first = '']) => {
        writeFileSync(first, 'new')
        throw new RangeError('in the middle')
      }),
    ).toThrow(RangeError)
    expect(readdirSync(dir)).toEqual(['a.csv'])
    expect(readFileSync(paths[0] ?? '', 'utf8')).toBe('old')
  })

  test('for want of space names the file and what to do', async () => {
    const dir = folder()
    const path = join(dir, 'a.parquet')
    const writing = writeWholeAsync(path, async (draft) => {
      await Promise.resolve()
      writeFileSync(draft, 'half')
      writeFileSync(FULL, 'the rest')
    })
    await expect(writing).rejects.toMatchObject({
      code: 'DISK_FULL',
      message: expect.stringContaining(`${path}: there is no space left, and nothing was changed`) as string,
    })
    expect(readdirSync(dir)).toEqual([])
  })

  test.each([
    [['data', 'gen', '--minutes', '0.05', '--asset', 'BTC', '--out', FULL]],
    [['backtest', '--minutes', '0.05', '--report', FULL]],
  ])('%j ends with 1 and one sentence', async (args) => {
    const { code, out, err } = await captured(() => runProgram(args))
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(/^error: \/dev\/full: there is no space left, .*\[DISK_FULL\]\n$/)
  })
})
