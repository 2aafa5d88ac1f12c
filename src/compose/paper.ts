/**
 * Paper trading: a real network without `--live`. The venue's public data, our own fills; nothing here can sign, so nothing can
 * be sent. What such a run leaves on disk lies below `paper/` in the journal's folder, apart from that of runs with money.
 */
import { drawsOf } from '../backtest/latency.ts'
import { toMicroUsd } from '../config/amounts.ts'
import { ConfigError } from '../config/errors.ts'
import type { RunOptions } from '../config/options.ts'
import type { Engine } from '../core/engine.ts'
import { midTicksOf } from '../core/exposure.ts'
import { queueModelText } from '../core/queue/queue-models.ts'
import type { HyperliquidVenue } from '../venues/hyperliquid/adapter.ts'
import type { PaperExchange } from '../venues/paper/paper-exchange.ts'
import { openPaperVenue } from '../venues/paper/paper-venue.ts'
import type { PaperVenue } from '../venues/paper/paper-venue.ts'
import { accountGiven } from './account.ts'
import { paperRootOf } from './makers.ts'
import { latencyModelOf, queueModelOf } from './models.ts'
import { ourFigures } from './venue-figures.ts'
import type { SessionFigures } from './venue-figures.ts'

/** The order's way to the venue with its wait for a block, and the way back, ms: of a server in another city. */
export const LATENCY_DEFAULT = 'constant:50,100'
/** Fee rates are told of every address, also of one that nobody has. */
const NOBODY: string = `0x${'0'.repeat(40)}`
export const QUEUE_DEFAULT = 'pessimistic'

/** What a paper run assumes about the venue; kept in the header of its journal. */
export interface PaperTerms {
  readonly queue: string
  readonly latency: string
  readonly capitalMicroUsd: number
}

export function isPaper(options: Pick<RunOptions, 'config' | 'isLive'>): boolean {
  return options.config.values.venue.network !== 'local' && !options.isLive
}

/** Where runs, locks, latch and heartbeat of this run lie. */
export function stateRootOf(options: Pick<RunOptions, 'config' | 'isLive'>): string {
  const { values } = options.config
  return isPaper(options) ? paperRootOf(values) : values.journal.dir
}

/** Null for a run that is not on paper. @throws ConfigError for a model that is none, or that a run with money cannot take */
export function paperTermsOf(options: RunOptions): PaperTerms | null {
  const { queue, latency } = { queue: options.paperQueue ?? null, latency: options.paperLatency ?? null }
  if (!isPaper(options)) {
    const given = queue === null ? (latency === null ? null : '--latency') : '--queue'
    if (given === null) return null
    throw new ConfigError(
      'BAD_VALUE',
      `${given} is for paper trading: leave it out, or choose --network testnet or mainnet without --live`,
    )
  }
  const model = queueModelOf(queue ?? QUEUE_DEFAULT)
  latencyModelOf(latency ?? LATENCY_DEFAULT)
  return {
    queue: queueModelText(model),
    latency: latency ?? LATENCY_DEFAULT,
    capitalMicroUsd: toMicroUsd(options.config.values.exchange.depositUsd),
  }
}

/** What the adapter needs to show the market alone: no key, and an account only for its fee rates. */
export function publicAccess(): {
  readonly wallet: null
  readonly account: string
  readonly isPublicOnly: true
} {
  return { wallet: null, account: accountGiven() ?? NOBODY, isPublicOnly: true }
}

export function paperVenueOn(
  market: HyperliquidVenue,
  of: {
    readonly terms: PaperTerms
    readonly seed: number
    readonly nowMs: () => number
    readonly speed: number
  },
): PaperVenue {
  const { terms, seed, nowMs, speed } = of
  return openPaperVenue({
    market,
    queue: queueModelOf(terms.queue),
    capitalMicroUsd: terms.capitalMicroUsd,
    delays: drawsOf(latencyModelOf(terms.latency), seed),
    nowMs,
    speed,
  })
}

/** The paper exchange's own figures of a session, to compare ours with. */
export function paperFigures(paper: PaperExchange, terms: PaperTerms, engine: Engine): SessionFigures {
  const { account, open } = paper
  const { state } = engine
  const markTicks = midTicksOf(state) ?? state.markTicks ?? 0
  return {
    ours: ourFigures(engine),
    venue: {
      positionLots: account.positionLots,
      openOrderCount: open.size,
      feesMicroUsd: account.feesMicroUsd,
      pnlMicroUsd:
        account.cashMicroUsd -
        terms.capitalMicroUsd -
        state.ledger.adjustedMicroUsd +
        Math.round(markTicks * account.positionLots),
    },
  }
}

/** For people who look at a banner: what is assumed. */
export function paperText(terms: PaperTerms): string {
  return `PAPER: no order is sent; queue ${terms.queue}, latency ${terms.latency}`
}
