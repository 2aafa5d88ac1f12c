/** Foreign CSV files: what vendors write is taken as it is, and what cannot be read is told with its place and remedy. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { parseMapping } from '../../src/backtest/csv-columns.ts'
import { importCsv } from '../../src/backtest/import-csv.ts'
import type { CsvImport } from '../../src/backtest/import-csv.ts'
import { BAD_LINES_TOLD_MAX, importTape } from '../../src/backtest/import-tape.ts'
import type { ImportOutcome } from '../../src/backtest/import-tape.ts'
import { verifyTape } from '../../src/backtest/verify-tape.ts'
import { openTape } from '../../src/simulation/tape-binance.ts'
import type { TapeRecord } from '../../src/simulation/tape.ts'
import { failureOf } from '../support/config.ts'

const folder = mkdtempSync(join(tmpdir(), 'import-csv-'))
afterAll(() => rmSync(folder, { recursive: true }))

let fileCount = 0
function write(...lines: readonly string[]): string {
  fileCount += 1
  const path = join(folder, `in-${fileCount}.csv`)
  writeFileSync(path, `${lines.join('\n')}\n`)
  return path
}

function bring(
  paths: readonly string[],
  over: Partial<CsvImport> & { map?: string[] } = {},
): ImportOutcome & { out: string } {
  const out = join(folder, `out-${fileCount}`)
  const { map = [], ...rest } = over
  const of = { paths, out, mapping: parseMapping(map), timeUnit: null, symbol: null, name: null }
  return { ...importCsv({ ...of, quotesFromTrades: false, ...rest }), out }
}

function recordsOf(path: string): TapeRecord[] {
  const tape = openTape(path)
  const records: TapeRecord[] = []
  for (let record = tape.next(); record !== null; record = tape.next()) records.push(record)
  return records
}

describe('what vendors write', () => {
  test('ticks with timestamp_ns and symbol_id become trades at their nanosecond, with prices inferred on demand', () => {
    const path = write(
      'timestamp_ns,symbol_id,price,quantity,side',
      '1723111200000000001,7,61000.5,0.25,B',
      '1723111200000000500,7,60999.5,1,S',
      '1723111200100000000,7,60999,0.004,sell',
    )
    expect(failureOf(() => bring([path], { name: 'BTCUSD' })).message).toMatch(/--quotes-from-trades/)
    const { out, skipped } = bring([path], { name: 'BTCUSD', quotesFromTrades: true })
    expect(skipped).toBe(0)
    expect(readFileSync(out, 'utf8').split('\n')[0]).toMatch(/^1723111200000000001 /)
    expect(recordsOf(out)).toMatchObject([
      { kind: 'trade', aggressor: 'buy', priceE8: 6_100_050_000_000, sizeE8: 25_000_000 },
      { kind: 'trade', aggressor: 'sell', priceE8: 6_099_950_000_000 },
      { kind: 'touch', bidE8: 6_099_950_000_000, askE8: 6_100_050_000_000, bidSizeE8: 100_000_000 },
      { kind: 'trade', aggressor: 'sell', sizeE8: 400_000, tsMs: 1_723_111_200_100 },
      { kind: 'touch', bidE8: 6_099_900_000_000 },
    ])
    expect(verifyTape(out).faults).toEqual([])
  })

  test('trades and books in two files are joined by time, and the recording is sound', () => {
    const books = write(
      'exchange,symbol,timestamp,local_timestamp,asks[0].price,asks[0].amount,bids[0].price,bids[0].amount,asks[1].price,asks[1].amount,bids[1].price,bids[1].amount',
      'x,BTCUSDT,1723111200000000,1723111200000100,101,5,100,4,102,6,99,3',
      'x,BTCUSDT,1723111200200000,1723111200200100,101.5,5,100.5,4,,,,',
    )
    const trades = write(
      'exchange,symbol,timestamp,local_timestamp,id,side,price,amount',
      'x,BTCUSDT,1723111200100000,1723111200100100,17,"buy",101,2.5',
    )
    const { out } = bring([trades, books])
    expect(recordsOf(out)).toMatchObject([
      { kind: 'depth', isSnapshot: true, bids: [1e10, 4e8, 99e8, 3e8], tsMs: 1_723_111_200_000 },
      { kind: 'touch', bidE8: 1e10, askE8: 101e8 },
      { kind: 'trade', aggressor: 'buy', sizeE8: 250_000_000, tsMs: 1_723_111_200_100 },
      { kind: 'depth', isSnapshot: true, bids: [10_050_000_000, 4e8] },
      { kind: 'touch' },
    ])
    expect(verifyTape(out)).toMatchObject({ symbol: 'BTCUSDT', faults: [] })
  })

  test.each([
    ['1723111200', null],
    ['1723111200.000', null],
    ['1723111200000', null],
    ['1723111200000000', null],
    ['1723111200000000000', null],
    ['2024-08-08T10:00:00Z', null],
    ['1723111200000', 'ms'],
  ] as const)('time %s (unit %s) is read', (time, timeUnit) => {
    const path = write('ts,bid,bid_size,ask,ask_size', `${time},100,1,101,1`)
    expect(recordsOf(bring([path], { name: 'ETHUSD', timeUnit }).out)[0]?.tsMs).toBe(1_723_111_200_000)
  })

  test('a mapping names columns, a maker flag gives the side, gzip is unpacked, one symbol of many is taken', () => {
    const plain = write(
      'when,p,q,m,sym,bp,bq,ap,aq',
      '1723111200000,100,1,true,BTC,,,,',
      '1723111200000,200,1,false,ETH,,,,',
      '1723111200001,100.5,2,false,BTC,,,,',
    )
    const path = `${plain}.gz`
    writeFileSync(path, gzipSync(readFileSync(plain)))
    const map = ['time=when,price=p', 'size=q', 'buyer_is_maker=m', 'symbol=sym']
    expect(failureOf(() => bring([path], { map, quotesFromTrades: true })).message).toMatch(/--only BTC/)
    const { out } = bring([path], { map, symbol: 'BTC', quotesFromTrades: true })
    expect(recordsOf(out).filter(({ kind }) => kind === 'trade')).toMatchObject([
      { aggressor: 'sell', priceE8: 1e10 },
      { aggressor: 'buy', priceE8: 10_050_000_000 },
    ])
  })
})

describe('what cannot be read', () => {
  test.each([
    ['1723111200000,-5,1,buy', /:3: price "-5": write a positive decimal/],
    ['1723111200000,1e5,1,buy', /:3: price "1e5"/],
    ['1723111200000,100,0,buy', /:3: size "0"/],
    ['1723111200000,100,1.123456789,buy', /:3: size "1.123456789".*8 digits/],
    ['1723111200000,100,1,hold', /:3: side "hold": write the taker's side as buy or sell/],
    ['17231112,100,1,buy', /:3: time "17231112".*--time-unit/],
    ['1723111200000,100', /:3: size ""/],
    ['1723111200000,"100,1,buy', /:3: row .*quotes do not end/],
  ])('row %s is left out and told by line, field, value and remedy', (row, text) => {
    const path = write('time,price,size,side', '1723111200000,100,1,sell', row, '1723111200001,101,1,buy')
    const { skipped, told, out } = bring([path], { name: 'BTCUSD', quotesFromTrades: true })
    expect(skipped).toBe(1)
    expect(told).toHaveLength(1)
    expect(told?.[0]).toMatch(text)
    expect(recordsOf(out)).toHaveLength(3)
  })

  test('a crossed row is told, and beyond ten rows they are only counted', () => {
    const rows = Array.from({ length: 13 }, (_, index) => `172311120000${index % 10},101,1,101,1`)
    const path = write('time,bid,bid_size,ask,ask_size', ...rows, '1723111200009,100,1,101,1')
    const { skipped, told } = bring([path], { name: 'BTCUSD' })
    expect([skipped, told?.length]).toEqual([13, BAD_LINES_TOLD_MAX])
    expect(told?.[0]).toMatch(/:2: bid 101: is not below the ask 101/)
  })

  test.each([
    [['a,b,c'], {}, /no column for time among a, b, c; name it: --map time=COLUMN/],
    [['time,price,size'], {}, /no column for side/],
    [['time,price,size,side'], { map: ['price=px'] }, /no column px for price; the columns are time/],
    [['time,bid,bid_size,ask,ask_size', '1723111200000,1,1,2,1'], {}, /--name BTCUSD/],
    [
      ['1723111200000 {"stream":"btcusdt@trade"', 'x'],
      {},
      /:1: does not name columns: .*give --from the kind/,
    ],
  ])('a file %j with %j is refused', (lines, over, text) => {
    expect(failureOf(() => bring([write(...lines)], over)).message).toMatch(text)
  })

  test('half a row at the end of a file is left out, and is not taken for another market', () => {
    const head = 'time,symbol,bid,bid_size,ask,ask_size'
    const rows = ['1723111200,BTCUSD,1,1,2,1', '1723111201,BTC', 'x,y', '1723111202,BTCUSD,1,1,3,1']
    const { skipped, told, lines } = bring([write(head, ...rows)])
    expect([lines, skipped]).toEqual([2, 2])
    expect(told).toMatchObject([
      expect.stringMatching(/:3: row of 2 cells: best prices take 6/),
      expect.stringMatching(/:4: time "x"/),
    ])
    const mixed = write(head, '1723111200,BTCUSD,1,1,2,1', '1723111201,ETHUSD,1,1,2,1')
    expect(failureOf(() => bring([mixed])).message).toMatch(
      /:3: rows of "BTCUSD" and of "ETHUSD" in one file/,
    )
  })

  test('a file without a row that can be read is refused, with the reason of the first', () => {
    const head = 'timestamp_ns,symbol_id,price,quantity,side'
    const said = (...rows: string[]): string =>
      failureOf(() => bring([write(head, ...rows)], { quotesFromTrades: true, name: 'BTCUSD' })).message
    expect(said()).toMatch(/no row that can be read; there is none below the header/)
    expect(said('1723111200,BTCUSD,-5,1,buy')).toMatch(/no row that can be read; the first: .*:2: price "-5"/)
  })

  test('a mapping that is none names the meanings there are', () => {
    expect(failureOf(() => parseMapping(['cost=price'])).message).toMatch(
      /--map cost=price: write meaning=column.*time/,
    )
  })
})

test.each([
  [
    '{"coin":"BTC","time":1,"levels":[[{"px":"x","sz":"1"}],[]]}',
    /:2: levels\[0\]\[0\]\.px "x": write a decimal text/,
  ],
  ['{"coin":"BTC","time":1,"levels":[[],[{"px":"1"}]]}', /:2: levels\[1\]\[0\]\.sz is missing: write/],
  ['{"coin":"BTC","time":"soon","levels":[[],[]]}', /:2: time "soon": write whole milliseconds/],
  ['{"time":1,"levels":[[],[]]}', /:2: coin is missing: write the name/],
  [
    '{"coin":"ETH","time":1,"levels":[[],[]]}',
    /:2: coin "ETH": the lines before are of BTC; import each coin/,
  ],
  ['{"coin"', /:2: "\{\\"coin\\"": is no JSON; repair or remove/],
])(
  'a line %s of the Hyperliquid archive is left out and told by place, field, value and remedy',
  (line, text) => {
    const good = (time: number): string =>
      `{"coin":"BTC","time":${time},"levels":[[{"px":"100","sz":"1"}],[{"px":"101","sz":"1"}]]}`
    const outcome = importTape(
      'hyperliquid',
      write(good(1_700_000_000_000), line, good(1_700_000_000_500)),
      join(folder, 'hl'),
    )
    expect([outcome.skipped, outcome.told?.length]).toEqual([1, 1])
    expect(outcome.told?.[0]).toMatch(text)
  },
)

test('every trade and best price comes out as it went in, to the last digit, whatever the order of the files', () => {
  const decimal = fc.tuple(fc.integer({ min: 1, max: 99_999 }), fc.integer({ min: 0, max: 99_999_999 }))
  const text = ([whole, part]: readonly [number, number]): string =>
    `${whole}.${String(part).padStart(8, '0')}`
  const e8 = ([whole, part]: readonly [number, number]): number => whole * 1e8 + part
  fc.assert(
    fc.property(
      fc.array(fc.record({ price: decimal, size: decimal, isBuy: fc.boolean(), gapUs: fc.nat(5_000_000) }), {
        minLength: 1,
        maxLength: 30,
      }),
      fc.boolean(),
      (trades, isFirst) => {
        let us = 1_723_111_200_000_000
        const rows = trades.map(({ price, size, isBuy, gapUs }) => {
          us += gapUs
          return `${us},${text(price)},${text(size)},${isBuy ? 'buy' : 'sell'}`
        })
        const files = [
          write('time,price,size,side', ...rows),
          write('time,bid,bid_size,ask,ask_size', '1723111200000000,99,3,101,4'),
        ]
        const { out, skipped } = bring(isFirst ? files : files.reverse(), { name: 'BTCUSD' })
        expect(skipped).toBe(0)
        const came = recordsOf(out).filter((record) => record.kind === 'trade')
        expect(came.map(({ priceE8, sizeE8, aggressor }) => [priceE8, sizeE8, aggressor])).toEqual(
          trades.map(({ price, size, isBuy }) => [e8(price), e8(size), isBuy ? 'buy' : 'sell']),
        )
      },
    ),
    { numRuns: 40 },
  )
})
