/**
 * What the deployer of a builder DEX, or a sub-deployer, may do to it. Lists of pairs are hashed in the order of their keys,
 * as the venue does: who signs another order is another signer.
 * @see https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/hip-3-deployer-actions
 */
import { z } from 'zod'
import type { ByAsset, DeployChange, RegisterChange } from '../../exchange/command.ts'
import { BATCH_UNITS_MAX } from '../../exchange/limits.ts'
import { gridOf, MICRO_USD_PER_USD } from '../../core/units.ts'
import { type Directory, updateDirectory } from '../directory.ts'
import { toNearestWhole } from '../wire/decimals.ts'
import { address, decimal, signedDecimal, whole } from '../wire/fields.ts'
import { type ActionHandler, defineAction, DONE, refused, submitAction } from './action.ts'

const DESCRIPTION_MAX = 100
const TIERS_MAX = 3
const LEVERAGE_MAX = 50
/** Keeps micro-dollars below 2^53. */
const USD_MAX = 9e9
const SIZE_DECIMALS_MAX = 6
/** Lengths that the venue names, and bounds where it names none. */
const CATEGORY_MAX = 15
const ANNOTATION_MAX = 400
const NAME_MAX = 100
const KEYWORDS_MAX = 20

/** Pairs of coin and value, each coin once, in the order of the coins. */
function pairs<Value>(value: z.ZodType<Value>): z.ZodType<[coin: string, value: Value][]> {
  return z
    .array(z.tuple([z.string(), value]))
    .max(BATCH_UNITS_MAX)
    .refine((list) => new Set(list.map(([coin]) => coin)).size === list.length)
    .transform((list) => list.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

const type = z.literal('perpDeploy')
const onDex = { dex: z.string() }

/** `normal` is our own: markets of a file may have it, so a deployer may go back to it. */
const marginMode = z.enum(['strictIsolated', 'noCross'])
const asset = {
  coin: z.string(),
  szDecimals: whole.max(SIZE_DECIMALS_MAX),
  oraclePx: decimal,
  marginTableId: whole,
}
/** The gas that the sender would pay at most: read and not used, as nothing is auctioned here. */
const listing = { maxGas: whole.nullable() }
const opening = {
  ...onDex,
  schema: z
    .strictObject({
      fullName: z.string().min(1).max(NAME_MAX),
      collateralToken: whole,
      oracleUpdater: address.nullable(),
    })
    .nullable(),
}

const schema = z.union([
  z.strictObject({
    type,
    registerAsset2: z.strictObject({
      ...listing,
      assetRequest: z.strictObject({ ...asset, marginMode: marginMode }),
      ...opening,
    }),
  }),
  z.strictObject({
    type,
    registerAsset: z.strictObject({
      ...listing,
      assetRequest: z.strictObject({ ...asset, onlyIsolated: z.boolean() }),
      ...opening,
    }),
  }),
  z.strictObject({ type, setMarginModes: pairs(z.enum([...marginMode.options, 'normal'])) }),
  z.strictObject({
    type,
    setPerpAnnotation: z.strictObject({
      coin: z.string(),
      category: z.string().max(CATEGORY_MAX),
      description: z.string().max(ANNOTATION_MAX),
      displayName: z.string().max(NAME_MAX).nullable(),
      keywords: z.array(z.string().max(NAME_MAX)).max(KEYWORDS_MAX),
    }),
  }),
  z.strictObject({
    type,
    setOracle: z.strictObject({
      ...onDex,
      oraclePxs: pairs(decimal),
      markPxs: z.array(pairs(decimal)).max(2),
      externalPerpPxs: pairs(decimal),
    }),
  }),
  z.strictObject({ type, setFundingMultipliers: pairs(decimal) }),
  z.strictObject({ type, setFundingInterestRates: pairs(signedDecimal) }),
  z.strictObject({ type, haltTrading: z.strictObject({ coin: z.string(), isHalted: z.boolean() }) }),
  z.strictObject({
    type,
    insertMarginTable: z.strictObject({
      ...onDex,
      marginTable: z.strictObject({
        description: z.string().max(DESCRIPTION_MAX),
        marginTiers: z
          .array(
            z.strictObject({ lowerBound: whole.max(USD_MAX), maxLeverage: whole.min(1).max(LEVERAGE_MAX) }),
          )
          .min(1)
          .max(TIERS_MAX),
      }),
    }),
  }),
  z.strictObject({ type, setMarginTableIds: pairs(whole) }),
  z.strictObject({ type, setOpenInterestCaps: pairs(whole.max(USD_MAX).nullable()) }),
  z.strictObject({ type, setFeeScale: z.strictObject({ ...onDex, scale: decimal }) }),
  z.strictObject({ type, setFeeRecipient: z.strictObject({ ...onDex, feeRecipient: address }) }),
  z.strictObject({ type, setGrowthModes: pairs(z.boolean()) }),
  z.strictObject({
    type,
    setSubDeployers: z.strictObject({
      ...onDex,
      subDeployers: z
        .array(z.strictObject({ variant: z.string(), user: address, allowed: z.boolean() }))
        .max(BATCH_UNITS_MAX),
    }),
  }),
])
type PerpDeploy = z.infer<typeof schema>

export const perpDeploy: ActionHandler = defineAction({
  schema,
  run: (action, call) => {
    const change = changeOf(call.context.directory, action)
    if (typeof change === 'string') return call.respond(refused(change))
    submitAction(call, { kind: 'deploy', change }, () => {
      updateDirectory(call.context.directory, call.context.exchange)
      return DONE
    })
  },
})

/** @returns the venue's words when it names a DEX or coin that there is not */
function changeOf(directory: Directory, action: PerpDeploy): DeployChange | string {
  if ('registerAsset2' in action || 'registerAsset' in action) return registrationOf(action)
  if ('setMarginModes' in action) {
    return valued(directory, 'setMarginModes', action.setMarginModes, (mode) => mode)
  }
  if ('setPerpAnnotation' in action) {
    const { coin, ...annotation } = action.setPerpAnnotation
    const assetId = directory.byCoin.get(coin)?.assetId
    return assetId === undefined ? 'Unknown coin' : { kind: 'setPerpAnnotation', assetId, annotation }
  }
  if ('setOracle' in action) return oracleOf(directory, action.setOracle)
  if ('haltTrading' in action) {
    const { coin, isHalted } = action.haltTrading
    const assetId = directory.byCoin.get(coin)?.assetId
    return assetId === undefined ? 'Unknown coin' : { kind: 'haltTrading', assetId, isHalted }
  }
  if ('setFundingMultipliers' in action) {
    return valued(directory, 'setFundingMultipliers', action.setFundingMultipliers, Number)
  }
  if ('setFundingInterestRates' in action) {
    return valued(directory, 'setFundingInterestRates', action.setFundingInterestRates, Number)
  }
  if ('setMarginTableIds' in action) {
    return valued(directory, 'setMarginTableIds', action.setMarginTableIds, (id) => id)
  }
  if ('setOpenInterestCaps' in action) {
    const toCap = (usd: number | null): number | null => (usd === null ? null : usd * MICRO_USD_PER_USD)
    return valued(directory, 'setOpenInterestCaps', action.setOpenInterestCaps, toCap)
  }
  if ('setGrowthModes' in action) {
    return valued(directory, 'setGrowthModes', action.setGrowthModes, (isOn) => isOn)
  }
  return ofDex(directory, action)
}

/** Clients name the coin with its DEX or without. */
function registrationOf(
  action: Extract<PerpDeploy, { readonly registerAsset: unknown } | { readonly registerAsset2: unknown }>,
): RegisterChange {
  const kind = 'registerAsset2' in action ? 'registerAsset2' : 'registerAsset'
  const { assetRequest, dex, schema } =
    'registerAsset2' in action ? action.registerAsset2 : action.registerAsset
  const { coin, szDecimals, oraclePx, marginTableId } = assetRequest
  return {
    kind,
    dex,
    schema,
    coin: coin.startsWith(`${dex}:`) ? coin.slice(dex.length + 1) : coin,
    szDecimals,
    oracleTicks: toNearestWhole(oraclePx, gridOf(szDecimals).priceDecimals),
    marginTableId,
    marginPolicy:
      'marginMode' in assetRequest
        ? assetRequest.marginMode
        : assetRequest.onlyIsolated
          ? 'noCross'
          : 'normal',
  }
}

type OfDex = Extract<
  PerpDeploy,
  | { readonly insertMarginTable: unknown }
  | { readonly setFeeScale: unknown }
  | { readonly setFeeRecipient: unknown }
  | { readonly setSubDeployers: unknown }
>

function ofDex(directory: Directory, action: OfDex): DeployChange | string {
  if ('insertMarginTable' in action) {
    const { dex, marginTable } = action.insertMarginTable
    const tiers = marginTable.marginTiers.map(({ lowerBound, maxLeverage }) => ({
      lowerBoundMicroUsd: lowerBound * MICRO_USD_PER_USD,
      maxLeverage,
    }))
    const { description } = marginTable
    return on(directory, dex, (dexIndex) => ({ kind: 'insertMarginTable', dexIndex, description, tiers }))
  }
  if ('setFeeScale' in action) {
    const { dex, scale } = action.setFeeScale
    return on(directory, dex, (dexIndex) => ({ kind: 'setFeeScale', dexIndex, scale: Number(scale) }))
  }
  if ('setFeeRecipient' in action) {
    const { dex, feeRecipient } = action.setFeeRecipient
    return on(directory, dex, (dexIndex) => ({ kind: 'setFeeRecipient', dexIndex, feeRecipient }))
  }
  const { dex, subDeployers: grants } = action.setSubDeployers
  return on(directory, dex, (dexIndex) => ({ kind: 'setSubDeployers', dexIndex, grants }))
}

/** Prices go to the nearest tick: a deployer's feed has more digits than its market. */
function oracleOf(
  directory: Directory,
  { dex, oraclePxs, markPxs }: Extract<PerpDeploy, { readonly setOracle: unknown }>['setOracle'],
): DeployChange | string {
  const toTicks = (list: readonly (readonly [string, string])[]): ByAsset<number> | null =>
    byAsset(directory, list, (px, coin) =>
      toNearestWhole(px, directory.byCoin.get(coin)?.grid.priceDecimals ?? 0),
    )
  const oracles = toTicks(oraclePxs)
  const marks = markPxs.map(toTicks).filter((list) => list !== null)
  if (oracles === null || marks.length < markPxs.length) return 'Unknown coin'
  return on(directory, dex, (dexIndex) => ({ kind: 'setOracle', dexIndex, oracles, marks }))
}

function on(
  { dexByName }: Directory,
  name: string,
  toChange: (dexIndex: number) => DeployChange,
): DeployChange | string {
  const dex = dexByName.get(name)
  return dex === undefined ? 'Invalid perp DEX' : toChange(dex.index)
}

type Valued = Extract<DeployChange, { readonly values: unknown }>

function valued<Kind extends Valued['kind'], Said, Value>(
  directory: Directory,
  kind: Kind,
  list: readonly (readonly [string, Said])[],
  toValue: (said: Said) => Value,
): { readonly kind: Kind; readonly values: ByAsset<Value> } | string {
  const values = byAsset(directory, list, toValue)
  return values === null ? 'Unknown coin' : { kind, values }
}

/** @returns null when a coin is not known */
function byAsset<Said, Value>(
  { byCoin }: Directory,
  list: readonly (readonly [string, Said])[],
  toValue: (said: Said, coin: string) => Value,
): ByAsset<Value> | null {
  const values = list.flatMap(([coin, said]) => {
    const assetId = byCoin.get(coin)?.assetId
    return assetId === undefined ? [] : [[assetId, toValue(said, coin)] as const]
  })
  return values.length < list.length ? null : values
}
