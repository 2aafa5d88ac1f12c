/** The builder DEXs: who runs them, their caps and rates, the money in them. */
import { z } from 'zod'
import type { DexSpec } from '../../exchange/instrument.ts'
import { AMOUNT_MICRO_USD_MAX, BUILDER_OPEN_INTEREST_UNITS_MAX } from '../../exchange/limits.ts'
import type { VenueContext } from '../context.ts'
import { universeAt } from '../directory.ts'
import { fromMicroUsd, fromRate } from '../wire/decimals.ts'
import { toHex } from '../wire/hex.ts'
import type { WirePerpDex } from '../wire/types.ts'
import { defineInfo, type InfoHandler } from './info.ts'

export const perpDexs: InfoHandler = defineInfo(z.object({}), (context) =>
  context.directory.spec.dexs.map((dex) => (dex.index === 0 ? null : toPerpDex(context, dex))),
)

export const perpDexLimits: InfoHandler = defineInfo(z.object({ dex: z.string() }), (context, { dex }) => {
  const spec = context.directory.dexByName.get(dex)
  if (spec === undefined || spec.index === 0) return null
  const caps = oiCapsOf(context, spec)
  const total = universeAt(context.directory, spec.index).reduce(
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
  const instruments = universeAt(context.directory, dex.index)
  return {
    name: dex.name,
    fullName: dex.fullName,
    deployer: toHex(dex.deployer),
    oracleUpdater: null,
    feeRecipient: toHex(dex.deployer),
    assetToStreamingOiCap: oiCapsOf(context, dex),
    subDeployers: [],
    deployerFeeScale: fromRate(dex.deployerFeeScale),
    // The scale never changes here: it stands since the beginning of time.
    lastDeployerFeeScaleChangeTime: '1970-01-01T00:00:00',
    assetToFundingMultiplier: instruments.map(({ coin, fundingMultiplier }) => [
      coin,
      fromRate(fundingMultiplier),
    ]),
    assetToFundingInterestRate: instruments.map(({ coin, interestPer8h }) => [coin, fromRate(interestPer8h)]),
  }
}

function oiCapsOf(context: VenueContext, dex: DexSpec): [coin: string, cap: string][] {
  return universeAt(context.directory, dex.index).flatMap((instrument) =>
    instrument.openInterestCapMicroUsd === null
      ? []
      : [[instrument.coin, fromMicroUsd(instrument.openInterestCapMicroUsd)] satisfies [string, string]],
  )
}
