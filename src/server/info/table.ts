/** Every info request this venue answers, by its `type`. */
import type { VenueContext } from '../context.ts'
import { MalformedRequest, parseWith } from '../wire/fields.ts'
import { z } from 'zod'
import * as account from './account.ts'
import * as annotations from './annotations.ts'
import * as dexs from './dexs.ts'
import { defineInfo, type InfoHandler } from './info.ts'
import * as money from './money.ts'
import * as prices from './prices.ts'
import { portfolio } from './portfolio.ts'
import * as referral from './referral.ts'
import * as structure from './structure.ts'
import * as twap from './twap.ts'
import { webData2 } from './web-data.ts'

/** There are no vaults or delegations here: their lists are empty. */
const emptyList: InfoHandler = defineInfo(z.object({}), () => [])
const nothing: InfoHandler = defineInfo(z.object({}), () => null)

export const INFO_REQUESTS: ReadonlyMap<string, InfoHandler> = new Map(
  Object.entries({
    meta: structure.meta,
    metaAndAssetCtxs: prices.metaAndAssetCtxs,
    allPerpMetas: structure.allPerpMetas,
    perpDexs: dexs.perpDexs,
    perpDexLimits: dexs.perpDexLimits,
    perpDexStatus: dexs.perpDexStatus,
    perpAnnotation: annotations.perpAnnotation,
    perpConciseAnnotations: annotations.perpConciseAnnotations,
    perpCategories: annotations.perpCategories,
    perpsAtOpenInterestCap: structure.perpsAtOpenInterestCap,
    marginTable: structure.marginTable,
    spotMeta: structure.spotMeta,
    spotMetaAndAssetCtxs: structure.spotMetaAndAssetCtxs,
    outcomeMeta: structure.outcomeMeta,
    perpDeployAuctionStatus: structure.perpDeployAuctionStatus,
    maxMarketOrderNtls: structure.maxMarketOrderNtls,
    exchangeStatus: structure.exchangeStatus,
    allMids: prices.allMids,
    l2Book: prices.l2Book,
    recentTrades: prices.recentTrades,
    candleSnapshot: prices.candleSnapshot,
    fundingHistory: prices.fundingHistory,
    predictedFundings: prices.predictedFundings,
    clearinghouseState: account.clearinghouseState,
    spotClearinghouseState: account.spotClearinghouseState,
    openOrders: account.openOrders,
    frontendOpenOrders: account.frontendOpenOrders,
    orderStatus: account.orderStatus,
    historicalOrders: account.historicalOrders,
    activeAssetData: account.activeAssetData,
    userRateLimit: account.userRateLimit,
    extraAgents: account.extraAgents,
    userRole: account.userRole,
    subAccounts: account.subAccounts,
    userAbstraction: account.userAbstraction,
    userDexAbstraction: account.userDexAbstraction,
    userToMultiSigSigners: account.userToMultiSigSigners,
    isVip: account.isVip,
    maxBuilderFee: account.maxBuilderFee,
    approvedBuilders: account.approvedBuilders,
    userFills: money.userFills,
    userFillsByTime: money.userFillsByTime,
    userFunding: money.userFunding,
    userNonFundingLedgerUpdates: money.userNonFundingLedgerUpdates,
    userFees: money.userFees,
    webData2,
    twapHistory: twap.twapHistory,
    userTwapSliceFills: twap.userTwapSliceFills,
    userTwapSliceFillsByTime: twap.userTwapSliceFillsByTime,
    portfolio,
    preTransferCheck: referral.preTransferCheck,
    referral: referral.referral,
    userVaultEquities: emptyList,
    vaultSummaries: emptyList,
    leadingVaults: emptyList,
    vaultDetails: nothing,
    delegations: emptyList,
    delegatorHistory: emptyList,
    delegatorRewards: emptyList,
    delegatorSummary: referral.delegatorSummary,
    legalCheck: referral.legalCheck,
  }),
)

const typed: z.ZodType<{ readonly type: string }> = z.object({ type: z.string() })

/** @throws MalformedRequest when the request is none this venue knows: 422 */
export function answerInfo(context: VenueContext, request: unknown): unknown {
  const handler = INFO_REQUESTS.get(parseWith(typed, request).type)
  if (handler === undefined) throw new MalformedRequest()
  return handler(context, request)
}
