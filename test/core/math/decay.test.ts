import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fadedOver, halvedOver, initDecayMemo } from '../../../src/core/math/decay.ts'

/** Whole milliseconds, as the loop stamps them, and any others. */
const gaps = fc.oneof(
  fc.integer({ min: 1, max: 2_000 }).map((ms) => ms / 1_000),
  fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
)
const memories = fc.constantFrom(0.5, 5, 10, 600, 900)

describe('decay factors', () => {
  test('are bit for bit those of the formula, whatever was asked before', () => {
    const halves = initDecayMemo()
    const fades = initDecayMemo()
    fc.assert(
      fc.property(fc.array(fc.tuple(gaps, memories), { maxLength: 200 }), (asked) => {
        for (const [elapsedSec, memory] of [...asked, ...asked]) {
          expect(halvedOver(halves, elapsedSec, memory)).toBe(0.5 ** (elapsedSec / memory))
          expect(fadedOver(fades, elapsedSec, memory)).toBe(Math.exp(-memory * elapsedSec))
        }
      }),
    )
  })
})
