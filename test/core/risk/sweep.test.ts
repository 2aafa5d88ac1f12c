/** Sweeps of the market: which prints make one, and what becomes of our side. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { initSweep, notePrint, SWEEP_LEVELS_MAX, sweepCooldownMs } from '../../../src/core/risk/sweep.ts'
import type { SweepConfig } from '../../../src/core/risk/sweep.ts'

const config: SweepConfig = { sweepLevels: 4, sweepWindowMs: 500, sweepCooldownMs: 3_000 }

/** Rows of `ms aggressor price`, one print each; the answer is the row that makes a sweep first, or −1. */
function firstSweep(rows: string): number {
  const state = initSweep()
  const prints = rows.split(',').map((row) => row.trim().split(' '))
  return prints.findIndex(([ms, aggressor, price]) =>
    notePrint(state, config, {
      tsMs: 10_000 + Number(ms),
      aggressor: aggressor === 'sell' ? 'sell' : 'buy',
      priceTicks: Number(price),
    }),
  )
}

describe('a sweep', () => {
  test.each([
    ['four prices in one moment', '0 sell 60000, 0 sell 59900, 0 sell 59800, 0 sell 59700', 3],
    ['three prices are none', '0 sell 60000, 0 sell 59980, 0 sell 59900, 0 sell 59900', -1],
    ['both sides of the market are none', '0 sell 60000, 0 buy 60020, 0 sell 59900, 0 buy 60100', -1],
    [
      'four prices a tick apart are a dense book',
      '0 sell 60000, 0 sell 59999, 0 sell 59998, 0 sell 59997',
      -1,
    ],
    ['40 bps sharp are enough', '0 buy 60000, 5 buy 60100, 9 buy 60200, 12 buy 60240', 3],
    [
      'prices older than the window are forgotten',
      '0 buy 60000, 200 buy 60020, 400 buy 60040, 500 buy 60300',
      -1,
    ],
    ['the last moment of the window', '0 buy 60000, 200 buy 60020, 400 buy 60040, 499 buy 60300', 3],
    [
      'a price that prints again counts once, at its last time',
      '0 buy 60000, 300 buy 60020, 400 buy 60000, 600 buy 60060, 700 buy 60300',
      4,
    ],
  ])('%s', (_, rows, at) => {
    expect(firstSweep(rows)).toBe(at)
  })

  test('takes off the side whose quotes it eats, for the cooldown after its last print', () => {
    const state = initSweep()
    for (const [index, priceTicks] of [60_000, 59_900, 59_800, 59_700, 59_600].entries()) {
      notePrint(state, config, { tsMs: 10_000 + index, aggressor: 'sell', priceTicks })
    }
    expect([sweepCooldownMs(state, 'buy', 10_004), sweepCooldownMs(state, 'sell', 10_004)]).toEqual([
      3_000, 0,
    ])
    expect([sweepCooldownMs(state, 'buy', 13_003), sweepCooldownMs(state, 'buy', 13_004)]).toEqual([1, 0])
  })

  test('its memory is bounded, and a longer window never sees fewer sweeps', () => {
    const print = fc.record({
      gapMs: fc.integer({ min: 0, max: 200 }),
      aggressor: fc.constantFrom('buy' as const, 'sell' as const),
      priceTicks: fc.integer({ min: 59_000, max: 61_000 }),
    })
    fc.assert(
      fc.property(fc.array(print, { maxLength: 200 }), (prints) => {
        const [short, long] = [initSweep(), initSweep()]
        let tsMs = 0
        for (const { gapMs, aggressor, priceTicks } of prints) {
          tsMs += gapMs
          const seen = notePrint(short, config, { tsMs, aggressor, priceTicks })
          const seenLonger = notePrint(
            long,
            { ...config, sweepWindowMs: 2_000 },
            { tsMs, aggressor, priceTicks },
          )
          expect(!seen || seenLonger).toBe(true)
          expect(long.buy.printed.length).toBeLessThanOrEqual(SWEEP_LEVELS_MAX)
        }
      }),
    )
  })
})
