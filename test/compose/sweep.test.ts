/** A whole sweep: the same file for any number of workers, stopped and gone on with, and a fragment that the maker takes. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import { sweepApply } from '../../src/compose/sweep-apply.ts'
import { readSpace } from '../../src/compose/sweep-space.ts'
import { sweep } from '../../src/compose/sweep.ts'
import type { SweepCommand } from '../../src/compose/sweep.ts'
import { failureOf, load } from '../support/config.ts'

const folder = mkdtempSync(join(tmpdir(), 'sweep-'))
const space = join(folder, 'space.toml')
writeFileSync(
  space,
  '[risk]\ngamma_base = { min = 0.1, max = 2, scale = "log" }\n[quoting.ladder]\nlevels = { values = [2, 4] }\n',
)
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => vi.restoreAllMocks())

/** Three worker threads compile the sources anew, which takes long on a busy machine. */
const WORKERS_MS_MAX = 180_000

function commandOf(over: Partial<SweepCommand>): SweepCommand {
  return {
    configOf: (assignments) => load({ assignments }),
    ...{ space, trials: 2, workers: 1, method: 'tpe', objective: 'pnl', seed: 4, windows: 2, heldOut: 1 },
    ...{
      minutes: 0.1,
      tape: null,
      queue: null,
      latency: null,
      rateLimits: false,
      out: '',
      report: null,
      json: true,
    },
    ...over,
  }
}

/** What `body` wrote to stdout. */
async function outputOf(body: () => number | Promise<number>): Promise<string> {
  const chunks: string[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => chunks.push(String(chunk)) > 0)
  expect(await body()).toBe(0)
  vi.restoreAllMocks()
  return chunks.join('')
}

test(
  'one worker writes the bytes that two wrote, going on from a cut file; a trial becomes a file for the maker',
  async () => {
    const one = join(folder, 'one.jsonl')
    const page = join(folder, 'sweep.html')
    await outputOf(() => sweep(commandOf({ out: one, workers: 2 })))
    const whole = readFileSync(one)
    // What a kill leaves while the first trial is being written: the head, and a part of a line.
    writeFileSync(one, whole.subarray(0, whole.indexOf('\n') + 9))
    const found = JSON.parse(await outputOf(() => sweep(commandOf({ out: one, report: page })))) as object
    expect(found).toMatchObject({ kind: 'sweep', resumedFrom: 0, refusedCount: 0 })
    expect(readFileSync(one)).toEqual(whole)
    expect(readFileSync(page, 'utf8')).toMatch(/<h1>Sweep of 2 settings on hyna:BTC<\/h1>[^]*<\/html>/)
    expect(readFileSync(page, 'utf8')).not.toMatch(/NaN|undefined|Infinity/)

    const fragment = join(folder, 'better.toml')
    sweepApply({ results: one, trial: 2, out: fragment })
    const text = readFileSync(fragment, 'utf8')
    expect(text).toMatch(/^# Settings of trial 2 of a sweep: 3 trials by tpe, objective pnl\./)
    const { values, origins } = load({ files: [fragment] })
    const line = JSON.parse(whole.toString().split('\n')[3] ?? '') as {
      settings: unknown[]
      configHash: string
    }
    expect([values.risk.gammaBase, values.quoting.ladder.levels]).toEqual(line.settings)
    expect(origins['risk.gamma_base']).toContain('better.toml')
    // The file is the trial: the same configuration to its hash.
    expect(load({ files: [fragment] }).hash).toBe(line.configHash)
  },
  WORKERS_MS_MAX,
)

describe('a bad space is refused with its key and a remedy', () => {
  test.each([
    ['[risk]\ngama_base = { min = 1, max = 2 }', /no key risk\.gama_base; did you mean risk\.gamma_base/],
    ['[risk]\ngamma_base = 3', /risk\.gamma_base = 3: write \{ min/],
    ['[risk]\ngamma_base = { min = 1, max = 2, step = 1 }', /"step":1.*write \{ min/],
    ['[risk]\ngamma_base = { min = 2, max = 1 }', /min = 2 is not below max = 1/],
    ['[risk]\nmax_position = { min = 0, max = 1, scale = "log" }', /is not|above 0/],
    ['[quoting.ladder]\nlevels = { min = 1.5, max = 3 }', /levels = 1\.5 is not a whole number/],
    ['[strategy]\nname = { min = 1, max = 2 }', /takes no number/],
    ['[strategy]\nname = { values = ["glft-laddr"] }', /glft-laddr/],
    ['[exchange]\ndeposit_usd = { min = 1, max = 2 }', /no setting of the maker's/],
    ['', /nothing to search/],
    ['[risk', /space-bad\.toml:\d+:\d+/],
  ])('%j', (text, reason) => {
    const path = join(folder, 'space-bad.toml')
    writeFileSync(path, text)
    expect(failureOf(() => readSpace(path)).message).toMatch(reason)
  })

  test('and so are windows that are all held out, and a grid larger than the trials', async () => {
    const out = join(folder, 'never.jsonl')
    await expect(sweep(commandOf({ out, heldOut: 2 }))).rejects.toThrow('--held-out 2')
    await expect(sweep(commandOf({ out, method: 'grid' }))).rejects.toThrow('the grid has 10 points')
  })

  test.each([
    ['exchange.scenario=nope', /scenario 'nope' is not known/],
    ['market.asset=NOPE', /market '\S*NOPE' is not traded here/],
    ['market.reference=NOPE', /market 'NOPE' is not traded here/],
  ])('with %s nothing is written that would stand in the way of the next sweep', async (wrong, reason) => {
    const out = join(folder, 'never.jsonl')
    const configOf: SweepCommand['configOf'] = (assignments) => load({ assignments: [wrong, ...assignments] })
    await expect(sweep(commandOf({ out, configOf }))).rejects.toThrow(reason)
    expect(existsSync(out)).toBe(false)
  })
})
