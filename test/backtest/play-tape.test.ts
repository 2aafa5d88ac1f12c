/** The fixed market: the same books, prints and fills for every maker, whatever it quotes. */
import { describe, expect, test } from 'vitest'
import { recordTape } from '../../src/backtest/market-tape.ts'
import type { MarketTape } from '../../src/backtest/market-tape.ts'
import { playTape } from '../../src/backtest/play-tape.ts'
import {
  atHour,
  withFill,
  withIsolatedMargin,
  withLeap,
  withoutAsks,
  withoutFills,
  withSilence,
} from '../../src/backtest/tape-stories.ts'
import { enginePartsOf } from '../../src/compose/engine-parts.ts'
import { defaultVenue } from '../../src/config/venue-definitions.ts'
import { createEngine, engineHash } from '../../src/core/engine.ts'
import type { Engine } from '../../src/core/engine.ts'
import { midTicksOf } from '../../src/core/exposure.ts'
import { load } from '../support/config.ts'

const tape = recordTape(
  {
    spec: defaultVenue(),
    coin: 'hyna:BTC',
    scenario: 'calm',
    seed: 6,
    blockMs: 100,
    depositMicroUsd: 1e11,
    seconds: 40,
  },
  (market) =>
    createEngine(enginePartsOf(load({ assignments: ['strategy.name=fixed-spread'] }).values, market)),
)

function played(
  on: MarketTape,
  assignments: readonly string[],
  until = Infinity,
): { engine: Engine; looks: number } {
  const engine = createEngine(enginePartsOf(load({ assignments }).values, on.market))
  let looks = 0
  playTape(engine, on, 100, () => (looks += 1) < until)
  return { engine, looks }
}

describe('playing a tape', () => {
  const sums = tape.events.reduce(
    (sum, { what }) =>
      what.kind === 'tapeFill' ? sum + (what.side === 'buy' ? what.sizeLots : -what.sizeLots) : sum,
    0,
  )

  test.each([['glft-ladder'], ['fixed-spread']])('%s holds the position of the tape at the end', (name) => {
    const { engine, looks } = played(tape, [`strategy.name=${name}`])
    expect(tape.events.filter(({ what }) => what.kind === 'tapeFill').length).toBeGreaterThan(2)
    expect(engine.state.ledger.positionLots).toBe(sums)
    expect(looks).toBe(Math.floor((tape.endTsMs - tape.startTsMs) / 100))
  })

  test('is the same twice, down to the state hash', () => {
    expect(engineHash(played(tape, []).engine)).toBe(engineHash(played(tape, []).engine))
  })

  test('leaves no order in doubt, and the venue agrees with the maker on position and orders', () => {
    const { state } = played(tape, ['execution.resync_interval_ms=5000']).engine
    expect(state.counters).toMatchObject({ adjustments: 0, overfills: 0, outOfOrder: 0, duplicateFills: 0 })
    expect(state.accountLast?.positionLots).toBe(state.ledger.positionLots)
    expect(state.orphans).toEqual([])
    expect(state.foreignOrders).toEqual([])
  })

  test('our own quotes are filled first, so that the maker knows what it was filled on', () => {
    const { state } = played(tape, ['strategy.name=fixed-spread']).engine
    expect(state.ledger.fillCount).toBeGreaterThan(state.counters.externalFills)
  })

  test('ends when the looker has seen enough', () => {
    expect(played(tape, [], 5).looks).toBe(5)
  })
})

describe('bent tapes', () => {
  test('on isolated margin the venue keeps margin and liquidation price as the maker moves them', () => {
    // 0.3 BTC on 2 300 USD: about 12 % from liquidation, so margin is added until it is 20 %.
    const bent = withIsolatedMargin(withFill(withoutFills(tape), 10, 30_000), 2_300, 20_000, 0)
    const { state } = played(bent, []).engine
    const { isolatedMarginMicroUsd, liquidationTicks, withdrawableMicroUsd } = state.accountLast ?? {}
    const entryTicks = -(state.ledger.cashFlowMicroUsd / state.ledger.positionLots)
    expect(1 - (liquidationTicks ?? 0) / entryTicks).toBeCloseTo(0.2, 2)
    // At the liquidation price what is left is the maintenance margin, by the definition of that price.
    const gain = 30_000 * ((state.margin.sampleMarkTicks ?? 0) - entryTicks)
    const marginMicroUsd = (isolatedMarginMicroUsd ?? 0) - gain
    const left = marginMicroUsd + 30_000 * ((liquidationTicks ?? 0) - entryTicks)
    expect(left / ((30_000 * (liquidationTicks ?? 0)) / (2 * bent.market.maxLeverage))).toBeCloseTo(1, 2)
    expect((withdrawableMicroUsd ?? 0) + marginMicroUsd).toBeCloseTo(20_000e6, -8)
  })

  test('without asks the book has one side, and then both again', () => {
    const bent = withoutAsks(withoutFills(tape), 10, 20)
    expect(played(bent, [], 150).engine.state.book.asks.count).toBe(0)
    expect(played(bent, [], 250).engine.state.book.asks.count).toBeGreaterThan(0)
  })

  test('a fill moves the position by its size at its time', () => {
    const bent = withFill(withoutFills(tape), 10, -12_345)
    expect(played(bent, [], 99).engine.state.ledger.positionLots).toBe(0)
    expect(played(bent, [], 102).engine.state.ledger.positionLots).toBe(-12_345)
  })

  test('a leap moves the mid by its factor', () => {
    const before = midTicksOf(played(tape, []).engine.state) ?? 0
    const after = midTicksOf(played(withLeap(tape, 20, 1.5), []).engine.state) ?? 0
    expect(after / before).toBeCloseTo(1.5, 4)
  })

  test('a silence makes the book stale and nothing is quoted', () => {
    const { engine } = played(withSilence(tape, 20, 30), [], 298)
    expect(engine.state.ladder).toMatchObject({ bidCount: 0, askCount: 0 })
    expect(engine.state.ladder.bidBecause).toMatch(/the book is \d+ ms old/)
  })

  test('another hour changes the clock and nothing of the market', () => {
    const moved = atHour(tape, 7)
    expect(new Date(moved.startTsMs).getUTCHours()).toBe(7)
    expect(moved.events.map(({ tsMs }) => tsMs - moved.startTsMs)).toEqual(
      tape.events.map(({ tsMs }) => tsMs - tape.startTsMs),
    )
  })
})
