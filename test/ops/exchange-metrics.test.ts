import { readFileSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { createMeter } from '../../src/compose/exchange-meter.ts'
import { startEmbedded, type Embedded } from '../../src/compose/embedded.ts'
import { createLog } from '../../src/ops/log.ts'
import { serveExchangeMetrics } from '../../src/ops/exchange-metrics.ts'
import { advance } from '../../src/simulation/world.ts'
import { load } from '../support/config.ts'
import { failureOfPromise } from '../support/failure.ts'

let embedded: Embedded | null = null
afterEach(async () => embedded?.close())

/** Half a minute of the shipped market, by the world's own clock. */
async function pageOf(): Promise<string> {
  const values = load({ assignments: ['log.level=silent'] }).values
  const meter = createMeter()
  const startMs = 1_700_000_000_000
  embedded = await startEmbedded({
    values,
    seed: 4,
    tape: null,
    scenario: null,
    clock: { nowMs: () => startMs, speed: 1 },
    host: '127.0.0.1',
    port: 0,
    log: createLog(values.log),
    markets: ['BTC'],
    ...meter.hooks,
  })
  const { registry } = meter.follow(embedded)
  for (let ms = 0; ms <= 30_000; ms += 1_000) advance(embedded.world, startMs + ms)
  const server = await serveExchangeMetrics({ registry, host: '127.0.0.1', port: 0 })
  try {
    return await (await fetch(`${server.url}/metrics`)).text()
  } finally {
    await server.close()
  }
}

test('counts what the market did, and shows it by symbol only', async () => {
  const page = await pageOf()
  const valueOf = (series: string): number =>
    Number(
      page
        .split('\n')
        .find((line) => line.startsWith(`${series} `))
        ?.split(' ')[1],
    )
  expect(valueOf('titan_orders_processed')).toBeGreaterThan(100)
  expect(valueOf('titan_executions_total{symbol="BTC"}')).toBeGreaterThan(3)
  expect(valueOf('titan_execution_price{symbol="BTC"}')).toBeGreaterThan(50_000)
  expect(valueOf('titan_execution_price{symbol="BTC"}')).toBeLessThan(70_000)
  expect(valueOf('price_feed_updates_total{symbol="BTC"}')).toBe(10)
  expect(valueOf('price_feed_latency_ms_sum') / valueOf('price_feed_latency_ms_count')).toBe(100)
  expect(valueOf('sentinel_accounts_total')).toBe(embedded?.world.exchange.accounts.length)
  expect(valueOf('sentinel_accounts_at_risk')).toBe(0)
  const labels = new Set([...page.matchAll(/(\w+)="/g)].map(([, label]) => label))
  expect([...labels].sort()).toEqual(['le', 'symbol'])
})

test('docs/exchange.md lists every metric with its type, and no other', async () => {
  const types = [...(await pageOf()).matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(
    ([, name, type]) => `${name} ${type}`,
  )
  const docs = readFileSync(new URL('../../docs/exchange.md', import.meta.url), 'utf8')
  const rows = [...docs.matchAll(/^\| `(\w+)` \| (counter|gauge|histogram) \|/gm)]
  expect(rows.map(([, name, type]) => `${name} ${type}`).sort()).toEqual(types.sort())
  expect(rows.length).toBeGreaterThanOrEqual(13)
})

test('a taken port is said in one sentence', async () => {
  const meter = createMeter()
  const values = load({ assignments: ['log.level=silent'] }).values
  const clock = { nowMs: () => 1_700_000_000_000, speed: 1 }
  embedded = await startEmbedded({
    values,
    seed: 4,
    tape: null,
    scenario: null,
    clock,
    host: '127.0.0.1',
    port: 0,
    log: createLog(values.log),
    ...meter.hooks,
  })
  const { registry } = meter.follow(embedded)
  const port = Number(new URL(embedded.apiUrl).port)
  const failure = await failureOfPromise(serveExchangeMetrics({ registry, host: '127.0.0.1', port }))
  expect(failure).toMatchObject({ code: 'PORT_TAKEN' })
})
