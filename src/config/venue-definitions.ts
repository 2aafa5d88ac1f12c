/**
 * Market definitions of the embedded exchange: TOML files, one DEX each, into the spec that an exchange is born with.
 *
 * in     a folder of files (the whole venue), or one file (a DEX on top of the shipped ones; the same name replaces)
 * out    DEXs by index, asset ids as on the venue: main index, or 100000 + 10000 × DEX + index
 * errors ConfigError that names file, field, value and remedy; nothing is half taken
 */
import { readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { z } from 'zod'
import { nearNames } from '../core/near-names.ts'
import { gridOf, MICRO_USD_PER_USD } from '../core/units.ts'
import {
  assetIdOf,
  IMPLICIT_MARGIN_TABLE_LIMIT,
  marginTiersFault,
  type Instrument,
  type MarginPolicy,
  type MarginTier,
  type VenueSpec,
} from '../exchange/instrument.ts'
import { ConfigError } from './errors.ts'
import { readToml } from './layers.ts'
import { configDirectory } from './locate.ts'
import {
  definition,
  DEXS_MAX,
  KNOWN_KEYS,
  type DexDefinition,
  type MarketDefinition,
} from './venue-schema.ts'

/** The files that come with the package. */
export const SHIPPED_MARKETS: string = join(configDirectory, 'exchange')
const SEE = 'see docs/exchange.md, "Markets"'
const NEAR_NAMES_MAX = 3
const POLICIES: Readonly<Record<MarketDefinition['margin'], MarginPolicy>> = {
  cross: 'normal',
  'no-cross': 'noCross',
  'strict-isolated': 'strictIsolated',
}

interface Read {
  readonly file: string
  readonly said: DexDefinition
}
type Placed = Read & { readonly index: number }

/** The shipped venue: the main DEX, `hyna` (USDE) and `flx` (USDH). @returns a fresh spec */
export function defaultVenue(): VenueSpec {
  return readVenue('')
}

/**
 * @param path folder or file; '' is the shipped folder
 * @throws ConfigError FILE_UNREADABLE, BAD_TOML, UNKNOWN_KEY, BAD_VALUE
 */
export function readVenue(path: string): VenueSpec {
  const placed = placeDexs(readAll(path))
  checkTokens(placed)
  const spec: VenueSpec = {
    dexs: placed.map(({ said, index }) => toDex(said.dex, index)),
    instruments: placed.flatMap(toInstruments),
  }
  checkSources(spec, placed)
  return spec
}

function readAll(path: string): Read[] {
  if (path === '' || isFolder(path)) return readFolder(path === '' ? SHIPPED_MARKETS : path)
  const added = readDefinition(path)
  const shipped = readFolder(SHIPPED_MARKETS)
  const place = shipped.findIndex(({ said }) => said.dex.name === added.said.dex.name)
  const known = shipped[place]
  if (known === undefined) return [...shipped, added]
  const index = added.said.dex.index ?? known.said.dex.index
  const dex = { ...added.said.dex, ...(index === undefined ? {} : { index }) }
  return shipped.with(place, { file: path, said: { ...added.said, dex } })
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new ConfigError(
      'FILE_UNREADABLE',
      `${path}: cannot be read (${why}); market definitions are a TOML file or a folder of them, ${SEE}`,
      { cause },
    )
  }
}

/** In the order of file names, so that the same folder gives the same venue everywhere. */
function readFolder(path: string): Read[] {
  const names = readdirSync(path)
    .filter((name) => name.endsWith('.toml'))
    .sort()
  if (names.length === 0) {
    throw new ConfigError(
      'FILE_UNREADABLE',
      `${path}: holds no .toml file; write one for each DEX, beginning with the main one, ${SEE}`,
    )
  }
  if (names.length > DEXS_MAX) {
    throw new ConfigError('BAD_VALUE', `${path}: ${names.length} files; a venue has at most ${DEXS_MAX} DEXs`)
  }
  return names.map((name) => readDefinition(join(path, name)))
}

function readDefinition(file: string): Read {
  const value = readToml(file)
  const result = definition.safeParse(value)
  if (!result.success) {
    // A misspelt key is also a missing one: the slip is the better news.
    const { issues } = result.error
    throw faultOf(file, value, issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0])
  }
  return { file, said: result.data }
}

