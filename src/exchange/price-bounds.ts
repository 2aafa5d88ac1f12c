/**
 * The bounds of price and size that plain-bounds.ts keeps for a market, as data.
 * In a file of its own because a book holds them and the state holds books, while plain-bounds.ts needs the state.
 */
import type { Instrument } from './instrument.ts'

/** Prices in ticks between which a side passes shape and bands; one tick size holds between them all. */
export interface PlainBounds {
  instrument: Instrument | null
  markTicks: number
  oracleTicks: number
  buyMinTicks: number
  buyMaxTicks: number
  sellMinTicks: number
  sellMaxTicks: number
  /** Ticks per step, and what is added to the steps of a price to make its rank. */
  stepTicks: number
  rankOffset: number
  /** Below this notional the first margin tier holds. */
  firstTierEndMicroUsd: number
  firstTierLeverage: number
  openInterestCapMicroUsd: number
  openInterestLotsMax: number
  /** Of one limit order. */
  notionalMaxMicroUsd: number
  /** Of one that never rests. */
  marketNotionalMaxMicroUsd: number
}

/** NaN, so that the engine keeps the numbers as floats from the start, and no comparison holds. */
export function createBounds(): PlainBounds {
  return {
    instrument: null,
    markTicks: NaN,
    oracleTicks: NaN,
    buyMinTicks: NaN,
    buyMaxTicks: NaN,
    sellMinTicks: NaN,
    sellMaxTicks: NaN,
    stepTicks: NaN,
    rankOffset: NaN,
    firstTierEndMicroUsd: NaN,
    firstTierLeverage: NaN,
    openInterestCapMicroUsd: NaN,
    openInterestLotsMax: NaN,
    notionalMaxMicroUsd: NaN,
    marketNotionalMaxMicroUsd: NaN,
  }
}
