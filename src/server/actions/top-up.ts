/** `topUpIsolatedOnlyMargin`: adds margin to an isolated position until its leverage at the mark is the one asked for. */
import { Decimal } from 'decimal.js'
import { z } from 'zod'
import { accountState } from '../../exchange/queries/account.ts'
import { decimal, whole } from '../wire/fields.ts'
import { type ActionHandler, defineAction, refused, submitAction } from './action.ts'

export const topUpIsolatedOnlyMargin: ActionHandler = defineAction({
  schema: z.strictObject({ type: z.literal('topUpIsolatedOnlyMargin'), asset: whole, leverage: decimal }),
  run: ({ asset, leverage }, call) => {
    const { context, sender, respond } = call
    const instrument = context.directory.byAssetId.get(asset)
    if (instrument === undefined) return respond(refused(`Invalid asset. asset=${asset}`))
    const state = accountState(context.exchange, sender.account, instrument.dexIndex)
    const position = state.positions.find(({ assetId }) => assetId === asset)
    if (position === undefined || position.leverage.isCross) {
      return respond(refused(`No isolated position to change the margin of. asset=${asset}`))
    }
    const target = new Decimal(leverage)
    if (target.lte(0)) return respond(refused('Invalid leverage value'))
    const wanted = new Decimal(position.positionValueMicroUsd).div(target).ceil()
    const deltaMicroUsd = wanted.minus(position.marginUsedMicroUsd).toNumber()
    if (!Number.isSafeInteger(deltaMicroUsd) || deltaMicroUsd <= 0)
      return respond(refused('Invalid leverage value'))
    submitAction(call, { kind: 'updateIsolatedMargin', assetId: asset, deltaMicroUsd })
  },
})
