/** What must hold of the account before a run takes the first step: limits that fit its money, and a position that is explained. */
import type { RunOptions } from '../config/options.ts'
import { judgeLossLimits } from '../core/risk/limits.ts'
import { sizeText } from '../ops/format.ts'
import type { Log } from '../ops/log.ts'
import { VenueError } from '../venues/errors.ts'
import type { VenuePort } from '../venues/port.ts'
import { type Hex, openInfo } from '../venues/hyperliquid/info.ts'
import { readState } from '../venues/hyperliquid/reconcile.ts'
import { enginePartsOf } from './engine-parts.ts'
import { explainPosition } from './start-position.ts'

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
  // The address was checked when the venue was opened.
  const scope = { account: venue.account as Hex, dex: market.dex, coin: market.coin, grid: market.grid }
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
