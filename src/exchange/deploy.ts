/**
 * What the deployer of a builder DEX does to it: prices, funding terms, halts, margin tables and modes, caps, fees, growth
 * mode, annotations. New markets are in register.ts.
 *
 * in      one change; who sends it is the deployer, or a sub-deployer for this kind
 * out     done at once, or a refusal in the venue's words where they are known; nothing is half taken
 * prices  an oracle moves by at most 1 % a time, updates are 2.5 s apart, no price exceeds ten times the day's start
 * source  https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/hip-3-deployer-actions
 */
import { assertNever } from '../core/assert.ts'
import { DONE, refused } from './command-answer.ts'
import type { ByAsset, CommandAnswer, DeployChange, RegisterChange } from './command.ts'
import { deskOf, mayChange, tiersOf } from './deployer-desk.ts'
import {
  IMPLICIT_MARGIN_TABLE_LIMIT,
  marginTiersFault,
  type Instrument,
  type MarginPolicy,
  type MarginTier,
} from './instrument.ts'
import { haltMarket, setMarginTable } from './interventions.ts'
import {
  DEPLOYER_TABLES_MAX,
  FEE_SCALE_MAX,
  FUNDING_INTEREST_MAX,
  FUNDING_MULTIPLIER_MAX,
  NOTIONAL_MICRO_USD_MAX,
  ORACLE_UPDATE_MS_MIN,
  SUB_DEPLOYERS_MAX,
} from './limits.ts'
import { refreshMark } from './refresh-mark.ts'
import { register } from './register.ts'
import { touchPurse } from './risk-list.ts'
import type { Account, Dex, Exchange, Market } from './state.ts'

const ORACLE_MOVE_MAX = 0.01
const DAY_START_MULTIPLE_MAX = 10
/** The deployer's kinds of change, as sub-deployers are allowed them. */
const VARIANTS: ReadonlySet<string> = new Set<DeployChange['kind']>([
  'setOracle',
  'setFundingMultipliers',
  'setFundingInterestRates',
  'haltTrading',
  'insertMarginTable',
  'setMarginTableIds',
  'setOpenInterestCaps',
  'setFeeScale',
  'setFeeRecipient',
  'setGrowthModes',
  'setSubDeployers',
  'setMarginModes',
  'setPerpAnnotation',
  'registerAsset',
  'registerAsset2',
])

/** Of a DEX that stands. */
type Change = Exclude<DeployChange, RegisterChange>

export function deploy(exchange: Exchange, { address }: Account, change: DeployChange): CommandAnswer {
  if ('schema' in change) return register(exchange, address, change)
  const dexs = dexsOf(exchange, change)
  if (typeof dexs === 'string') return refused(dexs)
  if (dexs.some((dex) => !mayChange(dex, address, change.kind))) {
    return refused('Invalid perp deployer or sub-deployer')
  }
  const [dex] = dexs
  if (dex === undefined) return refused('Unknown coin')
  const fault = faultOf(exchange, dex, change)
  if (fault !== null) return refused(fault)
  for (const one of dexs) deskOf(one)
  make(exchange, dex, change)
  return DONE
}

/** Each DEX that the change touches, or why it touches none. */
function dexsOf(exchange: Exchange, change: Change): readonly Dex[] | string {
  if ('dexIndex' in change) {
    const dex = exchange.dexs[change.dexIndex]
    return dex === undefined || dex.spec.index === 0 ? 'Invalid perp DEX' : [dex]
  }
  const assetIds = 'assetId' in change ? [change.assetId] : change.values.map(([assetId]) => assetId)
  const dexs = new Set<Dex>()
  for (const assetId of assetIds) {
    const market = exchange.marketByAssetId.get(assetId)
    if (market === undefined) return 'Unknown coin'
    dexs.add(market.dex)
  }
  return [...dexs]
}

