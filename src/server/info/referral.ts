/** What an account is to others: who brought it, what it earned as a builder, what sending money to it costs, what it has staked. */
import { z } from 'zod'
import { hasAccount } from '../../exchange/queries/account.ts'
import { builderRewards, tradedVolumeMicroUsd } from '../../exchange/queries/money.ts'
import { ZERO_ADDRESS } from '../../signing/typed-data.ts'
import { volumeText } from '../wire/account.ts'
import { fromMicroUsd } from '../wire/decimals.ts'
import { address } from '../wire/fields.ts'
import { defineInfo, type InfoHandler } from './info.ts'

/** Codes are not registered here: whoever is behind one has no address. */
export const referral: InfoHandler = defineInfo(z.object({ user: address }), (context, { user }) => {
  const code = context.registry.referrers.get(user)
  const { owedMicroUsd, claimedMicroUsd } = builderRewards(context.exchange, user)
  return {
    referredBy: code === undefined ? null : { referrer: ZERO_ADDRESS, code },
    cumVlm: volumeText(tradedVolumeMicroUsd(context.exchange, user)),
    unclaimedRewards: '0.0',
    claimedRewards: fromMicroUsd(claimedMicroUsd),
    builderRewards: fromMicroUsd(owedMicroUsd),
    referrerState: { stage: 'needToCreateCode' },
    rewardHistory: [],
    tokenToState: [],
  }
})

export const preTransferCheck: InfoHandler = defineInfo(
  z.object({ user: address, source: address }),
  (context, { user }) => {
    const userExists = hasAccount(context.exchange, user)
    return {
      fee: fromMicroUsd(userExists ? 0 : context.exchange.options.activationFeeMicroUsd),
      isSanctioned: false,
      userExists,
      userHasSentTx: (context.exchange.nonces.get(user)?.length ?? 0) > 0,
    }
  },
)

/** Nothing is staked here. */
export const delegatorSummary: InfoHandler = defineInfo(z.object({ user: address }), () => ({
  delegated: '0.0',
  undelegated: '0.0',
  totalPendingWithdrawal: '0.0',
  nPendingWithdrawals: 0,
}))

/** Everybody may trade on a local exchange. */
export const legalCheck: InfoHandler = defineInfo(z.object({ user: address }), () => ({
  ipAllowed: true,
  acceptedTerms: true,
  userAllowed: true,
}))
