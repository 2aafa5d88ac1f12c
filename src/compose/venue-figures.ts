/**
 * The exchange's own figures of a session, asked afresh at the end and not taken from what the stream told: position,
 * resting orders, fees of every fill, and PnL from its cash ledger. They must equal ours to the micro-dollar.
 */
import type { Engine } from '../core/engine.ts'
import { exposureOf, midTicksOf } from '../core/exposure.ts'
import { pnlOf } from '../core/ledger/ledger.ts'
import type { AccountFigures } from '../ops/summary.ts'
import type { VenuePort } from '../venues/port.ts'
import { openInfo } from '../venues/hyperliquid/info.ts'
import type { Hex } from '../venues/hyperliquid/info.ts'
import { readFills, readOpenOrders, readState } from '../venues/hyperliquid/reconcile.ts'

export interface SessionFigures {
  readonly ours: AccountFigures
  readonly venue: AccountFigures
}

/**
 * Both sides value the position at the same price, so the PnL differs exactly when a fill, a fee or a funding payment was
 * counted differently.
 * @throws VenueError when the exchange does not answer
 */
export async function readVenueFigures(
  venue: VenuePort,
  engine: Engine,
  apiUrl: string,
): Promise<SessionFigures> {
  const { market } = venue
  const { state } = engine
  const { ledger, accountFirst } = state
  const info = openInfo({ apiUrl, isTestnet: market.network !== 'mainnet' })
  const scope = { account: venue.account as Hex, dex: market.dex, coin: market.coin, grid: market.grid }
  const [account, openOrders] = await Promise.all([readState(info, scope), readOpenOrders(info, scope)])
  const sinceTsMs = accountFirst?.venueTsMs ?? account.venueTsMs
  const fills = (await readFills(info, scope, sinceTsMs)).filter((fill) => fill.venueTsMs > sinceTsMs)
  const markTicks = markTicksOf(engine)
  const cashMicroUsd = account.cashMicroUsd - (accountFirst?.cashMicroUsd ?? account.cashMicroUsd)
  return {
    ours: ourFigures(engine),
    venue: {
      positionLots: account.positionLots,
      openOrderCount: openOrders.length,
      feesMicroUsd: fills.reduce((sum, fill) => sum + fill.feeMicroUsd, 0),
      pnlMicroUsd: cashMicroUsd - ledger.adjustedMicroUsd + Math.round(markTicks * account.positionLots),
    },
  }
}

/** What we believe, from the ledger and the order store alone. */
export function ourFigures(engine: Engine): AccountFigures {
  const { ledger } = engine.state
  return {
    positionLots: ledger.positionLots,
    openOrderCount: exposureOf(engine.state).openOrderCount,
    feesMicroUsd: ledger.feesMicroUsd,
    pnlMicroUsd: pnlOf(ledger, markTicksOf(engine)).totalMicroUsd,
  }
}

function markTicksOf(engine: Engine): number {
  return midTicksOf(engine.state) ?? engine.state.markTicks ?? 0
}
