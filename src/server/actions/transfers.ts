/** Money between accounts and DEXs, and out of the venue. Amounts are decimal dollars, or tokens that count as dollars. */
import { z } from 'zod'
import { tokenText } from '../info/spot-wire.ts'
import { toWhole, USD_DECIMALS } from '../wire/decimals.ts'
import { address, decimal, whole } from '../wire/fields.ts'
import { WITHDRAWAL_FEE_MICRO_USD } from '../wire/ledger.ts'
import {
  type ActionCall,
  type ActionHandler,
  afterNonce,
  defineAction,
  DONE,
  refused,
  submitAction,
  submitCommand,
} from './action.ts'

const BAD_AMOUNT = 'Amount must be positive and have at most 6 decimals.'
const NO_SPOT =
  'Spot balances are not kept on this exchange: transfer between perp DEXs with their collateral token.'

const chain = { signatureChainId: z.string(), hyperliquidChain: z.enum(['Mainnet', 'Testnet']) }
/** Signed as the text that was sent, so it is checked but not changed. */
const amountText = z.string().refine((text) => decimal.safeParse(text).success)
const addressText = z.string().refine((text) => address.safeParse(text).success)

interface Transfer {
  readonly to: string
  readonly fromDex: number
  readonly toDex: number
  readonly amount: string
}

export const usdSend: ActionHandler = defineAction({
  schema: z.strictObject({
    type: z.literal('usdSend'),
    ...chain,
    destination: addressText,
    amount: amountText,
    time: whole,
  }),
  run: ({ destination, amount }, call) =>
    transfer({ to: destination.toLowerCase(), fromDex: 0, toDex: 0, amount }, call),
})

export const sendAsset: ActionHandler = defineAction({
  schema: z.strictObject({
    type: z.literal('sendAsset'),
    ...chain,
    destination: addressText,
    sourceDex: z.string(),
    destinationDex: z.string(),
    token: z.string(),
    amount: amountText,
    fromSubAccount: z.union([z.literal(''), addressText]),
    nonce: whole,
  }),
  run: (action, call) => {
    const { context, sender, respond } = call
    const source = context.directory.dexByName.get(action.sourceDex)
    const target = context.directory.dexByName.get(action.destinationDex)
    if (action.sourceDex === 'spot' || action.destinationDex === 'spot') return respond(refused(NO_SPOT))
    if (source === undefined) return respond(refused(`Invalid perp DEX ${action.sourceDex}`))
    if (target === undefined) return respond(refused(`Invalid perp DEX ${action.destinationDex}`))
    if (![source.collateral.name, tokenText(source.collateral)].includes(action.token)) {
      return respond(
        refused(`Only the collateral token ${tokenText(source.collateral)} can be sent from this DEX.`),
      )
    }
    const from = action.fromSubAccount === '' ? sender.account : action.fromSubAccount.toLowerCase()
    if (from !== sender.account && context.registry.subAccounts.get(from)?.master !== sender.account) {
      return respond(refused(`Sub-account ${from} is not registered to ${sender.account}`))
    }
    const request = { fromDex: source.index, toDex: target.index, amount: action.amount }
    transfer(
      { to: action.destination.toLowerCase(), ...request },
      { ...call, sender: { ...sender, account: from } },
    )
  },
})

/** Between the spot and the perp balance of USDC. There is no spot balance here, so neither way can work. */
export const usdClassTransfer: ActionHandler = defineAction({
  schema: z.strictObject({
    type: z.literal('usdClassTransfer'),
    ...chain,
    amount: z.string(),
    toPerp: z.boolean(),
    nonce: whole,
  }),
  run: ({ toPerp }, call) =>
    afterNonce(call, () => refused(toPerp ? 'Insufficient balance for token transfer' : NO_SPOT)),
})

export const withdraw3: ActionHandler = defineAction({
  schema: z.strictObject({
    type: z.literal('withdraw3'),
    ...chain,
    destination: addressText,
    amount: amountText,
    time: whole,
  }),
  run: ({ amount }, call) => {
    const { sender, respond } = call
    const amountMicroUsd = toWhole(amount, USD_DECIMALS)
    if (amountMicroUsd === null || amountMicroUsd <= WITHDRAWAL_FEE_MICRO_USD)
      return respond(refused(BAD_AMOUNT))
    const { account, signer, nonce } = sender
    const check = {
      kind: 'action',
      account,
      signer,
      nonce,
      expiresAfterMs: null,
      action: { kind: 'noop' },
    } as const
    // The nonce is used up in one block, the money leaves in the next.
    submitCommand(call, check, () =>
      submitCommand(call, { kind: 'deposit', account, dexIndex: 0, amountMicroUsd: -amountMicroUsd }, () =>
        respond(DONE),
      ),
    )
  },
})

function transfer(request: Transfer, call: ActionCall): void {
  const amountMicroUsd = toWhole(request.amount, USD_DECIMALS)
  if (amountMicroUsd === null || amountMicroUsd === 0) return call.respond(refused(BAD_AMOUNT))
  const { to, fromDex, toDex } = request
  submitAction(call, { kind: 'transfer', to, fromDex, toDex, amountMicroUsd })
}
