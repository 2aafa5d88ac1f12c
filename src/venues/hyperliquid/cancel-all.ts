/**
 * Everything of ours off the book, by the venue's own list: our list may miss an order whose answer was lost, and an earlier
 * run may have left some. Orders that are not ours stay where they are.
 */
import type { OpenOrder } from '../../core/input.ts'
import type { MarketSpec } from '../../core/market.ts'
import { type ExchangeClient, post } from './exchange-client.ts'
import type { VenueInfo } from './info.ts'
import { BATCH_UNITS_MAX, CANCEL_ALL_ROUNDS_MAX, type Log, RETRY_WAIT_MS } from './options.ts'
import { pause } from './pause.ts'
import { type AccountScope, readOpenOrders } from './reconcile.ts'

/** The end of an order in flight is looked for this often, ms. */
const QUIET_POLL_MS = 20

export interface CancelAll {
  readonly info: VenueInfo
  readonly scope: AccountScope
  readonly market: MarketSpec
  readonly isOurs: (order: OpenOrder) => boolean
  /** Null: read only, nothing can be cancelled. */
  readonly client: ExchangeClient | null
  /** Until then an order without an answer may still reach the book, and an empty list proves nothing; 0: every order was answered. */
  readonly quietFromMs: () => number
  /** Tells who waits for answers that these rest, so that their fate is known. */
  readonly onListed: (orders: readonly OpenOrder[]) => void
  readonly nowMs: () => number
  readonly log: Log
}

/**
 * Cancels, lists again, and repeats for at most `CANCEL_ALL_ROUNDS_MAX` rounds.
 * @returns how many of our orders still rest
 * @throws VenueError UNREACHABLE when the venue does not list: then nothing is known
 */
export async function cancelAllOrders(of: CancelAll): Promise<number> {
  for (let round = 1; ; round += 1) {
    const isQuiet = of.quietFromMs() <= of.nowMs()
    const listed = await readOpenOrders(of.info, of.scope, 'urgent')
    of.onListed(listed)
    const resting = listed.filter(of.isOurs)
    if (resting.length === 0 && isQuiet) return 0
    if (of.client === null || round > CANCEL_ALL_ROUNDS_MAX) return resting.length
    if (resting.length > 0) await cancelOrders(of, of.client, resting)
    else await awaitQuiet(of)
    if (round > 1) await pause(RETRY_WAIT_MS)
  }
}

/** Until every order was answered, or has expired at the venue. */
async function awaitQuiet(of: CancelAll): Promise<void> {
  const startMs = of.quietFromMs()
  // The bound is the expiry of what was in flight at first: orders sent later do not prolong it.
  while (of.nowMs() < Math.min(of.quietFromMs(), startMs)) await pause(QUIET_POLL_MS)
}

async function cancelOrders(
  of: CancelAll,
  client: ExchangeClient,
  orders: readonly OpenOrder[],
): Promise<void> {
  const asset = of.market.assetId
  for (let start = 0; start < orders.length; start += BATCH_UNITS_MAX) {
    const cancels = orders.slice(start, start + BATCH_UNITS_MAX).map(({ oid }) => ({ a: asset, o: oid }))
    const answer = await post(client, { type: 'cancel', cancels }, null)
    // Single errors are of orders that ended meanwhile; the next list tells.
    if (answer.kind !== 'statuses')
      of.log('warn', 'cancelling everything was not answered', { because: answer.text })
  }
}
