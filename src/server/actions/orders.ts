/** Placing: `order`. */
import { z } from 'zod'
import { address, integer, maybe, whole } from '../wire/fields.ts'
import {
  type ActionCall,
  type ActionHandler,
  afterNonce,
  defineAction,
  refused,
  submitAction,
} from './action.ts'
import { decodeOrder, orderStatuses, toOrdersAnswer, type WireOrder, wireOrder } from './order-wire.ts'

const NO_STAKE = 'Insufficient delegatable balance for priority order'

const schema = z.strictObject({
  type: z.literal('order'),
  orders: z.array(wireOrder),
  grouping: z.union([z.enum(['na', 'normalTpsl', 'positionTpsl']), z.strictObject({ p: whole })]),
  builder: maybe(z.strictObject({ b: address, f: integer })),
})
type OrderAction = z.output<typeof schema>

export const order: ActionHandler = defineAction({
  schema,
  units: (action) => action.orders.length,
  run: (action, call) => {
    const refusal = builderRefusal(action, call)
    if (refusal !== null) return call.respond(refused(refusal))
    const { grouping } = action
    if (typeof grouping === 'string') return place(action.orders, grouping, call)
    // Priority is paid from staked balance, and nobody stakes here.
    afterNonce(call, () => orderStatuses(action.orders.map(() => ({ error: NO_STAKE }))))
  },
})

function place(
  orders: readonly WireOrder[],
  grouping: 'na' | 'normalTpsl' | 'positionTpsl',
  call: ActionCall,
): void {
  const { directory } = call.context
  const decoded = orders.map((wire) => decodeOrder(directory, wire))
  const sent = decoded.flatMap((entry) => (entry.kind === 'order' ? [entry.order] : []))
  // Nothing left to place: the nonce is used up all the same.
  const isHollow = sent.length === 0 && decoded.length > 0
  submitAction(call, isHollow ? { kind: 'noop' } : { kind: 'order', orders: sent, grouping }, (answer) =>
    toOrdersAnswer(directory, decoded, answer),
  )
}

function builderRefusal({ builder }: OrderAction, { context, sender }: ActionCall): string | null {
  if (builder === undefined || builder.f === 0) return null
  const approved = context.registry.builderFees.get(sender.master)?.get(builder.b) ?? 0
  return builder.f >= 0 && builder.f <= approved ? null : 'Builder fee has not been approved.'
}
