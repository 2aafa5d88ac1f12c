import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RawInput } from '../../src/core/input.ts'
import { gridOf } from '../../src/core/units.ts'
import { decodeBbo } from '../../src/venues/hyperliquid/decode-bbo.ts'
import { decodeBook } from '../../src/venues/hyperliquid/decode-book.ts'
import { decimalOf } from '../../src/venues/hyperliquid/decimal.ts'
import { Feed } from '../../src/venues/hyperliquid/feed.ts'
import { initBookScanner, scanBook, scanTouch } from '../../src/venues/hyperliquid/scan-book.ts'

const COIN = 'hyna:BTC'

interface Case {
  readonly szDecimals: number
  readonly text: string
}

/** The long way, with null for whatever it does not take. */
function slowly({ szDecimals, text }: Case): RawInput | null {
  try {
    const { channel, data } = JSON.parse(text) as { channel: string; data: { coin: string } }
    if (data.coin !== COIN) return null
    const grid = gridOf(szDecimals)
    return channel === 'l2Book' ? decodeBook(data, grid) : channel === 'bbo' ? decodeBbo(data, grid) : null
  } catch {
    return null
  }
}

function quickly({ szDecimals, text }: Case): RawInput | null {
  const scanner = initBookScanner(COIN, gridOf(szDecimals))
  const bytes = Buffer.from(text, 'utf8')
  return scanTouch(scanner, bytes) ?? scanBook(scanner, bytes)
}

/** Prices from the middle outwards, as the venue prints numbers: with or without trailing zeros. */
const sideOf = (szDecimals: number, direction: 1 | -1): fc.Arbitrary<object[]> =>
  fc
    .array(
      fc.record({
        step: fc.integer({ min: 1, max: 50 }),
        lots: fc.oneof(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 10 ** 12 })),
        zeros: fc.constantFrom('', '0', '00'),
        n: fc.option(fc.integer({ min: 0, max: 300 }), { nil: undefined }),
      }),
      { maxLength: 20 },
    )
    .map((levels) => {
      let ticks = 1_000_000
      return levels.map(({ step, lots, zeros, n }) => {
        ticks += direction * step
        const px = decimalOf(ticks, 6 - szDecimals)
        const level = { px: px.includes('.') ? px + zeros : px, sz: decimalOf(lots, szDecimals) }
        return n === undefined ? level : { ...level, n }
      })
    })

const frame: fc.Arbitrary<Case> = fc.integer({ min: 0, max: 6 }).chain((szDecimals) =>
  fc
    .record({
      bids: sideOf(szDecimals, -1),
      asks: sideOf(szDecimals, 1),
      time: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 2 ** 48 })),
      shape: fc.constantFrom('book', 'bookTimeLast', 'touch'),
    })
    .map(({ bids, asks, time, shape }) => {
      const coin = COIN
      const bbo = [bids[0] ?? null, asks[0] ?? null]
      const levels = [bids, asks]
      const message =
        shape === 'touch'
          ? { channel: 'bbo', data: { coin, time, bbo } }
          : { channel: 'l2Book', data: shape === 'book' ? { coin, time, levels } : { coin, levels, time } }
      return { szDecimals, text: JSON.stringify(message) }
    }),
)

