/**
 * The metrics page of the embedded exchange: matching (`titan_*`), liquidation (`sentinel_*`) and prices (`price_feed_*`).
 *
 * in      the events of each block as they happen, and facts that are read at the scrape
 * state   prom-client's series; labels are coins of the venue, so there are as many as markets and never one per account
 * The table of docs/exchange.md is compared with this file by test/ops/exchange-metrics.test.ts.
 */
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { ExchangeEvent } from '../exchange/event.ts'
import type { Instrument } from '../exchange/instrument.ts'
import { listenError, OTHER_METRICS_PORT } from './errors.ts'

/** What is read at a scrape. */
export interface ExchangeFacts {
  readonly ordersProcessed: number
  /** Records in the journal of the exchange; 0 without one. */
  readonly eventsWritten: number
  readonly accountCount: number
  /** Accounts and DEXs whose equity is below this many times their maintenance margin. */
  readonly accountsAtRisk: number
  /** Equity over maintenance margin, the lowest of all; null while nobody holds a position. */
  readonly lowestMarginRatio: number | null
  readonly markets: readonly MarketFacts[]
}

export interface MarketFacts {
  readonly coin: string
  readonly oracleUsd: number
  /** Null while a side is empty. */
  readonly spreadUsd: number | null
}

export interface ExchangeMetrics {
  readonly registry: Registry
  noteBlock(events: readonly ExchangeEvent[]): void
  /** How long the making of a block took by the clock of the process. */
  noteTook(micros: number): void
  /** Oracle prices have arrived, and how old they were. */
  noteOracle(coin: string, latencyMs: number): void
}

const MICRO_USD = 1e6
const LOSS_USD_BUCKETS = [1, 10, 100, 1_000, 10_000, 100_000]
const MICROS_BUCKETS = [10, 50, 100, 500, 1_000, 5_000, 10_000, 50_000]
const LATENCY_MS_BUCKETS = [1, 5, 10, 50, 100, 500, 1_000]

export function createExchangeMetrics(of: {
  /** Of an asset id that the exchange itself named. */
  readonly instrumentOf: (assetId: number) => Instrument | undefined
  readonly facts: () => ExchangeFacts
}): ExchangeMetrics {
  const registry = new Registry()
  const registers = [registry]
  const symbol = ['symbol'] as const
  const executions = new Counter({
    name: 'titan_executions_total',
    help: 'Trades',
    labelNames: symbol,
    registers,
  })
  const price = new Gauge({
    name: 'titan_execution_price',
    help: 'Price of the last trade, USD',
    labelNames: symbol,
    registers,
  })
  const quantity = new Gauge({
    name: 'titan_execution_quantity',
    help: 'Size of the last trade, base units',
    labelNames: symbol,
    registers,
  })
  const liquidations = new Counter({
    name: 'sentinel_liquidations_total',
    help: 'Positions taken over by liquidation',
    labelNames: symbol,
    registers,
  })
  const losses = new Histogram({
    name: 'sentinel_liquidation_loss_usd',
    help: 'What an account was worth below zero when it was liquidated, USD; 0 when nothing was missing',
    buckets: LOSS_USD_BUCKETS,
    registers,
  })
  const took = new Histogram({
    name: 'sentinel_process_time_micros',
    help: 'Making of one block with its liquidation checks, microseconds',
    buckets: MICROS_BUCKETS,
    registers,
  })
  const updates = new Counter({
    name: 'price_feed_updates_total',
    help: 'Oracle prices',
    labelNames: symbol,
    registers,
  })
  const latency = new Histogram({
    name: 'price_feed_latency_ms',
    help: 'From the making of an oracle price to its block, ms',
    buckets: LATENCY_MS_BUCKETS,
    registers,
  })
  addFacts(registry, of.facts)
  return {
    registry,
    noteTook: (micros) => took.observe(micros),
    noteBlock(events) {
      for (const event of events) {
        if (event.kind === 'trade') {
          const instrument = of.instrumentOf(event.assetId)
          if (instrument === undefined) continue
          executions.labels(instrument.coin).inc()
          price.labels(instrument.coin).set(event.priceTicks / 10 ** instrument.grid.priceDecimals)
          quantity.labels(instrument.coin).set(event.sizeLots / 10 ** instrument.grid.szDecimals)
        } else if (event.kind === 'liquidation') {
          losses.observe(Math.max(0, -event.accountValueMicroUsd) / MICRO_USD)
          for (const { assetId } of event.positions) {
            liquidations.labels(of.instrumentOf(assetId)?.coin ?? 'other').inc()
          }
        }
      }
    },
    noteOracle(coin, latencyMs) {
      updates.labels(coin).inc()
      latency.observe(latencyMs)
    },
  }
}

/** Read at the scrape: a block pays nothing for them. */
function addFacts(registry: Registry, facts: () => ExchangeFacts): void {
  const registers = [registry]
  new Counter({
    name: 'titan_orders_processed',
    help: 'Orders that reached the matching, refused ones included',
    registers,
    collect() {
      this.reset()
      this.inc(facts().ordersProcessed)
    },
  })
  const plain = (name: string, help: string, read: (of: ExchangeFacts) => number): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read(facts()))
      },
    })
  }
  plain('oracle_events_written', 'Records kept in the journal of the exchange', (of) => of.eventsWritten)
  plain('sentinel_accounts_total', 'Accounts', (of) => of.accountCount)
  plain('sentinel_accounts_at_risk', 'Accounts near their liquidation', (of) => of.accountsAtRisk)
  plain(
    'sentinel_margin_ratio',
    'Equity over maintenance margin, the lowest of all accounts',
    (of) => of.lowestMarginRatio ?? Number.NaN,
  )
  const perMarket = (name: string, help: string, read: (of: MarketFacts) => number): void => {
    new Gauge({
      name,
      help,
      labelNames: ['symbol'],
      registers,
      collect() {
        for (const market of facts().markets) this.labels(market.coin).set(read(market))
      },
    })
  }
  perMarket('titan_spread', 'Between best bid and ask, USD', (of) => of.spreadUsd ?? Number.NaN)
  perMarket('price_feed_simulated_price', 'Oracle price, USD', (of) => of.oracleUsd)
}

/** @throws OpsError PORT_TAKEN, CANNOT_LISTEN */
export async function serveExchangeMetrics(of: {
  readonly registry: Registry
  readonly host: string
  readonly port: number
}): Promise<{ readonly url: string; close(): Promise<void> }> {
  const app = new Hono()
  app.get('/metrics', async (context) =>
    context.body(await of.registry.metrics(), 200, { 'content-type': of.registry.contentType }),
  )
  app.notFound((context) => context.json({ error: 'there is /metrics' }, 404))
  const server = createAdaptorServer({ fetch: app.fetch })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(listenError(cause, { ...of, remedy: OTHER_METRICS_PORT }))
    })
    server.listen(of.port, of.host, resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : of.port
  return {
    url: `http://${of.host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        if ('closeAllConnections' in server) server.closeAllConnections()
      }),
  }
}
