/** Recordings: made, checked, imported and exported, each judged by reading what was written. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { parquetReadObjects } from 'hyparquet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exportTape } from '../../src/backtest/export-tape.ts'
import { generateTape } from '../../src/backtest/generate.ts'
import { importTape } from '../../src/backtest/import-tape.ts'
import { verifyTape } from '../../src/backtest/verify-tape.ts'
import { bookSnapshot } from '../../src/exchange/queries/book.ts'
import { openTape } from '../../src/simulation/tape-binance.ts'
import { applyDepth, initTapeBook } from '../../src/simulation/tape-book.ts'
import type { TapeRecord } from '../../src/simulation/tape.ts'
import { runUntil } from '../../src/simulation/world.ts'
import { openStage } from '../../src/backtest/stage.ts'
import { defaultVenue } from '../../src/config/venue-definitions.ts'

let folder = ''
let made = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hypermake-data-'))
  made = join(folder, 'made.gz')
  generateTape({
    spec: defaultVenue(),
    coin: 'BTC',
    scenario: 'sweep',
    seed: 9,
    minutes: 1.5,
    blockMs: 100,
    path: made,
  })
})
afterAll(() => rmSync(folder, { recursive: true }))

function recordsOf(path: string): TapeRecord[] {
  const tape = openTape(path)
  const records: TapeRecord[] = []
  for (let record = tape.next(); record !== null; record = tape.next()) records.push(record)
  return records
}

const linesOf = (path: string): string[] => gunzipSync(readFileSync(path)).toString().trimEnd().split('\n')

describe('a generated recording', () => {
  test('is sound, and the same options give the same bytes', () => {
    const check = verifyTape(made)
    expect(check.faults).toEqual([])
    expect(check.symbol).toBe('BTCUSDT')
    expect(check.trades).toBeGreaterThan(20)
    const again = join(folder, 'again.gz')
    generateTape({
      spec: defaultVenue(),
      coin: 'BTC',
      scenario: 'sweep',
      seed: 9,
      minutes: 1.5,
      blockMs: 100,
      path: again,
    })
    expect(readFileSync(again).equals(readFileSync(made))).toBe(true)
  })

  test('rebuilds to the very book that the exchange had at the end', () => {
    const options = {
      spec: defaultVenue(),
      coin: 'BTC',
      scenario: 'sweep',
      seed: 9,
      blockMs: 100,
      depositMicroUsd: 1,
    }
    const { world, venue, startTsMs } = openStage(options)
    runUntil(world, startTsMs + 90_000)
    const truth = bookSnapshot(world.exchange, venue.market.assetId, 1_000)
    const book = initTapeBook()
    for (const record of recordsOf(made)) if (record.kind === 'depth') applyDepth(book, record)
    const e8PerTick = 1e8 / 10 ** venue.market.grid.priceDecimals
    const bids = book.bids.keys.map((key) => key / e8PerTick).reverse()
    expect(bids).toEqual(truth.bids.map((level) => level.priceTicks))
    expect(book.asks.sizesE8.map((size) => size / 1_000).reverse()).toEqual(
      truth.asks.map((level) => level.sizeLots),
    )
  })
})

describe('verify', () => {
  const damage = (change: (lines: string[]) => void): ReturnType<typeof verifyTape> => {
    const lines = linesOf(made)
    change(lines)
    const path = join(folder, 'damaged')
    writeFileSync(path, `${lines.join('\n')}\n`)
    return verifyTape(path)
  }
  const depthLine = (lines: readonly string[]): number =>
    lines.findIndex((line, index) => index > 50 && line.includes('depthUpdate'))

  test('finds a line cut short, and says which', () => {
    const { faults } = damage((lines) => (lines[40] = (lines[40] ?? '').slice(0, -5)))
    expect(faults.find((fault) => fault.kind === 'damaged')).toMatchObject({ count: 1, firstLine: 41 })
  })

  test('finds a missing change of the book', () => {
    const { faults } = damage((lines) => lines.splice(depthLine(lines), 1))
    expect(faults.find((fault) => fault.kind === 'gap')).toMatchObject({ count: 1 })
  })

  test('finds time that goes back', () => {
    const { faults } = damage((lines) => {
      lines[60] = `1600000000000000000 ${(lines[60] ?? '').slice(20)}`
    })
    expect(faults).toMatchObject([{ kind: 'timeBack', count: 1, firstLine: 61 }])
  })

  test('hours without a line are a gap, though every change of the book is there', () => {
    const hourNs = 3_600_000_000_000n
    const { faults, longestSilenceMs } = damage((lines) => {
      for (let index = 60; index < lines.length; index += 1) {
        const [, time = '', frame = ''] = /^(\d+)(.*)$/.exec(lines[index] ?? '') ?? []
        if (time !== '') lines[index] = `${BigInt(time) + hourNs}${frame}`
      }
    })
    expect(faults).toMatchObject([{ kind: 'gap', count: 1, firstLine: 61 }])
    expect(faults[0]?.firstText).toBe(`nothing for ${Math.round(longestSilenceMs)} ms`)
    expect(longestSilenceMs).toBeGreaterThanOrEqual(3_600_000)
  })

  test('finds a crossed best bid and ask', () => {
    const { faults } = damage((lines) => {
      const at = lines.findIndex((line, index) => index > 50 && line.includes('bookTicker'))
      lines[at] = (lines[at] ?? '').replace(/"b":"[^"]*"/, '"b":"99999.0"')
    })
    expect(faults.find((fault) => fault.kind === 'crossed')?.count).toBe(1)
  })
})

describe('import', () => {
  test('of a stream recording keeps every record of its market and leaves out the rest', () => {
    const source = join(folder, 'raw')
    const lines = linesOf(made)
    const foreign = `${(lines.at(-1) ?? '').slice(0, 19)} {"stream":"x","data":{"e":"trade","s":"ETHUSDT"}}`
    writeFileSync(source, [...lines, 'rubbish', foreign].join('\n'))
    const out = join(folder, 'clean.gz')
    const outcome = importTape('binance', source, out)
    expect(outcome).toMatchObject({ lines: lines.length, skipped: 1 })
    expect(verifyTape(out)).toMatchObject({ faults: [], foreignLines: 0 })
    const before = recordsOf(made)
    const after = recordsOf(out)
    expect(after.map(({ tsMs: _, ...rest }) => rest)).toEqual(before.map(({ tsMs: _, ...rest }) => rest))
  })

  test('of l2Book lines gives whole books, from any of the three envelopes', () => {
    const bookAt = (time: number, bid: string): object => ({
      coin: 'BTC',
      time,
      levels: [[{ px: bid, sz: '1.25', n: 3 }], [{ px: '60010', sz: '0.5', n: 1 }]],
    })
    const source = join(folder, 'l2.jsonl')
    const lines = [
      JSON.stringify(bookAt(1_700_000_000_000, '60000.5')),
      JSON.stringify({ channel: 'l2Book', data: bookAt(1_700_000_000_500, '60001.5') }),
      JSON.stringify({
        time: 'x',
        ver_num: 1,
        raw: { channel: 'l2Book', data: bookAt(1_700_000_001_000, '60002.5') },
      }),
      '{"coin":"BTC"}',
    ]
    writeFileSync(source, lines.join('\n'))
    const out = join(folder, 'l2.gz')
    const outcome = importTape('hyperliquid', source, out)
    expect(outcome.skipped).toBe(1)
    expect(outcome.firstSkipped).toContain('l2.jsonl:4')
    const touches = recordsOf(out).filter((record) => record.kind === 'touch')
    expect(touches.map((record) => record.bidE8)).toEqual([60000.5e8, 60001.5e8, 60002.5e8])
    expect(verifyTape(out).faults).toEqual([])
    expect(openTape(out).coin).toBe('BTC')
  })

  test('of a file without any book says so', () => {
    const source = join(folder, 'nothing')
    writeFileSync(source, 'hello\n')
    expect(() => importTape('hyperliquid', source, join(folder, 'x.gz'))).toThrow(
      /no l2Book message.*is no JSON/,
    )
  })
})

test('CSV and Parquet hold the same rows, and all of them', async () => {
  const csv = join(folder, 'rows.csv')
  const parquet = join(folder, 'rows.parquet')
  const count = await exportTape(made, 'csv', csv)
  expect(await exportTape(made, 'parquet', parquet)).toBe(count)
  const file = readFileSync(parquet)
  const buffer = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength)
  const rows = await parquetReadObjects({ file: buffer })
  const [head, ...lines] = readFileSync(csv, 'utf8').trimEnd().split('\n')
  expect(
    rows.map((row) =>
      (head ?? '')
        .split(',')
        .map((name) => String(row[name]))
        .join(','),
    ),
  ).toEqual(lines)
  const trades = recordsOf(made).filter((record) => record.kind === 'trade')
  expect(lines.filter((line) => line.includes(',trade,')).length).toBe(trades.length)
  expect(lines.length).toBe(count)
})
