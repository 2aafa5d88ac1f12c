/** Recording from the embedded exchange over sockets, then everything that reads a recording. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { exportTape } from '../../src/backtest/export-tape.ts'
import { inputsOf, openData } from '../../src/backtest/open-data.ts'
import { openStage } from '../../src/backtest/stage.ts'
import { verifyRecording } from '../../src/backtest/verify-recording.ts'
import { backtest } from '../../src/compose/backtest.ts'
import { startEmbedded } from '../../src/compose/embedded.ts'
import { record } from '../../src/compose/record.ts'
import { defaultVenue } from '../../src/config/venue-definitions.ts'
import type { Input, RawInput } from '../../src/core/input.ts'
import { gzipSegments } from '../../src/journal/compress.ts'
import { FORMAT_VERSION } from '../../src/journal/format.ts'
import { verifyJournal } from '../../src/journal/reader.ts'
import { openJournal } from '../../src/journal/writer.ts'
import { createLog } from '../../src/ops/log.ts'
import { startClock } from '../../src/runtime/clock.ts'
import { runUntil } from '../../src/simulation/world.ts'
import { runProgram } from '../../src/cli/program.ts'
import { captured } from '../support/captured.ts'
import { load } from '../support/config.ts'
import { journalledExchange } from '../support/journalled-exchange.ts'
import { openWireProxy } from '../support/wire-proxy.ts'

const root = mkdtempSync(join(tmpdir(), 'record-'))
const dir = join(root, 'recording')
/** Of the market; the recorder's own clock is the real one. */
const SPEED = 10
const RECORD_MS = 2_500
const requests: string[] = []
let summary: Record<string, unknown> = {}

async function said(body: () => Promise<number>): Promise<string> {
  let text = ''
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk)
    return true
  })
  try {
    expect(await body()).toBe(0)
    return text
  } finally {
    spy.mockRestore()
  }
}

beforeAll(async () => {
  const { values } = load()
  const log = createLog({ level: 'silent', format: 'json' })
  const of = { values, seed: 3, tape: null, scenario: 'calm', host: '127.0.0.1', port: 0, log }
  const embedded = await startEmbedded({ ...of, clock: startClock(SPEED) })
  const proxy = await openWireProxy(embedded.apiUrl)
  proxy.onRequest = (path, body) => {
    requests.push(`${path} ${body}`)
    return 'pass'
  }
  const assignments = ['venue.network=testnet', `venue.api_url=${proxy.apiUrl}`, 'log.level=silent']
  const config = load({ assignments: [...assignments, 'journal.sync=never', 'market.reference=BTC'] })
  try {
    const text = await said(() =>
      record({ config, durationMs: RECORD_MS, out: dir, json: true, version: 'test' }),
    )
    summary = JSON.parse(text) as Record<string, unknown>
  } finally {
    await proxy.close()
    await embedded.close()
  }
}, 120_000)
afterAll(() => rmSync(root, { recursive: true, force: true }))

