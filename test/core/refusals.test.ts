import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RefusalClass } from '../../src/core/input.ts'
import { backOff, REFUSAL_TREATMENTS } from '../../src/core/refusals.ts'
import type { SideBackoff } from '../../src/core/state.ts'
import type { Side } from '../../src/core/units.ts'
import { readSource } from '../support/sources.ts'

type Backoff = Record<Side, SideBackoff>
const fresh = (): Backoff => ({ buy: { untilTsMs: 0, delayMs: 0 }, sell: { untilTsMs: 0, delayMs: 0 } })
const classes = Object.keys(REFUSAL_TREATMENTS) as RefusalClass[] // The table has them all, by its type.

describe('what follows a refused order', () => {
  test('stands in docs/errors.md as it is in the code', () => {
    const page = readSource('docs/errors.md').split('### Refusals of orders')[1] ?? ''
    const rows = [...page.matchAll(/^\| `([a-zA-Z]+)` \|[^|]+\| (\w+) \| (\d+) \| (\d+) \| (yes|no) \|$/gm)]
    const shown = rows.map(([, name, holds, min, max, compares]) => [name, holds, min, max, compares])
    expect(shown).toEqual(
      Object.entries(REFUSAL_TREATMENTS).map(([name, { holds, waitMsMin, waitMsMax, compares }]) => [
        name,
        holds,
        String(waitMsMin),
        String(waitMsMax),
        compares ? 'yes' : 'no',
      ]),
    )
  })

  test('the refusals of one batch count as one try', () => {
    const backoff = fresh()
    for (let level = 0; level < 5; level += 1)
      backOff(backoff, { side: 'buy', refusal: 'price', tsMs: 7_000 })
    expect(backoff).toEqual({ buy: { untilTsMs: 7_250, delayMs: 250 }, sell: { untilTsMs: 0, delayMs: 0 } })
    backOff(backoff, { side: 'buy', refusal: 'price', tsMs: 7_250 })
    expect(backoff.buy).toEqual({ untilTsMs: 7_750, delayMs: 500 })
  })

  test('whatever is refused, the wait grows to its bound and not beyond, and nobody waits for a minute more', () => {
    const event = fc.record({
      side: fc.constantFrom<Side>('buy', 'sell'),
      refusal: fc.constantFrom(...classes),
      afterMs: fc.nat(90_000),
    })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        const backoff = fresh()
        let tsMs = 1_000
        for (const { side, refusal, afterMs } of events) {
          tsMs += afterMs
          const before = structuredClone(backoff)
          backOff(backoff, { side, refusal, tsMs })
          const { holds, waitMsMin } = REFUSAL_TREATMENTS[refusal]
          for (const one of ['buy', 'sell'] as const) {
            const isHeld = holds === 'both' || (holds === 'side' && one === side)
            if (!isHeld) expect(backoff[one]).toEqual(before[one])
            else expect(backoff[one].untilTsMs - tsMs).toBeGreaterThanOrEqual(waitMsMin)
            expect(backoff[one].untilTsMs - tsMs).toBeLessThanOrEqual(60_000)
            expect(backoff[one].untilTsMs).toBeGreaterThanOrEqual(before[one].untilTsMs)
          }
        }
      }),
    )
  })

  test.each(classes.filter((name) => name !== 'gone'))(
    '%s is tried a bounded number of times in ten minutes',
    (refusal) => {
      const backoff = fresh()
      let tries = 0
      for (let tsMs = 1_000; tsMs < 601_000; tsMs = Math.max(tsMs + 100, backoff.sell.untilTsMs)) {
        backOff(backoff, { side: 'sell', refusal, tsMs })
        tries += 1
      }
      const { waitMsMax } = REFUSAL_TREATMENTS[refusal]
      expect(tries).toBeLessThanOrEqual(600_000 / waitMsMax + 9)
    },
  )
})
