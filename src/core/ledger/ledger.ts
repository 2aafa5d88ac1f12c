/**
 * Position, cash and PnL of the session, in whole lots and micro-dollars. A position changes only by a venue fill or a
 * journalled adjustment with a reason; every micro-dollar is in exactly one of the sums below.
 *
 * state   O(1) integers
 * source  average-cost accounting, maths: position accounting; a reduction releases its share of the cost rounded half to
 *         even and the remainder stays in the cost, so that realised + cost is exact
 */
import { assert, isWhole } from '../assert.ts'
import { mulDivHalfEven } from '../math/integer.ts'
import { signOf } from '../units.ts'
import type { Side } from '../units.ts'
import type { PnlView } from '../view.ts'

export interface Ledger {
  /** Signed; fills only, without what immediate answers announced. */
  positionLots: number
  /** What the open position cost (long) or brought (short): always ≥ 0. */
  costMicroUsd: number
  realisedMicroUsd: number
  /** Cost positive. */
  feesMicroUsd: number
  /** Received positive. */
  fundingMicroUsd: number
  /** Σ over fills of side × (mid at fill − price) × size. */
  spreadMicroUsd: number
  /** Cash flow of fills alone: −Σ side × price × size. With fees and funding it must equal the venue's. */
  cashFlowMicroUsd: number
  /** Σ lots × price of positions taken over, signed: no cash of ours moved for them. */
  adjustedMicroUsd: number
  volumeMicroUsd: number
  fillCount: number
  /** PnL at the start of the UTC day that `dayIndex` names. */
  dayIndex: number
  dayStartMicroUsd: number
}

const DAY_MS = 86_400_000

export function initLedger(): Ledger {
  return {
    positionLots: 0,
    costMicroUsd: 0,
    realisedMicroUsd: 0,
    feesMicroUsd: 0,
    fundingMicroUsd: 0,
    spreadMicroUsd: 0,
    cashFlowMicroUsd: 0,
    adjustedMicroUsd: 0,
    volumeMicroUsd: 0,
    fillCount: 0,
    dayIndex: 0,
    dayStartMicroUsd: 0,
  }
}

export interface LedgerFill {
  readonly side: Side
  readonly priceTicks: number
  readonly sizeLots: number
  readonly feeMicroUsd: number
  /** Mid at the fill, ticks; null when there was none (then the fill price stands in: no spread is claimed). */
  readonly midTicks: number | null
}

export function applyLedgerFill(ledger: Ledger, fill: LedgerFill): void {
  const sign = signOf(fill.side)
  const notional = fill.priceTicks * fill.sizeLots
  assert(isWhole(notional) && notional > 0, 'a fill has a positive whole notional')
  moveCostBasis(ledger, sign * fill.sizeLots, fill.priceTicks)
  ledger.cashFlowMicroUsd -= sign * notional
  ledger.feesMicroUsd += fill.feeMicroUsd
  ledger.volumeMicroUsd += notional
  ledger.fillCount += 1
  if (fill.midTicks !== null) {
    ledger.spreadMicroUsd += Math.trunc(sign * (fill.midTicks - fill.priceTicks) * fill.sizeLots)
  }
  assert(ledger.positionLots !== 0 || ledger.costMicroUsd === 0, 'a flat position has no cost')
}

/** Closes against the open position first, at its average cost; what is left opens at the fill price. */
function moveCostBasis(ledger: Ledger, signedLots: number, priceTicks: number): void {
  const heldLots = Math.abs(ledger.positionLots)
  const isOpposite = ledger.positionLots !== 0 && ledger.positionLots > 0 !== signedLots > 0
  const closedLots = isOpposite ? Math.min(heldLots, Math.abs(signedLots)) : 0
  if (closedLots > 0) {
    const released = mulDivHalfEven(ledger.costMicroUsd, closedLots, heldLots)
    const direction = ledger.positionLots > 0 ? 1 : -1
    ledger.realisedMicroUsd += direction * (closedLots * priceTicks - released)
    ledger.costMicroUsd -= released
  }
  ledger.costMicroUsd += (Math.abs(signedLots) - closedLots) * priceTicks
  ledger.positionLots += signedLots
}

/**
 * Takes over a position that no fill of ours explains (one held before the start, or moved by somebody else), at the
 * price of now: the session neither gains nor loses by it.
 */
export function adjustPosition(
  ledger: Ledger,
  to: { readonly positionLots: number; readonly priceTicks: number },
): void {
  const deltaLots = to.positionLots - ledger.positionLots
  if (deltaLots === 0) return
  const priceTicks = Math.round(to.priceTicks)
  assert(priceTicks > 0, 'an adjustment needs a price')
  moveCostBasis(ledger, deltaLots, priceTicks)
  ledger.adjustedMicroUsd += deltaLots * priceTicks
  assert(ledger.positionLots === to.positionLots, 'the adjustment ends at the wanted position')
}

/** @param markTicks price to value the position at, real number of ticks; null: at cost */
export function pnlOf(ledger: Ledger, markTicks: number | null): PnlView {
  const value =
    markTicks === null
      ? Math.sign(ledger.positionLots) * ledger.costMicroUsd
      : Math.round(markTicks * ledger.positionLots)
  const unrealised = value - Math.sign(ledger.positionLots) * ledger.costMicroUsd
  const total = ledger.realisedMicroUsd + unrealised - ledger.feesMicroUsd + ledger.fundingMicroUsd
  return {
    totalMicroUsd: total,
    spreadMicroUsd: ledger.spreadMicroUsd,
    feesMicroUsd: -ledger.feesMicroUsd,
    fundingMicroUsd: ledger.fundingMicroUsd,
    inventoryMicroUsd: total - ledger.spreadMicroUsd + ledger.feesMicroUsd - ledger.fundingMicroUsd,
    realisedMicroUsd: ledger.realisedMicroUsd,
    unrealisedMicroUsd: unrealised,
  }
}

/** Notes the PnL at which a new UTC day starts. The first call opens the day of the start with zero. */
export function rollDay(ledger: Ledger, tsMs: number, totalMicroUsd: number): void {
  const dayIndex = Math.floor(tsMs / DAY_MS)
  if (dayIndex === ledger.dayIndex) return
  ledger.dayStartMicroUsd = ledger.dayIndex === 0 ? 0 : totalMicroUsd
  ledger.dayIndex = dayIndex
}
