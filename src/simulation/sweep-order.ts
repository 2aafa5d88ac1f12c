/** One market order that reaches a depth: the shape of all uninformed flow. */
import { BPS, snapAskUp, snapBidDown } from '../core/units.ts'
import type { Side } from '../core/units.ts'
import type { Address, ExchangeCommand } from '../exchange/command.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { lotsUpTo } from '../exchange/queries/book.ts'
import { lotsForUsd, toTakerCommand } from './agent-account.ts'
import type { FairMarket } from './basis-process.ts'
import { priceAt } from './price-path.ts'

/** Levels looked through; a depth that holds more of them is taken as far as these reach. */
const SWEEP_LEVELS_MAX = 200

/**
 * Pushes an immediate-or-cancel order with its limit `depthBps` beyond fair, large enough for all that stands before it.
 * An order that finds nobody is refused by the exchange, as on the venue.
 */
export function pushSweep(
  sweep: {
    readonly exchange: Exchange
    readonly account: Address
    readonly market: FairMarket
    readonly side: Side
    readonly depthBps: number
    /** On top of what stands there now: quotes may join before the order arrives. */
    readonly clipUsd: number
  },
  out: ExchangeCommand[],
): void {
  const { exchange, account, market, side, depthBps } = sweep
  const { assetId, grid } = market.instrument
  const fairTicks = priceAt(market.fair, 0)
  const priceTicks =
    side === 'buy'
      ? snapBidDown(fairTicks * (1 + depthBps * BPS), grid)
      : snapAskUp(fairTicks * (1 - depthBps * BPS), grid)
  const standingLots = lotsUpTo(exchange, assetId, {
    side,
    limitTicks: priceTicks,
    levelCountMax: SWEEP_LEVELS_MAX,
  })
  const sizeLots = standingLots + lotsForUsd({ usd: sweep.clipUsd, priceTicks })
  out.push(toTakerCommand(account, { assetId, side, priceTicks, sizeLots }))
}
