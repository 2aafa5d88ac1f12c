/** `hypermake replay --set`: what other settings would have decided, and what may be said of the money. */
import { beforeAll, describe, expect, test } from 'vitest'
import { runProgram } from '../../src/cli/program.ts'
import { compareMakers } from '../../src/compose/compare-makers.ts'
import { exitCodes } from '../../src/compose/exit-codes.ts'
import type { Input } from '../../src/core/input.ts'
import { captured } from '../support/captured.ts'
import { journalledRun } from '../support/journalled-run.ts'
import type { JournalledRun } from '../support/journalled-run.ts'

const MARKOUT_MS = 10_000
const SECONDS = 90
let run: JournalledRun
let fills: readonly Extract<Input, { kind: 'fill' }>[]

beforeAll(async () => {
  run = await journalledRun({ seed: 5, seconds: SECONDS, scenario: 'calm' })
  fills = run.inputs.filter((input) => input.kind === 'fill')
})

const compare = (...set: string[]): ReturnType<typeof compareMakers> => compareMakers(run.dir, set)

describe('the same settings', () => {
  test('differ nowhere: no decision, no quote, no money', () => {
    const report = compare('risk.gamma_base=0.3')
    expect(report).toMatchObject({
      changes: [],
      inputCount: run.inputs.length,
      ladderDifferenceCount: 0,
      commandDifferenceCount: 0,
      first: null,
    })
    expect(report.fills).toMatchObject({
      missedLots: 0,
      extraLots: 0,
      possibleLots: 0,
      differenceMicroUsd: 0,
      lowMicroUsd: 0,
      highMicroUsd: 0,
    })
    expect(report.fills.keptLots).toBe(report.fills.ownLots)
    expect(report.bid.changedHalfBps).toBe(report.bid.recordedHalfBps)
  })

  test('value the own fills as a second calculation does', () => {
    expect(fills.length).toBeGreaterThan(2)
    const report = compare('risk.gamma_base=0.3')
    expect(report.fills.ownFills).toBe(fills.length)
    expect(report.fills.ownLots).toBe(fills.reduce((sum, fill) => sum + fill.sizeLots, 0))
    // Mids lie on half ticks and fees are whole: a micro-dollar of rounding a fill, no more.
    expect(Math.abs(report.fills.recordedMicroUsd - markoutsOf(run))).toBeLessThanOrEqual(fills.length)
  })
})

/** Own fills at the first mid at least 10 s later, or the last one, less the fees that the venue took. */
function markoutsOf({ inputs }: JournalledRun): number {
  const mids: { tsMs: number; mid: number }[] = []
  for (const input of inputs) {
    if (input.kind === 'book' && input.bids.length > 0 && input.asks.length > 0) {
      mids.push({ tsMs: input.tsMs, mid: ((input.bids[0] ?? 0) + (input.asks[0] ?? 0)) / 2 })
    } else if (input.kind === 'touch' && input.bidLots > 0 && input.askLots > 0) {
      mids.push({ tsMs: input.tsMs, mid: (input.bidTicks + input.askTicks) / 2 })
    }
  }
  return fills.reduce((sum, fill) => {
    const after = mids.find(({ tsMs }) => tsMs - fill.tsMs >= MARKOUT_MS) ?? mids.at(-1)
    const sign = fill.side === 'buy' ? 1 : -1
    return sum + sign * ((after?.mid ?? 0) - fill.priceTicks) * fill.sizeLots - fill.feeMicroUsd
  }, 0)
}

describe('wider quotes', () => {
  test('are wider on both sides, miss what the recorded ones got, and trade nothing more', () => {
    const report = compare('risk.min_spread_floor_bps=120', 'quoting.ladder.max_depth_bps=400')
    expect(report.bid.changedHalfBps).toBeGreaterThan((report.bid.recordedHalfBps ?? 0) + 20)
    expect(report.ask.changedHalfBps).toBeGreaterThan((report.ask.recordedHalfBps ?? 0) + 20)
    expect(report.fills).toMatchObject({ keptLots: 0, extraLots: 0, possibleLots: 0, changedMicroUsd: 0 })
    expect(report.fills.differenceMicroUsd).toBe(-report.fills.recordedMicroUsd + 0)
  })
})

describe('tighter quotes', () => {
  test('keep the own fills at their own price, and may trade more', () => {
    const report = compare('risk.gamma_base=0.02', 'strategy.glft.toxicity_widen_bps=0')
    const { keptLots, missedLots, ownLots, lowMicroUsd, highMicroUsd, differenceMicroUsd } = report.fills
    expect(keptLots + missedLots).toBe(ownLots)
    expect(report.fills.extraLots + report.fills.possibleLots).toBeGreaterThan(0)
    expect(lowMicroUsd).toBeLessThanOrEqual(differenceMicroUsd)
    expect(highMicroUsd).toBeGreaterThanOrEqual(differenceMicroUsd)
  })
})

