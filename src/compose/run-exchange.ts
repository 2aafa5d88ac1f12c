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
import { createExchangeJournal } from './exchange-journal.ts'
import type { ExchangeJournal } from './exchange-journal.ts'
import { createMeter, type Meter } from './exchange-meter.ts'
import { exitCodes } from './exit-codes.ts'
import { strikeLines, strikesOf } from './fault-strikes.ts'
import { TEST_PRIVATE_KEY } from './test-account.ts'

/** @throws SimulationError, ConfigError, or OpsError when a port cannot be had */
export async function runExchange(options: ExchangeRunOptions): Promise<number> {
  const { values } = options.config
  const log = createLog(values.log)
  const clock = startClock(options.speed)
  const { curve, because } = curveChoice
  log.info('signatures', { curve: curve.name, ...(because === null ? {} : { because }) })
  const journal = createExchangeJournal()
  const meter = createMeter(() => journal.recordCount)
  const end = initEnd()
  const embedded = await startEmbedded({ ...options, values, clock, log, ...meter.hooks, journal })
  if (options.journalDir !== null) {
    await openJournalOf(options, options.journalDir, embedded, journal, clock.nowMs(), end.fail).catch(
      async (error: unknown) => {
        await embedded.close()
        throw error
      },
    )
  }
  const metrics = options.metricsPort === 0 ? null : await startMetrics(options, embedded, meter)
  say(options, embedded, metrics?.url ?? null)
  process.once('SIGINT', end.finish)
  process.once('SIGTERM', end.finish)
  embedded.onFinished(end.finish)
  const failure = await end.wait
  if (failure !== null) log.error('stopping: the journal cannot be written', { because: failure.message })
  await metrics?.close()
  await embedded.close()
  await journal.close()
  const { counters, exchange } = embedded.world
  const facts = {
    kind: 'end',
    blocks: counters.blocks,
    commands: counters.commands,
    stateHash: stateHash(exchange),
    journal: journal.dir,
    faults: strikesOf(embedded.faultPlan, options.latency),
  }
  const text = [
    `ran ${facts.blocks} blocks with ${facts.commands} commands, state ${facts.stateHash}`,
    ...strikeLines(facts.faults),
  ].join('\n')
  process.stdout.write(`${options.json ? JSON.stringify(facts) : text}\n`)
  return failure === null ? exitCodes.ok : exitCodes.failed
}

/** One ending, whoever brings it first: null in order, else what failed. */
function initEnd(): {
  readonly wait: Promise<Error | null>
  readonly finish: () => void
  readonly fail: (error: unknown) => void
} {
  let settle = (_failure: Error | null): void => undefined
  const wait = new Promise<Error | null>((resolve) => (settle = resolve))
  return {
    wait,
    finish: () => settle(null),
    fail: (error) => settle(error instanceof Error ? error : new Error(String(error))),
  }
}

async function openJournalOf(
  options: ExchangeRunOptions,
  dir: string,
  embedded: Embedded,
  journal: ExchangeJournal,
  nowMs: number,
  onFailure: (error: unknown) => void,
): Promise<void> {
  const { values, hash } = options.config
  const { world, source, scenario } = embedded
  await journal.open({
    dir,
    exchange: world.exchange,
    source,
    scenario,
    blockMs: world.blockMs,
    sync: values.journal.sync,
    onFailure,
    header: {
      build: options.version,
      dex: values.market.dex,
      coin: values.market.asset,
      configHash: hash,
      seed: options.seed,
      epoch: nowMs,
      createdTsMs: nowMs,
    },
  })
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
    journal: options.journalDir,
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
    ...(facts.journal === null ? [] : [`  journal   ${facts.journal}`]),
    `  account   ${facts.testAccount}  (credited; its key is public: play money only)`,
  ].join('\n')
  process.stdout.write(`${options.json ? JSON.stringify(facts) : text}\n`)
}
