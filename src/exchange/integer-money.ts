/** The two roundings of the venue's money on the hot path, exact without BigInt in the usual range. */
import { mulDivHalfEven, mulDivTrunc, type PPB as BILLION } from '../core/math/integer.ts'

/** Below this a product is exact in a float64, and so is twice a remainder of it. */
const PRODUCT_SAFE = 2 ** 53
/** Products of two numbers below this are. */
const FACTOR_SAFE = 94_906_265

// Own constants are folded into the machine code, imported ones are looked up at every use.
const PPB: typeof BILLION = 1_000_000_000

/** 90 bp: times a billion it stays exact. */
const RATE_SAFE_PPB = 9_000_000

/** notional × rate, truncated towards zero to the micro-dollar: the fee of a fill. @param ratePpb may be negative */
export function feeOf(notionalMicroUsd: number, ratePpb: number): number {
  // Most fills are below a thousand dollars and cost something, and for them one division does.
  if (notionalMicroUsd < PPB && ratePpb >= 0 && ratePpb <= RATE_SAFE_PPB) {
    return Math.floor((notionalMicroUsd * ratePpb) / PPB)
  }
  return feeOfAny(notionalMicroUsd, ratePpb)
}

function feeOfAny(notionalMicroUsd: number, ratePpb: number): number {
  const magnitude = Math.abs(ratePpb)
  if (magnitude > RATE_SAFE_PPB) return mulDivTrunc(notionalMicroUsd, ratePpb, PPB)
  const thousands = Math.floor(notionalMicroUsd / PPB)
  const rest = notionalMicroUsd - thousands * PPB
  // rest < 10^9 and rate ≤ 9·10^6 ppb (90 bp): the product is exact.
  const fee = thousands * magnitude + Math.floor((rest * magnitude) / PPB)
  return ratePpb < 0 && fee !== 0 ? -fee : fee
}

/** cost × part / whole to the nearest, halves to even. @param part 0 ≤ part ≤ whole */
export function shareOf(costMicroUsd: number, part: number, whole: number): number {
  if (part === whole) return costMicroUsd
  const product = costMicroUsd * part
  // Within these bounds every number below is whole and exact, and so is the quotient's floor.
  if (!(product >= 0 && product < PRODUCT_SAFE)) return shareOfLarge(costMicroUsd, part, whole)
  const share = Math.floor(product / whole)
  return toNearest(share, 2 * (product - share * whole), whole)
}

/** By the whole micro-dollars of a lot and by what is left of them, whose products are smaller. */
function shareOfLarge(costMicroUsd: number, part: number, whole: number): number {
  if (whole >= FACTOR_SAFE || costMicroUsd < 0) return mulDivHalfEven(costMicroUsd, part, whole)
  const perLot = Math.floor(costMicroUsd / whole)
  const restTimesPart = (costMicroUsd - perLot * whole) * part
  const extra = Math.floor(restTimesPart / whole)
  return toNearest(perLot * part + extra, 2 * (restTimesPart - extra * whole), whole)
}

/** @param twice twice the remainder of a division by `whole` whose floor is `share` */
function toNearest(share: number, twice: number, whole: number): number {
  return twice < whole || (twice === whole && share % 2 === 0) ? share : share + 1
}
