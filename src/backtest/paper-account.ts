/**
 * Our account while a tape plays: it takes every order at once, cancels at once, and fills only when the tape says so. For
 * asking what a maker would do, not for what it would earn: nothing here depends on the quotes but their own fate.
 *
 * in      commands of the maker; fills of the tape, given to its innermost orders of that side and, beyond them, to none
 * out     the answers and fills as inputs
 * state   open orders, how ended ones ended, position and cash; on an isolated tape its entry, its margin and what is free
 */
import { assertNever } from '../core/assert.ts'
import type { Approved, NewOrder } from '../core/command.ts'
import type { AccountInput, FillInput, RawInput, VenueOrderStatus } from '../core/input.ts'
import { signOf } from '../core/units.ts'
import type { MarketTape, TapeFill } from './market-tape.ts'

interface PaperOrder {
  readonly oid: number
  readonly order: NewOrder
  openLots: number
}

/** Owned by this file. */
export interface PaperAccount {
  readonly tape: MarketTape
  readonly opening: AccountInput
  readonly open: Map<string, PaperOrder>
  readonly ended: Map<string, VenueOrderStatus>
  lastOid: number
  lastTid: number
  positionLots: number
  cashMicroUsd: number
  /** Of the position, without its gain. */
  entryTicks: number
  marginMicroUsd: number
  freeMicroUsd: number
  reserveMicroUsd: number
  movedMicroUsd: number
  markTicks: number | null
}

/** Fills beyond what the maker shows name an order that nobody knows. */
const NOBODYS_OID = 1

export function openPaperAccount(tape: MarketTape): PaperAccount {
  const { opening } = tape
  const { positionLots, cashMicroUsd } = opening
  return {
    opening,
    open: new Map(),
    ended: new Map(),
    lastOid: NOBODYS_OID,
    lastTid: 0,
    positionLots,
    cashMicroUsd,
    tape,
    entryTicks: 0,
    marginMicroUsd: 0,
    freeMicroUsd: opening.withdrawableMicroUsd,
    reserveMicroUsd: opening.reserveMicroUsd ?? 0,
    movedMicroUsd: 0,
    markTicks: null,
  }
}

/** What the venue says to a command. */
export function answerOf(account: PaperAccount, command: Approved, tsMs: number): RawInput[] {
  switch (command.kind) {
    case 'place':
      return [place(account, command.order)]
    case 'modify':
      return [modify(account, command.order, command.targetCloid)]
    case 'cancel':
      return command.cloid === null ? [] : [cancel(account, command.cloid)]
    case 'queryOrder':
      return [status(account, command.cloid, tsMs)]
    case 'resync':
      return [sample(account, tsMs)]
    case 'addMargin':
      return moveMargin(account, command.amountMicroUsd, tsMs)
    case 'releaseMargin':
      return moveMargin(account, -command.amountMicroUsd, tsMs)
    case 'moveCollateral':
      account.freeMicroUsd += command.amountMicroUsd
      account.reserveMicroUsd -= command.amountMicroUsd
      account.movedMicroUsd += command.amountMicroUsd
      return [sample(account, tsMs)]
    default:
      return assertNever(command)
  }
}

function place(account: PaperAccount, order: NewOrder): RawInput {
  account.lastOid += 1
  account.open.set(order.cloid, { oid: account.lastOid, order, openLots: order.sizeLots })
  return { kind: 'orderResting', cloid: order.cloid, oid: account.lastOid }
}

function end(account: PaperAccount, cloid: string, how: VenueOrderStatus): boolean {
  if (!account.open.delete(cloid)) return false
  account.ended.set(cloid, how)
  return true
}

function cancel(account: PaperAccount, cloid: string): RawInput {
  if (end(account, cloid, 'cancelled')) return { kind: 'cancelDone', cloid }
  return { kind: 'cancelRefused', cloid, refusal: 'gone', text: 'not open' }
}

function modify(account: PaperAccount, order: NewOrder, targetCloid: string): RawInput {
  if (end(account, targetCloid, 'cancelled')) return place(account, order)
  account.ended.set(order.cloid, 'rejected')
  return { kind: 'orderRefused', cloid: order.cloid, refusal: 'gone', text: 'not open' }
}

function status(account: PaperAccount, cloid: string, tsMs: number): RawInput {
  const held = account.open.get(cloid)
  return {
    kind: 'orderStatus',
    cloid,
    oid: held?.oid ?? null,
    status: held === undefined ? (account.ended.get(cloid) ?? 'unknown') : 'open',
    remainingLots: held?.openLots ?? 0,
    venueTsMs: tsMs,
  }
}

