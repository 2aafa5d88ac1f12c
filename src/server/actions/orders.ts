/** Placing: `order`. */
import { z } from 'zod'
import type { OrderRequest } from '../../exchange/command.ts'
import { refuseTakers } from '../faults/post-only.ts'
import { address, integer, maybe, whole } from '../wire/fields.ts'
import { hasKeyCount, keyed, quickFields, quickList } from '../wire/quick.ts'
import {
  type ActionCall,
  type ActionHandler,
  afterNonce,
  defineAction,
  refused,
  submitAction,
} from './action.ts'
import {
  decodeOrder,
  orderStatuses,
  quickWireOrder,
  toOrdersAnswer,
  type WireOrder,
  wireOrder,
} from './order-wire.ts'

/** Builders name their fee in tenths of a basis point. */
const PPB_PER_TENTH_BP = 10_000
/** A priority rate of 100 %. */
const PRIORITY_RATE_MAX = 100_000_000
const NO_STAKE = 'Insufficient delegatable balance for priority order'

interface OrderAction {
  readonly type: 'order'
  readonly orders: readonly WireOrder[]
  readonly grouping: 'na' | 'normalTpsl' | 'positionTpsl' | { readonly p: number }
  readonly builder?: { readonly b: string; readonly f: number } | undefined
}

export const orderSchema: z.ZodType<OrderAction> = z.strictObject({
  type: z.literal('order'),
  orders: z.array(wireOrder),
  grouping: z.union([
    z.enum(['na', 'normalTpsl', 'positionTpsl']),
    z.strictObject({ p: whole.max(PRIORITY_RATE_MAX) }),
  ]),
  builder: maybe(z.strictObject({ b: address, f: integer })),
})

/** Without a builder, in a batch or alone. */
export function quickOrderAction(raw: unknown): OrderAction | null {
  const fields = quickFields(raw)
  if (fields === null || fields['type'] !== 'order' || (fields['builder'] ?? null) !== null) return null
  const { grouping } = fields
  if (grouping !== 'na' && grouping !== 'normalTpsl' && grouping !== 'positionTpsl') return null
  const orders = quickList(fields['orders'], quickWireOrder)
  if (orders === null || !hasKeyCount(fields, 3 + keyed(fields, 'builder'))) return null
  return { type: 'order', orders, grouping, builder: undefined }
}

export const order: ActionHandler = defineAction({
  schema: orderSchema,
  quick: quickOrderAction,
  units: (action) => action.orders.length,
  run: (action, call) => {
    const refusal = builderRefusal(action, call)
    if (refusal !== null) return call.respond(refused(refusal))
    const { grouping } = action
    if (typeof grouping === 'string') return place(action, grouping, call)
    // Priority is paid from staked balance, and nobody stakes here.
    afterNonce(call, () => orderStatuses(action.orders.map(() => ({ error: NO_STAKE }))))
  },
})

function place(
  { orders, builder }: OrderAction,
  grouping: 'na' | 'normalTpsl' | 'positionTpsl',
  call: ActionCall,
): void {
  const { directory } = call.context
  const decoded = refuseTakers(
    call.context.faults,
    orders.map((wire) => decodeOrder(directory, wire)),
  )
  const sent: OrderRequest[] = []
  for (const entry of decoded) if (entry.kind === 'order') sent.push(entry.order)
  // Nothing left to place: the nonce is used up all the same.
  const isHollow = sent.length === 0 && decoded.length > 0
  const batch = { kind: 'order', orders: sent, grouping } as const
  const charged =
    builder === undefined
      ? batch
      : { ...batch, builder: { address: builder.b, feePpb: builder.f * PPB_PER_TENTH_BP } }
  submitAction(call, isHollow ? { kind: 'noop' } : charged, (answer) =>
    toOrdersAnswer(directory, decoded, answer),
  )
}

function builderRefusal({ builder }: OrderAction, { context, sender }: ActionCall): string | null {
  if (builder === undefined || builder.f === 0) return null
  const approved = context.registry.builderFees.get(sender.master)?.get(builder.b) ?? 0
  return builder.f >= 0 && builder.f <= approved ? null : 'Builder fee has not been approved.'
}
