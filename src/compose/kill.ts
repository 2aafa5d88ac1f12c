/**
 * `hypermake kill`: sets the kill switch and cancels, says how it stands, or takes it back. It works whether or not a maker
 * runs: it writes the latch first, which a maker on this machine sees within milliseconds, and then cancels with a connection of
 * its own, again once that maker is gone.
 */
import { ConfigError } from '../config/errors.ts'
import type { KillOptions } from '../config/options.ts'
import { VenueError } from '../venues/errors.ts'
import { pause } from '../venues/hyperliquid/pause.ts'
import { coinNameOf } from '../venues/hyperliquid/market.ts'
import { createLog } from '../ops/log.ts'
import { clearLatch, latchPath, readLatch, writeLatch, writeReset } from '../runtime/latch.ts'
import type { LatchRecord } from '../runtime/latch.ts'
import { accountGiven, accountOf, hasKey } from './account.ts'
import { cancelEverything, openCanceller } from './cancel-run.ts'
import type { CancelOutcome } from './cancel-run.ts'
import { exitCodes } from './exit-codes.ts'
import { makersOf, paperMakersOf, paperRootOf } from './makers.ts'

/** A maker that sees the latch cancels, confirms and ends within this, ms; by policy it may close its position before. */
const MAKER_MS_MAX = 10_000
const POLL_MS = 50

/** One switch: that of the runs with money, or that of the paper runs, which lies apart. */
interface Place {
  readonly path: string
  /** `hyna:BTC`, with ` on paper` behind it where that is meant. */
  readonly what: string
  makers(): string[]
}

/** The switch that was asked for, and beside it that of the paper runs of the same market. */
interface Places {
  readonly coin: string
  readonly asked: Place
  /** Null where there is no paper trading, and when the paper runs alone are meant. */
  readonly paper: Place | null
}

/** @throws VenueError, ConfigError; the latch is set before anything can fail */
export async function kill(options: KillOptions): Promise<number> {
  const places = placesOf(options)
  switch (options.action) {
    case 'status':
      return showStatus(options, places)
    case 'reset':
      return reset(options, places)
    case 'kill':
      return killNow(options, places)
  }
}

function placesOf({ config, paperOnly }: KillOptions): Places {
  const { values } = config
  const { network } = values.venue
  const coin = coinNameOf(values.market.asset, values.market.dex)
  const account = hasKey() || network === 'local' ? accountOf({ config }).account : accountGiven()
  const real: Place = {
    path: latchPath({ root: values.journal.dir, network, coin }),
    what: coin,
    makers: () => makersOf(values, { account, coin }),
  }
  const paper: Place = {
    path: latchPath({ root: paperRootOf(values), network, coin }),
    what: `${coin} on paper`,
    makers: () => paperMakersOf(values, coin),
  }
  if (network !== 'local') return { coin, asked: paperOnly ? paper : real, paper: paperOnly ? null : paper }
  if (!paperOnly) return { coin, asked: real, paper: null }
  const message = '--paper: the embedded exchange has no paper trading; give --network testnet or mainnet'
  throw new ConfigError('BAD_VALUE', message)
}

function showStatus(options: KillOptions, { coin, asked, paper }: Places): number {
  const { isSet, ...stands } = standOf(asked)
  const beside = paper === null ? null : standOf(paper)
  const record = {
    kind: 'kill-status',
    coin,
    isSet,
    ...stands,
    ...(beside === null ? {} : { paper: beside }),
  }
  const isPaperWorthTelling = beside !== null && (beside.isSet || beside.makers.length > 0)
  say(options, record, [
    ...standLines(asked, options.paperOnly),
    ...(paper !== null && isPaperWorthTelling ? standLines(paper, true) : []),
  ])
  return isSet ? exitCodes.killed : exitCodes.ok
}

interface Stand extends Partial<LatchRecord> {
  readonly isSet: boolean
  readonly since: string | null
  readonly makers: readonly string[]
}

function standOf({ path, makers }: Place): Stand {
  const latch = readLatch(path)
  const since = latch === null || latch.tsMs === 0 ? null : new Date(latch.tsMs).toISOString()
  return { isSet: latch !== null, ...latch, since, makers: makers() }
}

function standLines(place: Place, isPaper: boolean): string[] {
  const { isSet, because, since, makers } = standOf(place)
  const reset = `hypermake kill --reset${isPaper ? ' --paper' : ''} --reason "what was found"`
  return [
    isSet
      ? `the kill switch of ${place.what} is SET${since === null ? '' : ` since ${since}`}: ${because}`
      : `the kill switch of ${place.what} is not set`,
    makers.length === 0 ? 'no maker runs on this machine' : `running: ${makers.join(', ')}`,
    ...(isSet ? [`after looking into it: ${reset}`] : []),
  ]
}

