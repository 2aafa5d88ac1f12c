/** Latencies out of a journal: what was put in comes out, and a backtest with them is the one with the same numbers by name. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { runBacktest } from '../../src/backtest/backtest.ts'
import { drawsOf, LATENCY_MS_MAX, parseLatency } from '../../src/backtest/latency.ts'
import type { LatencyModel } from '../../src/backtest/latency.ts'
import { recordedLatency } from '../../src/backtest/latency-recorded.ts'
import { enginePartsOf } from '../../src/compose/engine-parts.ts'
import { defaultVenue } from '../../src/config/venue-definitions.ts'
import type { Command } from '../../src/core/command.ts'
import { createEngine } from '../../src/core/engine.ts'
import type { RawInput } from '../../src/core/input.ts'
import { FORMAT_VERSION } from '../../src/journal/format.ts'
import { openJournal } from '../../src/journal/writer.ts'
import { load } from '../support/config.ts'

const root = mkdtempSync(join(tmpdir(), 'latency-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

interface Way {
  /** Of market data from the venue to us, and of an order to the venue; the answer takes the data's way. */
  readonly feedMs: number
  readonly orderMs: number
}

let count = 0
/** A journal in which each order goes and comes back by the ways given, with a look at the market beside it. */
async function journalOf(
  ways: readonly Way[],
  kinds: { orders: boolean } = { orders: true },
): Promise<string> {
  count += 1
  const dir = join(root, String(count))
  const journal = await openJournal({
    ...{ dir, sync: 'never', onFailure: () => undefined },
    header: {
      ...{
        formatVersion: FORMAT_VERSION,
        build: 'test',
        network: 'testnet',
        dex: '',
        coin: 'BTC',
        account: '',
      },
      ...{ configHash: '', config: {}, seed: null, epoch: 1, createdTsMs: 1 },
    },
  })
  let [seq, tsMs] = [0, 1_000_000]
  const note = (input: RawInput): void => {
    seq += 1
    journal.append({ kind: 'input', input: { ...input, seq, tsMs } })
  }
  for (const [index, { feedMs, orderMs }] of ways.entries()) {
    tsMs += 100_000
    const venueTsMs = tsMs - feedMs
    note({ kind: 'touch', venueTsMs, bidTicks: 1, bidLots: 1, askTicks: 2, askLots: 1 })
    if (!kinds.orders) continue
    const cloid = `0x${index.toString(16).padStart(32, '0')}`
    const order = { cloid, side: 'buy', priceTicks: 1, sizeLots: 1, tif: 'alo', reduceOnly: false } as const
    const command: Command = { kind: 'place', order }
    journal.append({ kind: 'command', seq, command })
    tsMs += orderMs + feedMs
    note(index % 2 === 0 ? { kind: 'orderResting', cloid, oid: index } : refused(cloid))
    // A second word on the same order is no second answer.
    note({ kind: 'orderResting', cloid, oid: index })
  }
  await journal.close()
  return dir
}

function refused(cloid: string): RawInput {
  return { kind: 'orderRefused', cloid, refusal: 'postOnly', text: '' }
}

describe('what a journal measured', () => {
  test('comes out as it was put in, when the data always took the same way', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 2_000 }),
        fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 1, maxLength: 20 }),
        async (feedMs, orders) => {
          const measured = recordedLatency(await journalOf(orders.map((orderMs) => ({ feedMs, orderMs }))))
          expect(measured.feedMs).toEqual(orders.map(() => feedMs))
          expect(measured.orderMs).toEqual(orders)
        },
      ),
      { numRuns: 15 },
    )
  })

  test('has the median of the data’s way taken off the round trips, and nothing below zero or beyond an outage', async () => {
    const dir = await journalOf([
      { feedMs: 10, orderMs: 30 },
      { feedMs: 50, orderMs: 0 },
      { feedMs: 20, orderMs: LATENCY_MS_MAX + 500 },
      { feedMs: -5, orderMs: 5 },
    ])
    expect(recordedLatency(dir)).toMatchObject({
      feedMs: [10, 50, 20, 0],
      orderMs: [20, 30, LATENCY_MS_MAX, 0],
    })
  })

  test('is drawn again and again in its order', () => {
    const { feedMs, orderMs } = drawsOf({ kind: 'samples', feedMs: [3, 1], orderMs: [7, 9, 8] }, 1)
    expect([feedMs(), feedMs(), feedMs()]).toEqual([3, 1, 3])
    expect([orderMs(), orderMs(), orderMs(), orderMs()]).toEqual([7, 9, 8, 7])
  })

  test('is asked for in vain where no order was answered', async () => {
    const dir = await journalOf([{ feedMs: 5, orderMs: 5 }], { orders: false })
    expect(() => recordedLatency(dir)).toThrow(/no answered order.*longer run/)
  })
})

test('a backtest with recorded latencies is the backtest with the same constant ones, and not the one without any', async () => {
  const { values } = load()
  const hashOf = (model: LatencyModel | null): string =>
    runBacktest({
      ...{ spec: defaultVenue(), coin: 'hyna:BTC', scenario: 'trend', seed: 6, blockMs: 100, minutes: 0.5 },
      depositMicroUsd: 100_000_000_000,
      engineOf: (market) => createEngine(enginePartsOf(values, market)),
      ...(model === null ? {} : { latency: drawsOf(model, 6) }),
    }).hashes.run
  const dir = await journalOf([1, 2, 3].map(() => ({ feedMs: 40, orderMs: 170 })))
  const recorded = hashOf(recordedLatency(dir))
  expect(recorded).toBe(hashOf(parseLatency('constant:40,170')))
  expect(recorded).not.toBe(hashOf(null))
})
