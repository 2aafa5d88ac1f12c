import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { halvedSlot, initDecayMemo } from '../../../src/core/math/decay.ts'

/** Whole milliseconds, as the loop stamps them, and any others. */
const gaps = fc.oneof(fc.integer({ min: 1, max: 2_000 }), fc.double({ min: 1e-6, max: 1e12, noNaN: true }))
const memories = fc.constantFrom(0.5, 5, 10, 600, 900)

describe('decay factors', () => {
  test('are bit for bit those of the formula, whatever was asked before', () => {
    const halves = initDecayMemo()
    fc.assert(
      fc.property(fc.array(fc.tuple(gaps, memories), { maxLength: 200 }), (asked) => {
        for (const [elapsedMs, memory] of [...asked, ...asked]) {
          expect(halves.factors[halvedSlot(halves, elapsedMs, memory)]).toBe(
            0.5 ** (elapsedMs / 1_000 / memory),
          )
        }
      }),
    )
  })
})
