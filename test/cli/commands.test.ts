/** Command lines of the journal and the laboratory that must be refused before anything is done, or go where they are meant to. */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runProgram } from '../../src/cli/program.ts'
import { captured } from '../support/captured.ts'
import { journalledExchange } from '../support/journalled-exchange.ts'
import { journalledRun } from '../support/journalled-run.ts'

const root = mkdtempSync(join(tmpdir(), 'commands-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
let run = ''
beforeAll(async () => {
  run = (await journalledRun({ seed: 5, seconds: 5 })).dir
})

const hypermake = (...args: string[]): ReturnType<typeof captured> => captured(() => runProgram(args))

test('sweep apply writes its own --out, which sweep has, too', async () => {
  const space = join(root, 'space.toml')
  writeFileSync(space, '[risk]\ngamma_base = { min = 0.2, max = 0.4 }\n')
  const results = join(root, 'sweep.jsonl')
  const short = ['--trials', '1', '--minutes', '0.05', '--windows', '2', '--held-out', '1', '--workers', '1']
  const swept = await hypermake('sweep', '--space', space, '--out', results, '--method', 'sobol', ...short)
  expect(swept.code, swept.err).toBe(0)
  const better = join(root, 'better.toml')
  expect(await hypermake('sweep', 'apply', results, '--trial', '1', '--out', better)).toMatchObject({
    ...{ code: 0, out: '' },
  })
  expect(readFileSync(better, 'utf8')).toMatch(/^# Settings of trial 1 of a sweep.*gamma_base = 0\.\d+\n$/s)
})

describe('a file that cannot be written is refused before the work that fills it', () => {
  const nowhere = join(root, 'nowhere', 'x')
  test.each([
    ['backtest', ['--minutes', '9000', '--report', nowhere], /--report/],
    ['backtest', ['--minutes', '9000', '--csv', '/dev/null/x'], /--csv/],
    ['report', ['DIR', '--out', nowhere], /--out/],
    ['report', ['DIR', '--csv', '/dev/null/x'], /--csv/],
    ['replay', ['DIR', '--metrics', nowhere], /--metrics/],
    ['verify', ['DIR', '--metrics', nowhere], /--metrics/],
    ['journal', ['export', 'DIR', '--parquet', nowhere], /--parquet/],
    ['data', ['export', 'DIR', '--csv', nowhere], /--csv/],
    ['data', ['gen', '--minutes', '9000', '--asset', 'BTC', '--out', nowhere], /--out/],
    ['data', ['import', 'DIR', '--from', 'binance', '--out', root], /--out.*is a folder/],
    ['compare', ['--seeds', '9', '--report', nowhere], /--report/],
    ['calibrate', ['--data', 'DIR', '--report', nowhere], /--report/],
    ['sweep', ['--space', 'x', '--report', nowhere], /--report/],
    ['sweep', ['apply', 'x', '--out', nowhere], /--out/],
  ])('%s %j', async (command, args, text) => {
    const said = await hypermake(command, ...args.map((arg) => (arg === 'DIR' ? run : arg)))
    expect([said.code, said.out]).toEqual([2, ''])
    expect(said.err).toMatch(text)
    expect(said.err).toMatch(/There is no folder|is a folder|is not a folder/)
  })

  test('while a folder for CSV files is made when its parents are there or can be made', async () => {
    const csv = join(root, 'made', 'here')
    expect((await hypermake('report', run, '--csv', csv)).code).toBe(0)
    expect(existsSync(join(csv, 'fills.csv'))).toBe(true)
  })
})

test.each([
  [['journal', 'inspect', 'DIR', '--from', '5', '--to', '2'], /--from 5 is after --to 2/],
  [['replay', 'DIR', '--set', 'risk.gamma_base=0.6', '--metrics', 'm'], /--metrics.*--set/],
])('%j is refused: it cannot mean anything', async (args, text) => {
  const said = await hypermake(...args.map((arg) => (arg === 'DIR' ? run : arg)))
  expect([said.code, said.out]).toEqual([2, ''])
  expect(said.err).toMatch(text)
})

test.each([
  ['backtest', ['--data', 'x.gz', '--scenario', 'trend']],
  ['backtest', ['--data', 'x.gz', '--tape', 'y.gz']],
  ['bias', ['--tape', 'x.gz', '--scenario', 'trend']],
  ['sweep', ['--space', 'x', '--data', 'x.gz', '--scenario', 'trend']],
  ['run', ['--tape', 'DIR', '--scenario', 'trend']],
  ['exchange', ['--tape', 'DIR', '--scenario', 'trend']],
])('%s plays one market: %j is refused, and not one of them passed over', async (command, args) => {
  const said = await hypermake(command, ...args.map((arg) => (arg === 'DIR' ? run : arg)))
  expect([said.code, said.out]).toEqual([2, ''])
  expect(said.err).toMatch(/--(data|tape) .*cannot be used with option '--(scenario|tape)/)
})

test.each([[['explain', '--last']], [['replay', '--set', 'risk.gamma_base=0.6']]])(
  '%j says of the journal of an exchange that it is one, and where the maker’s is',
  async ([command = '', ...flags]) => {
    const dir = join(root, `exchange-${command}`)
    await journalledExchange(dir, { seed: 1, seconds: 1 })
    const said = await hypermake(command, dir, ...flags)
    expect([said.code, said.out]).toEqual([2, ''])
    expect(said.err).toMatch(/journal of an exchange: .*the one above.*\[NOT_A_JOURNAL\]/)
  },
)

test('bias takes a recording by --data, as backtest does', async () => {
  const tape = join(root, 'market.gz')
  expect((await hypermake('data', 'gen', '--minutes', '0.2', '--asset', 'BTC', '--out', tape)).code).toBe(0)
  const said = await hypermake(
    'bias',
    '--data',
    tape,
    '--asset',
    'BTC',
    '--minutes',
    '0.1',
    '--cuts',
    '1',
    '--json',
  )
  expect([said.code, said.err]).toEqual([0, ''])
})

test('an exported table is not taken for trades: its books would become prices that nobody paid', async () => {
  const [tape, table] = [join(root, 'gen.gz'), join(root, 'table.csv')]
  await hypermake('data', 'gen', '--minutes', '0.1', '--asset', 'BTC', '--out', tape)
  expect((await hypermake('data', 'export', tape, '--csv', table)).code).toBe(0)
  const out = join(root, 'again.gz')
  const said = await hypermake(
    ...['data', 'import', table, '--from', 'csv', '--name', 'BTCUSD', '--quotes-from-trades', '--out', out],
  )
  expect([said.code, existsSync(out)]).toEqual([2, false])
  expect(said.err).toMatch(/table\.csv:1: .*hypermake data export.*play the recording itself/)
})

test('a recording is never written over by what is made of it, under whatever name', async () => {
  const tape = join(root, 'only-copy.gz')
  await hypermake('data', 'gen', '--minutes', '0.05', '--asset', 'BTC', '--out', tape)
  const before = readFileSync(tape)
  const other = join(root, 'other-name.gz')
  symlinkSync(tape, other)
  for (const args of [
    ['import', tape, '--from', 'binance', '--out', other],
    ['import', other, '--from', 'csv', '--name', 'BTCUSD', '--out', tape],
    ['export', tape, '--csv', tape],
    ['export', tape, '--parquet', other],
  ]) {
    const said = await hypermake('data', ...args)
    expect([said.code, said.out]).toEqual([2, ''])
    expect(said.err).toMatch(/--(out|csv|parquet) \S+: is the recording that is read; name another file/)
    expect(readFileSync(tape).equals(before)).toBe(true)
  }
})

test.each(['queues', 'exchange', 'backtest', 'sweep', 'compare', 'knobs'])(
  'the help of %s shows defaults as they are written on a command line',
  async (command) => {
    const { code, out } = await hypermake(command, '--help')
    expect(code).toBe(0)
    expect(out).toContain('Usage: hypermake')
    expect(out).not.toMatch(/default:\s*[[{]/)
  },
)

test('a folder without runs is said to have none', async () => {
  expect(await hypermake('journal', 'list', mkdtempSync(join(root, 'none-')))).toMatchObject({
    ...{ code: 0, err: '', out: expect.stringMatching(/^no runs in .*none-/) as string },
  })
})

test('a damaged journal is refused with its place and with what saves the part before it', async () => {
  const damaged = join(root, 'damaged')
  cpSync(run, damaged, { recursive: true })
  const path = join(damaged, '00000001.hmj')
  const bytes = readFileSync(path)
  const at = bytes.length >> 1
  bytes[at] = (bytes[at] ?? 0) ^ 1
  writeFileSync(path, bytes)
  for (const command of ['report', 'replay', 'fidelity']) {
    const said = await hypermake(command, damaged)
    expect([said.code, said.out]).toEqual([1, ''])
    expect(said.err).toMatch(/at byte \d+: .*hypermake journal cut saves what stands before it/)
  }
  const verified = await hypermake('journal', 'verify', damaged)
  expect([verified.code, verified.out]).toEqual([1, expect.stringMatching(/hypermake journal cut/)])
})

test('fidelity says of a rehearsal that it is one', async () => {
  const said = await hypermake('fidelity', run, '--json')
  expect(said.code, said.err).toBe(0)
  expect(JSON.parse(said.out)).toMatchObject({ kind: 'fidelity', mode: 'rehearsal' })
})

test.each([
  [['--csv', '--json']],
  [['--csv', '--parquet', 'x.parquet']],
  [['--json', '--parquet', 'x.parquet']],
  [['--json', '--format', 'csv']],
])('journal export takes one form at a time, not %j', async (flags) => {
  const { code, err } = await hypermake('journal', 'export', 'nowhere', ...flags)
  expect(code).toBe(2)
  expect(err).toMatch(/cannot be used with option/)
})
