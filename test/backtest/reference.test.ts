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
import { touch } from '../../src/exchange/queries/book.ts'
import { buildWorld } from '../../src/simulation/default-market.ts'
import { E8 } from '../../src/simulation/tape.ts'
import type { TapeRecord, TapeTouch } from '../../src/simulation/tape.ts'
import { runUntil } from '../../src/simulation/world.ts'
import { tapeOf } from '../simulation/support.ts'
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

/** A best price of two coins a side, one dollar apart, `ms` after the beginning. */
const touchAt = (ms: number, bidUsd: number): TapeTouch => ({
  ...{ kind: 'touch', tsMs: 1_700_000_000_000 + ms, updateId: ms + 1, bidE8: bidUsd * E8, bidSizeE8: 2 * E8 },
  ...{ askE8: (bidUsd + 1) * E8, askSizeE8: 2 * E8 },
})

test('a recorded reference is heard with the book of its moment: it does not lead by the way the tape is played', () => {
  // Both markets step at the same time; the reference stands seven dollars above.
  const records = Array.from({ length: 40 }, (_, index): TapeRecord[] => {
    const tsMs = 1_700_000_000_000 + 250 * index
    const bidUsd = 60_000 + 10 * index
    return [{ kind: 'reference', tsMs, midE8: (bidUsd + 7.5) * E8 }, touchAt(250 * index, bidUsd)]
  })
  const { world, venue } = openStage({
    ...{ spec: defaultVenue(), coin: 'BTC', reference: 'ETH', scenario: 'calm', seed: 1, blockMs: 100 },
    ...{ depositMicroUsd: 1e9, tape: tapeOf([touchAt(0, 60_000), ...records.flat()], 'BTC', 'ETH') },
  })
  let bookUsd: number | null = null
  let compared = 0
  for (let block = 0; block < 90; block += 1) {
    runUntil(world, world.nowTsMs + 100)
    let referenceUsd: number | null = null
    for (const input of venue.takeInputs()) {
      if (input.kind === 'touch') bookUsd = (input.bidTicks + input.askTicks) / 20
      if (input.kind === 'book') bookUsd = ((input.bids[0] ?? 0) + (input.asks[0] ?? 0)) / 20
      if (input.kind === 'reference') referenceUsd = input.midTicks / 10
    }
    if (referenceUsd === null || bookUsd === null) continue
    expect(referenceUsd - bookUsd).toBeCloseTo(7, 6)
    compared += 1
  }
  expect(compared).toBeGreaterThan(30)
})

test('over the wire a recorded reference is a market: its touch has the recorded middle, with the book of its moment', () => {
  // On the steps of the grid and between them, at a price that the market's own oracle is far from.
  const aboveUsd = (index: number): number => [7.5, 8, 12.5, 3][index % 4] ?? 0
  const records = Array.from({ length: 40 }, (_, index): TapeRecord[] => {
    const tsMs = 1_700_000_000_000 + 300 * index
    const bidUsd = 60_000 + 10 * index
    return [{ kind: 'reference', tsMs, midE8: (bidUsd + aboveUsd(index)) * E8 }, touchAt(300 * index, bidUsd)]
  })
  const spec = defaultVenue()
  const world = buildWorld({
    ...{ spec, seed: 1, blockMs: 100, startTsMs: 1_700_000_000_000, markets: ['hyna:BTC'] },
    ...{ tape: tapeOf([touchAt(0, 60_000), ...records.flat()], 'BTC', 'ETH'), tapeReference: 'ETH' },
  })
  const midUsd = (coin: string): number => {
    const market = spec.instruments.find((one) => one.coin === coin)
    const { bidTicks, askTicks } = touch(world.exchange, market?.assetId ?? 0)
    return bidTicks === 0 || askTicks === 0
      ? 0
      : (bidTicks + askTicks) / 2 / 10 ** (market?.grid.priceDecimals ?? 0)
  }
  const seen = new Set<number>()
  for (let block = 0; block < 110; block += 1) {
    runUntil(world, world.nowTsMs + 100)
    if (midUsd('ETH') === 0 || midUsd('hyna:BTC') === 0) continue
    const above = midUsd('ETH') - midUsd('hyna:BTC')
    expect([7, 7.5, 12, 2.5]).toContain(above)
    seen.add(above)
  }
  expect(seen.size).toBe(4)
})

test('a tape of one market has no reference, and the start says so', () => {
  const tape = tapeOf([touchAt(0, 600_000)])
  expect(() => checkReference('hyna:BTC', 'BTC', tape)).toThrow(
    /tape test tape is of BTCUSDT alone and has no reference market; .*, or give --set market\.reference=/,
  )
  expect(() => checkReference('hyna:BTC', '', tape)).not.toThrow()
})
