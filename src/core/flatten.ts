/**
 * The way out after the kill switch, when the policy is `flatten`: once nothing of ours rests, the position is closed by
 * reduce-only immediate-or-cancel orders, one at a time, each a stage further from the mid up to a bound. It ends flat, or after
 * `killFlattenMs`, or after `FLATTEN_ORDERS_MAX` orders; what is left then is for a person.
 *
 * in      the book, the position with what is announced, answers to the orders before
 * out     at most one order a step
 * state   `FlattenState`: when it began, how many orders were tried, when the last one left
 */
import type { Command } from './command.ts'
import { exposureOf, midTicksOf } from './exposure.ts'
import type { Exposure } from './exposure.ts'
import { freshCloid } from './reconcile.ts'
import { FLATTEN_ORDERS_MAX, FLATTEN_STAGES } from './risk/kill.ts'
import type { EngineSettings } from './settings.ts'
import type { EngineState } from './state.ts'
import { BPS, snapAskUp, snapBidDown } from './units.ts'
import type { Grid, Side } from './units.ts'

/** `off`: nothing to do by policy or because the switch is not set. */
export type FlattenStage = 'off' | 'working' | 'flat' | 'gaveUp'

/** Fills of the order before are told within this, ms. */
const FLATTEN_GAP_MS = 250

export function flattenStage(state: EngineState, settings: EngineSettings): FlattenStage {
  if (state.killedBecause === null || settings.killPolicy !== 'flatten') return 'off'
  const exposure = exposureOf(state)
  if (state.accountFirst !== null && isFlat(state, exposure)) return 'flat'
  const { sinceTsMs, orderCount } = state.flatten
  if (sinceTsMs === null) return 'working'
  const isOver = orderCount >= FLATTEN_ORDERS_MAX && exposure.openOrderCount === 0
  return isOver || state.tsMs - sinceTsMs >= settings.killFlattenMs ? 'gaveUp' : 'working'
}

/** Asks for the next order when its turn has come. */
export function flatten(state: EngineState, settings: EngineSettings, out: Command[]): void {
  if (state.killedBecause === null || state.mode === 'stopping') {
    state.flatten.sinceTsMs = null
    state.flatten.orderCount = 0
    return
  }
  if (settings.killPolicy !== 'flatten') return
  state.flatten.sinceTsMs ??= state.tsMs
  if (flattenStage(state, settings) !== 'working' || !isReady(state, settings)) return
  const exposure = exposureOf(state)
  const midTicks = midTicksOf(state)
  // An order that may still fill could take us through zero; its fate comes first.
  if (midTicks === null || state.market === null || exposure.openOrderCount > 0) return
  const { positionLots } = exposure
  if (positionLots === 0) return
  state.flatten.orderCount += 1
  state.flatten.lastTsMs = state.tsMs
  const side: Side = positionLots > 0 ? 'sell' : 'buy'
  const slippageBps = stageBps(state.flatten.orderCount, settings.killSlippageBps)
  out.push({
    kind: 'place',
    order: {
      cloid: freshCloid(state),
      side,
      priceTicks: limitTicks(side, midTicks, slippageBps, state.market.grid),
      sizeLots: Math.min(Math.abs(positionLots), settings.maxOrderLots),
      tif: 'ioc',
      reduceOnly: true,
    },
  })
}

/** No order may still fill, none has fills that were announced and not told, and the venue does not contradict. */
function isFlat(state: EngineState, exposure: Exposure): boolean {
  return exposure.positionLots === 0 && exposure.openOrderCount === 0 && state.positionMismatchLots === 0
}

function isReady(state: EngineState, settings: EngineSettings): boolean {
  if (!state.isConnected || state.accountFirst === null || !state.hasBook) return false
  if (state.tsMs - state.bookTsMs >= settings.maxBookAgeMs) return false
  return state.tsMs - state.flatten.lastTsMs >= FLATTEN_GAP_MS
}

/** The first orders ask for less than the bound allows: the touch is often enough. */
function stageBps(orderCount: number, slippageBps: number): number {
  return slippageBps * Math.min(1, orderCount / FLATTEN_STAGES)
}

/** Rounded towards the mid, so that rounding never goes beyond the bound. */
function limitTicks(side: Side, midTicks: number, slippageBps: number, grid: Grid): number {
  return side === 'sell'
    ? snapAskUp(midTicks * (1 - slippageBps * BPS), grid)
    : snapBidDown(midTicks * (1 + slippageBps * BPS), grid)
}
