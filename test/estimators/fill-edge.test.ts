import { describe, expect, test } from 'vitest'
import { edgeFigure, initFillEdge, observeFillEdge } from '../../estimators/fill-edge.ts'
import type { FillEdgeState } from '../../estimators/fill-edge.ts'

describe('the edge of a fill', () => {
  const sell = { side: 'sell', priceTicks: 20_012, sizeLots: 700, midTicks: 20_000 } as const

  test('is spread less impact less fee, each side for itself', () => {
    const state = initFillEdge(50)
    expect(edgeFigure(state, 'ask', 3)).toBeNull()
    // Six bps from the mid, and 1.5 bps of the notional in fees.
    observeFillEdge(state, { ...sell, feeMicroUsd: 20_012 * 700 * 1.5e-4 })
    expect(edgeFigure(state, 'ask', 3)).toEqual({
      quote: 'ask',
      spreadBps: expect.closeTo(6, 9) as number,
      impactBps: 3,
      feeBps: expect.closeTo(1.5, 9) as number,
      netBps: expect.closeTo(1.5, 9) as number,
    })
    expect(edgeFigure(state, 'ask', null)).toMatchObject({ impactBps: null, netBps: null })
    expect(edgeFigure(state, 'bid', 3)).toBeNull()
  })

  test('a purchase above the mid has paid the spread, and a rebate is a negative fee', () => {
    const state = initFillEdge(50)
    observeFillEdge(state, {
      side: 'buy',
      priceTicks: 20_004,
      sizeLots: 900,
      midTicks: 20_000,
      feeMicroUsd: -360,
    })
    expect(edgeFigure(state, 'bid', 0)?.spreadBps).toBeCloseTo(-2, 9)
    expect(edgeFigure(state, 'bid', 0)?.feeBps).toBeLessThan(0)
  })

  test('forgets by fills, and survives a JSON round trip', () => {
    const state = initFillEdge(3)
    for (let fill = 0; fill < 40; fill += 1) observeFillEdge(state, { ...sell, feeMicroUsd: 700 })
    const restored = JSON.parse(JSON.stringify(state)) as FillEdgeState
    const later = { ...sell, priceTicks: 20_004, feeMicroUsd: 700 }
    for (const copy of [state, restored]) for (let fill = 0; fill < 3; fill += 1) observeFillEdge(copy, later)
    // Three fills are a half life: half six bps, half two.
    expect(edgeFigure(state, 'ask', 0)?.spreadBps).toBeCloseTo(4, 2)
    expect(restored).toEqual(state)
  })
})
