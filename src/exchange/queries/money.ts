/** Money of an account beyond its margin: fee rates, traded volume, spot balances, what builders earned. Nothing here changes the state. */
import type { Address } from '../command.ts'
import { ratesOf, rolledDays, scaledRates, tierRates, type FeeRates, type VolumeDay } from '../fees.ts'
import type { Exchange } from '../state.ts'
import { marketOf } from './market.ts'

/** Rates in parts per billion of notional; a rebate is negative. An unknown account pays the base tier. @throws InvariantError for an unknown asset */
export function feeRates(exchange: Exchange, account: Address, assetId: number): FeeRates {
  const market = marketOf(exchange, assetId)
  const known = exchange.accountByAddress.get(account)
  if (known !== undefined) return ratesOf(exchange, known, market)
  return scaledRates(tierRates(0), market.dex.spec, market.instrument)
}

/** Volume since genesis that counts for limits and gates, both roles; 0 for an unknown account. */
export function tradedVolumeMicroUsd(exchange: Exchange, account: Address): number {
  return exchange.accountByAddress.get(account)?.tradedMicroUsd ?? 0
}

/** Daily volumes of the last 15 UTC days up to today, oldest first: an account's, or all maker volume for null. */
export function volumeDays(exchange: Exchange, account: Address | null): VolumeDay[] {
  const known = account === null ? undefined : exchange.accountByAddress.get(account)
  if (account !== null && known === undefined) return []
  return rolledDays(exchange, known?.volume ?? exchange.venueVolume)
}

export interface SpotBalance {
  readonly tokenIndex: number
  readonly microUnits: number
}

/** What an account holds outside the DEXs, ascending token index; tokens it has none of are left out. */
export function spotBalances(exchange: Exchange, account: Address): SpotBalance[] {
  const known = exchange.accountByAddress.get(account)
  return exchange.tokens.flatMap(({ token }) => {
    const microUnits = known?.spot.get(token.index) ?? 0
    return microUnits === 0 ? [] : [{ tokenIndex: token.index, microUnits }]
  })
}

/** What an account earned as a builder: still owed, and taken out, over all DEXs, micro-dollars. */
export function builderRewards(
  exchange: Exchange,
  account: Address,
): { readonly owedMicroUsd: number; readonly claimedMicroUsd: number } {
  const builder = exchange.builders.get(account)
  if (builder === undefined) return { owedMicroUsd: 0, claimedMicroUsd: 0 }
  const owedMicroUsd = builder.owedMicroUsd.reduce((sum, owed) => sum + owed, 0)
  return { owedMicroUsd, claimedMicroUsd: builder.claimedMicroUsd }
}
