/** What must hold of the account before a run takes the first step: limits that fit its money, and a position that is explained. */
import { configHash } from '../config/load.ts'
import type { RunOptions } from '../config/options.ts'
import { judgeLossLimits } from '../core/risk/limits.ts'
import type { Capital } from '../core/risk/limits.ts'
import { sizeText } from '../ops/format.ts'
import type { Log } from '../ops/log.ts'
import { VenueError } from '../venues/errors.ts'
import type { VenuePort } from '../venues/port.ts'
import { openInfo } from '../venues/hyperliquid/info.ts'
import { readState } from '../venues/hyperliquid/reconcile.ts'
import { readMid, scopeOf } from './doctor-venue.ts'
import { enginePartsOf } from './engine-parts.ts'
import type { PaperTerms } from './paper.ts'
import { needsCapital, withSizes } from './sizes.ts'
import { explainPosition } from './start-position.ts'

/**
 * Sizes that were not given, from the money of the account (on paper, of the terms) and the price of now.
 * @throws ConfigError as `withSizes`; VenueError REFUSED without a price to derive from, UNREACHABLE
 */
export async function sizeStart(
  options: RunOptions,
  of: { readonly venue: VenuePort; readonly apiUrl: string; readonly terms: PaperTerms | null },
): Promise<RunOptions> {
  const { config } = options
  const capital = needsCapital(config.values) ? await readCapital(of) : null
  const values = withSizes(config.values, of.venue.market, capital)
  return values === config.values
    ? options
    : { ...options, config: { ...config, values, hash: configHash(values) } }
}

async function readCapital({ venue, apiUrl, terms }: Parameters<typeof sizeStart>[1]): Promise<Capital> {
  const { market, account } = venue
  const info = openInfo({ apiUrl, isTestnet: market.network !== 'mainnet' })
  const { midTicks } = await readMid(info, market)
  if (midTicks === null) {
    const because = `risk.max_position is derived from the price, and the book of ${market.coin} has not both sides`
    throw new VenueError('REFUSED', `${because}: give --max-position in ${market.coin}, or start again later`)
  }
  const equityMicroUsd =
    terms?.capitalMicroUsd ?? (await readState(info, scopeOf(market, account))).accountValueMicroUsd
  return { equityMicroUsd, priceTicks: midTicks }
}

/**
 * Asks the venue, changes nothing.
 * @returns the cause under which an unexplained position is taken in, for the journal; null when there is nothing to take in
 * @throws VenueError REFUSED for an absurd limit of loss, or for an unexplained position without `--adopt`
 */
export async function checkStart(of: {
  readonly options: RunOptions
  readonly venue: VenuePort
  readonly apiUrl: string
  readonly log: Log
  /** An embedded exchange of this process: its account begins flat. */
  readonly isOwnWorld: boolean
}): Promise<string | null> {
  const { options, venue, apiUrl, log } = of
  const { values } = options.config
  const { market } = venue
  const info = openInfo({ apiUrl, isTestnet: market.network !== 'mainnet' })
  const scope = scopeOf(market, venue.account)
  const state = await readState(info, scope)
  // An account without money is refused by the adapter, which says what to do.
  if (state.accountValueMicroUsd > 0) {
    const [problem] = judgeLossLimits(enginePartsOf(values, market).settings, state.accountValueMicroUsd)
    if (problem !== undefined) throw new VenueError('REFUSED', `${problem.because}: ${problem.remedy}`)
  }
  if (of.isOwnWorld) return null
  const story = await explainPosition(values, { info, market, scope }, state.positionLots)
  if (story.unexplainedLots === 0) return null
  const size = `${sizeText(story.unexplainedLots, market.grid.szDecimals)} ${market.coin}`
  if (options.adopt !== true) {
    throw new VenueError(
      'REFUSED',
      `unexplained position of ${size}: ${story.because}; close it by hand, or start with --adopt to take it in`,
    )
  }
  log.warn(`--adopt: an unexplained position of ${size} is taken in`, { because: story.because })
  return `--adopt: unexplained ${size}: ${story.because}`
}
