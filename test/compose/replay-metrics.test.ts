/** Replay speed as a metric: what `replay` and `verify` leave for a collector of Prometheus text. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { replay } from '../../src/compose/replay.ts'
import { verify } from '../../src/compose/verify.ts'
import { exchangeFolderOf } from '../../src/journal/run-dir.ts'
import { freshDir } from '../journal/arbitrary.ts'
import { captured } from '../support/captured.ts'
import { readSource } from '../support/sources.ts'
import { runTwoMachines } from '../support/two-machines.ts'

function valuesOf(text: string): Map<string, number> {
  const rows = [...text.matchAll(/^(\w+\{[^}]*\}) (\S+)$/gm)]
  return new Map(rows.map(([, name = '', value]) => [name, value === 'Nan' ? NaN : Number(value)]))
}

test('replay and verify tell their speed and outcome for each machine, in a file that is always whole', async () => {
  const root = freshDir()
  const dir = join(root, 'run')
  await runTwoMachines(dir, { seed: 3, seconds: 5 })
  const metrics = join(root, 'replay.prom')
  const json = true

  const verified = await captured(() => verify({ dir, metrics, json }))
  expect(verified.code).toBe(0)
  const text = readFileSync(metrics, 'utf8')
  const found = valuesOf(text)
  for (const machine of ['maker', 'exchange']) {
    const label = `{machine="${machine}"}`
    expect(found.get(`oracle_replay_records_per_sec${label}`)).toBeGreaterThan(0)
    expect(found.get(`oracle_replay_records${label}`)).toBeGreaterThan(10)
    expect(found.get(`oracle_replay_equal${label}`)).toBe(1)
  }
  for (const [of, machine] of [
    [dir, 'maker'],
    [exchangeFolderOf(dir), 'exchange'],
  ] as const) {
    const replayed = await captured(() => replay({ dir: of, assignments: [], metrics, json }))
    const { recordsPerSec, recordCount } = JSON.parse(replayed.out) as Record<string, number>
    const now = valuesOf(readFileSync(metrics, 'utf8'))
    expect(now.get(`oracle_replay_records_per_sec{machine="${machine}"}`)).toBe(recordsPerSec)
    expect(now.get(`oracle_replay_records{machine="${machine}"}`)).toBe(recordCount)
    expect(now.size).toBe(3)
  }
  expect(readdirSync(root).sort()).toEqual(['replay.prom', 'run'])

  const documented = [...readSource('docs/journal.md').matchAll(/^\| `(oracle_\w+)` \|/gm)].map(
    ([, name]) => name,
  )
  const told = [...text.matchAll(/^# TYPE (\w+) gauge$/gm)].map(([, name]) => name)
  expect(documented.sort()).toEqual(told.sort())
})
