/** What an account earned and paid: fills, fees, funding, the ledger. */
import { z } from 'zod'
import { FEE_TIERS, MAKER_REBATES, REFERRAL_DISCOUNT } from '../../exchange/fees.ts'
import { feeRates, volumeDays } from '../../exchange/queries/money.ts'
import type { VenueContext } from '../context.ts'
import { between } from '../history.ts'
import { ringItems } from '../ring.ts'
import { fromMicroUsd, fromRate, fromWhole } from '../wire/decimals.ts'
import { address, maybe, whole } from '../wire/fields.ts'
import { aggregateFills, toFill, toFunding } from '../wire/fills.ts'
import type { WireFill, WireFunding, WireLedgerUpdate, WireUserFees } from '../wire/types.ts'
import { defineInfo, type InfoHandler, toRange } from './info.ts'
import { RANGE_ROWS_MAX } from './prices.ts'

/** Fills in one answer. */
export const FILL_ROWS_MAX = 2_000
const PPB_DECIMALS = 9
const DAY_MS = 86_400_000
/** Spot rates by the tiers of the perps: taker, maker; shown, since nothing spot trades here. */
const SPOT_RATES_BP: readonly (readonly [taker: number, maker: number])[] = [
  [7, 4],
  [6, 3],
  [5, 2],
  [4, 1],
  [3.5, 0],
  [3, 0],
  [2.5, 0],
]

const ranged = z.object({ user: address, startTime: maybe(whole), endTime: maybe(whole) })

export const userFills: InfoHandler = defineInfo(
  z.object({ user: address, aggregateByTime: maybe(z.boolean()) }),
  (context, { user, aggregateByTime }) => fillsOf(context, user, aggregateByTime === true),
)

export const userFillsByTime: InfoHandler = defineInfo(
  z.object({
    user: address,
    startTime: whole,
    endTime: maybe(whole),
    aggregateByTime: maybe(z.boolean()),
    reversed: maybe(z.boolean()),
  }),
  (context, request): WireFill[] => {
    const inRange = between(context.history.accounts.get(request.user)?.fills, toRange(request))
    const fills = request.aggregateByTime === true ? aggregateFills(inRange) : inRange
    const ordered = request.reversed === true ? fills.reverse() : fills
    return ordered.slice(0, FILL_ROWS_MAX).map((fill) => toFill(context.directory, fill))
  },
)

export const userFunding: InfoHandler = defineInfo(ranged, (context, request): WireFunding[] =>
  between(context.history.accounts.get(request.user)?.fundings, toRange(request))
    .slice(0, RANGE_ROWS_MAX)
    .map((funding) => toFunding(context.directory, funding)),
)

export const userNonFundingLedgerUpdates: InfoHandler = defineInfo(
  ranged,
  (context, request): WireLedgerUpdate[] =>
    between(context.history.accounts.get(request.user)?.ledger, toRange(request))
      .slice(0, RANGE_ROWS_MAX)
      .map(({ update }) => update),
)

export const userFees: InfoHandler = defineInfo(z.object({ user: address }), (context, { user }) =>
  feesOf(context, user),
)

/** Newest first. */
export function fillsOf(context: VenueContext, user: string, isAggregated: boolean): WireFill[] {
  const kept = ringItems(context.history.accounts.get(user)?.fills)
  return (isAggregated ? aggregateFills(kept) : kept)
    .slice(-FILL_ROWS_MAX)
    .reverse()
    .map((fill) => toFill(context.directory, fill))
}

function feesOf(context: VenueContext, user: string): WireUserFees {
  const base = FEE_TIERS[0] ?? { takerPpb: 0, makerPpb: 0 }
  // Before the scale of a builder DEX or of growth mode: the main DEX has neither, so its first market shows them.
  const mainAssetId = context.directory.universes[0]?.[0]?.assetId
  const rates = mainAssetId === undefined ? base : feeRates(context.exchange, user, mainAssetId)
  return {
    dailyUserVlm: dailyVolumes(context, user),
    feeSchedule: {
      cross: fromPpb(base.takerPpb),
      add: fromPpb(base.makerPpb),
      spotCross: fromBp(SPOT_RATES_BP[0]?.[0] ?? 0),
      spotAdd: fromBp(SPOT_RATES_BP[0]?.[1] ?? 0),
      tiers: {
        vip: FEE_TIERS.slice(1).map((tier, index) => ({
          ntlCutoff: fromMicroUsd(tier.aboveMicroUsd),
          cross: fromPpb(tier.takerPpb),
          add: fromPpb(tier.makerPpb),
          spotCross: fromBp(SPOT_RATES_BP[index + 1]?.[0] ?? 0),
          spotAdd: fromBp(SPOT_RATES_BP[index + 1]?.[1] ?? 0),
        })),
        mm: MAKER_REBATES.map((rebate) => ({
          makerFractionCutoff: fromWhole(Math.round(rebate.aboveShare * 1000), 3),
          add: fromPpb(rebate.makerPpb),
        })),
      },
      referralDiscount: fromRate(REFERRAL_DISCOUNT),
      stakingDiscountTiers: [{ bpsOfMaxSupply: '0.0', discount: '0.0' }],
    },
    userCrossRate: fromPpb(rates.takerPpb),
    userAddRate: fromPpb(rates.makerPpb),
    userSpotCrossRate: fromBp(SPOT_RATES_BP[0]?.[0] ?? 0),
    userSpotAddRate: fromBp(SPOT_RATES_BP[0]?.[1] ?? 0),
    activeReferralDiscount: fromRate(context.registry.referrers.has(user) ? REFERRAL_DISCOUNT : 0),
    trial: null,
    feeTrialEscrow: '0.0',
    nextTrialAvailableTimestamp: null,
    stakingLink: null,
    activeStakingDiscount: { bpsOfMaxSupply: '0.0', discount: '0.0' },
  }
}

function dailyVolumes(context: VenueContext, user: string): WireUserFees['dailyUserVlm'] {
  // Each trade has one maker: the sum over makers is the venue's volume.
  const venue = new Map(
    volumeDays(context.exchange, null).map(({ day, makerMicroUsd }) => [day, makerMicroUsd]),
  )
  return volumeDays(context.exchange, user).map(({ day, takerMicroUsd, makerMicroUsd }) => ({
    date: new Date(day * DAY_MS).toISOString().slice(0, 10),
    userCross: fromMicroUsd(takerMicroUsd),
    userAdd: fromMicroUsd(makerMicroUsd),
    exchange: fromMicroUsd(venue.get(day) ?? 0),
  }))
}

function fromPpb(ppb: number): string {
  return fromWhole(ppb, PPB_DECIMALS)
}

function fromBp(basisPoints: number): string {
  return fromWhole(Math.round(basisPoints * 10), 5)
}
