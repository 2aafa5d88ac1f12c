/** Market orders in slices: `twapOrder` starts one, `twapCancel` ends it. */
import { z } from 'zod'
import { toWhole } from '../wire/decimals.ts'
import { decimal, whole } from '../wire/fields.ts'
import type { WireAnswer } from '../wire/types.ts'
import { type ActionHandler, afterNonce, defineAction, submitAction } from './action.ts'

export const twapOrder: ActionHandler = defineAction({
  schema: z.strictObject({
    type: z.literal('twapOrder'),
    twap: z.strictObject({
      a: whole,
      b: z.boolean(),
      s: decimal,
      r: z.boolean(),
      m: whole,
      t: z.boolean(),
    }),
  }),
  run: ({ twap: { a, b, s, r, m, t } }, call) => {
    const instrument = call.context.directory.byAssetId.get(a)
    if (instrument === undefined) return afterNonce(call, () => failed(`Invalid asset. asset=${a}`))
    const sizeLots = toWhole(s, instrument.grid.szDecimals)
    if (sizeLots === null) return afterNonce(call, () => failed('Order has invalid size.'))
    submitAction(
      call,
      {
        kind: 'twapOrder',
        assetId: a,
        side: b ? 'buy' : 'sell',
        sizeLots,
        reduceOnly: r,
        minutes: m,
        randomize: t,
      },
      (answer) => {
        if (answer.kind !== 'twap') return failed('no answer')
        if (answer.text !== null) return failed(answer.text)
        const status = { running: { twapId: answer.twapId } }
        return { status: 'ok', response: { type: 'twapOrder', data: { status } } }
      },
    )
  },
})

function failed(error: string): WireAnswer {
  return { status: 'ok', response: { type: 'twapOrder', data: { status: { error } } } }
}

export const twapCancel: ActionHandler = defineAction({
  schema: z.strictObject({ type: z.literal('twapCancel'), a: whole, t: whole }),
  isCancel: true,
  run: ({ a, t }, call) =>
    submitAction(call, { kind: 'twapCancel', assetId: a, twapId: t }, (answer) => {
      const text = answer.kind === 'twap' ? answer.text : null
      const status = text === null ? ('success' as const) : { error: text }
      return { status: 'ok', response: { type: 'twapCancel', data: { status } } }
    }),
})
