/** A run told by its journal beside the same run told by the exchange: two recorders that share nothing but the market. */
import { describe, expect, test } from 'vitest'
import { runClosedWorld } from '../../src/backtest/closed-world.ts'
import { cell, columnOf } from '../../src/backtest/columns.ts'
import { recordJournal, sampleStepMs } from '../../src/backtest/journal-recording.ts'
import type { JournalRecording } from '../../src/backtest/journal-recording.ts'
import { startRecorder } from '../../src/backtest/recorder.ts'
import { initRecording } from '../../src/backtest/recording.ts'
import type { Recording } from '../../src/backtest/recording.ts'
import { figuresOf } from '../../src/backtest/result.ts'
import { openStage } from '../../src/backtest/stage.ts'
import { defaultVenue } from '../../src/config/venue-definitions.ts'
import { step } from '../../src/core/engine.ts'
import type { Input } from '../../src/core/input.ts'
import type { MarketSpec } from '../../src/core/market.ts'
import { DEPOSIT_MICRO_USD, engineOf } from './support.ts'

/** The same as its journal would tell it, by a maker that lives it again. */
function toldBy(inputs: readonly Input[], market: MarketSpec): JournalRecording | null {
  const engine = engineOf()(market)
  const spanMs = (inputs.at(-1)?.tsMs ?? 0) - (inputs[0]?.tsMs ?? 0)
  const journal = recordJournal({ spanMs })
  for (const input of inputs) {
    journal.before(engine, input)
    const commands = step(engine, input)
    journal.after(engine, input, commands)
  }
  return journal.finish()
}

interface Both {
  readonly inputs: readonly Input[]
  readonly market: MarketSpec
  readonly byExchange: Recording
  readonly told: JournalRecording
}

/** A run costs seconds, so the tests share them. */
const runs = new Map<string, Both>()

function bothOf(scenario: string): Both {
  const known = runs.get(scenario) ?? played({ seed: 11, minutes: 1.5, scenario })
  runs.set(scenario, known)
  return known
}

function played(of: { readonly seed: number; readonly minutes: number; readonly scenario: string }): Both {
  const { world, venue, startTsMs } = openStage({
    ...{ spec: defaultVenue(), coin: 'hyna:BTC', scenario: of.scenario, seed: of.seed },
    ...{ blockMs: 100, depositMicroUsd: DEPOSIT_MICRO_USD },
  })
  const engine = engineOf()(venue.market)
  const recorder = startRecorder(world, venue, engine)
  const inputs: Input[] = []
  runClosedWorld({
    ...{ engine, venue, world, untilTsMs: startTsMs + of.minutes * 60_000 },
    onStep(input, commands) {
      inputs.push(input)
      recorder.onCommands(commands)
    },
  })
  recorder.stop()
  const told = toldBy(inputs, venue.market)
  if (told === null) throw new Error('a run of minutes has something to tell')
  return { inputs, market: venue.market, byExchange: recorder.recording, told }
}