describe('a recording', () => {
  test('holds what the summary says, as gzipped segments, with the journal’s checks intact', () => {
    const counts = { book: 0, touch: 0, trade: 0, context: 0, reference: 0 }
    for (const { kind } of inputsOf(dir)) if (kind in counts) counts[kind as keyof typeof counts] += 1
    expect(summary).toMatchObject({ kind: 'recording', coin: 'hyna:BTC', lost: 0, ...counts })
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(0)
    expect(readdirSync(dir)).toEqual(['00000001.hmj.gz'])
    expect(verifyJournal(dir)).toMatchObject({ ok: true, isClosed: true, headHash: summary['hash'] })
    expect(requests.every((request) => request.startsWith('/info '))).toBe(true)
  })

  test('verifies as sound', () => {
    expect(verifyRecording(dir)).toMatchObject({ symbol: 'hyna:BTC', faults: [] })
  })

  test('plays record by record as it was kept: prices and sizes to the last digit, times that never go back', () => {
    const tape = openData(dir)
    expect(tape).toMatchObject({ coin: 'BTC', symbol: 'hyna:BTC' })
    const session = inputsOf(dir).next().value as Input
    if (session.kind !== 'sessionStarted') throw new Error('a recording starts with its market')
    const { priceDecimals, szDecimals } = session.market.grid
    const kept = [...inputsOf(dir)].filter(({ kind }) => kind === 'trade')
    let tsMs = 0
    const trades = []
    for (let next = tape.next(); next !== null; next = tape.next()) {
      expect(next.tsMs).toBeGreaterThanOrEqual(tsMs)
      tsMs = next.tsMs
      if (next.kind === 'trade') trades.push(next)
    }
    expect(trades.map(({ priceE8, sizeE8, aggressor }) => [priceE8, sizeE8, aggressor])).toEqual(
      kept.map((input) =>
        input.kind === 'trade'
          ? [
              Math.round(input.priceTicks * 10 ** (8 - priceDecimals)),
              Math.round(input.sizeLots * 10 ** (8 - szDecimals)),
              input.aggressor,
            ]
          : null,
      ),
    )
  })

  test('is backtested, and the same recording gives the same hash', async () => {
    const assignments = ['strategy.name=fixed-spread', 'risk.min_spread_floor_bps=7']
    const run = async (): Promise<Record<string, unknown>> => {
      const text = await said(() =>
        backtest({
          ...{ config: load({ assignments }), seed: 1, minutes: null, tape: dir, queue: null, latency: null },
          rateLimits: false,
          ...{ json: true, csv: null, report: null },
        }),
      )
      return JSON.parse(text) as Record<string, unknown>
    }
    const first = await run()
    expect(first).toMatchObject({ kind: 'backtest', coin: 'hyna:BTC', tape: { symbol: 'hyna:BTC' } })
    expect((await run())['hashes']).toEqual(first['hashes'])
  })

  test('is played by the embedded exchange with its reference market, which is heard over the wire', async () => {
    const { values } = load({ assignments: ['market.reference=BTC'] })
    const log = createLog({ level: 'silent', format: 'json' })
    const of = { values, seed: 3, tape: dir, scenario: null, host: '127.0.0.1', port: 0, log }
    const embedded = await startEmbedded({ ...of, clock: startClock() })
    const again = join(root, 'again')
    const assignments = ['venue.network=testnet', `venue.api_url=${embedded.apiUrl}`, 'log.level=silent']
    const config = load({ assignments: [...assignments, 'journal.sync=never', 'market.reference=BTC'] })
    try {
      await said(() => record({ config, durationMs: RECORD_MS, out: again, json: true, version: 'test' }))
    } finally {
      await embedded.close()
    }
    const midsOf = (path: string): number[] =>
      [...inputsOf(path)].flatMap((input) => (input.kind === 'reference' ? [input.midTicks] : []))
    const kept = new Set(midsOf(dir))
    const heard = midsOf(again)
    expect(heard.length).toBeGreaterThan(3)
    expect(heard.filter((midTicks) => !kept.has(midTicks))).toEqual([])
  })

  test('plays the reference market that was kept with it, and no other', () => {
    const kept = [...inputsOf(dir)].flatMap((input) => (input.kind === 'reference' ? [input.midTicks] : []))
    expect(kept.length).toBeGreaterThan(20)
    const stage = {
      ...{ spec: defaultVenue(), coin: 'hyna:BTC', scenario: 'calm', seed: 1, blockMs: 100 },
      depositMicroUsd: 1e11,
    }
    const heard = (reference: string): number[] => {
      const { world, venue } = openStage({ ...stage, reference, tape: openData(dir) })
      runUntil(world, world.nowTsMs + RECORD_MS)
      return venue.takeInputs().flatMap((input) => (input.kind === 'reference' ? [input.midTicks] : []))
    }
    // Told once a block: what came in between is passed over, and what is told was kept, in its order.
    const told = heard('BTC')
    expect(told.length).toBeGreaterThan(5)
    let place = -1
    for (const midTicks of told) {
      const next = kept.findIndex((one, index) => index > place && Math.abs(one - midTicks) < 1e-6)
      expect(next).toBeGreaterThan(place)
      place = next
    }
    expect(heard('')).toEqual([])
    expect(() => heard('ETH')).toThrow(
      /was recorded with the reference market BTC; give --set market\.reference=BTC/,
    )
  })

  test('with its reference is backtested, the same again, and otherwise than without', async () => {
    const run = async (reference: string): Promise<Record<string, unknown>> => {
      const text = await said(() =>
        backtest({
          config: load({ assignments: [`market.reference=${reference}`] }),
          ...{ seed: 1, minutes: null, tape: dir, queue: null, latency: null, rateLimits: false },
          ...{ json: true, csv: null, report: null },
        }),
      )
      return JSON.parse(text) as Record<string, unknown>
    }
    const first = await run('BTC')
    expect((await run('BTC'))['hashes']).toEqual(first['hashes'])
    expect((await run(''))['hashes']).not.toEqual(first['hashes'])
  })

  test('is exported to CSV with one row a trade, best price, level and number of a context', async () => {
    const out = join(root, 'out.csv')
    const rows = await exportTape(dir, 'csv', out)
    const [head, ...lines] = readFileSync(out, 'utf8').trim().split('\n')
    expect(head).toBe('ts_ms,kind,side,price,quantity')
    expect(lines).toHaveLength(rows)
    const ofKind = (kind: string): string[] => lines.filter((line) => line.split(',')[1] === kind)
    expect(ofKind('trade')).toHaveLength(summary['trade'] as number)
    const references = [...inputsOf(dir)].filter(({ kind }) => kind === 'reference')
    expect(ofKind('reference')).toHaveLength(references.length)
    // Contexts: three rows each, prices in dollars beside those of the book.
    for (const kind of ['mark', 'oracle', 'funding']) {
      expect(ofKind(kind)).toHaveLength(summary['context'] as number)
    }
    const priceOf = (line: string): number => Number(line.split(',')[3])
    const touch = priceOf(ofKind('touch')[0] ?? '')
    expect(priceOf(ofKind('reference')[0] ?? '') / touch).toBeCloseTo(1, 2)
    expect(priceOf(ofKind('mark')[0] ?? '') / touch).toBeCloseTo(1, 2)
    expect(priceOf(ofKind('oracle')[0] ?? '') / touch).toBeCloseTo(1, 2)
    expect(Math.abs(priceOf(ofKind('funding')[0] ?? 'NaN'))).toBeLessThan(0.01)
    const times = lines.map((line) => Number(line.split(',')[0]))
    expect(times.every((tsMs, index) => index === 0 || tsMs >= (times[index - 1] ?? 0))).toBe(true)
  })

  test('that was changed in one byte before packing is refused with its place', () => {
    const copy = join(root, 'bad')
    const good = gunzipSync(readFileSync(join(dir, '00000001.hmj.gz')))
    const bytes = Buffer.from(good)
    const at = bytes.length >> 1
    bytes[at] = (bytes[at] ?? 0) ^ 1
    rmSync(copy, { recursive: true, force: true })
    mkdtempSync(copy)
    const folder = mkdtempSync(copy)
    writeFileSync(join(folder, '00000001.hmj.gz'), gzipSync(bytes))
    expect(verifyRecording(folder).faults).toMatchObject([{ kind: 'damaged', count: 1 }])
    writeFileSync(join(folder, '00000001.hmj.gz'), gzipSync(good).subarray(0, 400))
    expect(verifyJournalOf(folder)).toMatch(/not a whole gzip file/)
  })
})

