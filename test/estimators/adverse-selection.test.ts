import { describe, expect, test } from 'vitest'
import {
  initAdverseSelection,
  markoutFigures,
  meanMarkoutBps,
  observeFill,
  observeMarkoutMid,
  readAdverseSelection,
} from '../../estimators/adverse-selection.ts'
import type { AdverseSelectionState } from '../../estimators/adverse-selection.ts'
import { initReading } from '../../src/core/contracts.ts'

const config = { priorBps: 0.5, priorFills: 10, horizonIndex: 2, halfLifeFills: 50, clampBps: 50 }

/** Buys at 20 000 after which the mid falls by `dropTicks` within ten seconds. */
function buyAndDrop(state: AdverseSelectionState, startMs: number, dropTicks: number): void {
  observeFill(state, { tsMs: startMs, side: 'buy', midTicks: 20_000, midAtPlacementTicks: 20_006 })
  for (const [afterMs, mid] of [
    [400, 20_000],
    [600, 19_999],
    [2_100, 19_998],
    [10_050, 20_000 - dropTicks],
    [60_200, 20_040],
  ] as const) {
    observeMarkoutMid(state, startMs + afterMs, mid)
  }
}

describe('adverse selection', () => {
  test('uses the first mid at or after each due time, cost positive, by side', () => {
    const state = initAdverseSelection(config)
    buyAndDrop(state, 3_000, 8)
    expect(meanMarkoutBps(state, 'bid', 0)).toBeCloseTo(0.5, 9)
    expect(meanMarkoutBps(state, 'bid', 1)).toBeCloseTo(1, 9)
    expect(meanMarkoutBps(state, 'bid', 2)).toBeCloseTo(4, 9)
    expect(meanMarkoutBps(state, 'bid', 3)).toBeCloseTo(-20, 9)
    expect(meanMarkoutBps(state, 'ask', 2)).toBeNull()
    expect(state.pending).toHaveLength(0)
  })

  test('is the prior before the first fill, shrinks to it, and converges to the truth', () => {
    const state = initAdverseSelection(config)
    const out = initReading()
    readAdverseSelection(state, 'bid', out)
    expect(out).toMatchObject({ value: 0.5, status: 'prior', confidence: 0 })
    buyAndDrop(state, 3_000, 8)
    readAdverseSelection(state, 'bid', out)
    expect(out.value).toBeCloseTo((10 * 0.5 + 4) / 11, 9)
    for (let fill = 1; fill < 400; fill += 1) buyAndDrop(state, 3_000 + fill * 61_000, 8)
    readAdverseSelection(state, 'bid', out)
    expect(out.status).toBe('measured')
    expect(out.value).toBeGreaterThan(3.4)
  })

  test('the same move is measured from the mid at placement too, never at one instant only', () => {
    const state = initAdverseSelection(config)
    buyAndDrop(state, 3_000, 8)
    const sums = state.bid[2]
    expect((sums?.placementSum ?? 0) / (sums?.placementWeight ?? 1)).toBeCloseTo((14 / 20_006) * 1e4, 9)
  })

  test('shows every horizon of both sides, with the error of the mean', () => {
    const state = initAdverseSelection({ ...config, halfLifeFills: 1e9 })
    const drops = [2, 9, 4, 7, 4, 12]
    drops.forEach((drop, index) => buyAndDrop(state, 3_000 + index * 61_000, drop))
    const figures = markoutFigures(state)
    expect(figures.map(({ quote, horizonMs }) => [quote, horizonMs])).toEqual(
      ['bid', 'ask'].flatMap((quote) => [500, 2_000, 10_000, 60_000].map((horizonMs) => [quote, horizonMs])),
    )
    const costs = drops.map((drop) => drop / 2)
    const mean = costs.reduce((sum, cost) => sum + cost, 0) / costs.length
    const variance = costs.reduce((sum, cost) => sum + (cost - mean) ** 2, 0) / (costs.length - 1)
    const { sinceFillBps, sincePlacementBps, errorBps, fills } = figures[2] ?? {}
    expect(sinceFillBps).toBeCloseTo(mean, 6)
    // The mid fell by six ticks between placement and fill.
    expect((sincePlacementBps ?? 0) - mean).toBeCloseTo(3, 2)
    expect(errorBps).toBeCloseTo(Math.sqrt(variance / costs.length), 6)
    expect(fills).toBeCloseTo(6, 6)
    expect(figures[6]).toMatchObject({ quote: 'ask', sinceFillBps: null, errorBps: null, fills: 0 })
  })

  test('a mid that comes too late is not a markout', () => {
    const state = initAdverseSelection(config)
    observeFill(state, { tsMs: 3_000, side: 'sell', midTicks: 20_000, midAtPlacementTicks: null })
    observeMarkoutMid(state, 400_000, 21_000)
    expect(state.late).toBe(4)
    expect(meanMarkoutBps(state, 'ask', 0)).toBeNull()
  })

  test('a flood of fills drops the oldest and stays bounded', () => {
    const state = initAdverseSelection(config)
    for (let fill = 0; fill < 400; fill += 1) {
      observeFill(state, { tsMs: 3_000 + fill, side: 'buy', midTicks: 20_000, midAtPlacementTicks: null })
    }
    expect(state.pending).toHaveLength(256)
    expect(state.dropped).toBe(144)
  })
})
