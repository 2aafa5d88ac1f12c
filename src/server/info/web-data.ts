/** `webData2`: one answer with everything a front end of the main DEX shows. Older clients still ask for it. */
import { z } from 'zod'
import { runningTwaps } from '../../exchange/queries/orders.ts'
import type { VenueContext } from '../context.ts'
import { dexAt } from '../directory.ts'
import { agentsOf } from '../registry.ts'
import { toClearinghouseState } from '../wire/account.ts'
import { assetCtxsOf } from '../wire/contexts.ts'
import { fromMicroUsd } from '../wire/decimals.ts'
import { address } from '../wire/fields.ts'
import { toHex } from '../wire/hex.ts'
import { toSpotState } from '../wire/spot.ts'
import { toTwapState } from '../wire/twap.ts'
import type { WireWebData2 } from '../wire/types.ts'
import { frontendOrdersOf } from './account.ts'
import { defineInfo, type InfoHandler } from './info.ts'
import { coinsAtOpenInterestCap, metaOf } from './structure.ts'

export const webData2: InfoHandler = defineInfo(z.object({ user: address }), (context, { user }) =>
  webData2Of(context, user),
)

export function webData2Of(context: VenueContext, user: string): WireWebData2 {
  const main = dexAt(context.directory, 0)
  const agent = unnamedAgentOf(context, user)
  return {
    clearinghouseState: toClearinghouseState(context, { user, dexIndex: 0 }),
    leadingVaults: [],
    totalVaultEquity: '0.0',
    openOrders: frontendOrdersOf(context, { user, dexIndex: 0 }),
    agentAddress: agent.agentAddress,
    agentValidUntil: agent.agentValidUntil,
    cumLedger: cumulativeLedger(context, user),
    meta: metaOf(context, main),
    assetCtxs: assetCtxsOf(context, 0),
    serverTime: context.world.nowTsMs,
    isVault: false,
    user: toHex(user),
    twapStates: runningTwaps(context.exchange, user).map((twap) => [
      twap.twapId,
      toTwapState(context.directory, twap),
    ]),
    spotState: toSpotState(context, user),
    spotAssetCtxs: [],
    perpsAtOpenInterestCap: coinsAtOpenInterestCap(context, main),
  }
}

export function unnamedAgentOf(
  context: VenueContext,
  user: string,
): { readonly agentAddress: `0x${string}` | null; readonly agentValidUntil: number | null } {
  const agent = agentsOf(context.registry, user, context.world.nowTsMs).find(({ name }) => name === '')
  if (agent === undefined) return { agentAddress: null, agentValidUntil: null }
  return { agentAddress: toHex(agent.address), agentValidUntil: agent.validUntilMs }
}

/** Net of everything that came in and went out, as far as this server saw it. */
export function cumulativeLedger(context: VenueContext, user: string): string {
  return fromMicroUsd(context.history.accounts.get(user)?.netLedgerMicroUsd ?? 0)
}
