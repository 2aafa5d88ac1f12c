/** Paper trading from the command's door: an embedded exchange plays the testnet, and a wire in between writes down every request. */
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startEmbedded } from '../../src/compose/embedded.ts'
import { fidelity } from '../../src/compose/fidelity.ts'
import { report } from '../../src/compose/report.ts'
import { paperTermsOf } from '../../src/compose/paper.ts'
import { runMaker } from '../../src/compose/run-maker.ts'
import { machineOf } from '../../src/compose/replay.ts'
import type { RunOptions } from '../../src/config/options.ts'
import type { Input } from '../../src/core/input.ts'
import { readJournal } from '../../src/journal/reader.ts'
import { replayJournal } from '../../src/journal/replay.ts'
import { RESERVE_BYTES } from '../../src/journal/segment-file.ts'
import { createLog } from '../../src/ops/log.ts'
import { startClock } from '../../src/runtime/clock.ts'
import { failureOf, load } from '../support/config.ts'
import { openWireProxy } from '../support/wire-proxy.ts'

/** Of the exchange and of the run: some seconds of the market in fewer. */
const SPEED = 5
const root = mkdtempSync(join(tmpdir(), 'paper-'))
const journalDir = join(root, 'run')
const requests: string[] = []
let lines: Record<string, unknown>[] = []
let exitCode = -1

function optionsOf(apiUrl: string, over: Partial<RunOptions> = {}): RunOptions {
  const config = load({
    assignments: [
      `venue.network=testnet`,
      `venue.api_url=${apiUrl}`,
      `journal.dir=${root}`,
      'journal.sync=never',
      'log.level=silent',
      'metrics.port=0',
    ],
  })
  return {
    ...{ config, seed: 5, durationMs: null, tape: null, speed: SPEED, scenario: null, journalDir },
    ...{ isLive: false, acceptRealMoney: null, resetKill: null, json: true, version: 'test' },
    ...{ paperQueue: 'optimistic', ...over },
  }
}

/** What `body` prints, as JSON lines. */
async function said(
  body: () => Promise<number>,
): Promise<{ code: number; lines: Record<string, unknown>[] }> {
  let text = ''
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk)
    return true
  })
  try {
    const code = await body()
    return {
      code,
      lines: text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    }
  } finally {
    spy.mockRestore()
  }
}

/** The fill that makes a run long enough, the longest wait for them, real ms, and how often is looked. */
const FILLS_WANTED = 1
const FILLS_MS_MAX = 80_000
const POLL_MS = 200

/** Runs until the journal has some fills, then ends as by Ctrl-C: by the listener that the run itself has put up. */
async function runUntilFilled(options: RunOptions): Promise<number> {
  const before = new Set(process.listeners('SIGINT'))
  const running = runMaker(options)
  const deadline = performance.now() + FILLS_MS_MAX
  const timer = setInterval(() => {
    if (fillCount() < FILLS_WANTED && performance.now() < deadline) return
    clearInterval(timer)
    for (const listener of process.listeners('SIGINT')) if (!before.has(listener)) listener('SIGINT')
  }, POLL_MS)
  try {
    return await running
  } finally {
    clearInterval(timer)
  }
}

function fillCount(): number {
  const path = join(journalDir, '00000001.hmj')
  // Before the first reserve stands behind it, the header may be half written.
  if (!existsSync(path) || statSync(path).size <= RESERVE_BYTES) return 0
  let count = 0
  for (const record of readJournal(journalDir).records) {
    if (record.kind === 'input' && record.input.kind === 'fill') count += 1
  }
  return count
}

beforeAll(async () => {
  const { values } = load()
  const log = createLog({ level: 'silent', format: 'json' })
  const of = { values, seed: 5, tape: null, scenario: 'calm', host: '127.0.0.1', port: 0, log }
  const embedded = await startEmbedded({ ...of, clock: startClock(SPEED) })
  const proxy = await openWireProxy(embedded.apiUrl)
  proxy.onRequest = (path, body) => {
    requests.push(`${path} ${body}`)
    return 'pass'
  }
  try {
    const ended = await said(() => runUntilFilled(optionsOf(proxy.apiUrl)))
    exitCode = ended.code
    lines = ended.lines
  } finally {
    await proxy.close()
    await embedded.close()
  }
}, 120_000)
afterAll(() => rmSync(root, { recursive: true, force: true }))

test('queue and latency models are for paper alone, and a bad one is refused before anything starts', () => {
  const terms = (over: Partial<RunOptions>): unknown => paperTermsOf(optionsOf('http://127.0.0.1:1', over))
  expect(failureOf(() => terms({ isLive: true })).message).toMatch(/--queue is for paper trading/)
  expect(
    failureOf(() => terms({ isLive: true, paperQueue: null, paperLatency: 'constant:1,1' })).message,
  ).toMatch(/--latency is for paper/)
  expect(terms({ isLive: true, paperQueue: null })).toBeNull()
  expect(failureOf(() => terms({ paperQueue: 'lucky' })).message).toMatch(/--queue lucky: write pessimistic/)
  expect(failureOf(() => terms({ paperLatency: 'fast' })).message).toMatch(/--latency fast: write constant/)
  expect(terms({ paperQueue: 'power' })).toMatchObject({ queue: 'power:2', latency: 'constant:50,100' })
})

