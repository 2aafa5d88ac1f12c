/** The builder DEXs: who runs them, their caps and rates, the money in them. */
import { z } from 'zod'
import type { DexSpec } from '../../exchange/instrument.ts'
import { AMOUNT_MICRO_USD_MAX, BUILDER_OPEN_INTEREST_UNITS_MAX } from '../../exchange/limits.ts'
import type { VenueContext } from '../context.ts'
import { fromMicroUsd, fromRate } from '../wire/decimals.ts'
import { toHex } from '../wire/hex.ts'
import type { WirePerpDex } from '../wire/types.ts'
import { defineInfo, type InfoHandler } from './info.ts'
import { liveUniverse, toZonelessTime } from './structure.ts'

export const perpDexs: InfoHandler = defineInfo(z.object({}), (context) =>
  context.directory.spec.dexs.map((dex) => (dex.index === 0 ? null : toPerpDex(context, dex))),
)

export const perpDexLimits: InfoHandler = defineInfo(z.object({ dex: z.string() }), (context, { dex }) => {
  const spec = context.directory.dexByName.get(dex)
  if (spec === undefined || spec.index === 0) return null
  const caps = oiCapsOf(context, spec)
  const total = liveUniverse(context, spec.index).reduce(
    (sum, { openInterestCapMicroUsd }) => sum + (openInterestCapMicroUsd ?? 0),
    0,
  )
  return {
    totalOiCap: fromMicroUsd(spec.openInterestCapMicroUsd ?? total),
    oiSzCapPerPerp: `${BUILDER_OPEN_INTEREST_UNITS_MAX}.0`,
    maxTransferNtl: fromMicroUsd(AMOUNT_MICRO_USD_MAX),
    coinToOiCap: caps,
  }
})

export const perpDexStatus: InfoHandler = defineInfo(z.object({ dex: z.string() }), (context, { dex }) => {
  const spec = context.directory.dexByName.get(dex)
  const books = spec === undefined ? undefined : context.exchange.dexs[spec.index]?.books
  return books === undefined ? null : { totalNetDeposit: fromMicroUsd(Math.abs(books.outsideMicroUsd)) }
})

function toPerpDex(context: VenueContext, dex: DexSpec): WirePerpDex {
  const instruments = liveUniverse(context, dex.index)
  const desk = context.exchange.dexs[dex.index]?.desk ?? null
  return {
    name: dex.name,
    fullName: dex.fullName,
    deployer: toHex(dex.deployer),
    oracleUpdater: desk === null || desk.oracleUpdater === null ? null : toHex(desk.oracleUpdater),
    feeRecipient: toHex(desk?.feeRecipient ?? dex.deployer),
    assetToStreamingOiCap: oiCapsOf(context, dex),
    subDeployers: [...(desk?.subDeployers ?? [])]
      .filter(([, users]) => users.length > 0)
      .map(([variant, users]) => [variant, users.map(toHex)]),
    deployerFeeScale: fromRate((context.exchange.dexs[dex.index]?.spec ?? dex).deployerFeeScale),
    // A scale that never changed stands since the beginning of time.
    lastDeployerFeeScaleChangeTime: toZonelessTime(desk?.feeScaleTsMs ?? 0),
    assetToFundingMultiplier: instruments.map(({ coin, fundingMultiplier }) => [
      coin,
      fromRate(fundingMultiplier),
    ]),
    assetToFundingInterestRate: instruments.map(({ coin, interestPer8h }) => [coin, fromRate(interestPer8h)]),
  }
}

function oiCapsOf(context: VenueContext, dex: DexSpec): [coin: string, cap: string][] {
  return liveUniverse(context, dex.index).flatMap((instrument) =>
    instrument.openInterestCapMicroUsd === null
      ? []
      : [[instrument.coin, fromMicroUsd(instrument.openInterestCapMicroUsd)] satisfies [string, string]],
  )
}
