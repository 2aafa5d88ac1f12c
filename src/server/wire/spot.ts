/** The spot ledger of an account as the venue shows it: collateral tokens that stand on no DEX. */
import { spotBalances } from '../../exchange/queries/money.ts'
import type { VenueContext } from '../context.ts'
import { tokenAt } from '../directory.ts'
import { fromMicroUsd } from './decimals.ts'
import type { WireSpotState } from './types.ts'

/** Nothing spot trades here, so nothing is held back. */
export function toSpotState(context: VenueContext, user: string): WireSpotState {
  return {
    balances: spotBalances(context.exchange, user).map(({ tokenIndex, microUnits }) => ({
      coin: tokenAt(context.directory, tokenIndex).name,
      token: tokenIndex,
      total: fromMicroUsd(microUnits),
      hold: '0.0',
      entryNtl: fromMicroUsd(microUnits),
    })),
  }
}
