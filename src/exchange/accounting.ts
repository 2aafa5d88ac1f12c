/**
 * The double-entry ledger. Every micro-dollar that enters or leaves a purse has a counter-account: another purse, the
 * venue's, deployer's or builders' fees, the funding residue, bad debt, or the outside. So the sum over all is zero at any
 * time. The spot ledger keeps the same books per token; what moves between a DEX and spot leaves one and enters the other,
 * so that per token the outside accounts together hold what came from beyond the exchange.
 */
import { emit } from './emit.ts'
import type { LedgerEvent } from './event.ts'
import type { Place, TransferVia } from './command.ts'
import { touchPurse } from './risk-list.ts'
import type { Account, Exchange, Purse, TokenBooks } from './state.ts'

/** Money from outside (negative: to outside). */
export function creditFromOutside(exchange: Exchange, purse: Purse, amountMicroUsd: number): void {
  purse.cashMicroUsd += amountMicroUsd
  touchPurse(purse)
  purse.dex.books.outsideMicroUsd += amountMicroUsd
  report(exchange, purse.account, placeOf(purse), amountMicroUsd, amountMicroUsd > 0 ? 'deposit' : 'withdraw')
}

/** One end of a transfer: a purse on a DEX, or an account's spot balance of a token. */
export type Pocket =
  | { readonly kind: 'purse'; readonly purse: Purse }
  | { readonly kind: 'spot'; readonly account: Account; readonly books: TokenBooks }

/** Between pockets of one token. Each side's books stay balanced by its own outside account; the fee is the venue's, where the money goes. */
export function moveMoney(
  exchange: Exchange,
  source: Pocket,
  target: Pocket,
  amountMicroUsd: number,
  feeMicroUsd: number,
  via: TransferVia,
): void {
  addTo(source, -amountMicroUsd)
  booksOf(source).outsideMicroUsd -= amountMicroUsd
  addTo(target, amountMicroUsd - feeMicroUsd)
  booksOf(target).outsideMicroUsd += amountMicroUsd
  booksOf(target).venueFeeMicroUsd += feeMicroUsd
  reportPocket(exchange, source, -amountMicroUsd, via)
  reportPocket(exchange, target, amountMicroUsd - feeMicroUsd, via)
}

/** To an account's spot balance, from a DEX whose books have let it go. */
export function creditSpot(exchange: Exchange, account: Account, tokenIndex: number, microUsd: number): void {
  const books = tokenBooksOf(exchange, tokenIndex)!
  addTo({ kind: 'spot', account, books }, microUsd)
  books.outsideMicroUsd += microUsd
  report(exchange, account, { place: 'spot', tokenIndex }, microUsd, 'reward')
}

/** From a purse to the venue, apart from trading. */
export function payVenue(exchange: Exchange, purse: Purse, amountMicroUsd: number): void {
  purse.cashMicroUsd -= amountMicroUsd
  touchPurse(purse)
  purse.dex.books.venueFeeMicroUsd += amountMicroUsd
  report(exchange, purse.account, placeOf(purse), -amountMicroUsd, 'fee')
}

export function spotBalance(account: Account, tokenIndex: number): number {
  return account.spot.get(tokenIndex) ?? 0
}

export function tokenBooksOf(exchange: Exchange, tokenIndex: number): TokenBooks | undefined {
  return exchange.tokens.find(({ token }) => token.index === tokenIndex)
}

function booksOf(pocket: Pocket): { outsideMicroUsd: number; venueFeeMicroUsd: number } {
  return pocket.kind === 'spot' ? pocket.books : pocket.purse.dex.books
}

function addTo(pocket: Pocket, microUsd: number): void {
  if (pocket.kind === 'purse') {
    pocket.purse.cashMicroUsd += microUsd
    touchPurse(pocket.purse)
    return
  }
  const { account, books } = pocket
  account.spot.set(books.token.index, spotBalance(account, books.token.index) + microUsd)
}

interface Where {
  readonly place: Place
  readonly tokenIndex: number
}

function placeOf({ dex }: Purse): Where {
  return { place: dex.spec.index, tokenIndex: dex.spec.collateral.index }
}

function reportPocket(exchange: Exchange, pocket: Pocket, microUsd: number, via: TransferVia): void {
  const where = pocket.kind === 'purse' ? placeOf(pocket.purse) : spotWhere(pocket.books)
  const account = pocket.kind === 'purse' ? pocket.purse.account : pocket.account
  report(exchange, account, where, microUsd, 'transfer', via)
}

function spotWhere({ token }: TokenBooks): Where {
  return { place: 'spot', tokenIndex: token.index }
}

function report(
  exchange: Exchange,
  account: Account,
  { place, tokenIndex }: Where,
  amountMicroUsd: number,
  cause: LedgerEvent['cause'],
  via: TransferVia | null = null,
): void {
  emit(exchange, {
    kind: 'ledger',
    tsMs: exchange.tsMs,
    account: account.address,
    dexIndex: place,
    tokenIndex,
    amountMicroUsd,
    cause,
    via,
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
      BigInt(books.builderFeeMicroUsd) +
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

/** The same for each token of the spot ledger. */
export function imbalanceByToken(exchange: Exchange): number[] {
  return exchange.tokens.map(({ token, venueFeeMicroUsd, outsideMicroUsd }) => {
    let sum = BigInt(venueFeeMicroUsd) - BigInt(outsideMicroUsd)
    for (const account of exchange.accounts) sum += BigInt(spotBalance(account, token.index))
    return Number(sum)
  })
}

/** What builders are owed less what the DEXs set aside for them, per DEX: zero, always. */
function imbalanceOfBuilders(exchange: Exchange): number[] {
  return exchange.dexs.map(({ spec, books }) => {
    let sum = -books.builderFeeMicroUsd
    for (const { owedMicroUsd } of exchange.builders.values()) sum += owedMicroUsd[spec.index]!
    return sum
  })
}

/** The money that appeared or vanished, over all DEXs and tokens. Must be 0 after every command. */
export function conservation(exchange: Exchange): number {
  return [
    ...imbalanceByDex(exchange),
    ...imbalanceByToken(exchange),
    ...imbalanceOfBuilders(exchange),
  ].reduce((sum, imbalance) => sum + Math.abs(imbalance), 0)
}

/**
 * What came from beyond the exchange and is still in it, per token of the spot ledger in ascending order: transfers
 * between places never change it.
 */
export function outsideByToken(exchange: Exchange): number[] {
  return exchange.tokens.map(({ token, outsideMicroUsd }) => {
    let sum = outsideMicroUsd
    for (const { spec, books } of exchange.dexs) {
      if (spec.collateral.index === token.index) sum += books.outsideMicroUsd
    }
    return sum
  })
}

/** Longs minus shorts of a market, in lots. Must be 0. */
export function netPositionLots(exchange: Exchange, assetId: number): number {
  const market = exchange.marketByAssetId.get(assetId)
  return market === undefined ? 0 : market.holders.reduce((sum, holding) => sum + holding.sizeLots, 0)
}
