/** The book as others see it: its levels with their sizes and counts, best first. Nothing here changes the state. */
import { bestAskTicks, bestBidTicks } from '../oracle.ts'
import { countOfLevel, levelOf, lotsOfLevel, NO_ASK, NO_BID, nextDown, nextUp } from '../order-book.ts'
import { priceOfIndex } from '../price-index.ts'
import type { Exchange, Market } from '../state.ts'
import { marketOf } from './market.ts'

const NO_LEVEL = -1

export interface BookLevel {
  readonly priceTicks: number
  readonly sizeLots: number
  readonly orderCount: number
}

export interface BookSnapshot {
  /** Best first. */
  readonly bids: BookLevel[]
  readonly asks: BookLevel[]
}

/** Best prices with their size; 0 everywhere for an empty side. */
export interface Touch {
  readonly bidTicks: number
  readonly bidLots: number
  readonly bidCount: number
  readonly askTicks: number
  readonly askLots: number
  readonly askCount: number
}

/** @throws InvariantError for an unknown asset */
export function bookSnapshot(exchange: Exchange, assetId: number, levelCountMax: number): BookSnapshot {
  const market = marketOf(exchange, assetId)
  const { book } = market
  const bids: BookLevel[] = []
  const asks: BookLevel[] = []
  for (
    let index = book.bestBid;
    index !== NO_BID && bids.length < levelCountMax;
    index = nextDown(book, index)
  ) {
    bids.push(levelAt(market, index))
  }
  for (
    let index = book.bestAsk;
    index !== NO_ASK && asks.length < levelCountMax;
    index = nextUp(book, index)
  ) {
    asks.push(levelAt(market, index))
  }
  return { bids, asks }
}

function levelAt(market: Market, index: number): BookLevel {
  const { book } = market
  const level = levelOf(book, index)
  return {
    priceTicks: priceOfIndex(index, market.instrument.grid.priceDecimals),
    sizeLots: lotsOfLevel(book, level),
    orderCount: countOfLevel(book, level),
  }
}

/** Lots that an order of `side` would meet up to its limit, within the best `levelCountMax` levels. @throws InvariantError for an unknown asset */
export function lotsUpTo(
  exchange: Exchange,
  assetId: number,
  of: { readonly side: 'buy' | 'sell'; readonly limitTicks: number; readonly levelCountMax: number },
): number {
  const { book, instrument } = marketOf(exchange, assetId)
  const isBuy = of.side === 'buy'
  let index = isBuy ? book.bestAsk : book.bestBid
  let lots = 0
  for (let level = 0; level < of.levelCountMax && index !== NO_BID && index !== NO_ASK; level += 1) {
    const priceTicks = priceOfIndex(index, instrument.grid.priceDecimals)
    if (isBuy ? priceTicks > of.limitTicks : priceTicks < of.limitTicks) break
    lots += lotsOfLevel(book, levelOf(book, index))
    index = isBuy ? nextUp(book, index) : nextDown(book, index)
  }
  return lots
}

/** @throws InvariantError for an unknown asset */
export function touch(exchange: Exchange, assetId: number): Touch {
  const market = marketOf(exchange, assetId)
  const { book } = market
  const bid = book.bestBid === NO_BID ? NO_LEVEL : levelOf(book, book.bestBid)
  const ask = book.bestAsk === NO_ASK ? NO_LEVEL : levelOf(book, book.bestAsk)
  return {
    bidTicks: bestBidTicks(market),
    bidLots: bid === NO_LEVEL ? 0 : lotsOfLevel(book, bid),
    bidCount: bid === NO_LEVEL ? 0 : countOfLevel(book, bid),
    askTicks: bestAskTicks(market),
    askLots: ask === NO_LEVEL ? 0 : lotsOfLevel(book, ask),
    askCount: ask === NO_LEVEL ? 0 : countOfLevel(book, ask),
  }
}

/** The best levels of one side as price and lots in turn, best first. @throws InvariantError for an unknown asset */
export function flatSide(
  exchange: Exchange,
  assetId: number,
  side: 'bids' | 'asks',
  levelCountMax: number,
): number[] {
  const { book, instrument } = marketOf(exchange, assetId)
  const { priceDecimals } = instrument.grid
  const flat: number[] = []
  let index = side === 'bids' ? book.bestBid : book.bestAsk
  for (let count = 0; count < levelCountMax && index !== NO_BID && index !== NO_ASK; count += 1) {
    flat.push(priceOfIndex(index, priceDecimals), lotsOfLevel(book, levelOf(book, index)))
    index = side === 'bids' ? nextDown(book, index) : nextUp(book, index)
  }
  return flat
}
