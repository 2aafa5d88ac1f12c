import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'smol-toml'
import { describe, expect, test } from 'vitest'
import { pipelineDefaults } from '../../estimators/pipeline-config.ts'
import { noteOf } from '../../src/config/fields.ts'
import { defaultValues } from '../../src/config/load.ts'
import { configDirectory } from '../../src/config/locate.ts'
import { configPage } from '../../src/config/page.ts'
import { CONFIG_FIELDS, CONFIG_SECTIONS, toJsonSchema } from '../../src/config/schema.ts'
import { camelOf } from '../../src/config/schema-walk.ts'
import { glftLadderDefaults } from '../../strategies/glft-ladder-config.ts'
import { load } from '../support/config.ts'

const PAGE = join(configDirectory, '..', 'docs', 'config.md')
const defaultText = readFileSync(join(configDirectory, 'default.toml'), 'utf8')

/** Written the other way round than the program does it. */
function snakeOf(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function leafKeys(value: unknown, prefix = ''): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [prefix]
  return Object.entries(value).flatMap(([key, member]) =>
    leafKeys(member, prefix === '' ? key : `${prefix}.${key}`),
  )
}

describe('schema', () => {
  test('keys of the files and of the program map one to one', () => {
    const camel = CONFIG_FIELDS.map(({ key }) => key.split('.').map(camelOf).join('.'))
    expect(new Set(camel).size).toBe(CONFIG_FIELDS.length)
    expect(camel.map((key) => key.split('.').map(snakeOf).join('.'))).toEqual(
      CONFIG_FIELDS.map(({ key }) => key),
    )
    expect(leafKeys(load().values)).toEqual(camel)
  })

  test('every key has a unit where it is a number, and a whole sentence', () => {
    expect(CONFIG_FIELDS.length).toBeGreaterThan(90)
    for (const field of CONFIG_FIELDS) {
      const { unit, description } = noteOf(field.type)
      expect(description, field.key).toMatch(/^[A-Z`[].*\.$/)
      const value = defaultValues(configDirectory)[field.key]
      if (typeof value === 'number' && field.key !== 'schema_version') expect(unit, field.key).not.toBe('')
    }
    for (const section of CONFIG_SECTIONS.slice(1)) expect(section.description, section.key).toMatch(/\.$/)
  })

  test('a unit that ends a key is the unit of its field', () => {
    const units: Readonly<Record<string, string>> = {
      bps: 'bps',
      ms: 'ms',
      usd: 'USD',
      pct: 'percent',
      sec: 's',
    }
    for (const { key, type } of CONFIG_FIELDS) {
      const last = key.slice(key.lastIndexOf('_') + 1)
      if (key.endsWith('_per_sec') || key.endsWith('_per_sqrt_sec'))
        expect(noteOf(type).unit, key).toMatch(/^1\//)
      else if (last in units) expect(noteOf(type).unit, key).toBe(units[last])
    }
  })

  test('default.toml has every key, no other, and beside each line why or in what', () => {
    expect(leafKeys(parse(defaultText)).sort()).toEqual(CONFIG_FIELDS.map(({ key }) => key).sort())
    const switches = ['schema_version', 'tick_floor', 'latency_floor', 'tight_quoting']
    for (const line of defaultText.split('\n').filter((text) => /^[a-z_]+ = /.test(text))) {
      const [name = ''] = line.split(' ')
      if (!switches.includes(name)) expect(line, `${name} has a comment`).toMatch(/ # .*\S/)
    }
  })

  test('docs/config.md is what the schema makes (UPDATE_DOCS=1 rewrites it)', () => {
    const page = configPage(defaultValues(configDirectory))
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(PAGE, page)
    expect(readFileSync(PAGE, 'utf8')).toBe(page)
  })

  test('the JSON Schema demands every section and refuses unknown keys', () => {
    const schema = toJsonSchema() as { properties: Record<string, unknown>; additionalProperties: boolean }
    expect(Object.keys(schema.properties)).toEqual(Object.keys(parse(defaultText)))
    expect(schema.additionalProperties).toBe(false)
  })

  test('the estimators take exactly the keys of [estimators]', () => {
    expect(Object.keys(load().values.estimators)).toEqual(Object.keys(pipelineDefaults))
  })

  test('the ladder takes exactly the keys of its sections', () => {
    const { risk, quoting, stochastic, strategy } = load().values
    const offered = { ...risk, ...quoting.ladder, ...stochastic, ...strategy.glft }
    expect(Object.keys(glftLadderDefaults).filter((key) => !(key in offered))).toEqual([])
    const onlyGlft = Object.keys(strategy.glft).concat(Object.keys(stochastic), Object.keys(quoting.ladder))
    expect(onlyGlft.filter((key) => !(key in glftLadderDefaults))).toEqual([])
  })
})
