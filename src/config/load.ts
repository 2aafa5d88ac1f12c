/**
 * From layers to one frozen configuration: default ← profile ← dex ← asset ← files ← environment ← --set ← flags.
 * Network, DEX and asset choose the files of the lower layers, so they are looked up first, from the top down.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { nearNames } from '../core/near-names.ts'
import type { Config, EffectiveConfig } from './config.ts'
import { ConfigError } from './errors.ts'
import {
  layerOfAssignments,
  layerOfEnvironment,
  layerOfFile,
  layerOfFlags,
  type FlagValue,
  type Layer,
  type LayerEntry,
} from './layers.ts'
import { checkRelations, warningsOf } from './relations.ts'
import { isScenarioFile } from './scenario-file.ts'
import { CONFIG_FIELDS, toConfig } from './schema.ts'

export interface ConfigSources {
  /** The folder with default.toml, profiles/, dexs/ and assets/. */
  readonly directory: string
  /** Null: only the profile named like the network. */
  readonly profile: string | null
  /** Paths of `--config`, the later one wins. */
  readonly files: readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
  /** `key=value` of `--set`. */
  readonly assignments: readonly string[]
  readonly flags: readonly FlagValue[]
}

/** Keys that choose other files; those files must not change the choice. */
const CHOOSING_KEYS = ['venue.network', 'market.asset', 'market.dex'] as const

const NEAR_PROFILES_MAX = 3

/**
 * Loads, merges, checks and freezes the configuration.
 * @throws ConfigError with the file or flag, the key, the value and the remedy
 */
export function loadConfig(sources: ConfigSources): EffectiveConfig {
  const defaults = packageLayer(sources, 'default.toml')
  const named = namedProfile(sources)
  const upper = [
    ...sources.files.map((path) => layerOfFile(path, path)),
    layerOfEnvironment(sources.environment),
    layerOfAssignments(sources.assignments),
    layerOfFlags(sources.flags),
  ]
  const network = topmost([defaults, named, ...upper], 'venue.network')
  const ofNetwork = withoutChoices(optionalLayer(sources, 'profiles', String(network.value)), [
    'market.asset',
  ])
  const chosen = [defaults, ofNetwork, named, ...upper]
  const { asset, dex } = chooseMarket(defaults, chosen)
  const ofDex = withoutChoices(optionalLayer(sources, 'dexs', String(dex.value)), CHOOSING_KEYS)
  const ofAsset = withoutChoices(optionalLayer(sources, 'assets', String(asset.value)), CHOOSING_KEYS)

  const market: Layer = new Map([
    ['market.asset', asset],
    ['market.dex', dex],
  ])
  const merged = merge([defaults, ofNetwork, named, ofDex, ofAsset, ...upper, market])
  const originOf = (key: string): string => merged.get(key)?.origin ?? 'nowhere'
  const values = toConfig(treeOf(merged))
  checkRelations(values, originOf)
  return deepFreeze({
    values,
    hash: configHash(withScenarioDigest(values)),
    origins: Object.fromEntries(CONFIG_FIELDS.map((field) => [field.key, originOf(field.key)])),
    warnings: warningsOf(values),
  })
}

/** The value of every key in default.toml. */
export function defaultValues(directory: string): Readonly<Record<string, unknown>> {
  const layer = layerOfFile(join(directory, 'default.toml'), 'config/default.toml')
  return Object.fromEntries([...layer].map(([key, entry]) => [key, entry.value]))
}

function packageLayer(sources: ConfigSources, name: string): Layer {
  const path = join(sources.directory, name)
  return layerOfFile(path, relative(dirname(sources.directory), path))
}

/** The file of a DEX, an asset or a network; an empty layer when there is none. */
function optionalLayer(sources: ConfigSources, folder: string, name: string): Layer {
  // The names on disk are compared, because some file systems would find `btc.toml` for `BTC`.
  return namesIn(sources, folder).includes(name)
    ? packageLayer(sources, join(folder, `${name}.toml`))
    : new Map()
}

function namesIn(sources: ConfigSources, folder: string): string[] {
  const path = join(sources.directory, folder)
  if (!existsSync(path)) return []
  const files = readdirSync(path).filter((file) => file.endsWith('.toml'))
  return files.map((file) => basename(file, '.toml')).sort()
}

