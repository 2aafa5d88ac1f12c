import { expect, test } from 'vitest'
import { MOVES, tellAll } from './small-world.ts'

test('every sequence of up to five commands in a small world keeps the laws', () => {
  const told = tellAll(5)
  expect(told.sequences).toBeGreaterThan(Object.keys(MOVES).length ** 5)
  expect(told.liquidations).toBeGreaterThan(400)
})
