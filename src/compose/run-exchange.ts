/** `hypermake exchange`: the embedded exchange alone, until interrupted. */
import type { ExchangeRunOptions } from '../config/options.ts'
import { stateHash } from '../exchange/exchange.ts'
import { createLog } from '../ops/log.ts'
import { startClock } from '../runtime/clock.ts'
import { walletOf } from '../signing/wallet.ts'
import { startEmbedded } from './embedded.ts'
import type { Embedded } from './embedded.ts'
import { exitCodes } from './exit-codes.ts'
import { TEST_PRIVATE_KEY } from './test-account.ts'

/** @throws SimulationError, or the server's error when the port is taken */
export async function runExchange(options: ExchangeRunOptions): Promise<number> {
  const { values } = options.config
  const log = createLog(values.log)
  const clock = startClock(options.speed)
  const embedded = await startEmbedded({ ...options, values, clock, log })
  say(options, embedded)
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
    embedded.onFinished(resolve)
  })
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

function say(options: ExchangeRunOptions, embedded: Embedded): void {
  const facts = {
    kind: 'start',
    version: options.version,
    apiUrl: embedded.apiUrl,
    wsUrl: embedded.wsUrl,
    source: embedded.source,
    seed: options.seed,
    testAccount: walletOf(TEST_PRIVATE_KEY).address,
  }
  const text = [
    `hypermake ${facts.version} exchange`,
    `  http      ${facts.apiUrl}`,
    `  websocket ${facts.wsUrl}`,
    `  data      ${facts.source}`,
    `  seed      ${facts.seed}`,
    `  account   ${facts.testAccount}  (credited; its key is public: play money only)`,
  ].join('\n')
  process.stdout.write(`${options.json ? JSON.stringify(facts) : text}\n`)
}
