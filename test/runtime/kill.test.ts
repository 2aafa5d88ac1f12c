/** The kill switch across processes: on disk before the run ends, holding at the next start, gone only by a reset. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readJournal } from '../../src/journal/reader.ts'
import { PROGRAM } from '../support/program.ts'
import { runNode } from '../support/spawn.ts'

let root = ''
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'kill-'))
})
afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

function run(name: string, ...more: string[]): ReturnType<typeof runNode> {
  const base = [...PROGRAM, 'run', '--json', '--metrics-port', '0', '--seed', '5']
  const tight = ['strategy.name=fixed-spread', 'risk.maker_fee_rate_bps=0.1', 'risk.min_spread_floor_bps=1']
  const settings = [`journal.dir=${root}`, ...tight].flatMap((setting) => ['--set', setting])
  return runNode([...base, ...settings, '--journal', join(root, name), ...more])
}

function placesOf(name: string): number {
  let count = 0
  for (const record of readJournal(join(root, name)).records) {
    if (record.kind === 'command' && 'order' in record.command) count += 1
  }
  return count
}

function latches(): string[] {
  return readdirSync(root).filter((name) => name.startsWith('kill-'))
}

test('a tripped switch outlives the process, refuses the next run, and a reset with a reason frees it', async () => {
  const tripped = await run('tripped', '--duration', '60s', '--set', 'risk.max_daily_loss_usd=0.01')
  expect(tripped.code, tripped.stderr).toBe(4)
  expect(tripped.stderr).toMatch(/kill switch: lost \$/)
  const [latch = ''] = latches()
  expect(readFileSync(join(root, latch), 'utf8')).toMatch(/lost \$/)
  // Nothing rests at the exchange although the run ended by the switch.
  const summary = tripped.stdout.split('\n').find((line) => line.includes('"kind":"summary"')) ?? ''
  expect(JSON.parse(summary)).toMatchObject({ agrees: true, killTookMs: expect.any(Number) as number })

  const refused = await run('refused', '--duration', '20s')
  expect(refused.code, refused.stderr).toBe(4)
  expect(refused.stderr).toMatch(/the kill switch of hyna:BTC is set: lost \$/)
  expect(refused.stderr).toMatch(/--reset-kill/)
  expect(placesOf('refused')).toBe(0)
  expect(latches()).toEqual([latch])

  const freed = await run('freed', '--duration', '3s', '--reset-kill', 'looked into it')
  expect(freed.code, freed.stderr).toBe(0)
  expect(placesOf('freed')).toBeGreaterThan(0)
  expect(existsSync(join(root, latch))).toBe(false)
  // Before the first command; a slow machine may have timers before it.
  const records = [...readJournal(join(root, 'freed')).records]
  const beginning = records.slice(
    0,
    records.findIndex(({ kind }) => kind === 'command'),
  )
  expect(JSON.stringify(beginning)).toMatch(/resetKill.*looked into it \(the kill switch was set: lost/)
}, 120_000)