describe('data verify says what is damaged, where, and what to do', () => {
  const good = (): Buffer => gunzipSync(readFileSync(join(dir, '00000001.hmj.gz')))
  const folderOf = (name: string, bytes: Buffer | null): string => {
    const folder = mkdtempSync(join(root, 'damage-'))
    if (bytes !== null) writeFileSync(join(folder, name), bytes)
    return folder
  }
  /** With the bit at a share of the file turned. */
  const flipped = (at: number): Buffer => {
    const bytes = good()
    const place = Math.floor(bytes.length * at)
    bytes[place] = (bytes[place] ?? 0) ^ 1
    return bytes
  }
  const checked = async (path: string): Promise<{ code: number; out: string }> =>
    captured(() => runProgram(['data', 'verify', path]))

  test('in the middle: what stands before it is counted, and the command that keeps it works', async () => {
    const folder = folderOf('00000001.hmj', flipped(0.5))
    const { code, out } = await checked(folder)
    expect(code).toBe(1)
    expect(out).toMatch(/hyna:BTC, .* s before the damage\n\d+ records: [1-9]\d* of depth/)
    expect(out).toMatch(/damaged: \S+00000001\.hmj at byte \d+: a record is cut off or has a wrong checksum/)
    const [, last = '0'] = /hypermake journal cut \S+ NEW_FOLDER --to (\d+) keeps them/.exec(out) ?? []
    const kept = join(root, 'kept')
    expect(await captured(() => runProgram(['journal', 'cut', folder, kept, '--to', last]))).toMatchObject({
      code: 0,
      err: '',
    })
    const again = await checked(kept)
    expect(again.code).toBe(0)
    expect(again.out).toContain(`${last} records: `)
  })

  test.each([
    ['a header', () => folderOf('00000001.hmj', flipped(0.001)), /00000001\.hmj: .*header.*\nnothing before/],
    [
      'a packed segment cut in half',
      () => {
        const packed = readFileSync(join(dir, '00000001.hmj.gz'))
        return folderOf('00000001.hmj.gz', packed.subarray(0, packed.length >> 1))
      },
      /at byte \d+: the segment is not a whole gzip file, .*\ninputs 1 to [1-9]\d*, which stand before it, are whole: hypermake journal cut/,
    ],
    [
      'a segment given as a file',
      () => join(folderOf('00000001.hmj.gz', readFileSync(join(dir, '00000001.hmj.gz'))), '00000001.hmj.gz'),
      /give the folder of a recording and not a file in it/,
    ],
    [
      'an empty file',
      () => join(folderOf('market', Buffer.alloc(0)), 'market'),
      /the file is empty: copy or record it again/,
    ],
    [
      'trades alone',
      () => {
        const data = { e: 'trade', s: 'BTCUSDT', t: 1, p: '60000.5', q: '0.01', X: 'MARKET', m: false }
        const line = `1700000000000000000 ${JSON.stringify({ stream: 'btcusdt@trade', data })}\n`
        return join(folderOf('trades', Buffer.from(line)), 'trades')
      },
      /1 trades, .*\nno best bid and ask stands in it, so it cannot be played/,
    ],
  ])('%s', async (_what, pathOf, reason) => {
    const { code, out } = await checked(pathOf())
    expect(code).toBe(1)
    expect(out).toMatch(reason)
    expect(out).toMatch(/not sound\n$/)
  })

  test('an unfinished write at the end is told and is no fault; a folder without a journal is refused', async () => {
    const bytes = good()
    const torn = await checked(folderOf('00000001.hmj', bytes.subarray(0, bytes.length - 300)))
    expect(torn).toMatchObject({ code: 0, out: expect.stringMatching(/\d+ bytes at the end are of a write/) })
    for (const folder of [folderOf('', null), folderOf('readme.txt', Buffer.from('hi'))]) {
      expect((await checked(folder)).code).toBe(2)
    }
  })

  test('the journal of an exchange holds no recorded market, and is sent to its own check', async () => {
    const { dir: other } = await journalledExchange(join(root, 'exchange'), { seed: 1, seconds: 1 })
    const { code, out } = await checked(other)
    expect(code).toBe(1)
    expect(out).toMatch(/it is the journal of an exchange .*: check it with hypermake verify /)
  })
})

