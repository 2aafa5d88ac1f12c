/** Market structure: universes, margin tables, DEXs, tokens, the venue's state. */
import { z } from 'zod'
import { instrumentContext } from '../../exchange/queries/market.ts'
import {
  IMPLICIT_MARGIN_TABLE_LIMIT,
  type DexSpec,
  type Instrument,
  type MarginTier,
} from '../../exchange/instrument.ts'
import { MARKET_ORDER_CLASSES } from '../../exchange/size-caps.ts'
import type { VenueContext } from '../context.ts'
import { fromMicroUsd } from '../wire/decimals.ts'
import { MalformedRequest, maybe, whole } from '../wire/fields.ts'
import type { WireMarginTable, WireMeta, WireUniverseRow } from '../wire/types.ts'
import { defineInfo, type InfoHandler } from './info.ts'
import { spotMetaOf } from './spot-wire.ts'

const none = z.object({})
const byDex = z.object({ dex: maybe(z.string()) })

export const meta: InfoHandler = defineInfo(byDex, (context, { dex }) => {
  const spec = context.directory.dexByName.get(dex ?? '')
  return spec === undefined ? null : metaOf(context, spec)
})

export const allPerpMetas: InfoHandler = defineInfo(none, (context) =>
  context.directory.spec.dexs.map((dex) => metaOf(context, dex)),
)

export const perpsAtOpenInterestCap: InfoHandler = defineInfo(byDex, (context, { dex }) => {
  const spec = context.directory.dexByName.get(dex ?? '')
  return spec === undefined ? null : coinsAtOpenInterestCap(context, spec)
})

export const marginTable: InfoHandler = defineInfo(
  z.object({ id: whole, dex: maybe(z.string()) }),
  (context, request) => {
    if (request.id > 0 && request.id < IMPLICIT_MARGIN_TABLE_LIMIT) return implicitTable(request.id)
    const spec = context.directory.dexByName.get(request.dex ?? '')
    const table = spec && metaOf(context, spec).marginTables.find(([id]) => id === request.id)
    // The venue has no answer for a table that does not exist.
    if (table === undefined) throw new MalformedRequest()
    return table[1]
  },
)

export const spotMeta: InfoHandler = defineInfo(none, (context) => spotMetaOf(context))
export const spotMetaAndAssetCtxs: InfoHandler = defineInfo(none, (context) => [spotMetaOf(context), []])
/** Registering a market is free here, so nothing is auctioned. */
export const perpDeployAuctionStatus: InfoHandler = defineInfo(none, () => ({
  startTimeSeconds: 0,
  durationSeconds: 0,
  startGas: '0.0',
  currentGas: null,
  endGas: null,
}))

/** By least max leverage of a market, the largest first. */
export const maxMarketOrderNtls: InfoHandler = defineInfo(none, () =>
  MARKET_ORDER_CLASSES.map(({ fromLeverage, microUsdMax }) => [fromLeverage, fromMicroUsd(microUsdMax)]),
)

export const outcomeMeta: InfoHandler = defineInfo(none, () => ({ outcomes: [], questions: [] }))

export const exchangeStatus: InfoHandler = defineInfo(none, (context) => ({
  time: context.world.nowTsMs,
  specialStatuses: null,
}))

export function metaOf(context: VenueContext, dex: DexSpec): WireMeta {
  const instruments = liveUniverse(context, dex.index)
  const tables = new Map<number, WireMarginTable>()
  for (const instrument of instruments) {
    if (!tables.has(instrument.marginTableId)) tables.set(instrument.marginTableId, toMarginTable(instrument))
  }
  const desk = context.exchange.dexs[dex.index]?.desk ?? null
  for (const [id, { description, tiers }] of desk?.marginTables ?? []) {
    tables.set(id, { description, marginTiers: tiers.map(toWireTier) })
  }
  return {
    universe: instruments.map((instrument) =>
      toUniverseRow(instrument, desk?.growthTsMs.get(instrument.assetId)),
    ),
    marginTables: [...tables].sort(([a], [b]) => a - b),
    collateralToken: dex.collateral.index,
  }
}

/** The instruments as they stand now: what a deployer or a script may change, changed. */
export function liveUniverse(context: VenueContext, dexIndex: number): Instrument[] {
  return context.exchange.dexs[dexIndex]?.markets.map(({ instrument }) => instrument) ?? []
}

export function coinsAtOpenInterestCap(context: VenueContext, dex: DexSpec): string[] {
  return liveUniverse(context, dex.index)
    .filter(({ assetId, openInterestCapMicroUsd }) => {
      if (openInterestCapMicroUsd === null) return false
      const { openInterestLots, markTicks } = instrumentContext(context.exchange, assetId)
      return openInterestLots * markTicks >= openInterestCapMicroUsd
    })
    .map(({ coin }) => coin)
}

/** @param growthTsMs when its growth mode was switched last; undefined: never */
function toUniverseRow(instrument: Instrument, growthTsMs: number | undefined): WireUniverseRow {
  const { marginPolicy } = instrument
  return {
    szDecimals: instrument.grid.szDecimals,
    name: instrument.coin,
    maxLeverage: maxLeverageOf(instrument),
    marginTableId: instrument.marginTableId,
    ...(marginPolicy === 'normal' ? {} : { onlyIsolated: true as const, marginMode: marginPolicy }),
    ...(instrument.isDelisted ? { isDelisted: true as const } : {}),
    ...(instrument.growthMode ? { growthMode: 'enabled' as const } : {}),
    ...(growthTsMs === undefined ? {} : { lastGrowthModeChangeTime: toZonelessTime(growthTsMs) }),
  }
}

export function maxLeverageOf(instrument: Instrument): number {
  return instrument.marginTiers[0]?.maxLeverage ?? 1
}

function toMarginTable(instrument: Instrument): WireMarginTable {
  if (instrument.marginTableId < IMPLICIT_MARGIN_TABLE_LIMIT) return implicitTable(instrument.marginTableId)
  return {
    description: `tiered ${maxLeverageOf(instrument)}x`,
    marginTiers: instrument.marginTiers.map(toWireTier),
  }
}

function toWireTier({ lowerBoundMicroUsd, maxLeverage }: MarginTier): WireMarginTable['marginTiers'][number] {
  return { lowerBound: fromMicroUsd(lowerBoundMicroUsd), maxLeverage }
}

/** As the venue writes times of changes: UTC without a zone. */
export function toZonelessTime(tsMs: number): string {
  return new Date(tsMs).toISOString().replace(/(\.000)?Z$/, '')
}

function implicitTable(id: number): WireMarginTable {
  return { description: '', marginTiers: [{ lowerBound: '0.0', maxLeverage: id }] }
}
