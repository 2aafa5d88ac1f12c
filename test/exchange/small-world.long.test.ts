import { expect, test, vi } from 'vitest'
import { MOVES, tellAll } from './small-world.ts'

/** Minutes of work; several times that on a busy machine. */
vi.setConfig({ testTimeout: 1_800_000 })

test('every sequence of up to five commands in a small world keeps the laws', () => {
  const told = tellAll(5)
  expect(told.sequences).toBeGreaterThan(Object.keys(MOVES).length ** 5)
  expect(told.liquidations).toBeGreaterThan(400)
})
