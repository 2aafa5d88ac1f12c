import { expect, test, vi } from 'vitest'
import { MOVES, tellAll } from './small-world.ts'

/** Some tens of thousands of whole stories: several seconds of work, a minute on a busy machine. */
vi.setConfig({ testTimeout: 180_000 })

test('every sequence of up to four commands in a small world keeps the laws', () => {
  const told = tellAll(4)
  const count = Object.keys(MOVES).length
  expect(told.sequences).toBe(count + count ** 2 + count ** 3 + count ** 4)
  // The stories reached what the laws are about.
  expect(told.fills).toBeGreaterThan(5_000)
  expect(told.liquidations).toBeGreaterThan(40)
  for (const status of [
    'filled',
    'canceled',
    'selfTradeCanceled',
    'triggered',
    'perpMarginRejected',
    'reduceOnlyRejected',
  ]) {
    expect(told.statuses).toContain(status)
  }
})
