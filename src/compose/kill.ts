/**
 * `hypermake kill`: sets the kill switch and cancels, says how it stands, or takes it back. It works whether or not a maker
 * runs: it writes the latch first, which a maker on this machine sees within milliseconds, and then cancels with a connection of
 * its own, again once that maker is gone.
 */
import type { KillOptions } from '../config/options.ts'
import { VenueError } from '../venues/errors.ts'
import { pause } from '../venues/hyperliquid/pause.ts'
import { coinNameOf } from '../venues/hyperliquid/market.ts'
import { createLog } from '../ops/log.ts'
import { clearLatch, latchPath, readLatch, writeLatch, writeReset } from '../runtime/latch.ts'
import { accountOf } from './account.ts'
import { cancelEverything, openCanceller } from './cancel-run.ts'
import type { CancelOutcome } from './cancel-run.ts'
import { exitCodes } from './exit-codes.ts'
import { makersOf } from './makers.ts'

/** A maker that sees the latch cancels, confirms and ends within this, ms; by policy it may close its position before. */
const MAKER_MS_MAX = 10_000
const POLL_MS = 50

interface Place {
  readonly path: string
  readonly coin: string
  makers(): string[]
}

/** @throws VenueError, ConfigError; the latch is set before anything can fail */
export async function kill(options: KillOptions): Promise<number> {
  const place = placeOf(options)
  switch (options.action) {
    case 'status':
      return showStatus(options, place)
    case 'reset':
      return reset(options, place)
    case 'kill':
      return killNow(options, place)
  }
}

function placeOf({ config }: KillOptions): Place {
  const { values } = config
  const coin = coinNameOf(values.market.asset, values.market.dex)
  const path = latchPath({ root: values.journal.dir, network: values.venue.network, coin })
  return { path, coin, makers: () => makersOf(values, { account: accountOf({ config }).account, coin }) }
}

function showStatus(options: KillOptions, place: Place): number {
  const latch = readLatch(place.path)
  const makers = place.makers()
  const since = latch === null || latch.tsMs === 0 ? null : new Date(latch.tsMs).toISOString()
  say(options, { kind: 'kill-status', coin: place.coin, isSet: latch !== null, ...latch, since, makers }, [
    latch === null
      ? `the kill switch of ${place.coin} is not set`
      : `the kill switch of ${place.coin} is SET${since === null ? '' : ` since ${since}`}: ${latch.because}`,
    makers.length === 0 ? 'no maker runs on this machine' : `running: ${makers.join(', ')}`,
    ...(latch === null ? [] : ['after looking into it: hypermake kill --reset --reason "what was found"']),
  ])
  return latch === null ? exitCodes.ok : exitCodes.killed
}

/** The reason waits beside the journals: the next run journals it before anything else. */
function reset(options: KillOptions, place: Place): number {
  const latch = readLatch(place.path)
  const { reason } = options
  if (latch === null) {
    say(options, { kind: 'kill-reset', coin: place.coin, wasSet: false }, [
      `the kill switch of ${place.coin} is not set: there is nothing to reset`,
    ])
    return exitCodes.ok
  }
  const makers = place.makers()
  if (reason === null || makers.length > 0) {
    const because =
      reason === null
        ? 'say why it may be taken back: --reason "what was found and done"'
        : `${makers.join(', ')} still runs with it set: wait for its end, or stop it`
    say(options, { kind: 'kill-reset', coin: place.coin, wasSet: true, refused: because }, [
      `refused: ${because}`,
    ])
    return exitCodes.refused
  }
  writeReset(place.path, {
    because: `${reason} (the kill switch was set: ${latch.because})`,
    tsMs: Date.now(),
  })
  clearLatch(place.path)
  say(options, { kind: 'kill-reset', coin: place.coin, wasSet: true, because: latch.because, reason }, [
    `the kill switch of ${place.coin} is reset; it was set because: ${latch.because}`,
    'the reason is journalled at the start of the next run',
  ])
  return exitCodes.ok
}

async function killNow(options: KillOptions, place: Place): Promise<number> {
  const startedMs = performance.now()
  const before = readLatch(place.path)
  const because = `hypermake kill: ${options.reason ?? 'by hand'}`
  if (before === null) writeLatch(place.path, { because, tsMs: Date.now() })
  const { venue } = options.config.values
  const isReachable = venue.network !== 'local' || venue.apiUrl !== ''
  const outcome = isReachable ? await cancelNow(options, place) : null
  const makers = await makersLeft(place)
  const tookMs = Math.round(performance.now() - startedMs)
  const facts = {
    kind: 'kill',
    coin: place.coin,
    because: before?.because ?? because,
    wasSet: before !== null,
    ...outcome,
    makers,
    tookMs,
  }
  say(options, facts, [
    before === null
      ? `the kill switch of ${place.coin} is set: ${because}`
      : `the kill switch of ${place.coin} was set already: ${before.because}`,
    outcomeText(outcome),
    makers.length === 0 ? 'no maker runs on this machine' : `STILL RUNNING: ${makers.join(', ')}; stop it`,
    `took ${tookMs} ms; it holds until hypermake kill --reset --reason …`,
  ])
  return makers.length > 0 || (outcome?.restingCount ?? 0) > 0 ? exitCodes.failed : exitCodes.ok
}

function outcomeText(outcome: CancelOutcome | null): string {
  if (outcome === null) return 'the embedded exchange lives inside its maker, which cancels by itself'
  const { foundCount, restingCount } = outcome
  return restingCount === 0
    ? `cancelled ${foundCount} orders; none of ours rests at the exchange`
    : `${restingCount} of ${foundCount} orders STILL REST at the exchange: run this again`
}

/** At once, and again when the maker is gone: until then it may have had orders on the way. */
async function cancelNow(options: KillOptions, place: Place): Promise<CancelOutcome> {
  const log = createLog(options.config.values.log)
  try {
    const canceller = await openCanceller({ config: options.config, keyFile: null, log })
    const { others } = options
    const first = await cancelEverything(canceller, { others, inFlightMs: 0 })
    if (place.makers().length === 0) return first
    await makersLeft(place)
    const second = await cancelEverything(canceller, { others, inFlightMs: 0 })
    return { foundCount: first.foundCount + second.foundCount, restingCount: second.restingCount }
  } catch (error) {
    if (error instanceof VenueError) log.error('the kill switch is set, but nothing was cancelled from here')
    throw error
  }
}

/** @returns the makers that still run after the time they are given */
async function makersLeft(place: Place): Promise<string[]> {
  const limitMs = performance.now() + MAKER_MS_MAX
  for (;;) {
    const makers = place.makers()
    if (makers.length === 0 || performance.now() >= limitMs) return makers
    await pause(POLL_MS)
  }
}

function say(options: KillOptions, record: object, lines: readonly string[]): void {
  process.stdout.write(`${options.json ? JSON.stringify(record) : lines.join('\n')}\n`)
}
