/**
 * Every shipped fault script, played with the real maker over the real wire. Whatever fails on the way: at the end nothing
 * rests, nothing is uncertain, and position, fees and PnL are those of the exchange to the micro-dollar.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { readFaultScript } from '../../src/compose/fault-script.ts'
import { FAULT_KINDS } from '../../src/server/faults/script.ts'
import { playAll } from '../support/playing.ts'
import { rehearse } from '../support/rehearsal.ts'
import { readSource, repositoryRoot } from '../support/sources.ts'

const folder = join(repositoryRoot, 'test/scenarios')
const nameOf = (file: string): string => file.slice(0, file.indexOf('.'))
const files = readdirSync(folder)
  .filter((file) => !file.endsWith('.test.ts'))
  .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
const pathOf = (file: string): string => join(folder, file)
const scripts = await Promise.all(files.map((file) => readFaultScript(pathOf(file))))

/** Faults of the market act before there is a wire to count at; a maker that quotes post-only gives `post-only` nothing to refuse. */
const UNCOUNTED: ReadonlySet<string> = new Set(['oracle-gap', 'price-jump', 'post-only'])

/** The first test waits until its script has had its turn on a busy machine. */
const TURN_MS_MAX = 600_000

let stories: ReadonlyMap<string, Promise<void>> = new Map()
beforeAll(() => {
  stories = playAll(files, comeThrough)
})

test('there are scripts for every kind of fault', () => {
  const used = scripts.flatMap(({ fault }) => fault.map(({ kind }) => kind))
  expect(files.length).toBeGreaterThanOrEqual(40)
  expect([...new Set(used)].sort()).toEqual([...FAULT_KINDS].sort())
})

test('docs/faults.md lists exactly these scripts with their sentences, and exactly these kinds', () => {
  const page = readSource('docs/faults.md')
  const listed = [...page.matchAll(/^\| \[`([\w-]+)`\]\(\.\.\/test\/scenarios\/([\w.-]+)\) \| (.*) \|$/gm)]
  const wanted = files.map((file, index) => [nameOf(file), file, scripts[index]?.about])
  expect(listed.map(([, name, file, about]) => [name, file, about])).toEqual(wanted)
  const kinds = [...page.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, kind]) => kind)
  expect(kinds).toEqual([...FAULT_KINDS])
})

describe('the maker comes through', () => {
  test.each(files)(
    '%s',
    async (file) => {
      const story = stories.get(file)
      expect(story, 'every script is played').toBeDefined()
      await story
    },
    TURN_MS_MAX,
  )
})

/** Plays a script and checks how it ended. */
async function comeThrough(file: string): Promise<void> {
  const outcome = await rehearse(pathOf(file))
  const { view, rehearsal, strikes, inputCounts, figures } = outcome
  const { expect: wanted } = rehearsal
  for (const [fault, count] of strikes) {
    if (!UNCOUNTED.has(fault.kind)) expect(count, `strikes of ${fault.kind}`).toBeGreaterThan(0)
  }
  expect(wanted.states, view.because ?? '').toContain(view.state)
  for (const [kind, countMin] of Object.entries(wanted.inputs ?? {})) {
    expect(inputCounts.get(kind) ?? 0, `inputs of kind ${kind}`).toBeGreaterThanOrEqual(countMin)
  }
  if (wanted.reconnects !== undefined) expect(outcome.reconnectCount, 'reconnects').toBe(wanted.reconnects)
  expect(view.refusalCount).toBeGreaterThanOrEqual(wanted.refusals_min ?? 0)
  expect(outcome.badFrameCount).toBeGreaterThanOrEqual(wanted.bad_frames_min ?? 0)
  expect(view.isKilled).toBe(false)
  expect(outcome.uncertainCount, 'orders whose fate is unknown').toBe(0)
  expect(outcome.hasEnded, 'all orders end after the stop').toBe(true)
  expect(outcome.restingAfterStop, 'orders that rest after the stop').toBe(0)
  expect(figures.ours).toEqual(figures.venue)
}
