import fc from 'fast-check'
import { expect, test } from 'vitest'
import { writeDepths } from '../../../strategies/ladder/depths.ts'

test('powers that are kept from ratio to ratio are those of the formula, to the last bit', () => {
  const one = fc.record({
    inner: fc.double({ min: 1e-6, max: 0.02, noNaN: true }),
    // A few spans come again and again, the others push them out.
    span: fc.oneof(fc.constantFrom(1, 3, 3.0000000000000004, 5), fc.double({ min: 1, max: 9, noNaN: true })),
    levels: fc.integer({ min: 2, max: 7 }),
  })
  fc.assert(
    fc.property(fc.array(one, { maxLength: 40 }), (cases) => {
      for (const { inner, span, levels } of cases) {
        const outer = inner * span
        const depths = new Float64Array(levels + 2)
        writeDepths({ spacing: 'geometric', inner, outer, levels }, depths)
        for (let index = 0; index < levels - 1; index += 1) {
          expect(depths[index]).toBe(inner * (outer / inner) ** (index / (levels - 1)))
        }
        expect([...depths.subarray(levels - 1)]).toEqual([outer, 0, 0])
      }
    }),
  )
})