function namedProfile(sources: ConfigSources): Layer {
  const name = sources.profile
  if (name === null) return new Map()
  if (name.endsWith('.toml')) return layerOfFile(name, name)
  const known = namesIn(sources, 'profiles')
  if (known.includes(name)) return packageLayer(sources, join('profiles', `${name}.toml`))
  const near = nearNames(name, known, NEAR_PROFILES_MAX)
  throw new ConfigError(
    'UNKNOWN_PROFILE',
    `--profile ${name}: there is no such profile; ${near.length > 0 ? `did you mean ${near.join(' or ')}?` : `known are ${known.join(', ')}`}`,
  )
}

function withoutChoices(layer: Layer, forbidden: readonly string[]): Layer {
  for (const key of forbidden) {
    const entry = layer.get(key)
    if (entry === undefined) continue
    throw new ConfigError(
      'IMPOSSIBLE',
      `${entry.origin}: ${key} chooses this file, so the file cannot set it`,
    )
  }
  return layer
}

function topmost(layers: readonly Layer[], key: string): LayerEntry {
  for (const layer of [...layers].reverse()) {
    const entry = layer.get(key)
    if (entry !== undefined) return entry
  }
  throw new ConfigError('MISSING_KEY', `config/default.toml: ${key} is missing`)
}

/**
 * The default DEX goes with the default asset: whoever names an asset alone means the main DEX. A prefix names the DEX.
 * @throws ConfigError FOREIGN_PREFIX when prefix and DEX differ
 */
function chooseMarket(defaults: Layer, layers: readonly Layer[]): { asset: LayerEntry; dex: LayerEntry } {
  const asset = topmost(layers, 'market.asset')
  const dex = topmost(layers, 'market.dex')
  const isDexGiven = dex !== defaults.get('market.dex')
  const isAssetGiven = asset !== defaults.get('market.asset')
  const [bare, prefix] = splitPrefix(String(asset.value))
  if (prefix !== null) {
    if (isDexGiven && dex.value !== prefix) {
      throw new ConfigError(
        'FOREIGN_PREFIX',
        `${asset.origin}: ${String(asset.value)} is on the DEX "${prefix}", but ${dex.origin} says market.dex = "${String(dex.value)}"; write ${bare} or give --dex ${prefix}`,
      )
    }
    return { asset: { ...asset, value: bare }, dex: { value: prefix, origin: asset.origin } }
  }
  if (isAssetGiven && !isDexGiven)
    return { asset, dex: { value: '', origin: `${asset.origin} without a DEX` } }
  return { asset, dex }
}

function splitPrefix(asset: string): readonly [bare: string, prefix: string | null] {
  const colon = asset.indexOf(':')
  return colon < 0 ? [asset, null] : [asset.slice(colon + 1), asset.slice(0, colon)]
}

function merge(layers: readonly Layer[]): Layer {
  const merged = new Map<string, LayerEntry>()
  for (const layer of layers) for (const [key, entry] of layer) merged.set(key, entry)
  for (const { key } of CONFIG_FIELDS) topmost([merged], key)
  return merged
}

interface Tree {
  [name: string]: unknown
}

function treeOf(flat: Layer): Tree {
  const root: Tree = {}
  for (const [key, { value }] of flat) {
    const parts = key.split('.')
    const name = parts.pop() ?? key
    let table = root
    for (const part of parts) table = (table[part] ??= {}) as Tree
    table[name] = value
  }
  return root
}

/**
 * A scenario file counts by what it says, not by where it lies. One that cannot be read is refused where it is played: to
 * stop a maker must not need it.
 */
function withScenarioDigest(values: Config): Config {
  const { exchange } = values
  if (!isScenarioFile(exchange.scenario)) return values
  try {
    const digest = createHash('sha256').update(readFileSync(exchange.scenario)).digest('hex')
    return { ...values, exchange: { ...exchange, scenario: `sha256:${digest}` } }
  } catch {
    return values
  }
}

/** SHA-256 over the values with sorted keys: the same for the same configuration, however it was put together. */
export function configHash(values: Config): string {
  return createHash('sha256').update(canonicalJson(values)).digest('hex')
}

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1))
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze)
    Object.freeze(value)
  }
  return value
}
