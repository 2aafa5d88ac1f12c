/** Changing orders: `modify` of one, `batchModify` of many. A changed order is a new one with a new id. */
import { z } from 'zod'
import { maybe } from '../wire/fields.ts'
import type { WireAnswer } from '../wire/types.ts'
import { type ActionCall, type ActionHandler, defineAction, DONE, refused, submitAction } from './action.ts'
import { decodeOrder, orderRef, toOrderRef, toOrdersAnswer, type WireOrder, wireOrder } from './order-wire.ts'

interface WireModify {
  readonly oid: number | string
  readonly order: WireOrder
}

/** Place the new order even if the old one could not be cancelled. */
const always = maybe(z.literal(true))

export const batchModify: ActionHandler = defineAction({
  schema: z.strictObject({
    type: z.literal('batchModify'),
    modifies: z.array(z.strictObject({ oid: orderRef, order: wireOrder })),
    a: always,
  }),
  units: (action) => action.modifies.length,
  run: (action, call) => change({ modifies: action.modifies, always: action.a === true }, call),
})

export const modify: ActionHandler = defineAction({
  schema: z.strictObject({ type: z.literal('modify'), oid: orderRef, order: wireOrder, a: always }),
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
  const decoded = request.modifies.map(({ order }) => decodeOrder(directory, order))
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