function faultOf(file: string, value: unknown, issue: z.core.$ZodIssue | undefined): ConfigError {
  const path = issue?.path ?? []
  const where = path.map((key) => (typeof key === 'number' ? `[${key + 1}]` : `.${String(key)}`)).join('')
  const field = where === '' ? 'the file' : where.slice(1)
  if (issue?.code === 'unrecognized_keys') {
    const known = KNOWN_KEYS[String(path[0] ?? '')] ?? []
    const hints = issue.keys.flatMap((key) => nearNames(key, known, NEAR_NAMES_MAX))
    const near = hints.length === 0 ? `there are ${known.join(', ')}` : `did you mean ${hints.join(', ')}?`
    return new ConfigError('UNKNOWN_KEY', `${file}: ${field} has no key ${issue.keys.join(', ')}; ${near}`)
  }
  const given = path.reduce<unknown>(
    (inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key],
    value,
  )
  const shown = given === undefined ? 'is missing' : `= ${JSON.stringify(given)} does not do`
  return new ConfigError('BAD_VALUE', `${file}: ${field} ${shown}: ${issue?.message ?? 'wrong'}; ${SEE}`)
}

/** Indexes first where files name them; the others take the free ones in turn. */
function placeDexs(read: readonly Read[]): Placed[] {
  const places: (Read | undefined)[] = []
  for (const one of read) {
    const { index, name } = one.said.dex
    if (read.find(({ said }) => said.dex.name === name) !== one) {
      throw new ConfigError(
        'BAD_VALUE',
        `${one.file}: dex.name = "${name}" is taken; give each DEX its own name`,
      )
    }
    if (index === undefined) continue
    const other = places[index]
    if (other !== undefined) {
      const remedy = `${other.file} has it; leave it out to take the next free one`
      throw new ConfigError('BAD_VALUE', `${one.file}: dex.index = ${index} is taken: ${remedy}`)
    }
    places[index] = one
  }
  for (const one of read) {
    if (one.said.dex.index !== undefined) continue
    let free = one.said.dex.name === '' ? 0 : 1
    while (places[free] !== undefined) free += 1
    places[free] = one
  }
  return Array.from(places, (one, index) => checkPlace(one, index, read))
}

function checkPlace(one: Read | undefined, index: number, read: readonly Read[]): Placed {
  if (one === undefined) {
    const last = read.find(({ said }) => (said.dex.index ?? 0) > index)
    const what =
      index === 0 ? 'no file defines the main DEX (name "", index 0)' : `no DEX has the index ${index}`
    throw new ConfigError(
      'BAD_VALUE',
      `${last?.file ?? 'market definitions'}: ${what}; indexes go from 0 without gaps`,
    )
  }
  if ((one.said.dex.name === '') !== (index === 0)) {
    const remedy = 'the main DEX has the name "" and the index 0, and no other has either'
    throw new ConfigError(
      'BAD_VALUE',
      `${one.file}: dex.name = "${one.said.dex.name}" at dex.index ${index}: ${remedy}`,
    )
  }
  return { ...one, index }
}

/** A token has one name and one index everywhere; the later DEX is the one to blame. */
function checkTokens(placed: readonly Placed[]): void {
  for (const [place, { file, said }] of placed.entries()) {
    const { token, index, aligned } = said.dex.collateral
    const other = placed.slice(0, place).find(({ said: { dex } }) => {
      const { collateral } = dex
      const isSame = collateral.token === token
      return isSame !== (collateral.index === index) || (isSame && collateral.aligned !== aligned)
    })
    if (other === undefined) continue
    const { collateral } = other.said.dex
    throw new ConfigError(
      'BAD_VALUE',
      `${file}: dex.collateral = ${token} with index ${index}: ${basename(other.file)} has ${collateral.token} with index ${collateral.index}; a token has one index and one alignment`,
    )
  }
}

function toDex(said: DexDefinition['dex'], index: number): VenueSpec['dexs'][number] {
  const { token, index: tokenIndex, aligned } = said.collateral
  return {
    index,
    name: said.name,
    fullName: said.full_name,
    deployer: said.deployer.toLowerCase(),
    collateral: { name: token, index: tokenIndex, ...(aligned ? { isAligned: true } : {}) },
    deployerFeeScale: said.fee_scale,
    ...(said.open_interest_cap_usd === undefined
      ? {}
      : { openInterestCapMicroUsd: microUsd(said.open_interest_cap_usd) }),
  }
}

function toInstruments(placed: Placed): Instrument[] {
  const { file, said, index } = placed
  const tables = tablesOf(placed)
  return said.market.map((market, place) => {
    const field = `${file}: market[${place + 1}] ${market.coin}`
    if (said.market.findIndex(({ coin }) => coin === market.coin) !== place) {
      throw new ConfigError(
        'BAD_VALUE',
        `${field}: coin = "${market.coin}" stands here twice; give each market its own`,
      )
    }
    return toInstrument(market, {
      assetId: assetIdOf(index, place),
      dexIndex: index,
      dex: said.dex.name,
      tables,
      field,
    })
  })
}

