/**
 * Where the money came from, in whole micro-dollars. For each fill the value of what was traded is followed from the price paid
 * over two later valuations to the end; the differences telescope, so the parts add up exactly:
 *
 *   price ──spread──> mid before the fill ──adverse selection──> mid after the horizon ──inventory──> mark at the end
 *
 * Fees and funding are what the exchange booked. Liquidation is the distance of forced fills from the mid, and margin that the
 * exchange took or gave with them.
 */
import { signOf } from '../core/units.ts'
import { cell } from './columns.ts'
import { midAfter } from './markouts.ts'
import type { Recording } from './recording.ts'

export interface Attribution {
  /** Change of the account value between the first and the last sample, by the exchange's books. */
  readonly equityChangeMicroUsd: number
  readonly spreadMicroUsd: number
  readonly adverseSelectionMicroUsd: number
  readonly inventoryMicroUsd: number
  /** Cost negative. */
  readonly feesMicroUsd: number
  readonly fundingMicroUsd: number
  readonly liquidationMicroUsd: number
  /** Equity change less all of the above: 0, or the exchange moved money that no event told of. */
  readonly unexplainedMicroUsd: number
  readonly horizonMs: number
}

/** Longer than a bounce, shorter than a trend. */
export const ADVERSE_HORIZON_MS = 10_000

export function attributionOf(recording: Recording): Attribution {
  const { samples, fills } = recording
  const last = samples.length - 1
  let spread = 0
  let adverse = 0
  let forced = 0
  let fees = 0
  let cashFlow = 0
  /** Value of the position by its mids after the horizon: what inventory starts from. */
  let carried = 0
  for (const fill of fills) {
    const sign = signOf(fill.side)
    const paid = fill.priceTicks * fill.sizeLots
    const atFill = Math.round(fill.midTicks * fill.sizeLots)
    const later = midAfter(recording, fill, ADVERSE_HORIZON_MS) ?? cell(samples, 'midTicks', last)
    const afterHorizon = fill.liquidation ? atFill : Math.round(later * fill.sizeLots)
    if (fill.liquidation) forced += sign * (atFill - paid)
    else spread += sign * (atFill - paid)
    adverse += sign * (afterHorizon - atFill)
    carried += sign * afterHorizon
    fees -= fill.feeMicroUsd
    cashFlow -= sign * paid
  }
  const held = (row: number): number => cell(samples, 'positionLots', row) * cell(samples, 'markTicks', row)
  // A position that was taken over neither gains nor loses by that: it enters at the price of that moment.
  const inventory = held(last) - held(0) - carried - recording.takenOverMicroUsd
  const funding = recording.funding.reduce((sum, paid) => sum + paid.amountMicroUsd, 0)
  const cashChange = recording.cashEndMicroUsd - recording.cashStartMicroUsd
  const taken =
    recording.liquidationCount === 0
      ? 0
      : cashChange - cashFlow - fees - funding + recording.takenOverMicroUsd
  const liquidation = forced + taken
  const equityChange = cell(samples, 'equityMicroUsd', last) - cell(samples, 'equityMicroUsd', 0)
  const explained = spread + adverse + inventory + fees + funding + liquidation
  return {
    equityChangeMicroUsd: equityChange,
    spreadMicroUsd: spread,
    adverseSelectionMicroUsd: adverse,
    inventoryMicroUsd: inventory,
    feesMicroUsd: fees,
    fundingMicroUsd: funding,
    liquidationMicroUsd: liquidation,
    unexplainedMicroUsd: equityChange - explained,
    horizonMs: ADVERSE_HORIZON_MS,
  }
}
