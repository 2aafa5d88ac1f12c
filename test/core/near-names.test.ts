import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nearNames } from '../../src/core/near-names.ts'

const coins = ['BTC', 'ETH', 'SOL', 'HYPE', 'kPEPE', 'AVAX', 'DOGE']

describe('near names', () => {
  test.each([
    ['BTX', ['BTC']],
    ['btc', ['BTC']],
    ['TBC', ['BTC']],
    ['HYP', ['HYPE']],
    ['PEPE', ['kPEPE']],
    ['ZZZZ', []],
    ['', []],
  ])('%j may have meant %j', (name, near) => {
    expect(nearNames(name, coins, 3)).toEqual(near)
  })

  test('the middle of a long name is enough', () => {
    expect(nearNames('latency', ['stochastic.quote_update_latency_ms', 'risk.gamma_base'], 3)).toEqual([
      'stochastic.quote_update_latency_ms',
    ])
  })

  test('one slip is always found: a letter left out, doubled, replaced or swapped with its neighbour', () => {
    const word = fc.stringMatching(/^[a-z]{3,12}$/)
    fc.assert(
      fc.property(
        word,
        fc.nat(),
        fc.constantFrom('out', 'double', 'replace', 'swap'),
        (known, seed, slip) => {
          const at = seed % (known.length - 1)
          const [head, letter, next, tail] = [
            known.slice(0, at),
            known[at],
            known[at + 1],
            known.slice(at + 2),
          ]
          const slipped = {
            out: `${head}${next}${tail}`,
            double: `${head}${letter}${letter}${next}${tail}`,
            replace: `${head}#${next}${tail}`,
            swap: `${head}${next}${letter}${tail}`,
          }[slip]
          expect(nearNames(slipped, ['0000', known], 1)).toEqual([known])
        },
      ),
    )
  })

  test('no more names than asked for, nearest first, ties in the order given', () => {
    expect(nearNames('aab', ['aac', 'aad', 'aab', 'aae'], 3)).toEqual(['aab', 'aac', 'aad'])
  })
})
