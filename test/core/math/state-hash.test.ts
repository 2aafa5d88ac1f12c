/** The hash against its definition: every word is mixed where it comes, by `mixUint32`. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  initHash,
  initNotes,
  mixNotes,
  mixText,
  mixUint32,
  mixValue,
} from '../../../src/core/math/state-hash.ts'
import type { StateHash } from '../../../src/core/math/state-hash.ts'

function byWords(hash: StateHash, value: number): void {
  const words = new Uint32Array(Float64Array.of(value === 0 ? 0 : value).buffer)
  for (const word of words) mixUint32(hash, word)
}

function byLetters(hash: StateHash, text: string): void {
  mixUint32(hash, text.length)
  for (let index = 0; index < text.length; index += 1) mixUint32(hash, text.charCodeAt(index))
}

function byParts(hash: StateHash, value: unknown): void {
  if (typeof value === 'number') {
    mixUint32(hash, 1)
    byWords(hash, value)
  } else if (typeof value === 'string') {
    mixUint32(hash, 2)
    byLetters(hash, value)
  } else if (typeof value === 'boolean') mixUint32(hash, value ? 3 : 4)
  else if (Array.isArray(value) || value instanceof Float64Array) {
    mixUint32(hash, 5)
    mixUint32(hash, value.length)
    for (const item of value as Iterable<unknown>) byParts(hash, item)
  } else if (value instanceof Map) {
    mixUint32(hash, 6)
    mixUint32(hash, value.size)
    for (const part of [...(value as Map<unknown, unknown>)].flat()) byParts(hash, part)
  } else if (typeof value === 'object' && value !== null) {
    mixUint32(hash, 7)
    for (const [key, member] of Object.entries(value)) {
      if (member === undefined) continue
      byLetters(hash, key)
      byParts(hash, member)
    }
  } else mixUint32(hash, 8)
}

const leaves = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.string(),
  fc.boolean(),
  fc.constantFrom(null, undefined, -0),
)
const values = fc.letrec<{ node: unknown }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    leaves,
    fc.string({ minLength: 1_000, maxLength: 1_050 }),
    fc.float64Array({ maxLength: 5 }),
    fc.array(tie('node'), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie('node'), { maxKeys: 4, noNullPrototype: true }),
    fc.array(fc.tuple(fc.string(), tie('node')), { maxLength: 3 }).map((pairs) => new Map(pairs)),
  ),
})).node

test('values, texts and runs of numbers hash as their words do one by one', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(values, fc.string(), fc.float64Array({ maxLength: 6 })), { maxLength: 6 }),
      (steps) => {
        const naive = initHash()
        const real = initHash()
        for (const [value, text, numbers] of steps) {
          byParts(naive, value)
          mixValue(real, value)
          byLetters(naive, text)
          mixText(real, text)
          for (const one of numbers) byWords(naive, one)
          const notes = initNotes(numbers.length)
          numbers.forEach((one, index) => (notes.numbers[index] = one + 0))
          notes.count = numbers.length
          mixNotes(real, notes)
          expect(notes.count).toBe(0)
          expect(real).toEqual(naive)
        }
      },
    ),
    { numRuns: 500 },
  )
})
