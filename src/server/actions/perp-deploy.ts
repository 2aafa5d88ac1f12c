/** What the deployer of a builder DEX may do to its markets; of the venue's list, halting and resuming trading. */
import { z } from 'zod'
import type { VenueContext } from '../context.ts'
import { dexAt } from '../directory.ts'
import { type ActionHandler, defineAction, DONE, refused, submitCommand } from './action.ts'

export const perpDeploy: ActionHandler = defineAction({
  schema: z.strictObject({
    type: z.literal('perpDeploy'),
    haltTrading: z.strictObject({ coin: z.string(), isHalted: z.boolean() }),
  }),
  run: ({ haltTrading: { coin, isHalted } }, call) => {
    const { context, sender, respond } = call
    const assetId = deployedBy(context, sender.account, coin)
    if (assetId === null) return respond(refused(`${sender.account} is not the deployer of ${coin}.`))
    const { account, signer, nonce, expiresAfterMs } = sender
    const check = {
      kind: 'action',
      account,
      signer,
      nonce,
      expiresAfterMs,
      action: { kind: 'noop' },
    } as const
    // The nonce is used up in one block, the market halts in the next.
    submitCommand(call, check, () =>
      submitCommand(call, { kind: 'halt', assetId, isHalted }, () => respond(DONE)),
    )
  },
})

function deployedBy({ directory }: VenueContext, account: string, coin: string): number | null {
  const instrument = directory.byCoin.get(coin)
  if (instrument === undefined || instrument.dexIndex === 0) return null
  return dexAt(directory, instrument.dexIndex).deployer === account ? instrument.assetId : null
}