describe('a run on testnet without --live', () => {
  test('needs no key, trades, and its books agree with the paper exchange to the micro-dollar', () => {
    expect(exitCode).toBe(0)
    const summary = lines.find((line) => line['kind'] === 'summary')
    expect(summary).toMatchObject({ mode: 'paper', agrees: true })
    expect(summary?.['fills']).toBeGreaterThanOrEqual(FILLS_WANTED)
  })

  test('sends nothing to /exchange and asks nothing about an account but its fee rates', () => {
    const asked = requests.map((request) => /"type":"(\w+)"/.exec(request)?.[1])
    expect(requests.filter((request) => !request.startsWith('/info '))).toEqual([])
    expect(new Set(asked)).toEqual(new Set(['perpDexs', 'meta', 'userFees', 'spotMeta']))
  })

  test('says on every line and in the journal that it is paper', () => {
    expect(lines.length).toBeGreaterThan(1)
    for (const line of lines) expect(line).toMatchObject({ mode: 'paper' })
    const { header } = readJournal(journalDir)
    expect(header.paper).toMatchObject({ queue: 'optimistic', latency: 'constant:50,100' })
    expect(header.network).toBe('testnet')
    // Latch, lock and heartbeat are apart from those of runs with money.
    expect(existsSync(join(root, 'paper'))).toBe(true)
    expect(readdirSync(root).sort()).toEqual(['paper', 'run'])
  })

  test('replays to the same commands and the same state hash', () => {
    const report = replayJournal(journalDir, machineOf)
    expect(report).toMatchObject({ ok: true, difference: null, isClosed: true })
    expect(report.checkpointCount).toBeGreaterThan(0)
  })

  test('is told from the backtest of its own journal in terms that add up', async () => {
    const of = { dir: journalDir, queue: null, latency: null, seed: 1, json: true }
    const [found] = (await said(() => Promise.resolve(fidelity(of)))).lines
    const summary = lines.find((line) => line['kind'] === 'summary')
    expect(found).toMatchObject({ kind: 'fidelity', mode: 'paper', queue: 'optimistic', market: 'hyna:BTC' })
    expect(found?.['run']).toMatchObject({
      fillCount: summary?.['fills'],
      positionLots: summary?.['positionLots'],
    })
    const terms = Object.values(found?.['terms'] as Readonly<Record<string, number>>)
    expect(terms).toHaveLength(5)
    expect(terms.reduce((sum, term) => sum + term, 0)).toBe(found?.['gapMicroUsd'])
  })

  test('is reported like a backtest, marked as paper, in parts that add up to what the paper exchange has', async () => {
    const page = join(root, 'paper.html')
    const [told] = (await said(() => report({ dir: journalDir, out: page, csv: null, json: true }))).lines
    rmSync(page)
    const summary = lines.find((line) => line['kind'] === 'summary')
    expect(told).toMatchObject({
      ...{ kind: 'report', mode: 'paper', coin: 'hyna:BTC', isClosed: true },
      trading: { fillCount: summary?.['fills'] },
      attribution: { unexplainedMicroUsd: 0 },
    })
    const venue = told?.['venue'] as Readonly<Record<string, number>>
    // The mark may move between the sample and its arrival: some dollars on a tenth of a coin.
    expect(Math.abs((venue['changeMicroUsd'] ?? NaN) - (venue['oursMicroUsd'] ?? NaN))).toBeLessThan(
      5_000_000,
    )
  })

  test('fills only orders that rested before, at their own price and never more than they hold', () => {
    const open = new Map<string, { priceTicks: number; leftLots: number }>()
    let fills = 0
    for (const record of readJournal(journalDir).records) {
      if (
        record.kind === 'command' &&
        (record.command.kind === 'place' || record.command.kind === 'modify')
      ) {
        const { cloid, priceTicks, sizeLots } = record.command.order
        open.set(cloid, { priceTicks, leftLots: sizeLots })
      }
      if (record.kind !== 'input' || record.input.kind !== 'fill') continue
      const input: Input & { kind: 'fill' } = record.input
      const order = open.get(input.cloid ?? '')
      fills += 1
      expect(order?.priceTicks).toBe(input.priceTicks)
      if (order !== undefined) order.leftLots -= input.sizeLots
      expect(order?.leftLots).toBeGreaterThanOrEqual(0)
    }
    expect(fills).toBe(lines.find((line) => line['kind'] === 'summary')?.['fills'])
  })
})
