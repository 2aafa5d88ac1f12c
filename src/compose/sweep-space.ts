/**
 * The file that says what a sweep may change: the tables and keys of a configuration, with a range or a list where a value
 * would stand.
 *
 *   [risk]
 *   gamma_base = { min = 0.1, max = 2.0, scale = "log", steps = 5 }
 *   [quoting.ladder]
 *   levels = { values = [3, 5, 7] }
 */
import { SOBOL_DIMENSIONS_MAX } from '../backtest/sweep/sobol.ts'
import type { Dimension, SettingValue } from '../backtest/sweep/space.ts'
import { ConfigError } from '../config/errors.ts'
import { readToml } from '../config/layers.ts'
import { CONFIG_FIELDS } from '../config/schema.ts'
import type { ConfigField } from '../config/schema-walk.ts'
import { parseSwept, SWEEP_STEPS_MAX } from '../config/sweep-schema.ts'
import type { SweptRange } from '../config/sweep-schema.ts'
import { checkValue, numberKindOf } from '../config/values.ts'
import { nearNames } from '../core/near-names.ts'

/** Tables that make decisions. What is outside of them is the market, the venue or the machine, and no setting to be searched. */
const TABLES = ['strategy', 'risk', 'quoting', 'stochastic', 'estimators', 'execution']
const NEAR_MAX = 3

/** @throws ConfigError FILE_UNREADABLE, BAD_TOML, UNKNOWN_KEY, BAD_VALUE: with file, key, value and what to write instead */
export function readSpace(path: string): Dimension[] {
  const dimensions: Dimension[] = []
  collect(dimensions, path, '', readToml(path))
  if (dimensions.length === 0) {
    throw new ConfigError(
      'BAD_VALUE',
      `${path}: there is nothing to search; write a key with { min = …, max = … } or { values = […] }`,
    )
  }
  if (dimensions.length > SOBOL_DIMENSIONS_MAX) {
    const message = `${path}: ${dimensions.length} keys; at most ${SOBOL_DIMENSIONS_MAX} can be searched at once`
    throw new ConfigError('BAD_VALUE', message)
  }
  return dimensions
}

function collect(dimensions: Dimension[], path: string, prefix: string, table: object): void {
  for (const [name, value] of Object.entries(table) as [string, unknown][]) {
    const key = prefix === '' ? name : `${prefix}.${name}`
    const field = CONFIG_FIELDS.find((one) => one.key === key)
    if (field !== undefined) {
      dimensions.push(dimensionOf(path, field, value))
    } else if (isTable(value) && CONFIG_FIELDS.some((one) => one.key.startsWith(`${key}.`))) {
      collect(dimensions, path, key, value)
    } else {
      const known = CONFIG_FIELDS.map((one) => one.key)
      const near = nearNames(key, known, NEAR_MAX)
      const hint =
        near.length > 0 ? `did you mean ${near.join(' or ')}?` : '`hypermake config show` lists them'
      throw new ConfigError('UNKNOWN_KEY', `${path}: there is no key ${key}; ${hint}`)
    }
  }
}

function isTable(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function dimensionOf(path: string, field: ConfigField, value: unknown): Dimension {
  const { key } = field
  if (!TABLES.includes(key.split('.')[0] ?? '')) {
    const message = `${path}: ${key} is no setting of the maker's; a sweep changes keys of ${TABLES.join(', ')}`
    throw new ConfigError('BAD_VALUE', message)
  }
  const swept = parseSwept(value)
  if (swept === null) {
    const message = `${path}: ${key} = ${JSON.stringify(value)}: write { min = …, max = … }, with scale = "log" and steps = 2 … ${SWEEP_STEPS_MAX} if wanted, or { values = […] }`
    throw new ConfigError('BAD_VALUE', message)
  }
  return 'values' in swept ? listOf(path, field, swept.values) : rangeOf(path, field, swept)
}

function listOf(path: string, field: ConfigField, values: readonly SettingValue[]): Dimension {
  for (const value of values) checkValue(field, value, path)
  if (new Set(values).size < values.length) {
    throw new ConfigError('BAD_VALUE', `${path}: ${field.key} has a value twice; write each once`)
  }
  return { kind: 'values', key: field.key, values: [...values] }
}

function rangeOf(path: string, field: ConfigField, of: SweptRange): Dimension {
  const { key } = field
  const bad = (what: string): ConfigError => new ConfigError('BAD_VALUE', `${path}: ${key}: ${what}`)
  const kind = numberKindOf(field)
  if (kind === null) throw bad('it takes no number; write { values = […] }')
  checkValue(field, of.min, path)
  checkValue(field, of.max, path)
  if (of.min >= of.max) throw bad(`min = ${of.min} is not below max = ${of.max}`)
  const isLog = of.scale === 'log'
  if (isLog && of.min <= 0) throw bad(`min = ${of.min} with scale = "log"; it must be above 0`)
  return { kind: 'range', key, min: of.min, max: of.max, isLog, isWhole: kind === 'whole', steps: of.steps }
}
