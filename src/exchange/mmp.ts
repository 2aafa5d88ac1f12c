/**
 * Market maker protection at the exchange: an account that trades too much with its resting orders of one market within a
 * window is taken out of that market's book, and kept out until the freeze ends. How fills are counted is core/risk/mmp.ts.
 *
 *   fill of a resting order → count → a limit met → its resting orders end, but for reduce-only ones → freeze
 *
 * in      fills of resting orders (not what the account takes, not what liquidates it); commands `protect`, `resetProtection`
 * out     ended orders with the status `scheduledCancel`; refusals of new orders that are not reduce-only
 * state   `holding.protection`, null for nearly all: a fill asks for no more than that
 * Long because commands, counting and refusals of one rule stand together.
 */
import { assert, isWhole } from '../core/assert.ts'
import { initMmp, isFrozen, MMP_FILLS_MAX, recordFill, resetMmp, type MmpConfig } from '../core/risk/mmp.ts'
import { DONE, refused } from './command-answer.ts'
import type { CommandAnswer, ExchangeCommand, ProtectionLimits } from './command.ts'
import type { OrderStatusWord } from './event.ts'
import { holdingFor } from './genesis.ts'
import { FLAG_REDUCE_ONLY, FLAG_WAITING, flagsOf, NO_SLOT, ownOids, slotOfOid } from './order-index.ts'
import { endOrder } from './order-life.ts'
import { DAY_MS, type Account, type Exchange, type Holding, type Market, type Protection } from './state.ts'

/** The venue's word for what an account told it beforehand to do: clients know it, and it says that nobody asked just now. */
const PROTECTION_STATUS: OrderStatusWord = 'scheduledCancel'
/** Longest window and longest freeze, ms. A freeze of 0 lasts until a reset. */
export const PROTECTION_MS_MAX: number = DAY_MS

/**
 * Sets, changes or (with null) removes the protection of an account in a market. Changed limits hold from the next fill:
 * what was traded within the window still counts, and a freeze goes on. Removal forgets both.
 */
export function setProtection(
  exchange: Exchange,
  command: Extract<ExchangeCommand, { readonly kind: 'protect' }>,
): CommandAnswer {
  const { limits } = command
  const owner = ownerOf(exchange, command)
  if (typeof owner === 'string') return refused(owner)
  if (limits === null) {
    const holding = owner.account.holdings.get(owner.market.index)
    if (holding !== undefined) holding.protection = null
    return DONE
  }
  const fault = limitsFault(limits)
  if (fault !== null) return refused(`Market maker protection: ${fault}`)
  const holding = holdingFor(exchange, owner.account, owner.market)
  holding.protection = { config: configOf(limits), state: holding.protection?.state ?? initMmp() }
  return DONE
}

/** Ends a freeze and forgets the window. */
export function resetProtection(
  exchange: Exchange,
  command: Extract<ExchangeCommand, { readonly kind: 'resetProtection' }>,
): CommandAnswer {
  const owner = ownerOf(exchange, command)
  if (typeof owner === 'string') return refused(owner)
  const protection = owner.account.holdings.get(owner.market.index)?.protection ?? null
  if (protection === null) {
    const { coin } = owner.market.instrument
    return refused(`${command.account} has no market maker protection in ${coin}: set its limits first`)
  }
  resetMmp(protection.state)
  return DONE
}

/** @returns whom and what a command names, or why there is no such thing; nothing is made for it yet */
function ownerOf(
  exchange: Exchange,
  { account: address, assetId }: { readonly account: string; readonly assetId: number },
): { readonly account: Account; readonly market: Market } | string {
  const market = exchange.marketByAssetId.get(assetId)
  if (market === undefined) return `Unknown asset ${assetId}`
  const account = exchange.accountByAddress.get(address)
  if (account === undefined) return `User ${address} does not exist: deposit first`
  if (account.isBackstop) return `${address} is the backstop of a DEX: it has no protection`
  return { account, market }
}

/** @returns what is wrong with the limits in words, with the remedy, or null */
export function limitsFault(limits: ProtectionLimits): string | null {
  const { window, windowMs, frozenMs, quantityMaxLots, notionalMaxMicroUsd, deltaMaxLots } = limits
  if (window !== 'sliding' && window !== 'tumbling')
    return `window is sliding or tumbling, not ${String(window)}`
  if (!isWhole(windowMs) || windowMs < 1 || windowMs > PROTECTION_MS_MAX) {
    return `the window is a whole number of ms from 1 to ${PROTECTION_MS_MAX}, not ${windowMs}`
  }
  if (!isWhole(frozenMs) || frozenMs < 0 || frozenMs > PROTECTION_MS_MAX) {
    return `the freeze is a whole number of ms from 0 (until a reset) to ${PROTECTION_MS_MAX}, not ${frozenMs}`
  }
  const most = [quantityMaxLots, notionalMaxMicroUsd, deltaMaxLots]
  for (const one of most)
    if (!isWhole(one) || one < 0) return `a limit is whole and at least 0 (none), not ${one}`
  if (most.every((one) => one === 0)) return 'at least one of quantity, notional and delta is above 0'
  return null
}

