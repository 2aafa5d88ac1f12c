/** `hypermake exchange`: the embedded exchange alone, until interrupted. */
import type { ExchangeRunOptions } from '../config/options.ts'
import { stateHash } from '../exchange/exchange.ts'
import { serveExchangeMetrics } from '../ops/exchange-metrics.ts'
import { createLog } from '../ops/log.ts'
import { startClock } from '../runtime/clock.ts'
import { curveChoice } from '../signing/curve.ts'
import { walletOf } from '../signing/wallet.ts'
import { startEmbedded } from './embedded.ts'
import type { Embedded } from './embedded.ts'
import { createMeter, type Meter } from './exchange-meter.ts'
import { exitCodes } from './exit-codes.ts'
import { TEST_PRIVATE_KEY } from './test-account.ts'

/** @throws SimulationError, or the server's error when the port is taken */
export async function runExchange(options: ExchangeRunOptions): Promise<number> {
  const { values } = options.config
  const log = createLog(values.log)
  const clock = startClock(options.speed)
  const { curve, because } = curveChoice
  log.info('signatures', { curve: curve.name, ...(because === null ? {} : { because }) })
  const meter = createMeter()
  const embedded = await startEmbedded({ ...options, values, clock, log, ...meter.hooks })
  const metrics = options.metricsPort === 0 ? null : await startMetrics(options, embedded, meter)
  say(options, embedded, metrics?.url ?? null)
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
    embedded.onFinished(resolve)
  })
  await metrics?.close()
  await embedded.close()
  const { counters, exchange } = embedded.world
  const end = {
    kind: 'end',
    blocks: counters.blocks,
    commands: counters.commands,
    stateHash: stateHash(exchange),
  }
  const text = `ran ${end.blocks} blocks with ${end.commands} commands, state ${end.stateHash}`
  process.stdout.write(`${options.json ? JSON.stringify(end) : text}\n`)
  return exitCodes.ok
}

async function startMetrics(
  options: ExchangeRunOptions,
  embedded: Embedded,
  meter: Meter,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const { registry } = meter.follow(embedded)
  try {
    return await serveExchangeMetrics({ registry, host: options.host, port: options.metricsPort })
  } catch (error) {
    await embedded.close()
    throw error
  }
}

function say(options: ExchangeRunOptions, embedded: Embedded, metricsUrl: string | null): void {
  const facts = {
    kind: 'start',
    version: options.version,
    apiUrl: embedded.apiUrl,
    wsUrl: embedded.wsUrl,
    source: embedded.source,
    seed: options.seed,
    metricsUrl: metricsUrl === null ? null : `${metricsUrl}/metrics`,
    curve: curveChoice.curve.name,
    faults: options.faults,
    testAccount: walletOf(TEST_PRIVATE_KEY).address,
  }
  const text = [
    `hypermake ${facts.version} exchange`,
    `  http      ${facts.apiUrl}`,
    `  websocket ${facts.wsUrl}`,
    `  data      ${facts.source}`,
    `  seed      ${facts.seed}`,
    `  metrics   ${facts.metricsUrl ?? 'off'}`,
    `  curve     ${facts.curve}`,
    ...(facts.faults === null ? [] : [`  faults    ${facts.faults}`]),
    `  account   ${facts.testAccount}  (credited; its key is public: play money only)`,
  ].join('\n')
  process.stdout.write(`${options.json ? JSON.stringify(facts) : text}\n`)
}
