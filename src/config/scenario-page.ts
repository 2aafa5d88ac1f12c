/** The tables of docs/scenarios.md, made of scenario-fields.ts; a test fails when the page has others. */
import { noteOf } from './fields.ts'
import {
  AGENT_KINDS,
  BASIS_FIELDS,
  COIN_FIELDS,
  PRICE_FIELDS,
  type ScenarioRows,
  type ScenarioTable,
  type ScenarioValue,
} from './scenario-fields.ts'
import { rangeOf } from './values.ts'

const HEAD = '| key | unit | range | left out | meaning |\n|---|---|---|---|---|\n'

/** @returns Markdown with its last line end */
export function scenarioKeyTables(): string {
  const agents = Object.entries(AGENT_KINDS).map(
    ([kind, { about, fields }]) => `### \`kind = "${kind}"\`: ${about}\n\n${tableText(fields, 'required')}`,
  )
  return [
    `### \`[[coin]]\`\n\n${tableText(COIN_FIELDS, 'required')}`,
    `### \`[price]\`\n\n${tableText(PRICE_FIELDS, 'from `base`')}`,
    `### \`[basis]\`\n\n${tableText(BASIS_FIELDS, 'from `base`')}`,
    ...agents,
  ].join('\n')
}

function tableText(fields: ScenarioTable, otherwise: string): string {
  return `${HEAD}${rowsOf('', fields, otherwise).join('')}`
}

function rowsOf(prefix: string, fields: ScenarioTable, otherwise: string): string[] {
  return Object.entries(fields).flatMap(([key, field]) =>
    'type' in field
      ? [valueRow(`${prefix}${key}`, field, otherwise)]
      : listRows(`${prefix}${key}`, field, otherwise),
  )
}

function listRows(key: string, { description, rows }: ScenarioRows, otherwise: string): string[] {
  return [row([`\`${key}\``, '', 'list', otherwise, description]), ...rowsOf(`${key}[].`, rows, 'required')]
}

function valueRow(key: string, { type, otherwise: value }: ScenarioValue, otherwise: string): string {
  const { unit, description } = noteOf(type)
  const left = value === undefined ? otherwise : `\`${JSON.stringify(value)}\``
  return row([`\`${key}\``, unit, rangeOf({ key, type }), left, description])
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`
}
