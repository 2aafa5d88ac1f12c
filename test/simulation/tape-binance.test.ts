/** The reader of Binance recordings, on files made here. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SimulationError } from '../../src/simulation/errors.ts'
import { openTape } from '../../src/simulation/tape-binance.ts'
import type { TapeRecord, TapeSource } from '../../src/simulation/tape.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hypermake-tape-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const T0_NS = 1_723_161_255_000_000_000n
const line = (ms: number, frame: unknown): string =>
  `${T0_NS + BigInt(Math.round(ms * 1e6))} ${JSON.stringify(frame)}`
const touchFrame = (u: number, b: string, a: string): unknown => ({
  stream: 'ethusdt@bookTicker',
  data: { e: 'bookTicker', u, s: 'ETHUSDT', b, B: '1.5', a, A: '2.25', T: 1, E: 1 },
})
const tradeFrame = (p: string, q: string, m: boolean): unknown => ({
  stream: 'ethusdt@trade',
  data: { e: 'trade', s: 'ETHUSDT', t: 1, p, q, X: 'MARKET', m },
})
const depthFrame = (u: number, pu: number, b: string[][], a: string[][]): unknown => ({
  stream: 'ethusdt@depth@0ms',
  data: { e: 'depthUpdate', s: 'ETHUSDT', U: u - 3, u, pu, b, a },
})

const GOOD = [
  line(0, depthFrame(100, 90, [['3000.10', '4.000']], [['3000.20', '0.000']])),
  line(3.25, touchFrame(104, '3000.10', '3000.30')),
  line(9, tradeFrame('3000.30', '0.017', false)),
  line(11, tradeFrame('3000.10', '0.5', true)),
]

function write(name: string, text: string, isGzip = true): string {
  const path = join(folder, name)
  writeFileSync(path, isGzip ? gzipSync(text) : text)
  return path
}

function readAll(tape: TapeSource): TapeRecord[] {
  const records: TapeRecord[] = []
  for (let record = tape.next(); record !== null; record = tape.next()) records.push(record)
  return records
}

function codeOf(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    if (error instanceof SimulationError) return `${error.code} ${error.message}`
    throw error
  }
  return 'no error'
}

describe('reading a tape', () => {
  test.each([true, false])('reads depth, touch and trades in order, packed: %s', (isGzip) => {
    const tape = openTape(write(`good-${isGzip}`, GOOD.join('\n') + '\n', isGzip))
    expect(tape).toMatchObject({ symbol: 'ETHUSDT', coin: 'ETH', firstMidUsd: 3000.2 })
    expect(tape.firstTsMs).toBe(1_723_161_255_000)
    const [depth, touch, buy, sell, ...rest] = readAll(tape)
    expect(rest).toEqual([])
    expect(depth).toMatchObject({ kind: 'depth', isSnapshot: false, updateId: 100 })
    expect(depth).toMatchObject({ bids: [300_010_000_000, 400_000_000], asks: [300_020_000_000, 0] })
    expect(touch).toMatchObject({ kind: 'touch', bidE8: 300_010_000_000, askSizeE8: 225_000_000 })
    expect(touch?.tsMs).toBeCloseTo(1_723_161_255_003.25, 3)
    expect(buy).toMatchObject({
      kind: 'trade',
      aggressor: 'buy',
      priceE8: 300_030_000_000,
      sizeE8: 1_700_000,
    })
    expect(sell).toMatchObject({ kind: 'trade', aggressor: 'sell', sizeE8: 50_000_000 })
    expect(tape.counters).toMatchObject({ lines: 4, damagedLines: 0, foreignLines: 0, gaps: 0 })
  })

  test('takes the depth snapshot of the REST call, which has no stream name', () => {
    const snapshot = { lastUpdateId: 103, E: 1, T: 1, bids: [['2999.90', '7']], asks: [['3000.40', '8']] }
    const tape = openTape(write('snapshot', [...GOOD, line(12, snapshot)].join('\n')))
    const last = readAll(tape).at(-1)
    expect(last).toMatchObject({
      kind: 'depth',
      isSnapshot: true,
      updateId: 103,
      bids: [299_990_000_000, 700_000_000],
    })
  })

  test.each([
    ['no JSON', `${T0_NS} {"stream":`, 'the frame is not JSON'],
    ['no time', 'hello {}', 'does not begin with a time'],
    ['an empty line', '', 'does not begin with a time'],
    ['no data', line(5, { stream: 'x' }), 'data is not an object'],
    ['a price that is no number', line(5, touchFrame(105, 'NaN', '3000.3')), '"NaN" is not a decimal'],
    ['a negative price', line(5, tradeFrame('-1', '1', true)), '"-1" is not a decimal'],
    [
      'a level without size',
      line(5, depthFrame(101, 100, [['3000']], [])),
      'a level is not a price and a size',
    ],
    [
      'no aggressor',
      line(5, { data: { e: 'trade', s: 'ETHUSDT', p: '1', q: '1' } }),
      'm is not true or false',
    ],
  ])('leaves out and counts a line with %s', (_name, damaged, reason) => {
    const path = write('damaged', [GOOD[0], damaged, ...GOOD.slice(1)].join('\n'))
    const tape = openTape(path)
    expect(readAll(tape)).toHaveLength(4)
    expect(tape.counters.damagedLines).toBe(1)
    expect(tape.firstDamage).toContain(`${path}:2: `)
    expect(tape.firstDamage).toContain(reason)
  })

  test('counts lines of another symbol and gaps in the depth', () => {
    const foreign = { data: { e: 'bookTicker', s: 'BTCUSDT', u: 1, b: '1', B: '1', a: '2', A: '1' } }
    const lines = [
      ...GOOD,
      line(12, foreign),
      line(13, depthFrame(120, 100, [], [])),
      line(14, depthFrame(140, 130, [], [])),
    ]
    const tape = openTape(write('foreign', lines.join('\n')))
    expect(readAll(tape)).toHaveLength(6)
    expect(tape.counters).toMatchObject({ foreignLines: 1, gaps: 1 })
  })

  test('a clock that steps back does not make time go back', () => {
    const tape = openTape(write('back', [...GOOD, line(2, tradeFrame('3000', '1', true))].join('\n')))
    const times = readAll(tape).map(({ tsMs }) => tsMs)
    expect(times.at(-1)).toBe(times.at(-2))
  })

  test('a file cut short gives what is there', () => {
    const whole = gzipSync(
      Array.from({ length: 400 }, () => GOOD)
        .flat()
        .join('\n'),
    )
    const path = join(folder, 'short')
    writeFileSync(path, whole.subarray(0, whole.length - 40))
    const records = readAll(openTape(path))
    expect(records.length).toBeGreaterThan(4)
    expect(records.length).toBeLessThanOrEqual(1600)
  })
})

describe('a tape that cannot be played', () => {
  test('names a file that is not there', () => {
    expect(codeOf(() => openTape('/nowhere/tape.gz'))).toMatch(
      /^TAPE_UNREADABLE tape \/nowhere\/tape.gz: .*check the path/,
    )
  })

  test('names a file that is not gzip behind a gzip head', () => {
    const path = join(folder, 'broken.gz')
    writeFileSync(path, Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]))
    expect(codeOf(() => openTape(path))).toMatch(/^TAPE_(UNREADABLE|MALFORMED) tape .*broken.gz/)
  })

  test.each([
    ['Zstandard', [0x28, 0xb5, 0x2f, 0xfd], 'zstd -d'],
    ['LZ4', [0x04, 0x22, 0x4d, 0x18], 'lz4 -d'],
  ])('that is packed with %s is refused with the command that unpacks it', (name, magic, remedy) => {
    const path = join(folder, 'packed.tape')
    writeFileSync(path, Buffer.from([...magic, 1, 2, 3, 4, 5]))
    const said = codeOf(() => openTape(path))
    expect(said).toMatch(/^TAPE_UNREADABLE tape .*packed\.tape: is packed with /)
    expect(said).toContain(`${name}; gzip and plain text are read, so unpack it first: ${remedy}`)
  })

  test.each([
    ['an empty file', '', 'in its first 0 lines'],
    ['another format', 'time,price\n1,2\n', 'does not begin with a time'],
    ['trades alone', [GOOD[2], GOOD[3]].join('\n'), 'no best bid/ask'],
  ])('%s is refused with file and reason', (name, text, reason) => {
    const message = codeOf(() => openTape(write(name, text)))
    expect(message).toContain('TAPE_MALFORMED')
    expect(message).toContain(name)
    expect(message).toContain(reason)
  })
})
