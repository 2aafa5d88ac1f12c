/**
 * A coin on a DEX as people name it -> the market as the venue describes it: asset id, decimals, leverage, margin mode,
 * collateral, and this account's fees. Read from the venue at every start; nothing is guessed or built in.
 * @see https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/asset-ids
 */
import { nearNames } from '../../core/near-names.ts'
import type { MarketSpec, Network } from '../../core/market.ts'
import { gridOf, MICRO_USD_PER_USD } from '../../core/units.ts'
import type { Grid } from '../../core/units.ts'
import { VenueError } from '../errors.ts'
import { type Dex, readDexs, readTokenNames } from './dexs.ts'
import { feeRates } from './fees.ts'
import { ask, type Hex, type VenueInfo } from './info.ts'
import { flagOf, listOf, malformed, recordOf, textOf, wholeFieldOf, type WireRecord } from './wire.ts'

const BUILDER_ASSET_BASE = 100_000
const BUILDER_ASSET_STRIDE = 10_000
const MIN_NOTIONAL_MICRO_USD = 10 * MICRO_USD_PER_USD
const SUGGESTIONS_MAX = 5
const ISOLATED_WORDS: ReadonlySet<unknown> = new Set(['strictIsolated', 'noCross'])

/** A market that is listened to and not traded. */
export interface ReferenceMarket {
  readonly coin: string
  readonly grid: Grid
}

export interface MarketQuery {
  readonly network: Network
  /** '' is the main DEX. */
  readonly dex: string
  /** `BTC` or `hyna:BTC`. */
  readonly asset: string
  /** Whose fee rates apply. */
  readonly account: Hex
  readonly forceIsolated: boolean
}

/**
 * @throws VenueError UNKNOWN_DEX or UNKNOWN_COIN with the nearest names; UNREACHABLE; MALFORMED_MESSAGE when the venue's
 *   description lacks what trading needs
 */
export async function resolveMarket(info: VenueInfo, query: MarketQuery): Promise<MarketSpec> {
  const dex = findDex(await readDexs(info), query)
  const coin = coinNameOf(query.asset, dex.name)
  const meta = await readMeta(info, dex.name)
  const { entry, index } = findCoin(meta, coin, dex.name)
  const isIsolated =
    query.forceIsolated || flagOf(entry, 'onlyIsolated') || ISOLATED_WORDS.has(entry['marginMode'])
  const rates = await ask(info, 'userFees', (client) => client.userFees({ user: query.account }))
  return {
    network: query.network,
    dex: dex.name,
    coin,
    assetId: assetIdOf(dex.index, index),
    grid: gridOf(szDecimalsOf(entry)),
    maxLeverage: wholeFieldOf(entry, 'maxLeverage'),
    marginMode: isIsolated ? 'isolated' : 'cross',
    ...(entry['marginMode'] === 'strictIsolated' ? { isStrictIsolated: true } : {}),
    collateral: await collateralName(info, wholeFieldOf(meta, 'collateralToken')),
    ...feeRates(rates, {
      deployerFeeScale: dex.deployerFeeScale,
      growthMode: entry['growthMode'] === 'enabled',
    }),
    minNotionalMicroUsd: MIN_NOTIONAL_MICRO_USD,
  }
}

/**
 * @param asset with its DEX as prefix; none is the main DEX. @returns null for an empty name
 * @throws VenueError UNKNOWN_DEX or UNKNOWN_COIN with the nearest names, and for the quoted market itself; UNREACHABLE
 */
export async function resolveReference(
  info: VenueInfo,
  asset: string,
  quoted: MarketSpec,
): Promise<ReferenceMarket | null> {
  if (asset === '') return null
  if (asset === quoted.coin) {
    const message = `market.reference = "${asset}" is the quoted market itself; name another market, or leave it empty`
    throw new VenueError('UNKNOWN_COIN', message)
  }
  const dex = findDex(await readDexs(info), { dex: '', asset })
  const { entry } = findCoin(await readMeta(info, dex.name), asset, dex.name)
  return { coin: asset, grid: gridOf(szDecimalsOf(entry)) }
}

/**
 * Looks whether ids and decimals are still what we trade by: an upgrade may renumber a universe while we are away.
 * @returns what changed in words, or null
 */