function sample(account: PaperAccount, tsMs: number): AccountInput {
  const openOrders = [...account.open.values()].map(({ oid, order, openLots }) => ({
    oid,
    cloid: order.cloid,
    side: order.side,
    priceTicks: order.priceTicks,
    remainingLots: openLots,
    reduceOnly: order.reduceOnly,
  }))
  const { positionLots, cashMicroUsd, opening } = account
  return { ...opening, ...isolatedOf(account), positionLots, cashMicroUsd, openOrders, venueTsMs: tsMs }
}

function moveMargin(account: PaperAccount, amountMicroUsd: number, tsMs: number): RawInput[] {
  account.marginMicroUsd += amountMicroUsd
  account.freeMicroUsd -= amountMicroUsd
  return [sample(account, tsMs)]
}

/** Margin and liquidation price of an isolated position, by the lowest margin tier of the market; nothing on a cross tape. */
function isolatedOf(account: PaperAccount): Partial<AccountInput> {
  const { tape, opening, positionLots, entryTicks, marginMicroUsd, markTicks } = account
  if (tape.isolatedMicroUsd === undefined) return {}
  const free = {
    withdrawableMicroUsd: account.freeMicroUsd,
    ...(opening.reserveMicroUsd === undefined
      ? {}
      : { reserveMicroUsd: account.reserveMicroUsd, movedTodayMicroUsd: account.movedMicroUsd }),
  }
  if (positionLots === 0) return { ...free, isolatedMarginMicroUsd: null, liquidationTicks: null }
  const maintenance = 1 / (2 * tape.market.maxLeverage)
  const size = Math.abs(positionLots)
  const sign = Math.sign(positionLots)
  const liquidationTicks = (sign * size * entryTicks - marginMicroUsd) / (size * (sign - maintenance))
  return {
    ...free,
    isolatedMarginMicroUsd: Math.round(
      marginMicroUsd + positionLots * ((markTicks ?? entryTicks) - entryTicks),
    ),
    liquidationTicks: liquidationTicks > 0 ? liquidationTicks : null,
  }
}

/** The entry is the mean price of what is held; what is taken off leaves it, and a position that turns begins anew. */
function noteIsolatedFill(account: PaperAccount, beforeLots: number, priceTicks: number): void {
  const { isolatedMicroUsd } = account.tape
  if (isolatedMicroUsd === undefined) return
  const afterLots = account.positionLots
  const isSameSide = beforeLots !== 0 && Math.sign(beforeLots) === Math.sign(afterLots)
  if (!isSameSide) {
    const changeMicroUsd = (afterLots === 0 ? 0 : isolatedMicroUsd) - account.marginMicroUsd
    account.marginMicroUsd += changeMicroUsd
    account.freeMicroUsd -= changeMicroUsd
    account.entryTicks = priceTicks
  } else if (Math.abs(afterLots) > Math.abs(beforeLots)) {
    const cost = account.entryTicks * beforeLots + priceTicks * (afterLots - beforeLots)
    account.entryTicks = cost / afterLots
  }
}

/** The fill of the tape as the fills of our orders, the innermost first; what is left over belongs to no order of ours. */
export function fillsOf(account: PaperAccount, of: TapeFill, tsMs: number): RawInput[] {
  const sign = signOf(of.side)
  const held = [...account.open.values()].filter(({ order }) => order.side === of.side)
  held.sort((a, b) => sign * (b.order.priceTicks - a.order.priceTicks))
  const inputs: RawInput[] = []
  let leftLots = of.sizeLots
  for (const order of held) {
    if (leftLots === 0) break
    const lots = Math.min(leftLots, order.openLots)
    inputs.push(partOf(account, of, tsMs, lots, order))
    order.openLots -= lots
    leftLots -= lots
    if (order.openLots === 0) end(account, order.order.cloid, 'filled')
  }
  if (leftLots > 0) inputs.push(partOf(account, of, tsMs, leftLots, null))
  return inputs
}

function partOf(
  account: PaperAccount,
  of: TapeFill,
  tsMs: number,
  lots: number,
  held: PaperOrder | null,
): FillInput {
  account.lastTid += 1
  const startPositionLots = account.positionLots
  const feeMicroUsd = Math.round((of.feeMicroUsd * lots) / of.sizeLots)
  account.positionLots += signOf(of.side) * lots
  account.cashMicroUsd -= signOf(of.side) * lots * of.priceTicks + feeMicroUsd
  noteIsolatedFill(account, startPositionLots, of.priceTicks)
  return {
    kind: 'fill',
    tid: account.lastTid,
    oid: held?.oid ?? NOBODYS_OID,
    cloid: held?.order.cloid ?? null,
    side: of.side,
    priceTicks: of.priceTicks,
    sizeLots: lots,
    feeMicroUsd,
    closedPnlMicroUsd: 0,
    startPositionLots,
    crossed: false,
    liquidation: false,
    venueTsMs: tsMs,
  }
}