/** One to three bytes changed, put in, taken out, or everything behind cut off. */
const damaged: fc.Arbitrary<Case> = fc
  .tuple(
    frame,
    fc.array(
      fc.record({
        kind: fc.constantFrom('change', 'insert', 'remove', 'cut', 'double'),
        place: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        with: fc.constantFrom(...'0123456789.-+eE",:{}[]nulpxsz \t\\é'),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  )
  .map(([{ szDecimals, text }, changes]) => {
    let result = text
    for (const change of changes) {
      const at = Math.floor(change.place * result.length)
      const [before, after] = [result.slice(0, at), result.slice(at)]
      if (change.kind === 'change') result = before + change.with + after.slice(1)
      else if (change.kind === 'insert') result = before + change.with + after
      else if (change.kind === 'remove') result = before + after.slice(1)
      else if (change.kind === 'double') result = before + after.slice(0, 9) + after
      else result = before
    }
    return { szDecimals, text: result }
  })

describe('the short way of books and touches', () => {
  test('every frame that the venue ordinarily writes goes it, and gives what the long way gives', () => {
    fc.assert(
      fc.property(frame, (one) => {
        const input = quickly(one)
        expect(input).not.toBeNull()
        expect(input).toEqual(slowly(one))
      }),
      { numRuns: 400 },
    )
  })

  test('of a damaged frame it takes nothing that the long way would not take, and reads nothing else into it', () => {
    fc.assert(
      fc.property(damaged, (one) => {
        const input = quickly(one)
        if (input !== null) expect(input).toEqual(slowly(one))
      }),
      { numRuns: 4_000 },
    )
  })

  const book = (bids: string, asks: string): string =>
    `{"channel":"l2Book","data":{"coin":"${COIN}","time":1700000000000,"levels":[[${bids}],[${asks}]]}}`
  const level = (px: string, sz: string): string => `{"px":"${px}","sz":"${sz}","n":1}`

  test.each([
    ['a book of another coin', book(level('10', '1'), '').replace(COIN, 'hyna:ETH')],
    ['crossed sides', book(level('10', '1'), level('10', '1'))],
    ['levels out of order', book([level('10', '1'), level('11', '1')].join(), '')],
    ['the same level twice', book('', [level('10', '1'), level('10', '1')].join())],
    ['a level without size', book(level('10', '0.0'), '')],
    ['a level without price', book(level('0', '1'), '')],
    ['a price between two ticks', book(level('10.12', '1'), '')],
    ['a number without digits behind the point', book(level('10.', '1'), '')],
    ['a number without digits before the point', book(level('.5', '1'), '')],
    ['a number with two points', book(level('1.0.0', '1'), '')],
    ['a negative number', book(level('-10', '1'), '')],
    ['a number too large to be exact', book(level('10', '99999999999999999'), '')],
    ['an exponent behind the time', book(level('10', '1'), '').replace('000,', '000e3,')],
    ['a time with a leading zero', book(level('10', '1'), '').replace(':17', ':017')],
    ['something behind the end', `${book(level('10', '1'), '')} x`],
    ['spaces', book(level('10', '1'), '').replace(':', ': ')],
    ['more sides than two', book(level('10', '1'), '').replace(']]}}', '],[]]}}')],
    ['nothing', ''],
  ])('%s goes the long way', (_what, text) => {
    expect(quickly({ szDecimals: 5, text })).toBeNull()
  })

  test('a side has more levels than the venue ever shows: the long way counts them', () => {
    const many = Array.from({ length: 65 }, (_, index) => level(String(1_000 - index), '1')).join()
    const one = { szDecimals: 5, text: book(many, '') }
    expect(quickly(one)).toBeNull()
    expect(slowly(one)).not.toBeNull()
  })

  test.each([0, 1, 2, 3])(
    'a number that fills the longest frame to its last byte but %i goes the long way',
    (less) => {
      const head = book('{"px":"', '').split('],[')[0] ?? ''
      const text = head + '1'.repeat(16_384 - less - head.length)
      expect(quickly({ szDecimals: 5, text })).toBeNull()
    },
  )

  test('both ways into the feed deliver the same inputs and count the same frames', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 6 }), (frames) => {
        const seen: RawInput[][] = []
        const counts: number[][] = []
        for (const isShort of [true, false]) {
          const inputs: RawInput[] = []
          const scope = { coin: COIN, grid: gridOf(5), account: '0x1', dex: 'hyna' } as const
          const feed = new Feed(scope, {
            onInput: (input) => inputs.push(input),
            onBadFrame: () => undefined,
          })
          feed.goLive()
          for (const { text } of frames) {
            const { channel, data } = JSON.parse(text) as { channel: string; data: unknown }
            if (!(isShort && feed.onBytes(Buffer.from(text)))) feed.onFrame(channel, data)
          }
          seen.push(inputs)
          counts.push([feed.bookFrameCount, feed.staleFrameCount])
        }
        expect(seen[0]).toEqual(seen[1])
        expect(counts[0]).toEqual(counts[1])
      }),
      { numRuns: 100 },
    )
  })

  test('numbers as the venue really prints them, here without counts of orders, are read alike', () => {
    const bids =
      '{"px":"110427.0","sz":"4.11882"},{"px":"110426.0","sz":"0.31694"},{"px":"110425.0","sz":"1.30796"}'
    const one = { szDecimals: 5, text: book(bids, '{"px":"110428.0","sz":"0.00012"}') }
    expect(quickly(one)).toMatchObject({
      kind: 'book',
      bids: [1104270, 411882, 1104260, 31694, 1104250, 130796],
    })
    expect(quickly(one)).toEqual(slowly(one))
  })
})
