/** Leverage, isolated margin, the dead man's switch, and the action that only uses up its nonce. */
import { z } from 'zod'
import { integer, maybe, whole } from '../wire/fields.ts'
import { type ActionHandler, defineAction, submitAction } from './action.ts'

export const updateLeverage: ActionHandler = defineAction({
  schema: z.strictObject({
    type: z.literal('updateLeverage'),
    asset: whole,
    isCross: z.boolean(),
    leverage: whole,
  }),
  run: ({ asset, isCross, leverage }, call) =>
    submitAction(call, { kind: 'updateLeverage', assetId: asset, isCross, leverage }),
})

export const updateIsolatedMargin: ActionHandler = defineAction({
  /** `isBuy` is signed and has no effect. */
  schema: z.strictObject({
    type: z.literal('updateIsolatedMargin'),
    asset: whole,
    isBuy: z.boolean(),
    ntli: integer,
  }),
  run: ({ asset, ntli }, call) =>
    submitAction(call, { kind: 'updateIsolatedMargin', assetId: asset, deltaMicroUsd: ntli }),
})

export const scheduleCancel: ActionHandler = defineAction({
  schema: z.strictObject({ type: z.literal('scheduleCancel'), time: maybe(whole) }),
  run: ({ time }, call) => submitAction(call, { kind: 'scheduleCancel', atTsMs: time ?? null }),
})

export const noop: ActionHandler = defineAction({
  schema: z.strictObject({ type: z.literal('noop') }),
  run: (_action, call) => submitAction(call, { kind: 'noop' }),
})
