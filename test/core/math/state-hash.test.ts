import fc from 'fast-check'
import { expect, test } from 'vitest'
import { initHash, initNumberBatch, mixBatch, mixNumber } from '../../../src/core/math/state-hash.ts'

test('a batch of numbers hashes as its numbers one by one do', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.double(), { minLength: 6, maxLength: 6 }), { maxLength: 30 }),
      (steps) => {
        const one = initHash()
        const other = initHash()
        const batch = initNumberBatch(6)
        for (const step of steps) {
          for (const value of step) mixNumber(one, value)
          batch.numbers.set(step)
          mixBatch(other, batch)
          expect(other).toEqual(one)
        }
      },
    ),
  )
})
