import { expect, test } from 'vitest'
import { initReading } from '../../src/core/contracts.ts'
import { gammaQuantile } from '../../src/core/math/gamma.ts'
import { credible95 } from '../../src/core/view-of.ts'

test.each([5, 10, 23, 120, 900])(
  'the interval of kappa is that of its Gamma posterior: shape %d',
  (shape) => {
    const kappa = {
      ...initReading(),
      value: 2_300,
      status: 'measured',
      confidence: 1 / (1 + 1 / Math.sqrt(shape)),
    } as const
    const [lower = 0, upper = 0] = credible95(kappa) ?? []
    const rate = shape / 2_300
    expect(lower / gammaQuantile(0.025, shape, rate)).toBeCloseTo(1, shape < 10 ? 1 : 2)
    expect(upper / gammaQuantile(0.975, shape, rate)).toBeCloseTo(1, 2)
  },
)

test('there is none while kappa cannot be used', () => {
  expect(credible95({ ...initReading(), value: 2_300, status: 'noData', confidence: 0.5 })).toBeNull()
  expect(credible95({ ...initReading(), value: 2_300, status: 'measured', confidence: 0 })).toBeNull()
})
