/** The parts of the PnL add up to the exchange's own account, to the micro-dollar, in every scenario. */
import { describe, expect, test } from 'vitest'
import { attributionOf } from '../../src/backtest/attribution.ts'
import type { Attribution } from '../../src/backtest/attribution.ts'
import { pushRow } from '../../src/backtest/columns.ts'
import { initRecording } from '../../src/backtest/recording.ts'
import { SCENARIO_NAMES } from '../../src/simulation/scenarios.ts'
import { backtestOf } from './support.ts'

function sumOf(of: Attribution): number {
  return (
    of.spreadMicroUsd +
    of.adverseSelectionMicroUsd +
    of.inventoryMicroUsd +
    of.feesMicroUsd +
    of.fundingMicroUsd +
    of.liquidationMicroUsd
  )
}

describe('the attribution', () => {
  test.each(SCENARIO_NAMES)('of %s adds up to the change of the account', (scenario) => {
    for (const seed of [3, 11]) {
      const { figures, recording } = backtestOf({ seed, minutes: 2, scenario })
      const equity = recording.samples.data.equityMicroUsd
      const change = (equity[recording.samples.length - 1] ?? 0) - (equity[0] ?? 0)
      expect(recording.fills.length).toBeGreaterThan(0)
      expect(change).not.toBe(0)
      expect(sumOf(figures.attribution)).toBe(change)
      expect(figures.attribution.unexplainedMicroUsd).toBe(0)
    }
  })

  test('over a full hour has funding in it, and adds up', () => {
    // The run begins at 22:13:20; blocks of a second make three quarters of an hour short.
    const { figures } = backtestOf({ seed: 5, minutes: 47, scenario: 'funding', blockMs: 1_000 })
    expect(figures.attribution.fundingMicroUsd).not.toBe(0)
    expect(sumOf(figures.attribution)).toBe(figures.attribution.equityChangeMicroUsd)
    expect(figures.attribution.unexplainedMicroUsd).toBe(0)
  })

  /** Bought 10 lots at 1000, closed by force at 900 while the mid was 950, and 77 micro-dollars of margin taken. */
  function forcedClose(liquidationCount: number): Attribution {
    const recording = initRecording({ blockMs: 100, priceDecimals: 1, szDecimals: 5 })
    const cashAfter = -10 * 1_000 + 10 * 900 - 3 - 2 - 77
    const sample = (tsMs: number, midTicks: number, positionLots: number, equityMicroUsd: number): void =>
      pushRow(recording.samples, {
        ...{ tsMs, midTicks, positionLots, equityMicroUsd, markTicks: midTicks },
        ...{ bestBidTicks: 0, bestAskTicks: 0, ownBidTicks: 0, ownAskTicks: 0 },
      })
    sample(0, 1_002, 0, 50_000)
    sample(100, 1_004, 10, 50_000 - 10_000 - 3 + 10 * 1_004)
    sample(200, 950, 10, 50_000 - 10_000 - 3 + 10 * 950)
    sample(300, 940, 0, 50_000 + cashAfter)
    const fill = { oid: 1, sizeLots: 10, crossed: false }
    recording.fills.push(
      {
        ...fill,
        tsMs: 100,
        sampleIndex: 0,
        tid: 1,
        side: 'buy',
        priceTicks: 1_000,
        feeMicroUsd: 3,
        liquidation: false,
        midTicks: 1_002,
      },
      {
        ...fill,
        tsMs: 300,
        sampleIndex: 2,
        tid: 2,
        side: 'sell',
        priceTicks: 900,
        feeMicroUsd: 2,
        liquidation: true,
        midTicks: 950,
      },
    )
    recording.liquidationCount = liquidationCount
    recording.cashStartMicroUsd = 50_000
    recording.cashEndMicroUsd = 50_000 + cashAfter
    return attributionOf(recording)
  }

  test('of a forced close counts its distance from the mid and the margin taken as liquidation', () => {
    const of = forcedClose(1)
    expect(of).toMatchObject({
      spreadMicroUsd: 20,
      feesMicroUsd: -5,
      liquidationMicroUsd: -10 * 50 - 77,
      equityChangeMicroUsd: -1_082,
      unexplainedMicroUsd: 0,
    })
    expect(sumOf(of)).toBe(-1_082)
  })

  test('shows money that moved without an event as unexplained', () => {
    expect(forcedClose(0).unexplainedMicroUsd).toBe(-77)
  })
})
