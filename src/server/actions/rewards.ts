/** What accounts buy from the venue and get from it apart from trading: requests beyond the budget, builder fees. */
import { z } from 'zod'
import { hasAccount } from '../../exchange/queries/account.ts'
import { reserveRequests } from '../../exchange/rate-limits.ts'
import { address, maybe, whole } from '../wire/fields.ts'
import { type ActionHandler, defineAction, DONE, refused, submitAction } from './action.ts'

/** The sender pays, on the main DEX; `destination` may name another account to use them. */
export const reserveRequestWeight: ActionHandler = defineAction({
  schema: z.strictObject({
    type: z.literal('reserveRequestWeight'),
    weight: whole,
    destination: maybe(address),
  }),
  run: ({ weight, destination }, call) => {
    const { context, sender, respond } = call
    const account = destination ?? sender.account
    if (!hasAccount(context.exchange, account)) return respond(refused(`User ${account} does not exist.`))
    submitAction(call, { kind: 'reserveRequestWeight', weight }, () => {
      reserveRequests(context.limits, account, weight)
      return DONE
    })
  },
})

export const claimRewards: ActionHandler = defineAction({
  schema: z.strictObject({ type: z.literal('claimRewards') }),
  run: (_action, call) => submitAction(call, { kind: 'claimRewards' }),
})
