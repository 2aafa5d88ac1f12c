/** A scenario as the file a user would write: what `readScenarioTables` reads back. */
import {
  AGENT_KINDS,
  BASIS_FIELDS,
  COIN_FIELDS,
  PRICE_FIELDS,
  type ScenarioTable,
} from './scenario-fields.ts'
import type { ScenarioValues } from './scenario-file.ts'
import { camelOf } from './schema-walk.ts'

export interface PrintedScenario {
  readonly name: string
  readonly about: string
  readonly coins: readonly object[]
  readonly price: object
  readonly basis: object
  readonly agents: readonly { readonly kind: string }[]
}

/** @returns TOML with its last line end; every key is spelled out, none is left to a base */
export function scenarioText({ name, about, coins, price, basis, agents }: PrintedScenario): string {
  const tables = [
    ...coins.map((coin) => ['[[coin]]', ...linesOf(coin, COIN_FIELDS)]),
    ['[price]', ...linesOf(price, PRICE_FIELDS)],
    ['[basis]', ...linesOf(basis, BASIS_FIELDS)],
    ...agents.map((agent) => [
      '[[agent]]',
      `kind = ${JSON.stringify(agent.kind)}`,
      ...linesOf(agent, AGENT_KINDS[agent.kind]?.fields ?? {}),
    ]),
  ]
  const head = `# Scenario ${name}. Every key, its unit and its range: docs/scenarios.md.\nabout = ${JSON.stringify(about)}\n`
  return [head, ...tables.map((lines) => `${lines.join('\n')}\n`)].join('\n')
}

function linesOf(table: object, fields: ScenarioTable): string[] {
  const values = table as ScenarioValues
  return Object.entries(fields).map(([key, field]) => {
    const value = values[camelOf(key)]
    if ('type' in field) return `${key} = ${JSON.stringify(value)}`
    const rows = (value as readonly object[]).map((row) => `{ ${linesOf(row, field.rows).join(', ')} }`)
    return rows.length < 2 ? `${key} = [${rows.join('')}]` : `${key} = [\n  ${rows.join(',\n  ')},\n]`
  })
}
