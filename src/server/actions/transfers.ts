/** Money between accounts and DEXs, and out of the venue. Amounts are decimal dollars, or tokens that count as dollars. */
import { z } from 'zod'
import type { Place, TransferVia } from '../../exchange/command.ts'
import type { VenueContext } from '../context.ts'
import { tokenNamed, tokenText } from '../info/spot-wire.ts'
import { toWhole, USD_DECIMALS } from '../wire/decimals.ts'
import { address, decimal, whole } from '../wire/fields.ts'
import { WITHDRAWAL_FEE_MICRO_USD } from '../wire/ledger.ts'
import {
  type ActionCall,
  type ActionHandler,
  defineAction,
  DONE,
  refused,
  submitAction,
  submitCommand,
} from './action.ts'

const BAD_AMOUNT = 'Amount must be positive and have at most 6 decimals.'
const BELOW_FEE = 'Withdrawal must be more than its fee of 1 USDC.'

export const chain: {
  readonly signatureChainId: z.ZodString
  readonly hyperliquidChain: z.ZodEnum<{ Mainnet: 'Mainnet'; Testnet: 'Testnet' }>
} = { signatureChainId: z.string(), hyperliquidChain: z.enum(['Mainnet', 'Testnet']) }
/** Signed as the text that was sent, so it is checked but not changed. */
export const amountText: z.ZodType<string> = z.string().refine((text) => decimal.safeParse(text).success)
export const addressText: z.ZodType<string> = z.string().refine((text) => address.safeParse(text).success)

interface Transfer {
  readonly to: string
  readonly fromDex: Place
  readonly toDex: Place
  readonly amount: string
  readonly via: TransferVia
  readonly tokenIndex?: number
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
    transfer({ to: destination.toLowerCase(), fromDex: 0, toDex: 0, amount, via: 'usdSend' }, call),
})

/** Within the spot ledger, to another account. */
export const spotSend: ActionHandler = defineAction({
  schema: z.strictObject({
    type: z.literal('spotSend'),
    ...chain,
    destination: addressText,
    token: z.string(),
    amount: amountText,
    time: whole,
  }),
  run: ({ destination, token: named, amount }, call) => {
    const token = tokenNamed(call.context, named)
    if (token === null) return call.respond(refused(unknownToken(call.context, named)))
    const request = {
      fromDex: 'spot',
      toDex: 'spot',
      amount,
      tokenIndex: token.index,
      via: 'spotSend',
    } as const
    transfer({ to: destination.toLowerCase(), ...request }, call)
  },
})

/** Between the spot and the main DEX's balance of one account; ` subaccount:0x…` behind the amount names another than the sender. */
export const usdClassTransfer: ActionHandler = defineAction({
  schema: z.strictObject({
    type: z.literal('usdClassTransfer'),
    ...chain,
    amount: z.string(),
    toPerp: z.boolean(),
    nonce: whole,
  }),
  run: ({ amount: text, toPerp }, call) => {
    const { context, sender, respond } = call
    const match = /^(\S+?)(?: subaccount:(0x[0-9a-fA-F]{40}))?$/.exec(text)
    const amount = match?.[1] ?? ''
    if (!decimal.safeParse(amount).success) return respond(refused(BAD_AMOUNT))
    const account = match?.[2]?.toLowerCase() ?? sender.account
    if (account !== sender.account && context.registry.subAccounts.get(account)?.master !== sender.account) {
      return respond(refused(`Sub-account ${account} is not registered to ${sender.account}`))
    }
    const [fromDex, toDex]: [Place, Place] = toPerp ? ['spot', 0] : [0, 'spot']
    transfer(
      { to: account, fromDex, toDex, amount, via: 'usdClassTransfer' },
      { ...call, sender: { ...sender, account } },
    )
  },
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
    if (amountMicroUsd === null || amountMicroUsd === 0) return respond(refused(BAD_AMOUNT))
    if (amountMicroUsd <= WITHDRAWAL_FEE_MICRO_USD) return respond(refused(BELOW_FEE))
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

/** Sends money and answers. */
export function transfer(request: Transfer, call: ActionCall): void {
  const amountMicroUsd = toWhole(request.amount, USD_DECIMALS)
  if (amountMicroUsd === null || amountMicroUsd === 0) return call.respond(refused(BAD_AMOUNT))
  const { to, fromDex, toDex, via, tokenIndex } = request
  const token = tokenIndex === undefined ? {} : { tokenIndex }
  submitAction(call, { kind: 'transfer', to, fromDex, toDex, amountMicroUsd, via, ...token })
}

export function unknownToken({ directory }: VenueContext, named: string): string {
  return `Invalid token ${named}; there are ${directory.tokens.map(tokenText).join(', ')}`
}
