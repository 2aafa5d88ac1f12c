/**
 * `hypermake watchdog`: a process of its own, with a key of its own, that cancels the maker's orders when its heartbeat stops. It
 * shares with the maker the code that lists and cancels, and nothing that decides. It never cancels while the heartbeat is fresh.
 *
 * The file is long because the loop and what it says belong together.
 */
import { ConfigError } from '../config/errors.ts'
import type { WatchdogOptions } from '../config/options.ts'
import { createLog } from '../ops/log.ts'
import { heartbeatPath, readBeat } from '../runtime/heartbeat.ts'
import type { Beat } from '../runtime/heartbeat.ts'
import { type HeartbeatVerdict, initHeartbeatWatch, lookAtBeat } from '../runtime/heartbeat-watch.ts'
import { VenueError } from '../venues/errors.ts'
import type { Hex } from '../venues/hyperliquid/info.ts'
import { keyRoleOf } from '../venues/hyperliquid/key-role.ts'
import { EXPIRY_MARGIN_MS } from '../venues/hyperliquid/options.ts'
import { pause } from '../venues/hyperliquid/pause.ts'
import { cancelEverything, openCanceller } from './cancel-run.ts'
import type { Canceller } from './cancel-run.ts'
import { exitCodes } from './exit-codes.ts'

/** The heartbeat is looked at this often, ms. */
const LOOK_MS = 200
/** Pause after a cancel that did not succeed; attempts go on for as long as the heartbeat stays away, ms. */
const RETRY_MS = 2_000
/** An answer of the health page that takes longer is none, ms. */
const HEALTH_MS_MAX = 2_000

type Source = () => Promise<Beat | null>

/**
 * @param signal ends it; SIGINT and SIGTERM do, too
 * @returns 0 at an end in order, or with `once` after a cancel that left nothing; 1 when orders still rest then
 * @throws ConfigError without an exchange of its own to talk to; VenueError when the key may not trade or nothing answers
 */
export async function watchdog(options: WatchdogOptions, signal?: AbortSignal): Promise<number> {
  const { config } = options
  const { venue } = config.values
  if (venue.network === 'local' && venue.apiUrl === '') {
    throw new ConfigError(
      'IMPOSSIBLE',
      'venue.api_url is empty: the embedded exchange dies with its maker; start hypermake exchange and give its --api-url',
    )
  }
  if (venue.network !== 'local' && options.keyFile === null) {
    throw new VenueError(
      'BAD_KEY',
      'the watchdog needs a key of its own, not that of the maker: --key-file with an API wallet of the account',
    )
  }
  const log = createLog(config.values.log)
  const canceller = await openCanceller({ config, keyFile: options.keyFile, log })
  await requireRole(canceller)
  const end = new AbortController()
  const stop = (): void => end.abort()
  signal?.addEventListener('abort', stop)
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  try {
    return await watch(options, canceller, end.signal)
  } finally {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
}

/** Better now than when it matters. */
async function requireRole({ info, scope, signer }: Canceller): Promise<void> {
  const role = await keyRoleOf(info, scope.account, signer as Hex) // An address, from the wallet.
  if (role.kind !== 'stranger') return
  throw new VenueError('REFUSED', `this key may not cancel for ${scope.account}: ${role.because}`)
}

async function watch(options: WatchdogOptions, canceller: Canceller, signal: AbortSignal): Promise<number> {
  const { graceMs } = options
  const { source, name } = sourceOf(options, canceller)
  const state = initHeartbeatWatch()
  let said: HeartbeatVerdict | null = null
  /** The last death has been dealt with: nothing more to do until there is life again. */
  let isDone = false
  say(options, {
    kind: 'watching',
    coin: canceller.market.coin,
    heartbeat: name,
    graceMs,
    signer: canceller.signer,
  })
  while (!signal.aborted) {
    const beat = await source()
    const verdict = lookAtBeat(state, beat, performance.now(), graceMs)
    if (verdict !== said) say(options, { kind: 'heartbeat', verdict })
    said = verdict
    if (verdict !== 'stopped') isDone = false
    else if (!isDone) {
      isDone = await act(options, canceller)
      if (options.once) return isDone ? exitCodes.ok : exitCodes.failed
      if (!isDone) await pause(RETRY_MS, signal)
    }
    await pause(LOOK_MS, signal)
  }
  return exitCodes.ok
}

/** @returns whether nothing of ours rests any more */
async function act(options: WatchdogOptions, canceller: Canceller): Promise<boolean> {
  const startedMs = performance.now()
  // What the maker sent with its last breath may reach the book until it expires.
  const inFlightMs = options.config.values.venue.submitExpiryMs + EXPIRY_MARGIN_MS
  try {
    const outcome = await cancelEverything(canceller, { others: options.others, inFlightMs })
    say(options, { kind: 'cancelled', ...outcome, tookMs: Math.round(performance.now() - startedMs) })
    return outcome.restingCount === 0
  } catch (error) {
    if (!(error instanceof VenueError)) throw error
    canceller.log.error('the exchange does not answer: trying again', { because: error.message })
    return false
  }
}

function sourceOf(
  { config, healthUrl }: WatchdogOptions,
  { market }: Canceller,
): { readonly source: Source; readonly name: string } {
  if (healthUrl !== null) return { source: healthSource(healthUrl), name: healthUrl }
  const { network, coin } = market
  const path = heartbeatPath({ root: config.values.journal.dir, network, coin })
  return { source: () => Promise.resolve(readBeat(path)), name: path }
}

/** Any answer is a beat: a maker that says why it does not quote is alive, and looks after its orders itself. */
function healthSource(url: string): Source {
  let last: Beat | null = null
  return async () => {
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(HEALTH_MS_MAX), redirect: 'error' })
      await answer.arrayBuffer()
      last = { epoch: 0, count: (last?.count ?? 0) + 1, pid: 0, state: 'running' }
    } catch {
      // No beat this time.
    }
    return last
  }
}

function say(options: WatchdogOptions, record: { readonly kind: string } & Record<string, unknown>): void {
  const tsMs = Date.now()
  const text = (): string => {
    const fields = Object.entries(record).filter(([name]) => name !== 'kind')
    return `${new Date(tsMs).toISOString()}  ${record.kind}  ${fields.map(([name, value]) => `${name} ${String(value)}`).join(', ')}`
  }
  process.stdout.write(`${options.json ? JSON.stringify({ tsMs, ...record }) : text()}\n`)
}