/** Perpetuals have no vega. */
function configOf(limits: ProtectionLimits): MmpConfig {
  const { window, windowMs, frozenMs, quantityMaxLots, notionalMaxMicroUsd, deltaMaxLots } = limits
  return {
    window,
    windowMs,
    frozenMs,
    quantityMax: quantityMaxLots,
    notionalMax: notionalMaxMicroUsd,
    deltaMax: deltaMaxLots,
    vegaMax: 0,
  }
}

/** Counts a fill of a resting order, which stands whole; the account's other orders end when it meets a limit. */
export function countRestingFill(
  exchange: Exchange,
  holding: Holding,
  protection: Protection,
  isBuy: boolean,
  lots: number,
  notionalMicroUsd: number,
): void {
  const { config, state } = protection
  const delta = isBuy ? lots : -lots
  const fill = { tsMs: exchange.tsMs, quantity: lots, notional: notionalMicroUsd, delta, vega: 0 }
  const met = recordFill(state, config, fill)
  if (met !== null && met.length > 0) endResting(exchange, holding)
  assert(state.fills.length <= MMP_FILLS_MAX, 'the window of a protection is bounded')
}

/** Oldest first. Reduce-only orders stay, and triggers wait on. */
function endResting(exchange: Exchange, holding: Holding): void {
  const { pool } = exchange
  for (const oid of ownOids(pool, holding.ownerIndex)) {
    const slot = slotOfOid(pool, oid)
    if (slot === NO_SLOT || (flagsOf(pool, slot) & (FLAG_WAITING | FLAG_REDUCE_ONLY)) !== 0) continue
    endOrder(exchange, slot, PROTECTION_STATUS)
  }
}

/** Whether new orders of the account in this market must be reduce-only. */
export function isHeldBack(exchange: Exchange, holding: Holding): boolean {
  return holding.protection !== null && isFrozen(holding.protection.state, exchange.tsMs)
}

/** The words for an order that came during a freeze: ours, since the public venue has no such protection. */
export function heldBackText(holding: Holding): string {
  const untilTsMs = holding.protection?.state.frozenUntilTsMs ?? null
  const end = untilTsMs === null ? 'until it is reset' : `until ${untilTsMs}`
  const { assetId } = holding.market.instrument
  return `Market maker protection refuses new orders ${end} (reduce-only ones are taken). asset=${assetId}`
}

/** A protection as it stands: what was set, what its window holds, and the freeze (null: none; until null: until a reset). */
export interface ProtectionView {
  readonly assetId: number
  readonly limits: ProtectionLimits
  readonly window: {
    readonly fillCount: number
    readonly quantityLots: number
    readonly notionalMicroUsd: number
    /** Bought less sold. */
    readonly deltaLots: number
  }
  readonly frozen: { readonly untilTsMs: number | null } | null
}

/** @returns the protections of an account by asset id; changes nothing, not even a window whose time has passed */
export function protectionsOf(exchange: Exchange, address: string): ProtectionView[] {
  const holdings = exchange.accountByAddress.get(address)?.holdings.values() ?? []
  return [...holdings]
    .flatMap(({ market, protection }) =>
      protection === null ? [] : [viewOf(market.instrument.assetId, protection, exchange.tsMs)],
    )
    .sort((a, b) => a.assetId - b.assetId)
}

function viewOf(assetId: number, { config, state }: Protection, tsMs: number): ProtectionView {
  const { window, windowMs, frozenMs, quantityMax, notionalMax, deltaMax } = config
  const until = state.frozenUntilTsMs
  const isOver = window === 'tumbling' && tsMs - (state.startTsMs ?? -Infinity) >= windowMs
  const fills = isOver
    ? []
    : state.fills.filter((fill) => window === 'tumbling' || tsMs - fill.tsMs < windowMs)
  const sum = (field: 'quantity' | 'notional' | 'delta'): number =>
    fills.reduce((total, fill) => total + fill[field], 0)
  return {
    assetId,
    limits: {
      ...{ window, windowMs, frozenMs },
      ...{ quantityMaxLots: quantityMax, notionalMaxMicroUsd: notionalMax, deltaMaxLots: deltaMax },
    },
    window: {
      fillCount: fills.length,
      quantityLots: sum('quantity'),
      notionalMicroUsd: sum('notional'),
      deltaLots: sum('delta'),
    },
    frozen: state.needsReset
      ? { untilTsMs: null }
      : until !== null && until > tsMs
        ? { untilTsMs: until }
        : null,
  }
}

/** What of a protection is state, for the hash: a freeze whose time has passed is none, whoever looked. */
export function protectionRecord(protection: Protection, tsMs: number): unknown {
  const { config, state } = protection
  const { fills, startTsMs, frozenUntilTsMs, needsReset } = state
  const until = frozenUntilTsMs !== null && frozenUntilTsMs > tsMs ? frozenUntilTsMs : null
  return [config, fills, startTsMs, until, needsReset]
}
