/**
 * How the worth of accounts went: samples of value, of money brought and taken, and of volume, for `portfolio`.
 *
 * state  per account at most `SAMPLES_MAX` samples: a full list loses every other one and is filled half as often from
 *        then on; at most `ACCOUNTS_MAX` accounts, the oldest ones
 */
import { accountState } from '../exchange/queries/account.ts'
import { spotBalances, tradedVolumeMicroUsd } from '../exchange/queries/money.ts'
import type { Exchange } from '../exchange/state.ts'

const SAMPLES_MAX = 512
const ACCOUNTS_MAX = 1_000
const SAMPLE_MS = 60_000

/** Micro-dollars. */
export interface WorthSample {
  readonly tsMs: number
  /** All DEXs, without and with the spot ledger. */
  readonly perps: number
  readonly whole: number
  /** Brought in less taken out since the first sample, of the same two. */
  readonly perpsNet: number
  readonly wholeNet: number
  readonly traded: number
}

interface Track {
  samples: WorthSample[]
  everyMs: number
}

/** Brought less taken, so far. */
export interface NetFlow {
  readonly perps: number
  readonly whole: number
}

export interface Portfolios {
  readonly tracks: Map<string, Track>
  lastTsMs: number
}

export function createPortfolios(): Portfolios {
  return { tracks: new Map(), lastTsMs: -Infinity }
}

/** Once a minute of venue time. @param netOf money that an account brought less what it took */
export function samplePortfolios(
  portfolios: Portfolios,
  exchange: Exchange,
  tsMs: number,
  netOf: (account: string) => NetFlow,
): void {
  if (tsMs - portfolios.lastTsMs < SAMPLE_MS) return
  portfolios.lastTsMs = tsMs
  const count = Math.min(exchange.accounts.length, ACCOUNTS_MAX)
  for (let index = 0; index < count; index += 1) {
    const address = exchange.accounts[index]?.address
    if (address === undefined) return
    addSample(trackOf(portfolios, address), worthOf(exchange, address, tsMs, netOf(address)))
  }
}

/** The samples of an account, oldest first, and its worth now. */
export function worthHistory(
  portfolios: Portfolios,
  exchange: Exchange,
  account: string,
  tsMs: number,
  net: NetFlow,
): WorthSample[] {
  return [...(portfolios.tracks.get(account)?.samples ?? []), worthOf(exchange, account, tsMs, net)]
}

function trackOf(portfolios: Portfolios, account: string): Track {
  const known = portfolios.tracks.get(account)
  if (known !== undefined) return known
  const fresh: Track = { samples: [], everyMs: SAMPLE_MS }
  portfolios.tracks.set(account, fresh)
  return fresh
}

function addSample(track: Track, sample: WorthSample): void {
  const last = track.samples.at(-1)
  if (last !== undefined && sample.tsMs - last.tsMs < track.everyMs) return
  track.samples.push(sample)
  if (track.samples.length < SAMPLES_MAX) return
  track.samples = track.samples.filter((_, index) => index % 2 === 0)
  track.everyMs *= 2
}

function worthOf(exchange: Exchange, account: string, tsMs: number, net: NetFlow): WorthSample {
  let perps = 0
  for (const { spec } of exchange.dexs) {
    perps += accountState(exchange, account, spec.index).whole.accountValueMicroUsd
  }
  const spot = spotBalances(exchange, account).reduce((sum, { microUnits }) => sum + microUnits, 0)
  return {
    tsMs,
    perps,
    whole: perps + spot,
    perpsNet: net.perps,
    wholeNet: net.whole,
    traded: tradedVolumeMicroUsd(exchange, account),
  }
}
