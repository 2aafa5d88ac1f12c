/**
 * Every shipped fault script, played with the real maker over the real wire. Whatever fails on the way: at the end nothing
 * rests, nothing is uncertain, and position, fees and PnL are those of the exchange to the micro-dollar.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { readToml } from '../../src/config/layers.ts'
import { FAULT_KINDS, parseFaultScript } from '../../src/server/faults/script.ts'
import { type Outcome, rehearse } from '../support/rehearsal.ts'
import { readSource, repositoryRoot } from '../support/sources.ts'

const folder = join(repositoryRoot, 'test/scenarios')
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.toml'))
  .map((name) => name.slice(0, -'.toml'.length))
  .sort()
const pathOf = (name: string): string => join(folder, `${name}.toml`)

/** Scripts mostly wait; so many at once keep two cores busy and no more. */
const PARALLEL_MAX = 22
/** Faults of the market act before there is a wire to count at; a maker that quotes post-only gives `post-only` nothing to refuse. */
const UNCOUNTED: ReadonlySet<string> = new Set(['oracle-gap', 'price-jump', 'post-only'])

const outcomes = new Map<string, Promise<Outcome>>()

beforeAll(() => {
  const waiting = [...names]
  let lanes = Array.from({ length: PARALLEL_MAX }, () => Promise.resolve())
  for (const [index, name] of waiting.entries()) {
    const lane = index % PARALLEL_MAX
    const outcome = (lanes[lane] ?? Promise.resolve()).then(() => rehearse(pathOf(name)))
    outcomes.set(name, outcome)
    lanes = lanes.map((old, at) => (at === lane ? outcome.then(quiet, quiet) : old))
  }
})

/** A failed script fails its own test, not the next one of its lane. */
const quiet = (): void => undefined

test('there are scripts for every kind of fault', () => {
  const used = names.flatMap((name) =>
    parseFaultScript(readToml(pathOf(name)), name).fault.map(({ kind }) => kind),
  )
  expect(names.length).toBeGreaterThanOrEqual(40)
  expect([...new Set(used)].sort()).toEqual([...FAULT_KINDS].sort())
})

test('docs/faults.md lists exactly these scripts with their sentences, and exactly these kinds', () => {
  const page = readSource('docs/faults.md')
  const listed = [...page.matchAll(/^\| \[`([\w-]+)`\]\(\.\.\/test\/scenarios\/\1\.toml\) \| (.*) \|$/gm)]
  const wanted = names.map((name) => [name, parseFaultScript(readToml(pathOf(name)), name).about])
  expect(listed.map(([, name, about]) => [name, about])).toEqual(wanted)
  const kinds = [...page.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, kind]) => kind)
  expect(kinds).toEqual([...FAULT_KINDS])
})

describe('the maker comes through', () => {
  test.each(names)(
    '%s',
    async (name) => {
      const outcome = await outcomes.get(name)
      if (outcome === undefined) throw new Error('every script is played')
      const { view, rehearsal, strikes, inputCounts, figures } = outcome
      const { expect: wanted } = rehearsal
      for (const [fault, count] of strikes) {
        if (!UNCOUNTED.has(fault.kind)) expect(count, `strikes of ${fault.kind}`).toBeGreaterThan(0)
      }
      expect(wanted.states, view.because ?? '').toContain(view.state)
      for (const [kind, countMin] of Object.entries(wanted.inputs ?? {})) {
        expect(inputCounts.get(kind) ?? 0, `inputs of kind ${kind}`).toBeGreaterThanOrEqual(countMin)
      }
      if (wanted.reconnects !== undefined)
        expect(outcome.reconnectCount, 'reconnects').toBe(wanted.reconnects)
      expect(view.refusalCount).toBeGreaterThanOrEqual(wanted.refusals_min ?? 0)
      expect(outcome.badFrameCount).toBeGreaterThanOrEqual(wanted.bad_frames_min ?? 0)
      expect(view.isKilled).toBe(false)
      expect(outcome.uncertainCount, 'orders whose fate is unknown').toBe(0)
      expect(outcome.hasEnded, 'all orders end after the stop').toBe(true)
      expect(outcome.restingAfterStop, 'orders that rest after the stop').toBe(0)
      expect(figures.ours).toEqual(figures.venue)
    },
    60_000,
  )
})
