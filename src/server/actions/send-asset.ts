/**
 * Money between two places of one token: DEXs, the spot ledger, and the same of another account. Signed by the account itself,
 * or by its API wallet, which reaches the accounts of its master alone.
 */
import { z } from 'zod'
import type { Place } from '../../exchange/command.ts'
import type { VenueContext } from '../context.ts'
import { dexAt } from '../directory.ts'
import { tokenNamed, tokenText } from '../info/spot-wire.ts'
import { whole } from '../wire/fields.ts'
import { type ActionCall, type ActionHandler, defineAction, refused } from './action.ts'
import { addressText, amountText, chain, transfer, unknownToken } from './transfers.ts'

const fields = {
  destination: addressText,
  sourceDex: z.string(),
  destinationDex: z.string(),
  token: z.string(),
  amount: amountText,
  fromSubAccount: z.union([z.literal(''), addressText]),
  nonce: whole,
}

interface SendAsset {
  readonly destination: string
  readonly sourceDex: string
  readonly destinationDex: string
  readonly token: string
  readonly amount: string
  /** '': the sender's own account. */
  readonly fromSubAccount: string
}

export const sendAsset: ActionHandler = defineAction({
  schema: z.strictObject({ type: z.literal('sendAsset'), ...chain, ...fields }),
  run: send,
})

export const agentSendAsset: ActionHandler = defineAction({
  schema: z.strictObject({ type: z.literal('agentSendAsset'), ...fields }),
  run: (action, call) => {
    const { context, sender, respond } = call
    if (action.nonce !== sender.nonce) {
      return respond(refused(`Invalid nonce: ${sender.nonce} differs from the signed ${action.nonce}`))
    }
    const to = action.destination.toLowerCase()
    if (to !== sender.master && context.registry.subAccounts.get(to)?.master !== sender.master) {
      return respond(refused(`API wallets send to accounts of ${sender.master} only.`))
    }
    send(action, call)
  },
})

function send(action: SendAsset, call: ActionCall): void {
  const { context, sender, respond } = call
  const fromDex = placeNamed(context, action.sourceDex)
  const toDex = placeNamed(context, action.destinationDex)
  if (fromDex === null) return respond(refused(`Invalid perp DEX ${action.sourceDex}`))
  if (toDex === null) return respond(refused(`Invalid perp DEX ${action.destinationDex}`))
  const token = tokenNamed(context, action.token)
  if (token === null) return respond(refused(unknownToken(context, action.token)))
  const collateral = fromDex === 'spot' ? token : dexAt(context.directory, fromDex).collateral
  if (collateral.index !== token.index) {
    return respond(refused(`Only the collateral token ${tokenText(collateral)} can be sent from this DEX.`))
  }
  const from = action.fromSubAccount === '' ? sender.account : action.fromSubAccount.toLowerCase()
  if (from !== sender.account && context.registry.subAccounts.get(from)?.master !== sender.account) {
    return respond(refused(`Sub-account ${from} is not registered to ${sender.account}`))
  }
  const request = { fromDex, toDex, amount: action.amount, tokenIndex: token.index }
  transfer(
    { to: action.destination.toLowerCase(), via: 'sendAsset', ...request },
    { ...call, sender: { ...sender, account: from } },
  )
}

/** '' is the main DEX, `spot` the spot ledger. */
function placeNamed(context: VenueContext, name: string): Place | null {
  return name === 'spot' ? 'spot' : (context.directory.dexByName.get(name)?.index ?? null)
}