describe('a smaller order', () => {
  test('keeps no more than its size', () => {
    const whole = compare('risk.gamma_base=0.3').fills
    const half = compare('quoting.target_liquidity=0.02').fills
    expect(half.keptLots).toBeLessThan(whole.keptLots)
    expect(half.keptLots + half.missedLots).toBe(half.ownLots)
  })
})

describe('the first difference', () => {
  test('shows both commands, and the recorded ones are those of the journal', () => {
    const { first } = compare('risk.gamma_base=0.9')
    expect(first?.recorded).toEqual(run.commands.get(first?.seq ?? 0))
    expect(first?.changed).not.toEqual(first?.recorded)
  })

  test('comes when the setting first matters, not before', () => {
    const early = compare('risk.gamma_base=0.9')
    const late = compare('execution.min_order_age_ms=30000')
    expect(late.first?.seq).toBeGreaterThan(early.first?.seq ?? 0)
    expect(late.ladderDifferenceCount).toBe(0)
  })
})

describe('of several changed keys', () => {
  test('each is tried without the others, so that the one that did it is named', () => {
    const keys = ['risk.gamma_base=0.9', 'estimators.stale_ms=6000']
    const { effects, ladderDifferenceCount, first } = compare(...keys)
    const alone = compare('risk.gamma_base=0.9')
    expect(alone.effects).toEqual([])
    expect(alone.first?.seq).toBe(first?.seq)
    expect(effects).toEqual([
      {
        key: 'risk.gamma_base',
        alone: {
          ladderDifferenceCount: alone.ladderDifferenceCount,
          commandDifferenceCount: alone.commandDifferenceCount,
          firstSeq: first?.seq,
        },
      },
      {
        key: 'estimators.stale_ms',
        alone: { ladderDifferenceCount: 0, commandDifferenceCount: 0, firstSeq: null },
      },
    ])
    expect(ladderDifferenceCount).toBe(alone.ladderDifferenceCount)
  })

  test('one that the configuration forbids without the others is told as such', async () => {
    const keys = ['quoting.ladder.min_depth_bps=300', 'quoting.ladder.max_depth_bps=400']
    expect(compare(...keys).effects).toMatchObject([
      { key: 'quoting.ladder.min_depth_bps', alone: null },
      {
        key: 'quoting.ladder.max_depth_bps',
        alone: { commandDifferenceCount: expect.any(Number) as number },
      },
    ])
    const { out } = await captured(() => runProgram(['replay', run.dir, '--set', ...keys]))
    expect(out).toMatch(/^cause {5}of the first: .*\n\neach key alone .*\nquoting\.ladder\.min_depth_bps +–/m)
    expect(out).toContain('forbids that value without the others')
  })
})

test('a maker that stops for its own limit is seen to stop', () => {
  const { bid, ask } = compare('risk.velocity_pull_bps=1')
  expect(bid.onlyRecorded + ask.onlyRecorded).toBeGreaterThan(0)
})

describe('a setting that cannot make another decision out of these inputs is refused, not found to change nothing', () => {
  test.each([
    ['market.asset=ETH', /market\.asset.*the inputs are of one market/],
    ['market.reference=BTC', /market\.reference.*that was listened to/],
    ['exchange.block_ms=50', /exchange\.block_ms.*hypermake backtest/],
    ['venue.dead_man_sec=30', /venue\.dead_man_sec.*way to the venue/],
    ['journal.sync=never', /journal\.sync.*kept/],
  ])('%s', (assignment, text) => {
    expect(() => compare('risk.gamma_base=0.9', assignment)).toThrow(text)
  })

  test('while the age at which an order counts as lost is the maker’s own', () => {
    expect(compare('venue.submit_expiry_ms=5000').changes).toHaveLength(1)
  })
})

describe('the command line', () => {
  const call = (...args: string[]): ReturnType<typeof captured> =>
    captured(() => runProgram(['replay', run.dir, ...args]))

  test('says that it is no check, and ends with 0 though everything differs', async () => {
    const { code, out } = await call('--set', 'risk.gamma_base=0.9')
    expect(code).toBe(exitCodes.ok)
    expect(out).toMatch(/^COUNTERFACTUAL, not a check/)
    expect(out).toContain('risk.gamma_base 0.3 → 0.9')
    expect(out).toMatch(/pnl {7}difference .* between .* and /)
  })

  test('prints the same as JSON', async () => {
    const { out } = await call('--set', 'risk.gamma_base=0.9', '--json')
    const { kind, ...report } = JSON.parse(out) as { kind: string }
    expect(kind).toBe('counterfactual')
    expect(report).toEqual(JSON.parse(JSON.stringify(compare('risk.gamma_base=0.9'))))
  })

  test('without --set is still the check', async () => {
    const { code, out } = await call()
    expect(code).toBe(exitCodes.ok)
    expect(out).toContain('equal: every command')
  })

  test('refuses a key that does not exist, with a near one', async () => {
    const { code, err } = await call('--set', 'risk.gama_base=0.9')
    expect(code).toBe(exitCodes.usage)
    expect(err).toMatch(/did you mean risk\.gamma_base/)
  })
})
