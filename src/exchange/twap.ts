/**
 * TWAP orders: a market order in slices, one every 30 s. Each slice takes what brings the order to its share of the time,
 * at most three usual slices, within 3 % of the mark; what it could not get is left to later slices.
 *
 *   target after slice k of n   size × k/n, with `randomize` ± a fifth of a slice
 *   ends                        finished after the last slice or when all is filled; terminated by its owner;
 *                               error when a slice is refused for good (margin, reduce-only, a halt)
 *
 * state  the running orders in `exchange.twaps`; a block runs at most one slice of each
 */
import { initSfc32, nextUnit } from '../core/math/sfc32.ts'
import { isWhole } from '../core/assert.ts'
import { snapAskUp, snapBidDown } from '../core/units.ts'
import { checkMinimum } from './admission.ts'
import type { Action, CommandAnswer, OrderRequest } from './command.ts'
import { emit } from './emit.ts'
import type { TwapEvent, TwapView } from './event.ts'
import { holdingFor } from './genesis.ts'
import {
  SIZE_LOTS_MAX,
  TWAP_MINUTES_MAX,
  TWAP_MINUTES_MIN,
  TWAP_SLICE_MS,
  TWAPS_PER_ACCOUNT_MAX,
} from './limits.ts'
import { reducibleLots } from './order-life.ts'
import { ALONE, placeOrder } from './placing.ts'
import type { Account, Exchange, Market, Twap } from './state.ts'

const SLICES_PER_MINUTE: number = 60_000 / TWAP_SLICE_MS
/** A late order catches up with slices of at most so many usual ones. */
const CATCH_UP_FACTOR = 3
const SLIPPAGE_MAX = 0.03
/** Share of a usual slice by which `randomize` moves a target. */
const JITTER = 0.2

export function startTwap(exchange: Exchange, account: Account, action: Action<'twapOrder'>): CommandAnswer {
  const market = exchange.marketByAssetId.get(action.assetId)
  if (market === undefined) return failed(0, `Order has invalid asset. asset=${action.assetId}`)
  const fault = faultOf(exchange, account, market, action)
  if (fault !== null) return failed(0, fault)
  exchange.twapIdLast += 1
  const twap: Twap = {
    id: exchange.twapIdLast,
    account,
    market,
    isBuy: action.side === 'buy',
    sizeLots: action.sizeLots,
    reduceOnly: action.reduceOnly,
    minutes: action.minutes,
    randomize: action.randomize,
    startTsMs: exchange.tsMs,
    executedLots: 0,
    executedMicroUsd: 0,
    sliceCount: 0,
  }
  exchange.twaps.set(twap.id, twap)
  tell(exchange, twap, 'activated')
  return { kind: 'twap', twapId: twap.id, text: null }
}

function faultOf(
  exchange: Exchange,
  account: Account,
  market: Market,
  action: Action<'twapOrder'>,
): string | null {
  const { assetId, minutes, sizeLots, side, reduceOnly } = action
  if (!isWhole(minutes) || minutes < TWAP_MINUTES_MIN || minutes > TWAP_MINUTES_MAX) {
    return `TWAP duration must be between ${TWAP_MINUTES_MIN} and ${TWAP_MINUTES_MAX} minutes.`
  }
  if (sizeLots === 0) return 'Order has zero size.'
  if (!isWhole(sizeLots) || sizeLots < 0 || sizeLots > SIZE_LOTS_MAX) return 'Order has invalid size.'
  if (market.instrument.isDelisted) return `Trading is halted. asset=${assetId}`
  const holding = holdingFor(exchange, account, market)
  if (reduceOnly && reducibleLots(holding, side) === 0) {
    return `Reduce only order would increase position. asset=${assetId}`
  }
  const whole = sliceRequest(market, side === 'buy', sizeLots, reduceOnly)
  const small = checkMinimum(holding, { ...whole, priceTicks: market.markTicks })
  if (small !== null) return small.text
  let running = 0
  for (const twap of exchange.twaps.values()) if (twap.account === account) running += 1
  return running < TWAPS_PER_ACCOUNT_MAX
    ? null
    : `Too many running TWAP orders. The limit is ${TWAPS_PER_ACCOUNT_MAX}.`
}

export function cancelTwap(
  exchange: Exchange,
  account: Account,
  action: Action<'twapCancel'>,
): CommandAnswer {
  const { twapId, assetId } = action
  const twap = exchange.twaps.get(twapId)
  if (twap === undefined || twap.account !== account || twap.market.instrument.assetId !== assetId) {
    return failed(twapId, `TWAP was never placed, already canceled, or filled. asset=${assetId}`)
  }
  end(exchange, twap, 'terminated')
  return { kind: 'twap', twapId, text: null }
}

