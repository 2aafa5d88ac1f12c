/** Sub-accounts: further accounts of one master, traded for by naming them as `vaultAddress`. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { VenueContext } from '../context.ts'
import { SUB_ACCOUNTS_MAX, subAccountsOf } from '../registry.ts'
import { tokenNamed } from '../info/spot-wire.ts'
import { toWhole, USD_DECIMALS } from '../wire/decimals.ts'
import { address, decimal, whole } from '../wire/fields.ts'
import { toHex } from '../wire/hex.ts'
import type { WireAnswer } from '../wire/types.ts'
import {
  type ActionHandler,
  afterNonce,
  defineAction,
  DONE,
  refused,
  type Sender,
  submitAction,
} from './action.ts'

const name = z.string().min(1).max(16)

export const createSubAccount: ActionHandler = defineAction({
  schema: z.strictObject({ type: z.literal('createSubAccount'), name }),
  run: (action, call) => afterNonce(call, () => createFor(call.context, call.sender, action.name)),
})

export const subAccountModify: ActionHandler = defineAction({
  schema: z.strictObject({ type: z.literal('subAccountModify'), subAccountUser: address, name }),
  run: (action, call) =>
    afterNonce(call, () => {
      const { context, sender } = call
      const sub = context.registry.subAccounts.get(action.subAccountUser)
      if (sub?.master !== sender.master) return notRegistered(action.subAccountUser, sender)
      sub.name = action.name
      return DONE
    }),
})

/** Between the main DEX balances of master and sub-account; `usd` in micro-dollars. */
export const subAccountTransfer: ActionHandler = defineAction({
  schema: z.strictObject({
    type: z.literal('subAccountTransfer'),
    subAccountUser: address,
    isDeposit: z.boolean(),
    usd: whole,
  }),
  run: ({ subAccountUser, isDeposit, usd }, call) => {
    const { context, sender } = call
    if (context.registry.subAccounts.get(subAccountUser)?.master !== sender.master) {
      return call.respond(notRegistered(subAccountUser, sender))
    }
    const from = { ...sender, account: isDeposit ? sender.master : subAccountUser }
    const to = isDeposit ? subAccountUser : sender.master
    submitAction(
      { ...call, sender: from },
      { kind: 'transfer', to, fromDex: 0, toDex: 0, amountMicroUsd: usd, via: 'subAccountTransfer' },
    )
  },
})

/** The same within the spot ledger, in any token. */
export const subAccountSpotTransfer: ActionHandler = defineAction({
  schema: z.strictObject({
    type: z.literal('subAccountSpotTransfer'),
    subAccountUser: address,
    isDeposit: z.boolean(),
    token: z.string(),
    amount: decimal,
  }),
  run: (action, call) => {
    const { context, sender, respond } = call
    const { subAccountUser, isDeposit } = action
    if (context.registry.subAccounts.get(subAccountUser)?.master !== sender.master) {
      return respond(notRegistered(subAccountUser, sender))
    }
    const token = tokenNamed(context, action.token)
    const amountMicroUsd = toWhole(action.amount, USD_DECIMALS)
    if (token === null) return respond(refused(`Invalid token ${action.token}`))
    if (amountMicroUsd === null) return respond(refused('Amount must have at most 6 decimals.'))
    const from = { ...sender, account: isDeposit ? sender.master : subAccountUser }
    const to = isDeposit ? subAccountUser : sender.master
    const within = { fromDex: 'spot', toDex: 'spot', tokenIndex: token.index } as const
    submitAction(
      { ...call, sender: from },
      { kind: 'transfer', to, ...within, amountMicroUsd, via: 'spotSend' },
    )
  },
})

function createFor(context: VenueContext, sender: Sender, subName: string): WireAnswer {
  const { master } = sender
  const siblings = subAccountsOf(context.registry, master)
  if (siblings.length >= SUB_ACCOUNTS_MAX) return refused('Too many sub-accounts.')
  // Nobody holds a key of it: it is reached through its master alone.
  const digest = createHash('sha256').update(`sub-account ${siblings.length} of ${master}`).digest('hex')
  const subAddress = toHex(`0x${digest.slice(0, 40)}`)
  context.registry.subAccounts.set(subAddress, { address: subAddress, master, name: subName })
  return { status: 'ok', response: { type: 'createSubAccount', data: subAddress } }
}

function notRegistered(subAccount: string, sender: Sender): WireAnswer {
  return refused(`Sub-account ${subAccount} is not registered to ${sender.master}`)
}
