/** `hypermake explain` on a journal of a real run: sums, moments, orders and settings. */
import { beforeAll, describe, expect, test } from 'vitest'
import { runProgram } from '../../src/cli/program.ts'
import { explainMoment } from '../../src/compose/explain-moment.ts'
import { explanationText } from '../../src/compose/explain-text.ts'
import type { ExplainedSide, Explanation } from '../../src/compose/explanation.ts'
import { exitCodes } from '../../src/compose/exit-codes.ts'
import { machineOf } from '../../src/compose/replay.ts'
import { replayJournal } from '../../src/journal/replay.ts'
import { MICRO_TICKS_PER_TICK } from '../../src/core/contracts.ts'
import { captured } from '../support/captured.ts'
import { journalledRun } from '../support/journalled-run.ts'
import type { JournalledRun } from '../support/journalled-run.ts'

const SECONDS = 40
let run: JournalledRun

beforeAll(async () => {
  run = await journalledRun({ seed: 11, seconds: SECONDS })
})

const at = (of: { seq?: number; oid?: number; set?: string[] }): ReturnType<typeof explainMoment> =>
  explainMoment({ dir: run.dir, seq: of.seq ?? null, oid: of.oid ?? null, assignments: of.set ?? [] })

/** A second addition, from the printed terms alone. */
function checkSums(explanation: Explanation): number {
  let checked = 0
  const fairMicroTicks = Math.round((explanation.fair.fairTicks ?? 0) * MICRO_TICKS_PER_TICK)
  for (const quote of ['bid', 'ask'] as const) {
    for (const level of explanation[quote].levels) {
      let price = fairMicroTicks
      for (const term of level.terms) price += (quote === 'bid' ? -1 : 1) * term.microTicks
      expect(price).toBe(level.priceTicks * MICRO_TICKS_PER_TICK)
      expect(level.addsUp).toBe(true)
      checked += 1
    }
  }
  return checked
}

const termOf = (side: ExplainedSide, name: string): number =>
  side.levels[0]?.terms.find((term) => term.name === name)?.bps ?? Number.NaN

test('the journal of this test replays, so what is explained is what happened', () => {
  expect(replayJournal(run.dir, machineOf)).toMatchObject({ ok: true, inputCount: run.inputs.length })
})

describe('a decision', () => {
  test('has terms that add up to every price, all through the run', () => {
    let levels = 0
    for (const share of [0.1, 0.3, 0.5, 0.7, 0.9, 1]) {
      levels += checkSums(at({ seq: Math.floor(run.inputs.length * share) }).recorded)
    }
    expect(levels).toBeGreaterThan(20)
  })

  test('is by default the last one, and shows the commands that the journal has there', () => {
    const { recorded, isAsJournalled } = at({})
    expect(isAsJournalled).toBe(true)
    expect(recorded.commands).toEqual(run.commands.get(recorded.seq))
    const later = run.inputs.slice(recorded.seq).flatMap(({ seq }) => run.commands.get(seq) ?? [])
    expect(later.filter(({ kind }) => kind === 'place' || kind === 'modify')).toEqual([])
  })

  test('of an input that decided nothing is the one before it', () => {
    const quiet = run.inputs.find(({ kind, seq }) => kind === 'trade' && seq > run.inputs.length / 2)
    const { recorded, askedSeq } = at({ seq: quiet?.seq ?? 0 })
    expect(askedSeq).toBe(quiet?.seq)
    expect(recorded.seq).toBeLessThan(quiet?.seq ?? 0)
  })

  test('says of every order what became of it, as the commands do', () => {
    const moved = run.inputs.find(({ seq }) => run.commands.get(seq)?.some(({ kind }) => kind === 'modify'))
    const { recorded } = at({ seq: moved?.seq ?? 0 })
    const count = (decision: string): number =>
      recorded.orders.filter((order) => order.decision === decision).length
    const sent = (kind: string): number => recorded.commands.filter((command) => command.kind === kind).length
    expect(sent('modify')).toBeGreaterThan(0)
    expect(count('replace')).toBe(sent('modify'))
    expect(count('place')).toBe(sent('place'))
    expect(count('cancel')).toBe(sent('cancel'))
    for (const order of recorded.orders) expect(order.because).not.toBe('')
  })

  test('names the floor that binds, and it is the largest of them', () => {
    const { recorded, changed } = at({ set: ['risk.min_spread_floor_bps=120'] })
    for (const { floor, floorsBps } of [recorded.bid, recorded.ask, changed?.bid ?? recorded.bid]) {
      const values = Object.values(floorsBps ?? {})
      expect(values).toHaveLength(4)
      if (floor !== 'model') expect(floorsBps?.[floor]).toBe(Math.max(...values))
    }
    expect(changed?.bid.floor).toBe('minimum')
  })

  test('says what bound the size of every level, also where levels fall on one price and are one', () => {
    const { recorded, changed } = at({ set: ['strategy.glft.ladder_span_multiple=1.01'] })
    const levelsOf = (explanation: Explanation | null): ExplainedSide['levels'] => [
      ...(explanation?.bid.levels ?? []),
      ...(explanation?.ask.levels ?? []),
    ]
    expect(levelsOf(changed).length).toBeLessThan(levelsOf(recorded).length)
    for (const { binding } of [...levelsOf(recorded), ...levelsOf(changed)]) {
      expect(['risk', 'cap', 'budget', 'margin', 'least']).toContain(binding)
    }
  })

  test('leaves no estimate without unit, status and age', () => {
    const { recorded } = at({})
    expect(recorded.estimates.length).toBeGreaterThan(20)
    for (const estimate of recorded.estimates) {
      expect(estimate.unit, estimate.name).not.toBe('')
      const isUsable = estimate.status === 'measured' || estimate.status === 'prior'
      expect(estimate.value === null, estimate.name).toBe(!isUsable)
    }
  })
})

