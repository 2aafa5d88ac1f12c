/** Taking orders back: `cancel` by order id, `cancelByCloid` by client id. */
import { z } from 'zod'
import type { AccountAction, CommandAnswer } from '../../exchange/command.ts'
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
import type { WireAnswer } from '../wire/types.ts'
import { type ActionHandler, defineAction, submitAction } from './action.ts'

type Cancels = Extract<AccountAction, { readonly kind: 'cancel' }>['cancels']

/** Recommended for latency; every cancel is fast here. Absent when false: `false` would be hashed. */
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
    submitAction(call, { kind: 'cancel', cancels }, toCancelsAnswer)
  },
})

export const cancelByCloid: ActionHandler = defineAction({
  schema: cloidCancelSchema,
  quick: quickCloidCancel,
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