describe('a run that its journal tells', () => {
  test.each(['calm', 'sweep'])(
    'of %s has the fills, fees and requests of the exchange’s own record',
    (scenario) => {
      const { byExchange, told } = bothOf(scenario)
      const { recording } = told
      const plain = (of: Recording): unknown =>
        of.fills.map(({ tid, oid, side, priceTicks, sizeLots, feeMicroUsd, crossed }) => [
          ...[tid, oid, side, priceTicks, sizeLots, feeMicroUsd, crossed],
        ])
      expect(recording.fills.length).toBeGreaterThan(0)
      expect(plain(recording)).toEqual(plain(byExchange))
      expect(recording.requests).toEqual(byExchange.requests)
      const [ours, theirs] = [figuresOf(recording), figuresOf(byExchange)]
      expect(ours.attribution.feesMicroUsd).toBe(theirs.attribution.feesMicroUsd)
      expect(ours.trading.volumeMicroUsd).toBe(theirs.trading.volumeMicroUsd)
      expect(ours.inventory.endLots).toBe(theirs.inventory.endLots)
      // Shares of the time differ by what is on its way at the ends alone.
      expect(ours.quoting.bothSidesShare).toBeCloseTo(theirs.quoting.bothSidesShare, 1)
    },
  )

  test('has a PnL that parts add up to, and that is the venue’s but for the age of the last told mark', () => {
    const { byExchange, told } = bothOf('sweep')
    const { samples } = told.recording
    const { attribution } = figuresOf(told.recording)
    const parts = [
      attribution.spreadMicroUsd,
      attribution.adverseSelectionMicroUsd,
      attribution.inventoryMicroUsd,
      attribution.feesMicroUsd,
      attribution.fundingMicroUsd,
      attribution.liquidationMicroUsd,
    ]
    expect(parts.reduce((sum, part) => sum + part, 0)).toBe(attribution.equityChangeMicroUsd)
    const last = samples.length - 1
    const lastOfTheirs = byExchange.samples.length - 1
    const lots = cell(samples, 'positionLots', last)
    const ticks = cell(byExchange.samples, 'markTicks', lastOfTheirs) - cell(samples, 'markTicks', last)
    const theirs = columnOf(byExchange.samples, 'equityMicroUsd')
    const change = (theirs[lastOfTheirs] ?? 0) - (theirs[0] ?? 0)
    expect(change - attribution.equityChangeMicroUsd).toBe(lots * ticks)
    expect(told.venue?.oursMicroUsd).toBeDefined()
    expect(Math.abs((told.venue?.changeMicroUsd ?? NaN) - (told.venue?.oursMicroUsd ?? NaN))).toBeLessThan(
      1_000_000,
    )
  })

  test.each(['calm', 'sweep'])('of %s has the mid before each fill as the exchange knew it', (scenario) => {
    const { byExchange, told } = bothOf(scenario)
    const mids = (of: Recording): unknown => of.fills.map(({ tid, midTicks }) => [tid, midTicks])
    expect(mids(told.recording)).toEqual(mids(byExchange))
    const [ours, theirs] = [figuresOf(told.recording), figuresOf(byExchange)]
    expect(ours.attribution.spreadMicroUsd).toBe(theirs.attribution.spreadMicroUsd)
  })

  test('takes the mid of a fill from the last book before it, between two samples too, and not from the book that it made', () => {
    const { inputs, market } = bothOf('sweep')
    const at = inputs.findIndex(({ kind }) => kind === 'fill')
    const fill = inputs[at]
    if (fill?.kind !== 'fill') throw new Error('the run has fills')
    const { tsMs, priceTicks } = fill
    const touch = (venueTsMs: number, midTicks: number, seq: number): Input => ({
      ...{
        kind: 'touch',
        venueTsMs,
        tsMs,
        seq,
        bidTicks: midTicks - 10,
        bidLots: 5,
        askTicks: midTicks + 10,
      },
      askLots: 5,
    })
    const before = inputs.slice(0, at)
    const last = Math.max(
      ...before.map((input) => (input.kind === 'book' || input.kind === 'touch' ? input.venueTsMs : 0)),
    )
    // The book after the fill is told first, as it may be on a venue with a channel for each.
    const moved = [
      ...before,
      touch(last, priceTicks + 40, 0),
      touch(fill.venueTsMs, priceTicks - 900, 0),
      fill,
    ]
    const told = toldBy(
      moved.map((input, index) => ({ ...input, seq: index + 1 })),
      market,
    )
    expect(last).toBeLessThan(fill.venueTsMs)
    expect(told?.recording.fills.map(({ midTicks }) => midTicks)).toEqual([priceTicks + 40])
    const { attribution } = figuresOf(told?.recording ?? initRecording({ blockMs: 100, ...market.grid }))
    const sign = fill.side === 'buy' ? 1 : -1
    expect(attribution.spreadMicroUsd).toBe(sign * 40 * fill.sizeLots)
    expect(attribution.unexplainedMicroUsd).toBe(0)
  })

  test('counts a fill that is told twice once', () => {
    const { inputs, market, told } = bothOf('sweep')
    const twice = inputs.flatMap((input): readonly Input[] =>
      input.kind === 'fill' ? [input, input] : [input],
    )
    const renumbered = twice.map((input, index) => ({ ...input, seq: index + 1 }))
    const again = toldBy(renumbered, market)
    expect(told.recording.fills.length).toBeGreaterThan(0)
    expect(again?.recording.fills).toEqual(told.recording.fills)
  })

  test('takes a position over at its price: the hand of another neither earns nor costs', () => {
    const { inputs, market } = bothOf('sweep')
    const by = 1_000
    // From half of the run on the venue knows of more than our fills; it is asked often enough for that to be believed.
    const moved = inputs.map((input, index) =>
      input.kind === 'account' && index > inputs.length / 2
        ? { ...input, positionLots: input.positionLots + by }
        : input,
    )
    const told = toldBy(moved, market)
    const { recording } = told ?? {}
    if (recording === undefined) throw new Error('the run has something to tell')
    expect(recording.takenOverMicroUsd).not.toBe(0)
    expect(figuresOf(recording).attribution.unexplainedMicroUsd).toBe(0)
  })

  test('counts a forced fill as liquidation, by its distance from the mid', () => {
    const { inputs, market } = bothOf('sweep')
    const first = inputs.findIndex(({ kind }) => kind === 'fill')
    const forced = inputs.map((input, index) =>
      input.kind === 'fill' && index === first ? { ...input, liquidation: true } : input,
    )
    const { recording } = toldBy(forced, market) ?? {}
    const [fill] = recording?.fills ?? []
    if (recording === undefined || fill === undefined) throw new Error('the run has fills')
    const { attribution, trading } = figuresOf(recording)
    const sign = fill.side === 'buy' ? 1 : -1
    expect(trading.liquidationCount).toBe(1)
    expect(attribution.liquidationMicroUsd).toBe(
      sign * (Math.round(fill.midTicks * fill.sizeLots) - fill.priceTicks * fill.sizeLots),
    )
    expect(attribution.unexplainedMicroUsd).toBe(0)
  })

  test('is told with nothing when there never was a book', () => {
    const { inputs, market } = bothOf('sweep')
    const blind = inputs.filter(({ kind }) => kind !== 'book' && kind !== 'touch')
    expect(
      toldBy(
        blind.map((input, index) => ({ ...input, seq: index + 1 })),
        market,
      ),
    ).toBeNull()
  })

  test('is sampled so finely that a minute has hundreds of rows and a month still fits in memory', () => {
    expect(sampleStepMs(60_000)).toBe(100)
    expect(sampleStepMs(30 * 86_400_000)).toBe(5_000)
    expect((30 * 86_400_000) / sampleStepMs(30 * 86_400_000)).toBeLessThanOrEqual(1_000_000)
  })
})