function faultOf(exchange: Exchange, dex: Dex, change: Change): string | null {
  switch (change.kind) {
    case 'setOracle':
      return oracleFault(exchange, dex, change)
    case 'setFundingMultipliers':
      return anyOutside(change.values, 0, FUNDING_MULTIPLIER_MAX) ? 'Invalid funding multiplier' : null
    case 'setFundingInterestRates':
      return anyOutside(change.values, -FUNDING_INTEREST_MAX, FUNDING_INTEREST_MAX)
        ? 'Invalid funding interest rate'
        : null
    case 'insertMarginTable':
      return tableFault(dex, change.tiers)
    case 'setMarginTableIds':
      return change.values.some(([assetId, id]) => tiersOf(marketOf(exchange, assetId).dex, id) === null)
        ? 'Invalid margin table'
        : null
    case 'setOpenInterestCaps':
      return anyOutside(change.values, 1, NOTIONAL_MICRO_USD_MAX) ? 'Invalid open interest cap' : null
    case 'setFeeScale':
      return change.scale >= 0 && change.scale <= FEE_SCALE_MAX ? null : 'Invalid fee scale'
    case 'setSubDeployers':
      return subDeployerFault(dex, change.grants)
    case 'haltTrading':
    case 'setFeeRecipient':
    case 'setGrowthModes':
    case 'setMarginModes':
    case 'setPerpAnnotation':
      return null
    default:
      return assertNever(change)
  }
}

/** A change that was found right. */
function make(exchange: Exchange, dex: Dex, change: Change): void {
  const desk = deskOf(dex)
  switch (change.kind) {
    case 'setOracle':
      setPrices(exchange, dex, change)
      break
    case 'setFundingMultipliers':
      forEach(exchange, change.values, (market, fundingMultiplier) => setTerms(market, { fundingMultiplier }))
      break
    case 'setFundingInterestRates':
      forEach(exchange, change.values, (market, interestPer8h) => setTerms(market, { interestPer8h }))
      break
    case 'haltTrading':
      haltMarket(exchange, change.assetId, change.isHalted)
      break
    case 'insertMarginTable':
      desk.marginTables.set(nextTableId(dex), { description: change.description, tiers: change.tiers })
      break
    case 'setMarginTableIds':
      for (const [assetId, marginTableId] of change.values) {
        const marginTiers = tiersOf(marketOf(exchange, assetId).dex, marginTableId) ?? []
        setMarginTable(exchange, { kind: 'marginTable', assetId, marginTableId, marginTiers })
      }
      break
    case 'setOpenInterestCaps':
      forEach(exchange, change.values, (market, cap) => setTerms(market, { openInterestCapMicroUsd: cap }))
      break
    case 'setFeeScale':
      dex.spec = { ...dex.spec, deployerFeeScale: change.scale }
      desk.feeScaleTsMs = exchange.tsMs
      dex.markets.forEach((market) => forgetMarketRates(exchange, market))
      break
    case 'setFeeRecipient':
      desk.feeRecipient = change.feeRecipient
      break
    case 'setGrowthModes':
      forEach(exchange, change.values, (market, growthMode) => {
        setTerms(market, { growthMode })
        deskOf(market.dex).growthTsMs.set(market.instrument.assetId, exchange.tsMs)
        forgetMarketRates(exchange, market)
      })
      break
    case 'setSubDeployers':
      for (const { variant, user, allowed } of change.grants) {
        const others = (desk.subDeployers.get(variant) ?? []).filter((one) => one !== user)
        desk.subDeployers.set(variant, allowed ? [...others, user] : others)
      }
      break
    case 'setMarginModes':
      forEach(exchange, change.values, (market, policy) => setMarginMode(exchange, market, policy))
      break
    case 'setPerpAnnotation':
      desk.annotations.set(change.assetId, change.annotation)
      break
    default:
      assertNever(change)
  }
}

/** Whoever holds no position in the market trades it isolated from now on; a cross position is let be until it is closed. */
function setMarginMode(exchange: Exchange, market: Market, marginPolicy: MarginPolicy): void {
  setTerms(market, { marginPolicy })
  if (marginPolicy === 'normal') return
  for (const account of exchange.accounts) {
    const holding = account.holdings.get(market.index)
    if (holding === undefined || holding.sizeLots !== 0 || account.isBackstop) continue
    holding.isCross = false
    touchPurse(holding.purse)
  }
}

