/**
 * The money of a paper account on one market: cash, position, fees, funding, margin.
 *
 * in      fills, marks, the venue's time
 * out     fill, funding and account inputs
 * state   plain numbers; cash is free of marks, as on the venue: deposits − signed notional − fees + funding
 */
import { assert } from '../../core/assert.ts'
import type { AccountInput, FillInput, FundingPaid, OpenOrder } from '../../core/input.ts'
import type { MarketSpec } from '../../core/market.ts'
import { notionalMicroUsd, signOf } from '../../core/units.ts'
import type { Side } from '../../core/units.ts'

/** Owned by this file, but the three numbers of the context, which its writer sets. */
export interface PaperAccount {
  readonly market: MarketSpec
  lastTid: number
  positionLots: number
  cashMicroUsd: number
  /** What the open position cost, signed as it. */
  entryMicroUsd: number
  markTicks: number | null
  oracleTicks: number | null
  fundingPerHour: number
  feesMicroUsd: number
  /** The hour up to which funding was paid; null before the first message. */
  fundedHour: number | null
}

export interface PaperFill {
  readonly priceTicks: number
  readonly sizeLots: number
  readonly side: Side
  readonly oid: number
  readonly cloid: string | null
  readonly crossed: boolean
  readonly liquidation?: boolean
  readonly tsMs: number
}

const PPB = 1e9
const MS_PER_HOUR = 3_600_000

export function initPaperAccount(of: {
  readonly market: MarketSpec
  readonly capitalMicroUsd: number
}): PaperAccount {
  assert(
    Number.isSafeInteger(of.capitalMicroUsd) && of.capitalMicroUsd > 0,
    'paper money is a positive amount',
  )
  return {
    market: of.market,
    lastTid: 0,
    positionLots: 0,
    cashMicroUsd: of.capitalMicroUsd,
    entryMicroUsd: 0,
    markTicks: null,
    oracleTicks: null,
    fundingPerHour: 0,
    feesMicroUsd: 0,
    fundedHour: null,
  }
}

/** What the venue takes for a fill by the rates of the market. A maker rate that nobody tells is taken for the taker's: too dear rather than too cheap. */
export function paperFeeMicroUsd(
  { makerFeePpb, takerFeePpb }: MarketSpec,
  of: { readonly priceTicks: number; readonly sizeLots: number; readonly crossed: boolean },
): number {
  const ratePpb = of.crossed ? takerFeePpb : (makerFeePpb ?? takerFeePpb)
  // No negative zero: the journal tells it apart.
  return Math.round((notionalMicroUsd(of) * ratePpb) / PPB) + 0
}

export function applyPaperFill(account: PaperAccount, of: PaperFill): FillInput {
  const { market, positionLots: startPositionLots } = account
  const { priceTicks, sizeLots, side, crossed } = of
  assert(Number.isSafeInteger(sizeLots) && sizeLots > 0, 'a fill has a whole positive size')
  const notional = notionalMicroUsd({ priceTicks, sizeLots })
  const feeMicroUsd = paperFeeMicroUsd(market, of)
  const closedPnlMicroUsd = closeEntry(account, of)
  account.lastTid += 1
  account.positionLots += signOf(side) * sizeLots
  account.feesMicroUsd += feeMicroUsd
  account.cashMicroUsd -= signOf(side) * notional + feeMicroUsd
  return {
    ...{ kind: 'fill', tid: account.lastTid, oid: of.oid, cloid: of.cloid, side, priceTicks, sizeLots },
    ...{ feeMicroUsd, closedPnlMicroUsd, startPositionLots, crossed },
    ...{ liquidation: of.liquidation ?? false, venueTsMs: of.tsMs },
  }
}

/** Takes the closed part of the position out of its cost and puts what is new into it. @returns what closing earned */
function closeEntry(account: PaperAccount, { side, priceTicks, sizeLots }: PaperFill): number {
  const { positionLots } = account
  const sign = signOf(side)
  const isReducing = positionLots !== 0 && Math.sign(positionLots) !== sign
  const closedLots = isReducing ? Math.min(sizeLots, Math.abs(positionLots)) : 0
  const closedCost =
    closedLots === 0 ? 0 : Math.round((account.entryMicroUsd * closedLots) / Math.abs(positionLots))
  account.entryMicroUsd += sign * (sizeLots - closedLots) * priceTicks - closedCost
  return closedLots === 0 ? 0 : -sign * closedLots * priceTicks - closedCost
}

/** Funding at every full hour of the venue, on what is held then: longs pay a positive rate. */
export function fundingOf(account: PaperAccount, venueTsMs: number): FundingPaid[] {
  const hour = Math.floor(venueTsMs / MS_PER_HOUR)
  const before = account.fundedHour
  account.fundedHour = Math.max(before ?? hour, hour)
  if (before === null || hour <= before || account.oracleTicks === null) return []
  const paid = Math.round(account.positionLots * account.oracleTicks * account.fundingPerHour)
  if (paid === 0) return []
  account.cashMicroUsd -= paid
  return [{ kind: 'fundingPaid', amountMicroUsd: -paid, venueTsMs: hour * MS_PER_HOUR }]
}

export function accountValueMicroUsd({ cashMicroUsd, positionLots, markTicks }: PaperAccount): number {
  return cashMicroUsd + Math.round(positionLots * (markTicks ?? 0))
}

/** Whether position, resting orders of this side and a new one stay within what the leverage allows. */
export function canHold(
  account: PaperAccount,
  restingLots: number,
  order: { readonly side: Side; readonly sizeLots: number; readonly priceTicks: number },
): boolean {
  const lots = Math.abs(account.positionLots + signOf(order.side) * (restingLots + order.sizeLots))
  // An order that makes the position smaller is always held.
  if (lots <= Math.abs(account.positionLots)) return true
  const priceTicks = account.markTicks ?? order.priceTicks
  return (lots * priceTicks) / account.market.maxLeverage <= accountValueMicroUsd(account)
}

/** The venue asks for half of the initial margin at most leverage. */
function maintenanceShare({ market }: PaperAccount): number {
  return 1 / (2 * market.maxLeverage)
}

export function isLiquidatable(account: PaperAccount): boolean {
  const { positionLots, markTicks } = account
  if (positionLots === 0 || markTicks === null) return false
  return accountValueMicroUsd(account) < Math.abs(positionLots) * markTicks * maintenanceShare(account)
}

function liquidationTicksOf(account: PaperAccount): number | null {
  const { positionLots, cashMicroUsd } = account
  if (positionLots === 0) return null
  // cash + position × p = |position| × p × share
  const ticks = -cashMicroUsd / (positionLots - Math.abs(positionLots) * maintenanceShare(account))
  return ticks > 0 ? ticks : null
}

export function paperSample(
  account: PaperAccount,
  openOrders: readonly OpenOrder[],
  venueTsMs: number,
): AccountInput {
  const { market, positionLots, cashMicroUsd, markTicks } = account
  const accountValue = accountValueMicroUsd(account)
  const initialMargin = Math.ceil((Math.abs(positionLots) * (markTicks ?? 0)) / market.maxLeverage)
  return {
    kind: 'account',
    positionLots,
    cashMicroUsd,
    accountValueMicroUsd: accountValue,
    withdrawableMicroUsd: Math.max(accountValue - initialMargin, 0),
    isolatedMarginMicroUsd:
      market.marginMode === 'isolated' && positionLots !== 0 ? Math.max(accountValue, 0) : null,
    liquidationTicks: liquidationTicksOf(account),
    openOrders,
    venueTsMs,
  }
}
