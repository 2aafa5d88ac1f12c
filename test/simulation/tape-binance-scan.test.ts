/** The short way of a recording's lines against the long one: it may leave a line to it, and never says anything else. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DamagedLine, decodeLine } from '../../src/simulation/tape-binance-line.ts'
import type { DecodeState } from '../../src/simulation/tape-binance-line.ts'
import { initLineScanner, scanLine } from '../../src/simulation/tape-binance-scan.ts'
import type { TapeRecord } from '../../src/simulation/tape.ts'

const stateOf = (): DecodeState => ({
  counters: { lines: 0, damagedLines: 0, foreignLines: 0, gaps: 0 },
  symbol: 'BTCUSDT',
  tsMsLast: 1_723_161_255_000,
  updateIdLast: 5_123_107_831_937,
})

const decimals = fc
  .tuple(fc.integer({ min: 0, max: 99_999_999 }), fc.integer({ min: 0, max: 99_999_999 }), fc.nat(8))
  .map(([whole, fraction, places]) =>
    places === 0 ? `${whole}` : `${whole}.${String(fraction).padStart(8, '0').slice(0, places)}`,
  )
const ids = fc.integer({ min: 0, max: 9_000_000_000_000 })
const levels = fc.array(fc.tuple(decimals, decimals), { maxLength: 6 })
const symbols = fc.constantFrom('BTCUSDT', 'BTCUSDT', 'BTCUSDT', 'ETHUSDT')
const frames = fc.oneof(
  fc.record({
    e: fc.constant('bookTicker'),
    u: ids,
    s: symbols,
    b: decimals,
    B: decimals,
    a: decimals,
    A: decimals,
    T: ids,
  }),
  fc.record({
    e: fc.constant('trade'),
    E: ids,
    s: symbols,
    t: ids,
    p: decimals,
    q: decimals,
    X: fc.constant('MARKET'),
    m: fc.boolean(),
  }),
  fc.record({
    e: fc.constant('depthUpdate'),
    s: symbols,
    U: ids,
    u: ids,
    pu: fc.oneof(ids, fc.constant(5_123_107_831_937)),
    b: levels,
    a: levels,
  }),
)
const lines = fc
  .tuple(fc.bigInt({ min: 1_723_161_255_000_000_000n, max: 1_823_161_255_000_000_000n }), frames)
  .map(([tsNs, data]) => `${tsNs} ${JSON.stringify({ stream: `btcusdt@${data.e}`, data })}`)

interface Told {
  readonly record: TapeRecord | null | 'damaged'
  readonly state: DecodeState
}

function longWay(line: string): Told {
  const state = stateOf()
  try {
    return { record: decodeLine(state, line), state }
  } catch (error) {
    if (error instanceof DamagedLine) return { record: 'damaged', state }
    throw error
  }
}

function shortWay(line: string): Told {
  const state = stateOf()
  const bytes = Buffer.from(`before\n${line}\nafter`)
  const start = 'before\n'.length
  return { record: scanLine(initLineScanner(), state, bytes, start, bytes.length - '\nafter'.length), state }
}

describe('the short way of a line', () => {
  test('gives the record of the long way for every ordinary line of the symbol', () => {
    fc.assert(
      fc.property(lines, (line) => {
        const told = shortWay(line)
        const expected = longWay(line)
        const isForeign = expected.record === null || expected.record === 'damaged'
        expect(told).toEqual(isForeign ? { record: null, state: stateOf() } : expected)
      }),
      { numRuns: 1_000 },
    )
  })

  test('says nothing else than the long way, whatever became of a line', () => {
    const damages = fc.array(
      fc.tuple(fc.nat(), fc.constantFrom('', '"', '\\', ',', '}', '0', '-1', 'e', ' ', 'é')),
      {
        minLength: 1,
        maxLength: 3,
      },
    )
    fc.assert(
      fc.property(lines, damages, fc.boolean(), (line, spots, isInserted) => {
        let changed = line
        for (const [spot, text] of spots) {
          const at = spot % changed.length
          changed = changed.slice(0, at) + text + changed.slice(isInserted ? at : at + 1)
        }
        const told = shortWay(changed)
        if (told.record !== null) expect(told).toEqual(longWay(changed))
        else expect(told.state).toEqual(stateOf())
      }),
      { numRuns: 3_000 },
    )
  })
})
