import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { initMmp, isFrozen, MMP_FILLS_MAX, recordFill, resetMmp } from '../../../src/core/risk/mmp.ts'
import type { MmpConfig, MmpFill, MmpState } from '../../../src/core/risk/mmp.ts'

const config: MmpConfig = {
  window: 'sliding',
  windowMs: 5_000,
  frozenMs: 10_000,
  quantityMax: 20,
  notionalMax: 0,
  deltaMax: 15,
  vegaMax: 0,
}

function fillOf(tsMs: number, delta: number): MmpFill {
  return { tsMs, quantity: Math.abs(delta), notional: 7 * Math.abs(delta), delta, vega: 0 }
}

/** Told from the rules with all fills at hand, for sliding windows: no running state but the freeze. */
function plainly(fills: readonly MmpFill[]): boolean[] {
  let counted: MmpFill[] = []
  let frozenUntilTsMs = -1
  return fills.map((fill) => {
    if (fill.tsMs < frozenUntilTsMs) return false
    counted.push(fill)
    const young = counted.filter(({ tsMs }) => tsMs > fill.tsMs - config.windowMs)
    const quantity = young.reduce((sum, one) => sum + one.quantity, 0)
    const delta = young.reduce((sum, one) => sum + one.delta, 0)
    if (quantity < config.quantityMax && Math.abs(delta) < config.deltaMax) return false
    frozenUntilTsMs = fill.tsMs + config.frozenMs
    counted = []
    return true
  })
}

describe('market maker protection', () => {
  test('steps in exactly when the rules, read plainly, say so', () => {
    const flow = fc.array(
      fc.record({ waitMs: fc.integer({ min: 0, max: 4_000 }), delta: fc.integer({ min: -9, max: 9 }) }),
      { maxLength: 40 },
    )
    fc.assert(
      fc.property(flow, (steps) => {
        let tsMs = 77_000
        const fills = steps.map(({ waitMs, delta }) => fillOf((tsMs += waitMs), delta))
        const state = initMmp()
        const trips = fills.map((fill) => (recordFill(state, config, fill)?.length ?? 0) > 0)
        expect(trips).toEqual(plainly(fills))
      }),
      { numRuns: 1_000 },
    )
  })

  test('a fill as old as a sliding window no longer counts; one a millisecond younger does', () => {
    const trips = (secondTsMs: number): boolean => {
      const state = initMmp()
      recordFill(state, config, fillOf(1_000, 14))
      return (recordFill(state, config, fillOf(secondTsMs, 6))?.length ?? 0) > 0
    }
    expect([trips(5_999), trips(6_000)]).toEqual([true, false])
  })

  test('a tumbling window lets a burst across its end reach almost twice the limit', () => {
    const tumbling: MmpConfig = { ...config, window: 'tumbling', deltaMax: 0 }
    const state = initMmp()
    const at = (tsMs: number, lots: number): number =>
      recordFill(state, tumbling, fillOf(tsMs, lots))?.length ?? -1
    expect([at(1_000, 5), at(5_900, 14), at(6_000, 14), at(6_100, 5), at(6_200, 5)]).toEqual([0, 0, 0, 0, 1])
  })

  test('the freeze ends by itself at its time, or with frozenMs 0 only by a reset', () => {
    const trip = (of: MmpConfig): MmpState => {
      const state = initMmp()
      expect(recordFill(state, of, fillOf(1_000, 30))).toEqual(['quantity', 'delta'])
      return state
    }
    const timed = trip(config)
    expect([isFrozen(timed, 10_999), isFrozen(timed, 11_000)]).toEqual([true, false])
    const manual = trip({ ...config, frozenMs: 0 })
    expect(isFrozen(manual, 9e12)).toBe(true)
    expect(recordFill(manual, config, fillOf(9e12, 3))).toBeNull()
    resetMmp(manual)
    expect(isFrozen(manual, 9e12)).toBe(false)
  })

  test('notional and vega have limits of their own, and 0 is none', () => {
    const off = { ...config, quantityMax: 0, deltaMax: 0 }
    expect(recordFill(initMmp(), off, fillOf(1, 500))).toEqual([])
    expect(recordFill(initMmp(), { ...off, notionalMax: 3_500 }, fillOf(1, 500))).toEqual(['notional'])
    expect(recordFill(initMmp(), { ...off, vegaMax: 9 }, { ...fillOf(1, 5), vega: -9 })).toEqual(['vega'])
  })

  test('time that goes back does not bring an old window to life', () => {
    const state = initMmp()
    recordFill(state, config, fillOf(1_000, 14))
    recordFill(state, config, fillOf(7_000, 2))
    expect(recordFill(state, config, fillOf(1_500, 2))).toEqual([])
  })

  test('more fills than the window can hold count as too many', () => {
    const off = { ...config, quantityMax: 0, deltaMax: 0 }
    const state = initMmp()
    for (let count = 1; count <= MMP_FILLS_MAX; count += 1)
      expect(recordFill(state, off, fillOf(9, 2))).toEqual([])
    expect(recordFill(state, off, fillOf(9, 2))).toEqual(['count'])
    expect(isFrozen(state, 9)).toBe(true)
  })
})
