/**
 * Fee rates of one account on one market, parts per billion of notional. The venue tells the account's rates on the main DEX;
 * a builder DEX scales them.
 * @see https://hyperliquid.gitbook.io/hyperliquid-docs/trading/fees
 */
import { Decimal } from 'decimal.js'
import { numberOf, ppbOf } from './decimal.ts'
import { recordOf } from './wire.ts'

/** Growth mode: a tenth of everything, rebates too. */
const GROWTH_FACTOR = '0.1'

export interface FeeTerms {
  /** d ≥ 0: the DEX's own share on top. 0 on the main DEX. */
  readonly deployerFeeScale: number
  readonly growthMode: boolean
}

/** @param answer of `userFees`; discounts of the account (referral, staking) are already in its rates */
export function feeRates(
  answer: unknown,
  terms: FeeTerms,
): { readonly makerFeePpb: number; readonly takerFeePpb: number } {
  const fees = recordOf(answer, 'userFees')
  return {
    makerFeePpb: ppbOf(scaledRate(numberOf(fees['userAddRate']), terms)),
    takerFeePpb: ppbOf(scaledRate(numberOf(fees['userCrossRate']), terms)),
  }
}

/** Positive rates × (1 + d) below d = 1, × 2d from there on; rebates are not scaled by the deployer. */
function scaledRate(rate: Decimal, terms: FeeTerms): Decimal {
  const scale = new Decimal(terms.deployerFeeScale)
  const multiplier = scale.lt(1) ? scale.add(1) : scale.mul(2)
  const scaled = rate.gt(0) ? rate.mul(multiplier) : rate
  return terms.growthMode ? scaled.mul(GROWTH_FACTOR) : scaled
}