describe('an order', () => {
  test('is found by the id of the venue, and explained from the level that made it', () => {
    const resting = run.inputs.filter((input) => input.kind === 'orderResting')
    const one = resting[Math.floor(resting.length / 2)]
    expect(one).toBeDefined()
    const { asked, recorded } = at({ oid: one?.oid ?? 0 })
    expect(asked?.order.cloid).toBe(one?.cloid)
    expect(recorded.seq).toBe(asked?.seq)
    const side = asked?.order.side === 'buy' ? recorded.bid : recorded.ask
    const level = side.levels.find((wished) => wished.level === asked?.level)
    expect(level).toMatchObject({ priceTicks: asked?.order.priceTicks, sizeLots: asked?.order.sizeLots })
  })

  test('that does not exist is an error that names a near one', () => {
    expect(() => at({ oid: 987_654_321 })).toThrow(
      /--oid 987654321: no order.*the nearest of its orders is \d+/,
    )
  })
})

describe('other settings beside it', () => {
  test('move the term that they are about, and no estimate', () => {
    const { recorded, changed } = at({ set: ['risk.gamma_base=1.2'] })
    expect(termOf(changed?.bid as ExplainedSide, 'volatility')).toBeGreaterThan(
      termOf(recorded.bid, 'volatility') * 1.3,
    )
    expect(termOf(changed?.bid as ExplainedSide, 'fee')).toBe(termOf(recorded.bid, 'fee'))
    expect(changed?.estimates).toEqual(recorded.estimates)
    expect(checkSums(changed as Explanation)).toBeGreaterThan(0)
  })

  test('leave the recorded column as it is without them', () => {
    const seq = Math.floor(run.inputs.length / 2)
    expect(at({ seq, set: ['risk.min_spread_floor_bps=40'] }).recorded).toEqual(at({ seq }).recorded)
  })

  test('that are the same give the same column', () => {
    const { recorded, changed, changes } = at({ set: ['risk.gamma_base=0.3'] })
    expect(changes).toEqual([])
    expect(changed).toEqual(recorded)
  })

  test('may be another strategy, which keeps no report and still adds up', () => {
    const { changed } = at({ set: ['strategy.name=fixed-spread'] })
    expect(changed).toMatchObject({ strategyName: 'fixed-spread', strategy: null })
    expect(checkSums(changed as Explanation)).toBe(10)
  })

  test('raise the floor that binds', () => {
    const { changed } = at({ set: ['risk.min_spread_floor_bps=120'] })
    expect(changed?.bid.floor).toBe('minimum')
    expect(termOf(changed?.bid as ExplainedSide, 'floor')).toBeGreaterThan(0)
  })
})

describe('a quote that risk takes away', () => {
  test('is explained as wished, with nothing left and the reason', async () => {
    const pulled = await journalledRun({ seed: 11, seconds: 20, set: ['risk.velocity_pull_bps=1'] })
    const { recorded } = explainMoment({ dir: pulled.dir, seq: null, oid: null, assignments: [] })
    expect(recorded.risk.action).toBe('pull')
    const adding = recorded.positionLots < 0 ? recorded.ask : recorded.bid
    expect(adding.levels.length).toBeGreaterThan(0)
    expect(adding.levels.every(({ sizeLots, wishedLots }) => sizeLots === 0 && wishedLots > 0)).toBe(true)
    expect(adding.because).toContain('bps')
  })
})

describe('the command line', () => {
  const call = async (...args: string[]): ReturnType<typeof captured> =>
    captured(() => runProgram(['explain', run.dir, ...args]))

  test('prints every part of a decision for people', async () => {
    const { code, out } = await call('--last')
    expect(code).toBe(exitCodes.ok)
    for (const part of [
      'decision ',
      'touch ',
      'fair ',
      'estimate',
      'aversion ',
      'tight ',
      'sum, bps',
      'risk: ',
      'orders',
    ]) {
      expect(out).toContain(part)
    }
  })

  test('prints the same content as JSON', async () => {
    const { out } = await call('--json', '--set', 'risk.gamma_base=0.6')
    const { kind, ...report } = JSON.parse(out) as { kind: string }
    expect(kind).toBe('explain')
    expect(report).toEqual(JSON.parse(JSON.stringify(at({ set: ['risk.gamma_base=0.6'] }))))
    expect(explanationText(at({ set: ['risk.gamma_base=0.6'] }))).toContain('risk.gamma_base 0.3 → 0.6')
  })

  test.each([
    [['--seq', '99999999'], /--seq 99999999: the journal has inputs 1 to \d+ \[UNKNOWN_SEQ\]/],
    [['--seq', 'soon'], /whole number from 1/],
    [['--seq', '1'], /nothing was quoted up to input 1.*\[NO_DECISION\]/],
    [['--seq', '5', '--oid', '5'], /exclude each other/],
    [['--set', 'risk.gamma_bse=1'], /no key risk\.gamma_bse; did you mean risk\.gamma_base\?/],
    [['--set', 'risk.gamma_base=-1'], /gamma_base/],
    [['--set', 'risk.gamma_base'], /write key=value/],
  ])('says what is wrong with %s', async (args, message) => {
    const { code, err, out } = await call(...args)
    expect(err).toMatch(message)
    expect(code).toBe(exitCodes.usage)
    expect(out).toBe('')
  })
})
