import { Decimal } from 'decimal.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { snapBidDown } from '../../src/core/units.ts'
import { apply, createExchange, type Exchange } from '../../src/exchange/exchange.ts'
import type { OrderRequest } from '../../src/exchange/command.ts'
import { toBook } from '../../src/server/wire/book.ts'
import type { WireLevel } from '../../src/server/wire/types.ts'
import { defaultVenue } from '../../src/config/venue-definitions.ts'

const START = 1_800_000_000_000
const SPEC = defaultVenue()
const ETH = SPEC.instruments[1]
if (ETH?.coin !== 'ETH') throw new Error('the second market is ETH')

/** Offsets from 3000 dollars in cents; sizes in lots. */
const orders = fc.array(
  fc.tuple(fc.integer({ min: 7, max: 40_000 }), fc.integer({ min: 1_000, max: 9_000 })),
  {
    minLength: 1,
    maxLength: 60,
  },
)

function bookOf(
  bids: readonly (readonly [number, number])[],
  asks: readonly (readonly [number, number])[],
): Exchange {
  const exchange = createExchange(SPEC, { startTsMs: START })
  const account = '0x00000000000000000000000000000000000000a1'
  apply(exchange, { kind: 'deposit', account, dexIndex: 0, amountMicroUsd: 500_000_000_000_000 })
  const request = (side: 'buy' | 'sell', cents: number, sizeLots: number): OrderRequest => ({
    assetId: 1,
    side,
    priceTicks: snapBidDown(cents, { szDecimals: 4, priceDecimals: 2 }),
    sizeLots,
    reduceOnly: false,
    tif: 'Alo',
    trigger: null,
    cloid: null,
  })
  const all = [
    ...bids.map(([away, lots]) => request('buy', 300_000 - away, lots)),
    ...asks.map(([away, lots]) => request('sell', 300_000 + away + 10, lots)),
  ]
  const base = { kind: 'action', account, signer: account, nonce: null, expiresAfterMs: null } as const
  const { answer } = apply(exchange, { ...base, action: { kind: 'order', orders: all, grouping: 'na' } })
  if (answer.kind !== 'orders') throw new Error(JSON.stringify(answer))
  for (const one of answer.answers) if (one.kind !== 'resting') throw new Error(JSON.stringify(one))
  return exchange
}

/** The obvious way: each level's decimal rounded to the step, sizes added, best first. */
function gatherDecimals(levels: readonly WireLevel[], step: Decimal, round: Decimal.Rounding): WireLevel[] {
  const buckets = new Map<string, { sz: Decimal; n: number }>()
  for (const { px, sz, n } of levels) {
    const key = new Decimal(px).div(step).toDecimalPlaces(0, round).mul(step).toFixed()
    const before = buckets.get(key)
    buckets.set(key, { sz: (before?.sz ?? new Decimal(0)).plus(sz), n: (before?.n ?? 0) + n })
  }
  return [...buckets].map(([px, { sz, n }]) => ({ px, sz: sz.toFixed(), n }))
}

function asNumbers(levels: readonly WireLevel[]): [number, number, number][] {
  return levels.map(({ px, sz, n }) => [Number(px), Number(sz), n])
}

test('a gathered book is the full one rounded away from the mid, at most twenty levels a side', () => {
  fc.assert(
    fc.property(
      orders,
      orders,
      fc.constantFrom([2, 1], [3, 1], [4, 1], [5, 1], [5, 2], [5, 5]),
      (bids, asks, [nSigFigs = 5, mantissa = 1]) => {
        const exchange = bookOf(bids, asks)
        const full = toBook(exchange, ETH, { tsMs: START, gathering: null, levelCountMax: 1_000 })
        const gathered = toBook(exchange, ETH, { tsMs: START, gathering: { nSigFigs, mantissa } })
        const bestBid = new Decimal(full.levels[0][0]?.px ?? 0)
        // Of four digits before the point: the last of n figures counts 10^(4 − n).
        const digits = bestBid.gte(1000) ? 4 : 3
        const step = new Decimal(10).pow(digits - nSigFigs).mul(mantissa)
        const finest = Decimal.max(step, '0.01')
        const down = gatherDecimals(full.levels[0], finest, Decimal.ROUND_FLOOR).slice(0, 20)
        const up = gatherDecimals(full.levels[1], finest, Decimal.ROUND_CEIL).slice(0, 20)
        expect(asNumbers(gathered.levels[0])).toEqual(asNumbers(down))
        expect(asNumbers(gathered.levels[1])).toEqual(asNumbers(up))
        const spread = new Decimal(full.levels[1][0]?.px ?? 0).minus(bestBid)
        expect(Number(gathered.spread)).toBe(spread.toNumber())
      },
    ),
    { numRuns: 60 },
  )
})

test('a plain book shows the twenty best levels of each side, best first, and no spread', () => {
  const steps = Array.from({ length: 30 }, (_, index) => [100 + index * 20, 2_000 + index] as const)
  const book = toBook(bookOf(steps, steps), ETH, { tsMs: START, gathering: null })
  expect(book.levels.map((side) => side.length)).toEqual([20, 20])
  expect(book.levels[0][0]).toEqual({ px: '2999.0', sz: '0.2', n: 1 })
  expect(book.levels[0][1]).toEqual({ px: '2998.8', sz: '0.2001', n: 1 })
  expect(book.levels[1][0]).toEqual({ px: '3001.1', sz: '0.2', n: 1 })
  expect(book).not.toHaveProperty('spread')
})
