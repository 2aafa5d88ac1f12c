/**
 * A scenario file: TOML into checked tables with camelCase keys, and back.
 *
 * in      tables of docs/scenarios.md
 * out     only what the file says: what it leaves out comes from its `base`, which is not known here
 * errors  ConfigError that names file, field, value and remedy
 */
import { nearNames } from '../core/near-names.ts'
import { ConfigError } from './errors.ts'
import { readToml } from './layers.ts'
import {
  AGENT_KINDS,
  BASIS_FIELDS,
  COIN_FIELDS,
  PRICE_FIELDS,
  SCENARIO_ROWS_MAX,
  type ScenarioRows,
  type ScenarioTable,
  type ScenarioValue,
} from './scenario-fields.ts'
import { camelOf } from './schema-walk.ts'
import { checkValue } from './values.ts'

/** Values by camelCase key, as the tables of scenario-fields.ts check them. */
export type ScenarioValues = Readonly<Record<string, unknown>>

export interface ScenarioTables {
  readonly about: string | null
  /** Name of a shipped scenario that it begins with; null: from nothing. */
  readonly base: string | null
  /** Agents of the base that do not take part. */
  readonly without: readonly string[]
  readonly coins: readonly ScenarioValues[]
  /** Keys that the file leaves out are missing. */
  readonly price: ScenarioValues
  readonly basis: ScenarioValues
  /** Each with its `kind`. */
  readonly agents: readonly ScenarioValues[]
}

/** Whether `--scenario` names a file rather than a shipped scenario. */
export function isScenarioFile(named: string): boolean {
  return named.endsWith('.toml')
}

const TOP_KEYS = ['about', 'base', 'without', 'coin', 'price', 'basis', 'agent'] as const
const SEE = 'see docs/scenarios.md'
const NEAR_NAMES_MAX = 3

type Tree = Readonly<Record<string, unknown>>

/** @throws ConfigError FILE_UNREADABLE, BAD_TOML, UNKNOWN_KEY, MISSING_KEY, BAD_VALUE */
export function readScenarioTables(file: string): ScenarioTables {
  const tree = treeAt(file, '', readToml(file))
  refuseUnknown(file, '', tree, TOP_KEYS)
  const partial = (key: string, fields: ScenarioTable): ScenarioValues =>
    tableOf({ file, at: key, isWhole: false }, tree[key] ?? {}, fields)
  return {
    about: stringAt(file, 'about', tree['about']),
    base: stringAt(file, 'base', tree['base']),
    without: listAt(file, 'without', tree['without']).map(
      (name, index) => stringAt(file, `without[${index + 1}]`, name) ?? '',
    ),
    coins: listAt(file, 'coin', tree['coin']).map((coin, index) =>
      tableOf({ file, at: `coin[${index + 1}]`, isWhole: true }, coin, COIN_FIELDS),
    ),
    price: partial('price', PRICE_FIELDS),
    basis: partial('basis', BASIS_FIELDS),
    agents: listAt(file, 'agent', tree['agent']).map((agent, index) => agentAt(file, index, agent)),
  }
}

function agentAt(file: string, index: number, value: unknown): ScenarioValues {
  const at = `agent[${index + 1}]`
  const { kind, ...keys } = treeAt(file, at, value)
  const known = Object.keys(AGENT_KINDS)
  const found = known.some((one) => one === kind) ? AGENT_KINDS[String(kind)] : undefined
  if (found === undefined) {
    const given = kind === undefined ? 'is missing' : `= ${shown(kind)} is no kind of agent`
    throw new ConfigError('BAD_VALUE', `${file}: ${at}.kind ${given}; there are ${known.join(', ')}, ${SEE}`)
  }
  return { kind, ...tableOf({ file, at, isWhole: true }, keys, found.fields) }
}

interface Place {
  readonly file: string
  /** Dotted, lists counted from 1. */
  readonly at: string
  /** Every key without `otherwise` must be there. */
  readonly isWhole: boolean
}

function tableOf(place: Place, value: unknown, fields: ScenarioTable): ScenarioValues {
  const { file, at, isWhole } = place
  const tree = treeAt(file, at, value)
  refuseUnknown(file, at, tree, Object.keys(fields))
  const values: Record<string, unknown> = {}
  for (const [key, field] of Object.entries(fields)) {
    const given = tree[key]
    if (given !== undefined) values[camelOf(key)] = fieldOf(file, `${at}.${key}`, given, field)
    else if ('otherwise' in field) values[camelOf(key)] = field.otherwise
    else if (isWhole) throw new ConfigError('MISSING_KEY', `${file}: ${at}.${key} is missing; ${SEE}`)
  }
  return values
}

function fieldOf(file: string, key: string, value: unknown, field: ScenarioValue | ScenarioRows): unknown {
  if ('type' in field) return checkValue({ key, type: field.type }, value, file)
  return listAt(file, key, value).map((row, index) =>
    tableOf({ file, at: `${key}[${index + 1}]`, isWhole: true }, row, field.rows),
  )
}

function treeAt(file: string, at: string, value: unknown): Tree {
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)) {
    return value as Tree
  }
  throw new ConfigError('BAD_VALUE', `${file}: ${at} = ${shown(value)} is not a table of keys; ${SEE}`)
}

function listAt(file: string, at: string, value: unknown): readonly unknown[] {
  if (value === undefined) return []
  if (Array.isArray(value) && value.length <= SCENARIO_ROWS_MAX) return value as unknown[]
  const what = Array.isArray(value)
    ? `has ${value.length} entries; at most ${SCENARIO_ROWS_MAX}`
    : `= ${shown(value)} is not a list`
  throw new ConfigError('BAD_VALUE', `${file}: ${at} ${what}, ${SEE}`)
}

function stringAt(file: string, at: string, value: unknown): string | null {
  if (value === undefined) return null
  if (typeof value === 'string' && !/[\n\r]/.test(value)) return value
  throw new ConfigError('BAD_VALUE', `${file}: ${at} = ${shown(value)} is not a line of text; ${SEE}`)
}

function refuseUnknown(file: string, at: string, tree: Tree, known: readonly string[]): void {
  const key = Object.keys(tree).find((name) => !known.includes(name))
  if (key === undefined) return
  const near = nearNames(key, known, NEAR_NAMES_MAX)
  const remedy = near.length > 0 ? `did you mean ${near.join(' or ')}?` : `there are ${known.join(', ')}`
  throw new ConfigError('UNKNOWN_KEY', `${file}: ${at === '' ? 'the file' : at} has no key ${key}; ${remedy}`)
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? String(value)
}