function tablesOf({ file, said }: Placed): ReadonlyMap<number, readonly MarginTier[]> {
  const tables = new Map<number, readonly MarginTier[]>()
  for (const { id, tiers } of said.margin_table) {
    if (tables.has(id))
      throw new ConfigError('BAD_VALUE', `${file}: margin_table id = ${id} stands here twice`)
    const taken = tiers.map((tier) => ({
      lowerBoundMicroUsd: microUsd(tier.from_usd),
      maxLeverage: tier.max_leverage,
    }))
    const fault = marginTiersFault(taken)
    if (fault !== null) throw new ConfigError('BAD_VALUE', `${file}: margin_table id = ${id}: ${fault}`)
    tables.set(id, taken)
  }
  return tables
}

function toInstrument(
  market: MarketDefinition,
  of: {
    readonly assetId: number
    readonly dexIndex: number
    readonly dex: string
    readonly tables: ReadonlyMap<number, readonly MarginTier[]>
    readonly field: string
  },
): Instrument {
  const grid = gridOf(market.size_decimals)
  const initialOracleTicks = Math.round(market.oracle_usd * 10 ** grid.priceDecimals)
  if (initialOracleTicks < 1) {
    const remedy = `with size_decimals = ${market.size_decimals} a price has ${grid.priceDecimals} decimals`
    throw new ConfigError(
      'BAD_VALUE',
      `${of.field}: oracle_usd = ${market.oracle_usd} is below one tick: ${remedy}`,
    )
  }
  return {
    assetId: of.assetId,
    dexIndex: of.dexIndex,
    coin: of.dex === '' ? market.coin : `${of.dex}:${market.coin}`,
    grid,
    marginTableId: market.margin_table,
    marginTiers: tiersOf(market.margin_table, of.tables, of.field),
    marginPolicy: POLICIES[market.margin],
    growthMode: market.growth_mode,
    isDelisted: market.delisted,
    impactNotionalMicroUsd: microUsd(market.impact_usd),
    interestPer8h: market.interest_per_8h,
    fundingMultiplier: market.funding_multiplier,
    openInterestCapMicroUsd:
      market.open_interest_cap_usd === undefined ? null : microUsd(market.open_interest_cap_usd),
    initialOracleTicks,
    ...(market.oracle_source === undefined ? {} : { oracleSource: market.oracle_source }),
  }
}

function tiersOf(
  id: number,
  tables: ReadonlyMap<number, readonly MarginTier[]>,
  field: string,
): readonly MarginTier[] {
  if (id < IMPLICIT_MARGIN_TABLE_LIMIT) return [{ lowerBoundMicroUsd: 0, maxLeverage: id }]
  const tiers = tables.get(id)
  if (tiers !== undefined) return tiers
  const known = [...tables.keys()].join(', ')
  throw new ConfigError(
    'BAD_VALUE',
    `${field}: margin_table = ${id} is not in this file (${known === '' ? 'it has none' : `it has ${known}`}); add a [[margin_table]], or name a leverage below ${IMPLICIT_MARGIN_TABLE_LIMIT}`,
  )
}

/** Markets of one source move with one price, so they begin at it. */
function checkSources(spec: VenueSpec, placed: readonly Placed[]): void {
  const usdOf = ({ initialOracleTicks, grid }: Instrument): number =>
    initialOracleTicks / 10 ** grid.priceDecimals
  for (const instrument of spec.instruments) {
    const { oracleSource, coin } = instrument
    if (oracleSource === undefined) continue
    const source = spec.instruments.find((one) => one.coin === oracleSource)
    const file = placed[instrument.dexIndex]?.file ?? ''
    if (source === undefined) {
      const near = nearNames(
        oracleSource,
        spec.instruments.map((one) => one.coin),
        NEAR_NAMES_MAX,
      )
      const remedy = near.length === 0 ? 'name a coin of the main DEX' : `did you mean ${near.join(', ')}?`
      throw new ConfigError(
        'BAD_VALUE',
        `${file}: ${coin}: oracle_source = "${oracleSource}" is no market; ${remedy}`,
      )
    }
    if (usdOf(source) === usdOf(instrument)) continue
    const remedy = `${oracleSource} begins at ${usdOf(source)}; both must begin at the same price`
    throw new ConfigError('BAD_VALUE', `${file}: ${coin}: oracle_usd = ${usdOf(instrument)}: ${remedy}`)
  }
}

function microUsd(usd: number): number {
  return Math.round(usd * MICRO_USD_PER_USD)
}