function oracleFault(
  exchange: Exchange,
  dex: Dex,
  { oracles, marks }: Extract<DeployChange, { readonly kind: 'setOracle' }>,
): string | null {
  const all = [...oracles, ...marks.flat()]
  if (all.some(([assetId]) => exchange.marketByAssetId.get(assetId)?.dex !== dex)) return 'Unknown coin'
  if (oracles.length === 0) return 'Invalid oracle prices'
  if (marks.length > 2) return 'Invalid mark prices'
  if (all.some(([, ticks]) => !Number.isSafeInteger(ticks) || ticks < 1)) return 'Invalid oracle prices'
  const listed = new Set(oracles.map(([assetId]) => assetId))
  if (listed.size < oracles.length) return 'Invalid oracle prices'
  if (marks.flat().some(([assetId]) => !listed.has(assetId))) return 'Invalid mark prices'
  const sinceMs = exchange.tsMs - (dex.desk?.oracleTsMs ?? 0)
  return sinceMs < ORACLE_UPDATE_MS_MIN ? 'Oracle price update too often' : null
}

function setPrices(
  exchange: Exchange,
  dex: Dex,
  { oracles, marks }: Extract<DeployChange, { readonly kind: 'setOracle' }>,
): void {
  const desk = deskOf(dex)
  const { tsMs } = exchange
  desk.oracleTsMs = tsMs
  for (const [assetId, ticks] of oracles) {
    const market = marketOf(exchange, assetId)
    // The ring's first place is the mark of the hour in which the day began.
    const most = Math.floor(market.hourMarkTicks[0]! * DAY_START_MULTIPLE_MAX)
    const wanted = Math.min(ticks, most)
    market.oracleTicks = nearTo(market.oracleTicks, wanted)
    const own = marks.flatMap((list) => list.filter(([id]) => id === assetId).map(([, mark]) => mark))
    desk.prices.set(assetId, { tsMs, markTicks: own.map((mark) => Math.min(mark, most)) })
  }
  for (const [assetId] of oracles) refreshMark(exchange, marketOf(exchange, assetId))
}

/** At most 1 % from where it was; a tick is always possible. */
function nearTo(before: number, wanted: number): number {
  const low = Math.min(Math.ceil(before * (1 - ORACLE_MOVE_MAX)), before - 1)
  const high = Math.max(Math.floor(before * (1 + ORACLE_MOVE_MAX)), before + 1)
  return Math.max(1, Math.min(Math.max(wanted, low), high))
}

function tableFault(dex: Dex, tiers: readonly MarginTier[]): string | null {
  if ((dex.desk?.marginTables.size ?? 0) >= DEPLOYER_TABLES_MAX) return 'Too many margin tables'
  return marginTiersFault(tiers) === null ? null : 'Invalid margin table'
}

function nextTableId(dex: Dex): number {
  const used = dex.markets.map(({ instrument }) => instrument.marginTableId)
  return Math.max(IMPLICIT_MARGIN_TABLE_LIMIT, ...used, ...deskOf(dex).marginTables.keys()) + 1
}

function subDeployerFault(
  dex: Dex,
  grants: Extract<DeployChange, { readonly kind: 'setSubDeployers' }>['grants'],
): string | null {
  if (grants.some(({ variant }) => !VARIANTS.has(variant))) return 'Invalid sub-deployer variant'
  const known = [...(dex.desk?.subDeployers.values() ?? [])].reduce((sum, users) => sum + users.length, 0)
  return known + grants.length > SUB_DEPLOYERS_MAX ? 'Too many sub-deployers' : null
}

function anyOutside(values: ByAsset<number | null>, min: number, max: number): boolean {
  return values.some(([, value]) => value !== null && !(value >= min && value <= max))
}

function forEach<Value>(
  exchange: Exchange,
  values: ByAsset<Value>,
  change: (market: Market, value: Value) => void,
): void {
  for (const [assetId, value] of values) change(marketOf(exchange, assetId), value)
}

function setTerms(market: Market, terms: Partial<Instrument>): void {
  market.instrument = { ...market.instrument, ...terms }
}

/** Everybody's rates in the market are made anew before the next fill. */
function forgetMarketRates(exchange: Exchange, market: Market): void {
  for (const account of exchange.accounts) {
    const holding = account.holdings.get(market.index)
    if (holding !== undefined) holding.ratesDay = -1
  }
}

/** Of an asset that was found before. */
function marketOf(exchange: Exchange, assetId: number): Market {
  return exchange.marketByAssetId.get(assetId)!
}
