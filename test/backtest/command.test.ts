/** The commands as people and scripts call them: files, JSON on stdout, exit codes. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runProgram } from '../../src/cli/program.ts'
import { captured } from '../support/captured.ts'

/** The whole command line in this process: a start of Node costs seconds on a busy machine. */
async function hypermake(
  ...args: string[]
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const { code, out, err } = await captured(() => runProgram(args))
  return { code, stdout: out, stderr: err }
}

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hypermake-command-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

test('a market is generated, verified and backtested with one command each', async () => {
  const tape = join(folder, 'market.gz')
  const generated = await hypermake(
    'data',
    'gen',
    '--minutes',
    '1',
    '--seed',
    '4',
    '--asset',
    'BTC',
    '--out',
    tape,
  )
  expect(generated).toMatchObject({ code: 0, stderr: '' })
  const verified = await hypermake('data', 'verify', tape, '--json')
  expect(verified.code).toBe(0)
  expect(JSON.parse(verified.stdout)).toMatchObject({ sound: true, symbol: 'BTCUSDT', faults: [] })

  const csv = join(folder, 'figures')
  const report = join(folder, 'out.html')
  const out = ['--csv', csv, '--report', report, '--json']
  const ran = await hypermake('backtest', '--asset', 'BTC', '--tape', tape, ...out)
  expect(ran).toMatchObject({ code: 0, stderr: '' })
  const result = JSON.parse(ran.stdout) as Record<string, unknown>
  expect(result).toMatchObject({ kind: 'backtest', coin: 'BTC', attribution: { unexplainedMicroUsd: 0 } })
  expect(result['tape']).toMatchObject({ symbol: 'BTCUSDT', damagedLines: 0, gaps: 0 })
  expect(existsSync(join(csv, 'equity.csv'))).toBe(true)
  expect(readFileSync(report, 'utf8')).toContain('</html>')
})

test('a damaged recording fails its check with exit code 1', async () => {
  const tape = join(folder, 'market.gz')
  const lines = gunzipSync(readFileSync(tape)).toString().split('\n')
  const damaged = join(folder, 'damaged')
  writeFileSync(damaged, lines.map((line, index) => (index === 20 ? line.slice(0, 40) : line)).join('\n'))
  const verified = await hypermake('data', 'verify', damaged)
  expect(verified.code).toBe(1)
  expect(verified.stdout).toContain('first in line 21')
})

test.each([
  [['backtest', '--scenario', 'none'], /UNKNOWN_SCENARIO/],
  [['backtest', '--minutes', '0'], /above 0/],
  [['backtest', '--tape', 'nowhere.gz'], /nowhere\.gz.*TAPE_UNREADABLE/],
  [['data', 'export', 'x.gz'], /one of --csv/],
  [['data', 'verify', 'nowhere.gz'], /TAPE_UNREADABLE/],
])('%j is refused with exit code 2 and a reason', async (args, reason) => {
  const ended = await hypermake(...args)
  expect(ended.code).toBe(2)
  expect(ended.stderr).toMatch(reason)
})
