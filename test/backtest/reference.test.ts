/** The shipped maker beside a market that is ahead of its own: what it hears, what it does with it, and that it can be replayed. */
import { expect, test } from 'vitest'
import { runProgram } from '../../src/cli/program.ts'
import { exitCodes } from '../../src/compose/exit-codes.ts'
import { machineOf } from '../../src/compose/replay.ts'
import { viewOf } from '../../src/core/view-of.ts'
import { replayJournal } from '../../src/journal/replay.ts'
import { captured } from '../support/captured.ts'
import { stageOf } from '../support/closed-world.ts'
import { journalledRun } from '../support/journalled-run.ts'
import { checkReference, openStage } from '../../src/backtest/stage.ts'
import { defaultVenue } from '../../src/config/venue-definitions.ts'

const REFERENCE = 'market.reference=BTC'

/** Every command with its time, without the numbers of inputs. */
function decisionsOf(set: readonly string[]): { lines: string[]; references: number } {
  const lines: string[] = []
  let references = 0
  stageOf({ seed: 4, scenario: 'basis', set }).run(90, (input, commands) => {
    if (input.kind === 'reference') references += 1
    for (const command of commands) lines.push(`${input.tsMs} ${JSON.stringify(command)}`)
  })
  return { lines, references }
}

test('a reference that may move nothing changes no decision, and one that may does', () => {
  const without = decisionsOf([])
  const still = decisionsOf([REFERENCE, 'estimators.reference_max_bps=0'])
  expect(without.references).toBe(0)
  expect(still.references).toBeGreaterThan(100)
  expect(still.lines).toEqual(without.lines)
  expect(decisionsOf([REFERENCE]).lines).not.toEqual(without.lines)
})

test('in a market that follows the main DEX the lead is found and shown', () => {
  const stage = stageOf({ seed: 4, scenario: 'basis', set: [REFERENCE] })
  stage.run(240)
  const { referenceLead, referenceBasisBps } = viewOf(stage.engine)
  expect(referenceLead).toBeGreaterThan(0.4)
  expect(Math.abs(referenceBasisBps ?? 99)).toBeLessThan(5)
})

test('a run with a reference replays to the same hash, and explain says what it did to the fair price', async () => {
  const run = await journalledRun({ seed: 4, seconds: 40, scenario: 'basis', set: [REFERENCE] })
  expect(run.inputs.some(({ kind }) => kind === 'reference')).toBe(true)
  expect(replayJournal(run.dir, machineOf)).toMatchObject({ ok: true, inputCount: run.inputs.length })
  const { code, out } = await captured(() => runProgram(['explain', run.dir]))
  expect(code).toBe(exitCodes.ok)
  expect(out).toMatch(/of it -?[\d.]+ bps towards the reference market, \d+ % believed, \d+ ms old/)
  expect(out).toMatch(/referenceLead +[\d.]+ +0…1/)
})

test('a reference that the world has not is refused by name', () => {
  const open = (reference: string): unknown =>
    openStage({
      spec: defaultVenue(),
      coin: 'hyna:BTC',
      reference,
      ...{ scenario: 'calm', seed: 1, blockMs: 100, depositMicroUsd: 1_000_000 },
    })
  expect(() => open('NOPE')).toThrow(/market 'NOPE' is not traded here/)
  expect(() => open('hyna:BTC')).toThrow(/market\.reference = "hyna:BTC" is the quoted market itself/)
})

test('a tape of one market has no reference, and the start says so', () => {
  const tape = { path: 'market.gz', symbol: 'BTCUSDT' } as Parameters<typeof checkReference>[2]
  expect(() => checkReference('hyna:BTC', 'BTC', tape)).toThrow(
    /tape market\.gz is of BTCUSDT alone and has no reference market; give --set market\.reference=/,
  )
  expect(() => checkReference('hyna:BTC', '', tape)).not.toThrow()
})
