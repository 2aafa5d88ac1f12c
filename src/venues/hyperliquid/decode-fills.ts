/**
 * Fills of the account, from the `userFills` stream and the `userFillsByTime` answer -> FillInputs. The fee is booked as
 * the venue tells it (a cost is positive), rounded half to even to the micro-dollar.
 */
import type { FillInput } from '../../core/input.ts'
import type { Grid } from '../../core/units.ts'
import { lotsOf, microUsdOf, signedLotsOf, ticksOf } from './decimal.ts'
import {
  cloidOf,
  flagOf,
  listOf,
  malformed,
  recordOf,
  sideOf,
  textOf,
  wholeFieldOf,
  type WireRecord,
} from './wire.ts'

/** Whose fills, on what: fills of other coins are left out, liquidations of others are ordinary fills for us. */
export interface FillScope {
  readonly coin: string
  readonly grid: Grid
  /** Lower case. */
  readonly account: string
}

/** @returns fills of our coin in the order of the message */
export function decodeFills(value: unknown, scope: FillScope): FillInput[] {
  const fills: FillInput[] = []
  for (const entry of listOf(value, 'fills')) {
    const fill = recordOf(entry, 'fill')
    if (textOf(fill, 'coin') === scope.coin) fills.push(decodeFill(fill, scope))
  }
  return fills
}

function decodeFill(fill: WireRecord, scope: FillScope): FillInput {
  const priceTicks = ticksOf(fill['px'], scope.grid)
  const sizeLots = lotsOf(fill['sz'], scope.grid)
  if (priceTicks === 0 || sizeLots === 0) throw malformed('a fill has a price and a size', fill)
  return {
    kind: 'fill',
    tid: wholeFieldOf(fill, 'tid'),
    oid: wholeFieldOf(fill, 'oid'),
    cloid: cloidOf(fill),
    side: sideOf(fill),
    priceTicks,
    sizeLots,
    feeMicroUsd: microUsdOf(fill['fee']),
    closedPnlMicroUsd: microUsdOf(fill['closedPnl']),
    startPositionLots: signedLotsOf(fill['startPosition'], scope.grid),
    crossed: flagOf(fill, 'crossed'),
    liquidation: isOurLiquidation(fill['liquidation'], scope.account),
    venueTsMs: wholeFieldOf(fill, 'time'),
  }
}

/** The venue marks both sides of a liquidation: a maker who bought from the liquidated account was not liquidated. */
function isOurLiquidation(value: unknown, account: string): boolean {
  if (value === undefined || value === null) return false
  const liquidated = recordOf(value, 'liquidation')['liquidatedUser']
  return typeof liquidated !== 'string' || liquidated.toLowerCase() === account
}
