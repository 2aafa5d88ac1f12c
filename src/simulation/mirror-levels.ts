/** What a mirror should have: the recorded levels on this venue's coarser grid, bids down and asks up. */
import { priceStepTicks, snapAskUp, snapBidDown } from '../core/units.ts'
import { lotsMin } from './agent-account.ts'
import { COARSE_LEVELS, lotsOf } from './mirror-state.ts'
import type { DesiredSide, Mirror } from './mirror-state.ts'
import type { TapeSide } from './tape-book.ts'
import { E8 } from './tape.ts'

/** Coarse levels are each this many price steps wide (about 8 bps of BTC), moved when this share off. */
const COARSE_STEPS = 50
const COARSE_SLACK = 0.25

/**
 * Fills `out` with the recorded levels on our grid, best first. The nearest `levelCountMax` prices one by one; what
 * lies behind adds up in a few coarse levels at their far end, so that no burst of trades empties a side. Levels below the
 * venue's smallest order are left out.
 */
export function fillDesired(mirror: Mirror, side: TapeSide, out: DesiredSide): void {
  const { grid } = mirror.instrument
  const { sign, keys, sizesE8 } = side
  const e8PerTick = E8 / 10 ** grid.priceDecimals
  const e8PerLot = E8 / 10 ** grid.szDecimals
  out.count = 0
  let index = keys.length - 1
  for (let rank = 0; rank < mirror.levelCountMax + COARSE_LEVELS && index >= 0; rank += 1) {
    const priceTicks = ((keys[index] ?? 0) * sign) / e8PerTick
    const isCoarse = rank >= mirror.levelCountMax
    const placeTicks = placeOf(mirror, sign, priceTicks, isCoarse)
    if (placeTicks === null) break
    // Keys fall from here; all that reach the place belong to it.
    const lastKey = sign * placeTicks * e8PerTick
    let sizeE8 = 0
    for (; index >= 0; index -= 1) {
      const key = keys[index]
      if (key === undefined || key < lastKey) break
      sizeE8 += sizesE8[index] ?? 0
    }
    const lots = Math.floor(sizeE8 / e8PerLot)
    if (lots < lotsMin(placeTicks)) continue
    out.priceTicks[out.count] = placeTicks
    out.lots[out.count] = isCoarse ? lazyLots(mirror, sign, placeTicks, lots) : lots
    out.count += 1
  }
}

/** Where a recorded price stands on our grid, away from the middle; null for a bid that would be at nothing. */
function placeOf(mirror: Mirror, sign: 1 | -1, priceTicks: number, isCoarse: boolean): number | null {
  if (priceTicks < 1) return null
  const { grid } = mirror.instrument
  const fineTicks = sign === 1 ? snapBidDown(priceTicks, grid) : snapAskUp(priceTicks, grid)
  if (!isCoarse) return fineTicks
  const stepTicks = priceStepTicks(fineTicks, grid) * COARSE_STEPS
  const coarseTicks =
    (sign === 1 ? Math.floor(fineTicks / stepTicks) : Math.ceil(fineTicks / stepTicks)) * stepTicks
  return coarseTicks > 0 ? coarseTicks : null
}

/** A coarse level keeps what it has until that is far off. */
function lazyLots(mirror: Mirror, sign: 1 | -1, placeTicks: number, lots: number): number {
  const level = (sign === 1 ? mirror.bids : mirror.asks).get(placeTicks)
  const liveLots = level === undefined ? 0 : lotsOf(level)
  return Math.abs(liveLots - lots) <= lots * COARSE_SLACK ? liveLots : lots
}