function verifyJournalOf(folder: string): string {
  try {
    return verifyJournal(folder).damage?.because ?? ''
  } catch (error) {
    return error instanceof Error ? error.message : ''
  }
}

test('crossed books, times that go back, lost connections and long silences are told with the input where they begin', async () => {
  const folder = join(root, 'faulty')
  const session = inputsOf(dir).next().value as Input
  const touch = (venueTsMs: number, bidTicks: number, askTicks: number): RawInput => ({
    ...{ kind: 'touch', venueTsMs, bidTicks, bidLots: 5, askTicks, askLots: 7 },
  })
  const inputs: readonly [tsMs: number, input: RawInput][] = [
    [1_000, session],
    [1_010, touch(1_000, 100, 102)],
    [1_020, touch(1_010, 102, 102)],
    [1_030, touch(1_005, 100, 102)],
    [1_040, { kind: 'connection', up: false, text: 'cut' }],
    [21_041, touch(21_000, 100, 102)],
  ]
  const journal = await openJournal({
    ...{ dir: folder, sync: 'never', segmentBytesMax: 512, onFailure: () => undefined },
    header: {
      ...{
        formatVersion: FORMAT_VERSION,
        build: 'test',
        network: 'testnet',
        dex: '',
        coin: 'BTC',
        account: '',
      },
      ...{ configHash: '', config: {}, seed: null, epoch: 1, createdTsMs: 1, machine: 'recorder' },
    },
  })
  for (const [index, [tsMs, input]] of inputs.entries()) {
    journal.append({ kind: 'input', input: { ...input, seq: index + 1, tsMs } })
    await journal.durable()
  }
  await journal.close()
  const before = verifyRecording(folder)
  expect(before.faults).toEqual([
    { kind: 'crossed', count: 1, firstLine: 3, firstText: 'best bid at or above best ask' },
    { kind: 'timeBack', count: 1, firstLine: 4, firstText: 'touch: 5 ms back' },
    { kind: 'gap', count: 2, firstLine: 5, firstText: 'the connection was lost: cut' },
  ])
  // Packing changes nothing, in two goes or in one, and can be stopped between any two segments.
  const segments = readdirSync(folder).filter((name) => name.endsWith('.hmj'))
  expect(segments.length).toBeGreaterThan(1)
  const done = gzipSegments(folder, { isClosed: false, done: 0 })
  expect(done).toBe(segments.length - 1)
  expect(verifyRecording(folder)).toEqual(before)
  gzipSegments(folder, { isClosed: true, done })
  expect(readdirSync(folder)).toEqual(segments.map((name) => `${name}.gz`))
  expect(verifyRecording(folder)).toEqual(before)
})
