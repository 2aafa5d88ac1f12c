/** Taking orders back: `cancel` by order id, `cancelByCloid` by client id. */
import { z } from 'zod'
import type { AccountAction, CommandAnswer } from '../../exchange/command.ts'
import { cloid, maybe, whole } from '../wire/fields.ts'
import type { WireAnswer } from '../wire/types.ts'
import { type ActionHandler, defineAction, submitAction } from './action.ts'

type Cancels = Extract<AccountAction, { readonly kind: 'cancel' }>['cancels']

/** Recommended for latency; every cancel is fast here. Absent when false: `false` would be hashed. */
const fast = maybe(z.literal(true))

export const cancel: ActionHandler = defineAction({
  schema: z.strictObject({
    type: z.literal('cancel'),
    cancels: z.array(z.strictObject({ a: whole, o: whole })),
    f: fast,
  }),
  units: (action) => action.cancels.length,
  isCancel: true,
  run: (action, call) => {
    const cancels: Cancels = action.cancels.map(({ a, o }) => ({ assetId: a, ref: { oid: o } }))
    submitAction(call, { kind: 'cancel', cancels }, toCancelsAnswer)
  },
})

export const cancelByCloid: ActionHandler = defineAction({
  schema: z.strictObject({
    type: z.literal('cancelByCloid'),
    cancels: z.array(z.strictObject({ asset: whole, cloid })),
    f: fast,
  }),
  units: (action) => action.cancels.length,
  isCancel: true,
  run: (action, call) => {
    const cancels: Cancels = action.cancels.map((one) => ({ assetId: one.asset, ref: { cloid: one.cloid } }))
    submitAction(call, { kind: 'cancel', cancels }, toCancelsAnswer)
  },
})

function toCancelsAnswer(answer: CommandAnswer): WireAnswer {
  const answers = answer.kind === 'cancels' ? answer.answers : []
  const statuses = answers.map((one) => (one.kind === 'success' ? ('success' as const) : { error: one.text }))
  return { status: 'ok', response: { type: 'cancel', data: { statuses } } }
}