function failed(twapId: number, text: string): CommandAnswer {
  return { kind: 'twap', twapId, text }
}

/** Places the slices that are due, oldest order first. */
export function runTwaps(exchange: Exchange): void {
  for (const twap of exchange.twaps.values()) {
    const due = Math.floor((exchange.tsMs - twap.startTsMs) / TWAP_SLICE_MS)
    const count = twap.minutes * SLICES_PER_MINUTE
    if (due <= twap.sliceCount) continue
    // Slices that a long block stepped over are caught up with, not repeated.
    twap.sliceCount = Math.min(due, count)
    const fault = placeSlice(exchange, twap, count)
    if (fault !== null) end(exchange, twap, 'error', fault)
    else if (twap.executedLots >= twap.sizeLots || twap.sliceCount >= count) end(exchange, twap, 'finished')
  }
}

/** @returns why the order cannot go on; null: it can */
function placeSlice(exchange: Exchange, twap: Twap, count: number): string | null {
  const { account, market, isBuy, reduceOnly } = twap
  if (market.instrument.isDelisted) return `Trading is halted. asset=${market.instrument.assetId}`
  const lots = sliceLots(twap, count)
  if (lots <= 0) return null
  const request = sliceRequest(market, isBuy, lots, reduceOnly)
  // Too small alone: it waits for the next slice, which is larger by it.
  if (checkMinimum(holdingFor(exchange, account, market), request) !== null) return null
  exchange.sliceTwapId = twap.id
  placeOrder(exchange, account, request, ALONE)
  exchange.sliceTwapId = null
  const { outcome } = exchange
  if (outcome.kind === 'filled') {
    twap.executedLots += outcome.totalLots
    twap.executedMicroUsd += outcome.notionalMicroUsd
    return null
  }
  // An empty book is a reason to wait, all else to stop.
  const isUnmatched =
    outcome.text.startsWith('Order could not immediately match') ||
    outcome.text.startsWith('No liquidity available')
  return isUnmatched ? null : outcome.text
}

function sliceLots(twap: Twap, count: number): number {
  const { sizeLots, sliceCount, executedLots } = twap
  const usual = sizeLots / count
  const isLast = sliceCount >= count
  const jitter =
    twap.randomize && !isLast ? (2 * nextUnit(initSfc32(twap.id * 65_536 + sliceCount)) - 1) * JITTER : 0
  const target = isLast ? sizeLots : Math.floor(usual * (sliceCount + jitter))
  return Math.min(target - executedLots, Math.ceil(usual * CATCH_UP_FACTOR), sizeLots - executedLots)
}

function sliceRequest(market: Market, isBuy: boolean, sizeLots: number, reduceOnly: boolean): OrderRequest {
  const { assetId, grid } = market.instrument
  const { markTicks } = market
  const priceTicks = isBuy
    ? snapBidDown(markTicks * (1 + SLIPPAGE_MAX), grid)
    : snapAskUp(markTicks * (1 - SLIPPAGE_MAX), grid)
  return {
    assetId,
    side: isBuy ? 'buy' : 'sell',
    priceTicks,
    sizeLots,
    reduceOnly,
    tif: 'Ioc',
    trigger: null,
    cloid: null,
  }
}

function end(
  exchange: Exchange,
  twap: Twap,
  status: Exclude<TwapEvent['status'], 'activated'>,
  description: string | null = null,
): void {
  exchange.twaps.delete(twap.id)
  tell(exchange, twap, status, description)
}

function tell(
  exchange: Exchange,
  twap: Twap,
  status: TwapEvent['status'],
  description: string | null = null,
): void {
  emit(exchange, {
    kind: 'twap',
    tsMs: exchange.tsMs,
    account: twap.account.address,
    twap: twapView(twap),
    status,
    description,
  })
}

export function twapView(twap: Twap): TwapView {
  return {
    twapId: twap.id,
    account: twap.account.address,
    assetId: twap.market.instrument.assetId,
    side: twap.isBuy ? 'buy' : 'sell',
    sizeLots: twap.sizeLots,
    executedLots: twap.executedLots,
    executedMicroUsd: twap.executedMicroUsd,
    minutes: twap.minutes,
    reduceOnly: twap.reduceOnly,
    randomize: twap.randomize,
    startTsMs: twap.startTsMs,
  }
}
