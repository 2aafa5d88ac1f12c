/** Taking orders back: `cancel` by order id, `cancelByCloid` by client id. */
import { z } from 'zod'
import type { AccountAction } from '../../exchange/command.ts'
import { isTriggerOrder } from '../../exchange/queries/orders.ts'
import { cloid, maybe, whole } from '../wire/fields.ts'
import {
  CLOID_DIGITS,
  hasKeyCount,
  isQuickWhole,
  keyed,
  quickFields,
  quickHex,
  quickList,
} from '../wire/quick.ts'
import { type ActionCall, type ActionHandler, defineAction, submitAction } from './action.ts'

type Cancels = Extract<AccountAction, { readonly kind: 'cancel' }>['cancels']

/** Recommended for latency; every cancel is fast here, but trigger orders refuse it. Absent when false: `false` would be hashed. */
const fast = maybe(z.literal(true))

interface CancelsOf<Type extends string, Item> {
  readonly type: Type
  readonly cancels: readonly Item[]
  readonly f?: true | undefined
}
type CancelAction = CancelsOf<'cancel', { readonly a: number; readonly o: number }>
type CloidCancelAction = CancelsOf<'cancelByCloid', { readonly asset: number; readonly cloid: string }>

export const cancelSchema: z.ZodType<CancelAction> = z.strictObject({
  type: z.literal('cancel'),
  cancels: z.array(z.strictObject({ a: whole, o: whole })),
  f: fast,
})
export const cloidCancelSchema: z.ZodType<CloidCancelAction> = z.strictObject({
  type: z.literal('cancelByCloid'),
  cancels: z.array(z.strictObject({ asset: whole, cloid })),
  f: fast,
})

export function quickCancel(raw: unknown): CancelAction | null {
  return quickCancels('cancel', raw, (item) => {
    const fields = quickFields(item)
    if (fields === null || !hasKeyCount(fields, 2)) return null
    const { a, o } = fields
    return isQuickWhole(a) && isQuickWhole(o) ? { a, o } : null
  })
}

export function quickCloidCancel(raw: unknown): CloidCancelAction | null {
  return quickCancels('cancelByCloid', raw, (item) => {
    const fields = quickFields(item)
    if (fields === null || !hasKeyCount(fields, 2)) return null
    const { asset } = fields
    const id = quickHex(fields['cloid'], CLOID_DIGITS)
    return isQuickWhole(asset) && id !== null ? { asset, cloid: id } : null
  })
}

function quickCancels<Type extends string, Item>(
  type: Type,
  raw: unknown,
  read: (item: unknown) => Item | null,
): CancelsOf<Type, Item> | null {
  const fields = quickFields(raw)
  if (fields === null || fields['type'] !== type || !hasKeyCount(fields, 2 + keyed(fields, 'f'))) return null
  const f = fields['f'] ?? undefined
  const cancels = quickList(fields['cancels'], read)
  return cancels === null || (f !== undefined && f !== true) ? null : { type, cancels, f }
}

export const cancel: ActionHandler = defineAction({
  schema: cancelSchema,
  quick: quickCancel,
  units: (action) => action.cancels.length,
  isCancel: true,
  run: (action, call) => {
    const cancels: Cancels = action.cancels.map(({ a, o }) => ({ assetId: a, ref: { oid: o } }))
    run(cancels, action.f === true, call)
  },
})

export const cancelByCloid: ActionHandler = defineAction({
  schema: cloidCancelSchema,
  quick: quickCloidCancel,
  units: (action) => action.cancels.length,
  isCancel: true,
  run: (action, call) => {
    const cancels: Cancels = action.cancels.map((one) => ({ assetId: one.asset, ref: { cloid: one.cloid } }))
    run(cancels, action.f === true, call)
  },
})

function run(cancels: Cancels, isFast: boolean, call: ActionCall): void {
  const sent = isFast
    ? cancels.filter(({ ref }) => !isTriggerOrder(call.context.exchange, call.sender.account, ref))
    : cancels
  // Nothing left to cancel: the nonce is used up all the same.
  const isHollow = sent.length === 0 && cancels.length > 0
  submitAction(call, isHollow ? { kind: 'noop' } : { kind: 'cancel', cancels: sent }, (answer) => {
    const answers = (answer.kind === 'cancels' ? answer.answers : []).map((one) =>
      one.kind === 'success' ? ('success' as const) : { error: one.text },
    )
    let next = 0
    const statuses = cancels.map((one): 'success' | { error: string } => {
      const own = sent[next] === one ? answers[next] : undefined
      if (own === undefined) return { error: `Fast cancels are not for trigger orders. asset=${one.assetId}` }
      next += 1
      return own
    })
    return { status: 'ok', response: { type: 'cancel', data: { statuses } } }
  })
}
