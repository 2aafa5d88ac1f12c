/**
 * Builder fees: whoever sent an order to the exchange for an account may charge a share of each of its fills, on top of
 * the venue's fee. What builders earn is owed to them per DEX until they claim it into their spot ledger.
 */
import { DONE, refused } from './command-answer.ts'
import type { Address, BuilderFee, CommandAnswer } from './command.ts'
import { creditSpot } from './accounting.ts'
import { feeOf } from './integer-money.ts'
import { BUILDER_FEE_PPB_MAX } from './limits.ts'
import { touchPurse } from './risk-list.ts'
import type { Account, BuilderAccount, Exchange, Holding } from './state.ts'

/** @returns what is wrong with a builder's fee, in words; null when nothing is */
export function builderFault(builder: BuilderFee): string | null {
  const { feePpb } = builder
  if (Number.isSafeInteger(feePpb) && feePpb >= 0 && feePpb <= BUILDER_FEE_PPB_MAX) return null
  return `Builder fee must be between 0 and ${BUILDER_FEE_PPB_MAX / 1e7}% of the notional.`
}

/** Charges one fill of an order. @returns the builder's fee, micro-dollars; 0 when the order has no builder */
export function chargeBuilder(exchange: Exchange, holding: Holding, oid: number, notional: number): number {
  const builder = exchange.builderByOid.get(oid)
  if (builder === undefined) return 0
  const fee = feeOf(notional, builder.feePpb)
  const { purse } = holding
  purse.cashMicroUsd -= fee
  touchPurse(purse)
  purse.dex.books.builderFeeMicroUsd += fee
  accountOf(exchange, builder.address).owedMicroUsd[purse.dex.spec.index]! += fee
  return fee
}

function accountOf(exchange: Exchange, builder: Address): BuilderAccount {
  const known = exchange.builders.get(builder)
  if (known !== undefined) return known
  const fresh: BuilderAccount = { owedMicroUsd: exchange.dexs.map(() => 0), claimedMicroUsd: 0 }
  exchange.builders.set(builder, fresh)
  return fresh
}

/** What is owed goes to the spot ledger, each DEX in its own token. */
export function claimRewards(exchange: Exchange, account: Account): CommandAnswer {
  const builder = exchange.builders.get(account.address)
  const total = builder?.owedMicroUsd.reduce((sum, owed) => sum + owed, 0) ?? 0
  if (builder === undefined || total === 0) return refused('No rewards to claim.')
  for (const { spec, books } of exchange.dexs) {
    const owed = builder.owedMicroUsd[spec.index]!
    if (owed === 0) continue
    builder.owedMicroUsd[spec.index] = 0
    books.builderFeeMicroUsd -= owed
    books.outsideMicroUsd -= owed
    creditSpot(exchange, account, spec.collateral.index, owed)
  }
  builder.claimedMicroUsd += total
  return DONE
}