export async function changeOf(info: VenueInfo, market: MarketSpec): Promise<string | null> {
  const dexIndex = (await readDexs(info)).find((dex) => dex.name === market.dex)?.index
  if (dexIndex === undefined) return `the DEX ${market.dex} is gone`
  const universe = universeOf(await readMeta(info, market.dex))
  const index = universe.findIndex((entry) => entry['name'] === market.coin)
  const entry = universe[index]
  if (entry === undefined) return `${market.coin} is gone`
  if (flagOf(entry, 'isDelisted')) return `${market.coin} was delisted`
  const assetId = assetIdOf(dexIndex, index)
  if (assetId !== market.assetId)
    return `the asset id of ${market.coin} was ${market.assetId} and is ${assetId}`
  const szDecimals = szDecimalsOf(entry)
  if (szDecimals !== market.grid.szDecimals) {
    return `the size decimals of ${market.coin} were ${market.grid.szDecimals} and are ${szDecimals}`
  }
  return null
}

/** An asset written with its DEX names the DEX too, so `--dex` may be left out; another one in `--dex` is a contradiction. */
function findDex(dexs: readonly Dex[], query: Pick<MarketQuery, 'dex' | 'asset'>): Dex {
  const prefix = prefixOf(query.asset)
  if (prefix !== null && query.dex !== '' && prefix !== query.dex) {
    throw new VenueError(
      'UNKNOWN_COIN',
      `${query.asset} is a coin of the DEX ${prefix}, but the DEX ${query.dex} was chosen: ` +
        `name one of them (--asset ${query.asset.slice(prefix.length + 1)} --dex ${query.dex}, or --dex ${prefix})`,
    )
  }
  const name = prefix ?? query.dex
  const dex = dexs.find((candidate) => candidate.name === name)
  if (dex !== undefined) return dex
  const names = dexs.map((candidate) => candidate.name).filter((candidate) => candidate !== '')
  throw new VenueError('UNKNOWN_DEX', `there is no DEX ${name}; ${suggestion(name, names, '--list-dexs')}`)
}

function prefixOf(asset: string): string | null {
  const colon = asset.indexOf(':')
  return colon === -1 ? null : asset.slice(0, colon)
}

/** `BTC` on `hyna` is `hyna:BTC`; a name that has its prefix keeps it. */
export function coinNameOf(asset: string, dex: string): string {
  return dex === '' || asset.startsWith(`${dex}:`) ? asset : `${dex}:${asset}`
}

async function readMeta(info: VenueInfo, dex: string): Promise<WireRecord> {
  return recordOf(await ask(info, 'meta', (client) => client.meta(dex === '' ? {} : { dex })), 'meta')
}

function universeOf(meta: WireRecord): WireRecord[] {
  return listOf(meta['universe'], 'universe').map((entry) => recordOf(entry, 'universe entry'))
}

function findCoin(
  meta: WireRecord,
  coin: string,
  dex: string,
): { readonly entry: WireRecord; readonly index: number } {
  const universe = universeOf(meta)
  const index = universe.findIndex((candidate) => candidate['name'] === coin)
  const entry = universe[index]
  const where = dex === '' ? 'the main DEX' : `the DEX ${dex}`
  if (entry === undefined) {
    const names = universe
      .filter((candidate) => !flagOf(candidate, 'isDelisted'))
      .map((candidate) => textOf(candidate, 'name'))
    throw new VenueError('UNKNOWN_COIN', `there is no ${coin} on ${where}; ${suggestion(coin, names, null)}`)
  }
  if (flagOf(entry, 'isDelisted')) throw new VenueError('UNKNOWN_COIN', `${coin} on ${where} is delisted`)
  return { entry, index }
}

function suggestion(name: string, known: readonly string[], command: string | null): string {
  const near = nearNames(name, known, SUGGESTIONS_MAX)
  if (near.length > 0) return `near names: ${near.join(', ')}`
  const some = known.slice(0, SUGGESTIONS_MAX).join(', ')
  const all = command === null ? '' : ` (${command} shows all)`
  return known.length === 0 ? 'there are none at all' : `known names start with: ${some}${all}`
}

function assetIdOf(dexIndex: number, index: number): number {
  return dexIndex === 0 ? index : BUILDER_ASSET_BASE + BUILDER_ASSET_STRIDE * dexIndex + index
}

function szDecimalsOf(entry: WireRecord): number {
  const szDecimals = wholeFieldOf(entry, 'szDecimals')
  if (szDecimals > 6) throw malformed('szDecimals of a perp is 0…6', szDecimals)
  return szDecimals
}

/** A DEX without a known collateral cannot be traded: guessing the token would misread every balance. */
async function collateralName(info: VenueInfo, tokenIndex: number): Promise<string> {
  const name = (await readTokenNames(info)).get(tokenIndex)
  if (name === undefined) throw malformed('the collateral token is listed in spotMeta', tokenIndex)
  return name
}
