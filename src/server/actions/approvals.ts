/** Whom an account lets act or charge for it: API wallets, builders, referrers, and how its balances are joined. */
import { z } from 'zod'
import { hasAccount } from '../../exchange/queries/account.ts'
import { approveAgent as grantAgent, approveBuilder } from '../registry.ts'
import { toWhole } from '../wire/decimals.ts'
import { address, whole } from '../wire/fields.ts'
import type { WireAnswer } from '../wire/types.ts'
import { type ActionHandler, afterNonce, defineAction, DONE, refused, submitAction } from './action.ts'
import { chain } from './transfers.ts'

/** Unified accounts and portfolio margin join balances across DEXs; this exchange keeps them apart, as the default does. */
const ONLY_SEPARATE = 'Only separate balances per DEX (disabled) are offered on this exchange.'

export const approveAgent: ActionHandler = defineAction({
  schema: z.strictObject({
    type: z.literal('approveAgent'),
    ...chain,
    agentAddress: address,
    agentName: z.string().nullish(),
    nonce: whole,
  }),
  run: (action, call) =>
    afterNonce(call, () => {
      const { context, sender } = call
      const nowTsMs = context.world.nowTsMs
      // A key that has an account of its own would be two signers at once.
      if (hasAccount(context.exchange, action.agentAddress)) return refused('Extra agent already used.')
      const grant = {
        master: sender.account,
        address: action.agentAddress,
        name: action.agentName ?? '',
        nowTsMs,
      }
      return toAnswer(grantAgent(context.registry, grant))
    }),
})

export const approveBuilderFee: ActionHandler = defineAction({
  schema: z.strictObject({
    type: z.literal('approveBuilderFee'),
    ...chain,
    maxFeeRate: z.string().regex(/^\d{1,3}(\.\d{1,9})?%$/),
    builder: address,
    nonce: whole,
  }),
  run: (action, call) =>
    afterNonce(call, () => {
      const { context, sender } = call
      // One thousandth of a percent is one tenth of a basis point.
      const tenthsOfBp = toWhole(action.maxFeeRate.slice(0, -1), 3)
      if (tenthsOfBp === null) return refused('maxFeeRate has more than three decimals.')
      return toAnswer(
        approveBuilder(context.registry, { user: sender.account, builder: action.builder, tenthsOfBp }),
      )
    }),
})

export const setReferrer: ActionHandler = defineAction({
  schema: z.strictObject({ type: z.literal('setReferrer'), code: z.string().min(1).max(20) }),
  run: ({ code }, call) =>
    submitAction(call, { kind: 'setReferrer' }, () => {
      call.context.registry.referrers.set(call.sender.master, code)
      return DONE
    }),
})

export const userSetAbstraction: ActionHandler = defineAction({
  schema: z.strictObject({
    type: z.literal('userSetAbstraction'),
    ...chain,
    user: address,
    abstraction: z.enum(['disabled', 'unifiedAccount', 'portfolioMargin', 'dexAbstraction']),
    nonce: whole,
  }),
  run: ({ abstraction }, call) =>
    afterNonce(call, () => {
      const { context, sender } = call
      if (abstraction !== 'disabled') return refused(ONLY_SEPARATE)
      context.registry.abstractionDisabled.add(sender.account)
      return DONE
    }),
})

export const agentSetAbstraction: ActionHandler = defineAction({
  schema: z.strictObject({ type: z.literal('agentSetAbstraction'), abstraction: z.enum(['i', 'u', 'p']) }),
  run: ({ abstraction }, call) =>
    afterNonce(call, () => {
      const { context, sender } = call
      if (abstraction !== 'i') return refused(ONLY_SEPARATE)
      context.registry.abstractionDisabled.add(sender.account)
      return DONE
    }),
})

export const userDexAbstraction: ActionHandler = defineAction({
  schema: z.strictObject({
    type: z.literal('userDexAbstraction'),
    ...chain,
    user: address,
    enabled: z.boolean(),
    nonce: whole,
  }),
  run: ({ enabled }, call) => afterNonce(call, () => (enabled ? refused(ONLY_SEPARATE) : DONE)),
})

export const agentEnableDexAbstraction: ActionHandler = defineAction({
  schema: z.strictObject({ type: z.literal('agentEnableDexAbstraction') }),
  run: (_action, call) => afterNonce(call, () => refused(ONLY_SEPARATE)),
})

/** There are no vaults here, and the venue says the same of an address that is none. */
export const vaultTransfer: ActionHandler = defineAction({
  schema: z.strictObject({
    type: z.literal('vaultTransfer'),
    vaultAddress: address,
    isDeposit: z.boolean(),
    usd: whole,
  }),
  run: ({ vaultAddress }, call) => afterNonce(call, () => refused(`Vault not registered: ${vaultAddress}`)),
})

function toAnswer(refusal: string | null): WireAnswer {
  return refusal === null ? DONE : refused(refusal)
}
