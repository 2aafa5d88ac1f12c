/**
 * A maker dies at every record of its journal, once with nothing of the last step sent and once with all of it: each life is a
 * story with fills, moved and cancelled quotes and a reconnect, and the next maker starts on what the last one left. Real journals,
 * the real adapter, one exchange that lives on. Instants of a real kill -9 are in crash.long.test.ts.
 */
import { afterAll, expect, test } from 'vitest'
import { crashEverywhere, type Life } from '../support/crash-everywhere.ts'

const LIVES_PER_CHAIN = 20
/** Beyond the last record of a life: the last chain must have survivors. */
const RECORDS_MAX = 120

const lives = Array.from({ length: 2 * RECORDS_MAX }, (_, index): Life => {
  return { diesAt: 1 + (index >> 1), death: index % 2 === 0 ? 'unsent' : 'sent' }
})
const chains = Array.from({ length: lives.length / LIVES_PER_CHAIN }, (_, chain) => {
  const from = chain * LIVES_PER_CHAIN
  return { from: lives[from]?.diesAt ?? 0, lives: lives.slice(from, from + LIVES_PER_CHAIN) }
})

const kinds = new Map<string, number>()
let survivedLast = 0
let deaths = 0

test.each(chains)('twenty makers that die at records from $from on, one after another', async (chain) => {
  const report = await crashEverywhere(chain.lives)
  expect(report.broken).toEqual([])
  expect(report.fillCount).toBeGreaterThan(0)
  for (const [kind, count] of report.lastKinds) {
    kinds.set(kind, (kinds.get(kind) ?? 0) + count)
    deaths += count
  }
  survivedLast = report.survivedCount
})

test('makers that die at the first record of each kind, one after another', async () => {
  const wanted = ['input sessionStarted', 'input account', 'input connection', 'input book', 'input timer']
  wanted.push('input orderResting', 'input fill', 'input orderUpdate', 'input cancelDone', 'input operator')
  wanted.push('command place', 'command cancel', 'command modify')
  const ofKinds = wanted.flatMap((diesAt): Life[] => [
    { diesAt, death: 'unsent' },
    { diesAt, death: 'sent' },
  ])
  const report = await crashEverywhere(ofKinds)
  expect(report.broken).toEqual([])
  expect([...report.lastKinds.keys()].sort()).toEqual([...wanted].sort())
})

test('no record of a life was left out: the last makers outlived their story', () => {
  expect(survivedLast).toBeGreaterThan(0)
})

afterAll(() => {
  const table = [...kinds].sort((a, b) => b[1] - a[1]).map(([kind, count]) => `${kind} ${count}`)
  process.stdout.write(`${deaths} deaths: ${table.join(', ')}\n`)
})
