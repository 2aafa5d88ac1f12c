/**
 * The double-entry ledger. Every micro-dollar that enters or leaves a purse has a counter-account: another purse, the
 * venue's or deployer's fees, the funding residue, bad debt, or the outside. So the sum over all is zero at any time.
 */
import { emit } from './emit.ts'
import { touchPurse } from './risk-list.ts'
import type { Exchange, Purse } from './state.ts'

/** Money from outside (negative: to outside). */
export function creditFromOutside(exchange: Exchange, purse: Purse, amountMicroUsd: number): void {
  purse.cashMicroUsd += amountMicroUsd
  touchPurse(purse)
  purse.dex.books.outsideMicroUsd += amountMicroUsd
  report(exchange, purse, amountMicroUsd, amountMicroUsd > 0 ? 'deposit' : 'withdraw')
}

/** Between purses of one collateral token. Each DEX's books stay balanced by its own outside account. */
export function moveBetweenPurses(
  exchange: Exchange,
  source: Purse,
  target: Purse,
  amountMicroUsd: number,
  feeMicroUsd: number,
): void {
  touchPurse(source)
  touchPurse(target)
  source.cashMicroUsd -= amountMicroUsd
  source.dex.books.outsideMicroUsd -= amountMicroUsd
  target.cashMicroUsd += amountMicroUsd - feeMicroUsd
  target.dex.books.outsideMicroUsd += amountMicroUsd
  target.dex.books.venueFeeMicroUsd += feeMicroUsd
  report(exchange, source, -amountMicroUsd, 'transfer')
  report(exchange, target, amountMicroUsd - feeMicroUsd, 'transfer')
}

function report(
  exchange: Exchange,
  purse: Purse,
  amountMicroUsd: number,
  cause: 'deposit' | 'withdraw' | 'transfer',
): void {
  emit(exchange, {
    kind: 'ledger',
    tsMs: exchange.tsMs,
    account: purse.account.address,
    dexIndex: purse.dex.spec.index,
    amountMicroUsd,
    cause,
  })
}

/** Cash and margin less the cost of longs plus that of shorts: what the venue calls raw dollars. */
export function rawMicroUsd(purse: Purse): number {
  let raw = purse.cashMicroUsd
  for (const holding of purse.holdings) {
    raw += holding.isolatedMicroUsd - Math.sign(holding.sizeLots) * holding.costMicroUsd
  }
  return raw
}

/** What is missing (or too much) on each DEX: zero on every one, always. Summed without rounding. */
export function imbalanceByDex(exchange: Exchange): number[] {
  return exchange.dexs.map((dex) => {
    const { books } = dex
    let sum =
      BigInt(books.venueFeeMicroUsd) +
      BigInt(books.deployerFeeMicroUsd) +
      BigInt(books.fundingResidueMicroUsd) +
      BigInt(books.badDebtMicroUsd) -
      BigInt(books.outsideMicroUsd)
    for (const account of exchange.accounts) {
      const purse = account.purses[dex.spec.index]
      if (purse) sum += BigInt(rawMicroUsd(purse))
    }
    return Number(sum)
  })
}

/** The money that appeared or vanished, over all DEXs. Must be 0 after every command. */
export function conservation(exchange: Exchange): number {
  return imbalanceByDex(exchange).reduce((sum, imbalance) => sum + Math.abs(imbalance), 0)
}

/** Longs minus shorts of a market, in lots. Must be 0. */
export function netPositionLots(exchange: Exchange, assetId: number): number {
  const market = exchange.marketByAssetId.get(assetId)
  return market === undefined ? 0 : market.holders.reduce((sum, holding) => sum + holding.sizeLots, 0)
}
