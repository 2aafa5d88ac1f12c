/**
 * Who may have to be liquidated at a mark, without asking everybody.
 *
 * state     per market two heaps of positions, longs and shorts, by the mark at which they must be looked at again
 * trigger   conservative: what the purse had above maintenance at the last look is shared among its positions by notional.
 *           As long as no position has lost more than its share, the purse is above maintenance, whatever each of them did.
 *           Falling: a long loses size × move at most. Rising: a short loses size × move × (1 + the largest rate)
 * refresh   a purse whose money or positions changed is stale, and its triggers are set anew before the next look
 *
 * So a price update costs the positions it reaches, and those are then judged exactly (liquidation.ts).
 */
import { crossEquity, crossMaintenance, isolatedEquity, maintenanceOfHolding } from './margin.ts'
import { positionNotional } from './position.ts'
import { list, unlist } from './risk-list.ts'
import type { Dex, Holding, Market, Purse } from './state.ts'

/** Sums of floats and tiers may be off in the last digits: a trigger is early by this much money. */
const GUARD_MICRO_USD = 2
const GUARD_SHARE = 1e-9

/** Sets the triggers of all purses that changed. */
export function refreshStale(dex: Dex): void {
  const { stalePurses } = dex
  if (stalePurses.length === 0) return
  for (const purse of stalePurses) refreshPurse(purse)
  // One by one: setting the length would throw the list's memory away, and the next block ask for it again.
  while (stalePurses.length > 0) stalePurses.pop()
}

/** The same, naming them. */
export function takeStale(dex: Dex): Purse[] {
  const purses = [...dex.stalePurses]
  refreshStale(dex)
  return purses
}

/** Sets the triggers of a purse from the marks of now. */
export function refreshPurse(purse: Purse): void {
  purse.isStale = false
  let crossNotional = 0
  for (const holding of purse.holdings) if (holding.isCross) crossNotional += positionNotional(holding)
  const slack = crossNotional === 0 ? 0 : crossEquity(purse) - crossMaintenance(purse)
  const guarded = slack - GUARD_MICRO_USD - crossNotional * GUARD_SHARE
  for (const holding of purse.holdings) {
    const notional = positionNotional(holding)
    if (notional === 0 || purse.account.isBackstop) unlist(holding)
    else if (holding.isCross) list(holding, triggerOf(holding, (guarded * notional) / crossNotional))
    else {
      const own = isolatedEquity(holding) - maintenanceOfHolding(holding)
      list(holding, triggerOf(holding, own - GUARD_MICRO_USD - notional * GUARD_SHARE))
    }
  }
}

/** The mark beyond which a position may lose more than `slack`; at once when there is none. */
function triggerOf(holding: Holding, slackMicroUsd: number): number {
  const { market, sizeLots } = holding
  if (sizeLots > 0) return slackMicroUsd < 0 ? Infinity : market.markTicks - slackMicroUsd / sizeLots
  if (slackMicroUsd < 0) return -Infinity
  const tiers = market.instrument.marginTiers
  const rateMax = 1 / (2 * tiers[tiers.length - 1]!.maxLeverage)
  return market.markTicks - slackMicroUsd / (sizeLots * (1 + rateMax))
}

/** Whether the mark has passed the trigger of a listed position. */
export function isReached(holding: Holding): boolean {
  if (holding.riskPlace < 0) return false
  const { markTicks } = holding.market
  return holding.riskLong ? markTicks < holding.riskTicks : markTicks > holding.riskTicks
}

/** Whether the mark has passed any trigger: only the tops of the two heaps need to be asked. */
export function isAnyReached(market: Market): boolean {
  const { riskLongs, riskShorts, markTicks } = market
  return (
    (riskLongs.length > 0 && markTicks < riskLongs[0]!.riskTicks) ||
    (riskShorts.length > 0 && markTicks > riskShorts[0]!.riskTicks)
  )
}

/** The listed positions whose trigger the mark has passed: a walk over the tops of the two heaps. */
export function reachedHoldings(market: Market): Holding[] {
  const reached: Holding[] = []
  for (const heap of [market.riskLongs, market.riskShorts]) {
    const top = heap[0]
    if (top === undefined || !isReached(top)) continue
    const open = [0]
    for (let place = open.pop(); place !== undefined; place = open.pop()) {
      const holding = heap[place]
      if (holding === undefined || !isReached(holding)) continue
      reached.push(holding)
      open.push(2 * place + 1, 2 * place + 2)
    }
  }
  return reached
}