/** The reason waits beside the journals: the next run journals it before anything else. The paper runs' switch stays without `--paper`. */
function reset(options: KillOptions, { coin, asked: place }: Places): number {
  const latch = readLatch(place.path)
  const { reason } = options
  if (latch === null) {
    say(options, { kind: 'kill-reset', coin, wasSet: false }, [
      `the kill switch of ${place.what} is not set: there is nothing to reset`,
    ])
    return exitCodes.ok
  }
  const makers = place.makers()
  if (reason === null || makers.length > 0) {
    const because =
      reason === null
        ? 'say why it may be taken back: --reason "what was found and done"'
        : `${makers.join(', ')} still runs with it set: wait for its end, or stop it`
    say(options, { kind: 'kill-reset', coin, wasSet: true, refused: because }, [`refused: ${because}`])
    return exitCodes.refused
  }
  writeReset(place.path, {
    because: `${reason} (the kill switch was set: ${latch.because})`,
    tsMs: Date.now(),
  })
  clearLatch(place.path)
  say(options, { kind: 'kill-reset', coin, wasSet: true, because: latch.because, reason }, [
    `the kill switch of ${place.what} is reset; it was set because: ${latch.because}`,
    'the reason is journalled at the start of the next run',
  ])
  return exitCodes.ok
}

async function killNow(options: KillOptions, places: Places): Promise<number> {
  const startedMs = performance.now()
  const { coin, asked } = places
  const because = `hypermake kill: ${options.reason ?? 'by hand'}`
  const before = setSwitch(asked, because)
  // A switch that nobody listens to would only be in the way of the next paper run.
  const paper = places.paper !== null && places.paper.makers().length > 0 ? places.paper : null
  if (paper !== null) setSwitch(paper, because)
  const { venue } = options.config.values
  const isReachable = venue.network !== 'local' || venue.apiUrl !== ''
  const outcome = isReachable && !options.paperOnly ? await cancelNow(options, asked, paper !== null) : null
  const makers = [...(await makersLeft(asked)), ...(paper === null ? [] : await makersLeft(paper))]
  const tookMs = Math.round(performance.now() - startedMs)
  const facts = {
    kind: 'kill',
    coin,
    because: before?.because ?? because,
    wasSet: before !== null,
    ...(paper === null ? {} : { paper: true }),
    ...outcome,
    makers,
    tookMs,
  }
  say(options, facts, [
    before === null
      ? `the kill switch of ${asked.what} is set: ${because}`
      : `the kill switch of ${asked.what} was set already: ${before.because}`,
    ...(paper === null ? [] : [`the kill switch of ${paper.what} is set, too`]),
    options.paperOnly ? 'on paper there is nothing to cancel at the exchange' : outcomeText(outcome),
    makers.length === 0 ? 'no maker runs on this machine' : `STILL RUNNING: ${makers.join(', ')}; stop it`,
    `took ${tookMs} ms; it holds until hypermake kill --reset${options.paperOnly ? ' --paper' : ''} --reason …`,
  ])
  return makers.length > 0 || (outcome !== null && outcome.restingCount !== 0)
    ? exitCodes.failed
    : exitCodes.ok
}

/** @returns what had set it before; the first reason stays */
function setSwitch({ path }: Place, because: string): LatchRecord | null {
  const before = readLatch(path)
  if (before === null) writeLatch(path, { because, tsMs: Date.now() })
  return before
}

/** What became of the orders; without a key nobody can say. */
type Cancelled = CancelOutcome | { readonly restingCount: null; readonly notCancelled: string }

function outcomeText(outcome: Cancelled | null): string {
  if (outcome === null) return 'the embedded exchange lives inside its maker, which cancels by itself'
  if (outcome.restingCount === null) {
    return `NOTHING WAS CANCELLED at the exchange: ${outcome.notCancelled}; for paper runs alone: hypermake kill --paper`
  }
  const { foundCount, restingCount } = outcome
  return restingCount === 0
    ? `cancelled ${foundCount} orders; none of ours rests at the exchange`
    : `${restingCount} of ${foundCount} orders STILL REST at the exchange: run this again`
}

/** At once, and again when the maker is gone: until then it may have had orders on the way. */
async function cancelNow(options: KillOptions, place: Place, isPaperKilled: boolean): Promise<Cancelled> {
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
    // Who trades on paper may have no key at all; the paper run has its switch, and is waited for.
    if (isPaperKilled && !hasKey() && error instanceof VenueError && error.code === 'BAD_KEY') {
      return { restingCount: null, notCancelled: error.message }
    }
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
