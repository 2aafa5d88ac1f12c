/**
 * Does anything of ours explain the position that the account holds? The last run's note and the fills of our own orders since
 * then do; what is left was made by somebody else, by a liquidation, or by a run of another machine, and is a person's to judge.
 */
import type { Config } from '../config/config.ts'
import type { MarketSpec } from '../core/market.ts'
import { epochOf } from '../core/orders/cloid.ts'
import { signOf } from '../core/units.ts'
import { sizeText } from '../ops/format.ts'
import { positionNotePath, readPositionNote } from '../runtime/position-note.ts'
import type { PositionNote } from '../runtime/position-note.ts'
import type { VenueInfo } from '../venues/hyperliquid/info.ts'
import { type AccountScope, readFills } from '../venues/hyperliquid/reconcile.ts'

export interface PositionStory {
  /** Signed, as the venue says. */
  readonly positionLots: number
  /** What nothing of ours explains; 0: all is explained, and so is a flat account: nothing is at risk in it. */
  readonly unexplainedLots: number
  /** For people: what was known, what was traded since, what is held. */
  readonly because: string
}

/** Where the note of this market and account lies; an exchange at an address of its own is a world of its own. */
export function notePathOf(
  { journal, venue }: Config,
  of: { readonly coin: string; readonly account: string },
): string {
  return positionNotePath({ root: journal.dir, world: `${venue.network}-${venue.apiUrl}`, ...of })
}

/** @throws VenueError UNREACHABLE when the fills since the note are no longer all told */
export async function explainPosition(
  config: Config,
  venue: { readonly info: VenueInfo; readonly market: MarketSpec; readonly scope: AccountScope },
  positionLots: number,
): Promise<PositionStory> {
  const { market, scope, info } = venue
  const found = readPositionNote(notePathOf(config, { coin: market.coin, account: scope.account }))
  const note = found?.szDecimals === market.grid.szDecimals ? found : null
  if (note === null && positionLots === 0) {
    return { positionLots, unexplainedLots: 0, because: 'flat, and no earlier run is known here' }
  }
  const since = note === null ? null : await tradedSince(info, scope, market, note)
  return tellPosition({ market, positionLots, note, tradedLots: since })
}

async function tradedSince(
  info: VenueInfo,
  scope: AccountScope,
  market: MarketSpec,
  note: PositionNote,
): Promise<number> {
  let lots = 0
  for (const fill of await readFills(info, scope, note.venueTsMs)) {
    const isOurs = epochOf(fill.cloid, market.network) !== null && !fill.liquidation
    if (isOurs && fill.venueTsMs > note.venueTsMs) lots += signOf(fill.side) * fill.sizeLots
  }
  return lots
}

/** @param of.tradedLots signed, by orders of ours since the note; null without a note */
export function tellPosition(of: {
  readonly market: Pick<MarketSpec, 'coin' | 'grid'>
  readonly positionLots: number
  readonly note: PositionNote | null
  readonly tradedLots: number | null
}): PositionStory {
  const { market, positionLots, note, tradedLots } = of
  const size = (lots: number): string => `${sizeText(lots, market.grid.szDecimals)} ${market.coin}`
  if (note === null || tradedLots === null) {
    const because = `the account holds ${size(positionLots)}, and no earlier run on this machine knew of it`
    return { positionLots, unexplainedLots: positionLots, because }
  }
  const unexplainedLots = positionLots === 0 ? 0 : positionLots - note.positionLots - tradedLots
  const known = `the last run (epoch ${note.epoch}) knew ${size(note.positionLots)}, orders of ours have traded ${size(tradedLots)} since`
  const because = `the account holds ${size(positionLots)}; ${known}`
  return { positionLots, unexplainedLots, because }
}
