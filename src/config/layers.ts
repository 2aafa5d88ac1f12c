/**
 * Layers of configuration: each is a flat map from dotted key to a checked value and where it stands. Later layers win.
 */
import { readFileSync } from 'node:fs'
import { parse, TomlError } from 'smol-toml'
import { nearNames } from '../core/near-names.ts'
import { ConfigError } from './errors.ts'
import { CONFIG_FIELDS, CONFIG_SECTIONS } from './schema.ts'
import type { ConfigField } from './schema-walk.ts'
import { checkValue, parseText } from './values.ts'

export interface LayerEntry {
  readonly value: unknown
  readonly origin: string
}

export type Layer = ReadonlyMap<string, LayerEntry>

/** A flag that stands for a config key. `value` is true for a flag without argument. */
export interface FlagValue {
  readonly flag: string
  readonly key: string
  readonly value: string | boolean
}

/** Variables start so; sections and keys are joined by two underscores: `HYPERMAKE_RISK__GAMMA_BASE`. */
export const VARIABLE_PREFIX = 'HYPERMAKE_'

/** Variables that are no config keys; the secrets among them never enter the configuration or its hash. */
export const OTHER_VARIABLES: readonly string[] = [
  'HYPERMAKE_PRIVATE_KEY',
  'HYPERMAKE_PRIVATE_KEY_FILE',
  'HYPERMAKE_ACCOUNT',
  'HYPERMAKE_PROFILE',
]

const NEAR_NAMES_MAX = 3

const FIELD_BY_KEY: ReadonlyMap<string, ConfigField> = new Map(
  CONFIG_FIELDS.map((field) => [field.key, field]),
)

const SECTION_KEYS: ReadonlySet<string> = new Set(CONFIG_SECTIONS.map((section) => section.key))

/**
 * Reads a TOML file.
 * @param shownAs how errors and origins name it
 * @throws ConfigError FILE_UNREADABLE, BAD_TOML (with line and column), UNKNOWN_KEY, BAD_VALUE
 */
export function layerOfFile(path: string, shownAs: string): Layer {
  const layer = new Map<string, LayerEntry>()
  collect(layer, '', parseToml(readText(path, shownAs), shownAs), shownAs)
  return layer
}

/**
 * Reads a TOML file that is no configuration: a fault script, a list of accounts.
 * @throws ConfigError FILE_UNREADABLE, BAD_TOML (with line and column)
 */
export function readToml(path: string): object {
  return parseToml(readText(path, path), path)
}

function readText(path: string, shownAs: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new ConfigError('FILE_UNREADABLE', `${shownAs}: cannot be read (${why})`, { cause })
  }
}

function parseToml(text: string, shownAs: string): object {
  try {
    return parse(text)
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause
    throw new ConfigError('BAD_TOML', `${shownAs}:${cause.line}:${cause.column}: ${cause.message.trim()}`, {
      cause,
    })
  }
}

function collect(layer: Map<string, LayerEntry>, prefix: string, table: object, origin: string): void {
  for (const [name, value] of Object.entries(table) as [string, unknown][]) {
    const key = prefix === '' ? name : `${prefix}.${name}`
    if (isTable(value) && !FIELD_BY_KEY.has(key)) {
      if (!SECTION_KEYS.has(key)) throw unknownKey('UNKNOWN_KEY', key, origin)
      collect(layer, key, value, origin)
    } else {
      layer.set(key, { value: checkValue(fieldOf('UNKNOWN_KEY', key, origin), value, origin), origin })
    }
  }
}

function isTable(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}

/**
 * The variables that stand for config keys.
 * @throws ConfigError UNKNOWN_VARIABLE for any other that starts with the prefix: a misspelt limit must not be ignored
 */
export function layerOfEnvironment(environment: Readonly<Record<string, string | undefined>>): Layer {
  const layer = new Map<string, LayerEntry>()
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith(VARIABLE_PREFIX) || text === undefined || OTHER_VARIABLES.includes(name)) continue
    const key = name.slice(VARIABLE_PREFIX.length).toLowerCase().replaceAll('__', '.')
    const field = FIELD_BY_KEY.get(key)
    if (field === undefined || variableOf(key) !== name) throw unknownVariable(name)
    layer.set(key, { value: parseText(field, text, name), origin: name })
  }
  return layer
}

/** `risk.gamma_base` → `HYPERMAKE_RISK__GAMMA_BASE`. */
export function variableOf(key: string): string {
  return VARIABLE_PREFIX + key.replaceAll('.', '__').toUpperCase()
}

/** @throws ConfigError BAD_ASSIGNMENT for anything that is not `key=value` */
export function layerOfAssignments(assignments: readonly string[]): Layer {
  const layer = new Map<string, LayerEntry>()
  for (const assignment of assignments) {
    const equals = assignment.indexOf('=')
    if (equals < 1) {
      throw new ConfigError(
        'BAD_ASSIGNMENT',
        `--set ${assignment}: write key=value, as in --set risk.gamma_base=0.5`,
      )
    }
    const key = keyOfAssignment(assignment)
    const field = fieldOf('UNKNOWN_KEY', key, '--set')
    layer.set(key, { value: parseText(field, assignment.slice(equals + 1), '--set'), origin: '--set' })
  }
  return layer
}

/** `risk.gamma_base=0.5` → `risk.gamma_base`, whether there is such a key or not. */
export function keyOfAssignment(assignment: string): string {
  return assignment.slice(0, assignment.indexOf('=')).trim()
}

export function layerOfFlags(flags: readonly FlagValue[]): Layer {
  const layer = new Map<string, LayerEntry>()
  for (const { flag, key, value } of flags) {
    const field = fieldOf('UNKNOWN_KEY', key, flag)
    layer.set(key, { value: parseText(field, String(value), flag), origin: flag })
  }
  return layer
}

function fieldOf(code: 'UNKNOWN_KEY', key: string, origin: string): ConfigField {
  const field = FIELD_BY_KEY.get(key)
  if (field !== undefined) return field
  if (SECTION_KEYS.has(key))
    throw new ConfigError('BAD_VALUE', `${origin}: ${key} is a table of keys, not a value`)
  throw unknownKey(code, key, origin)
}

function unknownKey(code: 'UNKNOWN_KEY', key: string, origin: string): ConfigError {
  return new ConfigError(code, `${origin}: there is no key ${key}${suggest(nearKeys(key))}`)
}

/** Near whole keys; else near by the last part alone, for a key in the wrong section. */
function nearKeys(key: string): string[] {
  const keys = [...FIELD_BY_KEY.keys(), ...SECTION_KEYS].filter((known) => known !== '')
  const lastPart = key.slice(key.lastIndexOf('.') + 1)
  const byLastPart = CONFIG_FIELDS.map((field) => field.key).filter((known) => known.endsWith(`.${lastPart}`))
  return [...new Set([...byLastPart, ...nearNames(key, keys, NEAR_NAMES_MAX)])].slice(0, NEAR_NAMES_MAX)
}

function unknownVariable(name: string): ConfigError {
  const known = [...OTHER_VARIABLES, ...CONFIG_FIELDS.map((field) => variableOf(field.key))]
  return new ConfigError(
    'UNKNOWN_VARIABLE',
    `environment: ${name} stands for no key${suggest(nearNames(name, known, NEAR_NAMES_MAX))}`,
  )
}

function suggest(names: readonly string[]): string {
  return names.length === 0 ? '; `hypermake config show` lists them' : `; did you mean ${names.join(' or ')}?`
}
