/** Changing orders: `modify` of one, `batchModify` of many. A changed order is a new one with a new id. */
import { z } from 'zod'
import { refuseTakers } from '../faults/post-only.ts'
import { maybe } from '../wire/fields.ts'
import { type Fields, hasKeyCount, keyed, quickFields, quickList } from '../wire/quick.ts'
import type { WireAnswer } from '../wire/types.ts'
import { type ActionCall, type ActionHandler, defineAction, DONE, refused, submitAction } from './action.ts'
import {
  decodeOrder,
  orderRef,
  quickOrderRef,
  quickWireOrder,
  toOrderRef,
  toOrdersAnswer,
  type WireOrder,
  wireOrder,
} from './order-wire.ts'

interface WireModify {
  readonly oid: number | string
  readonly order: WireOrder
}

/** Place the new order even if the old one could not be cancelled. */
const always = maybe(z.literal(true))

interface BatchModifyAction {
  readonly type: 'batchModify'
  readonly modifies: readonly WireModify[]
  readonly a?: true | undefined
}
interface ModifyAction extends WireModify {
  readonly type: 'modify'
  readonly a?: true | undefined
}

export const batchModifySchema: z.ZodType<BatchModifyAction> = z.strictObject({
  type: z.literal('batchModify'),
  modifies: z.array(z.strictObject({ oid: orderRef, order: wireOrder })),
  a: always,
})
export const modifySchema: z.ZodType<ModifyAction> = z.strictObject({
  type: z.literal('modify'),
  oid: orderRef,
  order: wireOrder,
  a: always,
})

export function quickBatchModify(raw: unknown): BatchModifyAction | null {
  const fields = quickFields(raw)
  if (fields === null || fields['type'] !== 'batchModify') return null
  const a = fields['a'] ?? undefined
  if (!hasKeyCount(fields, 2 + keyed(fields, 'a')) || (a !== undefined && a !== true)) return null
  const modifies = quickList(fields['modifies'], (item) => {
    const one = quickFields(item)
    return one === null || !hasKeyCount(one, 2) ? null : quickModifyOf(one)
  })
  return modifies === null ? null : { type: 'batchModify', modifies, a }
}

export function quickModify(raw: unknown): ModifyAction | null {
  const fields = quickFields(raw)
  if (fields === null || fields['type'] !== 'modify') return null
  const a = fields['a'] ?? undefined
  if (!hasKeyCount(fields, 3 + keyed(fields, 'a')) || (a !== undefined && a !== true)) return null
  const one = quickModifyOf(fields)
  return one === null ? null : { type: 'modify', ...one, a }
}

function quickModifyOf(fields: Fields): WireModify | null {
  const oid = quickOrderRef(fields['oid'])
  const order = quickWireOrder(fields['order'])
  return oid === null || order === null ? null : { oid, order }
}

export const batchModify: ActionHandler = defineAction({
  schema: batchModifySchema,
  quick: quickBatchModify,
  units: (action) => action.modifies.length,
  run: (action, call) => change({ modifies: action.modifies, always: action.a === true }, call),
})

export const modify: ActionHandler = defineAction({
  schema: modifySchema,
  quick: quickModify,
  run: ({ oid, order, a }, call) => {
    const respond = (answer: WireAnswer): void => call.respond(toSingleAnswer(answer))
    change({ modifies: [{ oid, order }], always: a === true }, { ...call, respond })
  },
})

function change(
  request: { readonly modifies: readonly WireModify[]; readonly always: boolean },
  call: ActionCall,
): void {
  const { directory } = call.context
  const decoded = refuseTakers(
    call.context.faults,
    request.modifies.map(({ order }) => decodeOrder(directory, order)),
  )
  const modifies = decoded.flatMap((entry, index) => {
    const wire = request.modifies[index]
    return entry.kind === 'order' && wire !== undefined
      ? [{ ref: toOrderRef(wire.oid), order: entry.order }]
      : []
  })
  const isHollow = modifies.length === 0 && decoded.length > 0
  submitAction(
    call,
    isHollow ? { kind: 'noop' } : { kind: 'modify', modifies, always: request.always },
    (answer) => toOrdersAnswer(directory, decoded, answer),
  )
}

/** One modify answers `default`, or its error as that of the whole action. */
function toSingleAnswer(answer: WireAnswer): WireAnswer {
  if (answer.status === 'err' || answer.response.type !== 'order') return answer
  const [status] = answer.response.data.statuses
  return typeof status === 'object' && 'error' in status ? refused(status.error) : DONE
}
