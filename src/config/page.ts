/** docs/config.md, made from the schema and default.toml: what `hypermake config schema --markdown` prints. */
import { noteOf } from './fields.ts'
import { variableOf } from './layers.ts'
import { CONFIG_SECTIONS } from './schema.ts'
import type { ConfigField, ConfigSection } from './schema-walk.ts'
import { rangeOf } from './values.ts'

const INTRODUCTION = `# Configuration

<!-- Made by \`hypermake config schema --markdown\`; a test fails when it is stale. Change src/config/schema.ts instead. -->

Layers, each on top of the one before:

    config/default.toml  <-  config/profiles/<network>.toml  <-  --profile  <-  config/dexs/<dex>.toml
                         <-  config/assets/<asset>.toml  <-  --config FILE…  <-  HYPERMAKE_SECTION__KEY  <-  --set key=value  <-  flags

* \`hypermake config show --origin\` prints what holds in the end and where each value came from.
* An unknown key, a wrong type or range, and values that cannot go together are errors that name file, key and remedy; exit code 2.
* The program reads \`gamma_base\` as \`gammaBase\`, and so on for each key; the variable of \`risk.gamma_base\` is \`${variableOf('risk.gamma_base')}\`.
* An asset named without a DEX is on the main DEX: the default DEX goes with the default asset only.
* Secrets are not configuration: see \`.env.example\`. They are in no file here, no hash and no journal.
`

/**
 * @param defaults the built-in value of every key, as JSON would write it
 * @returns the whole page, with its last line end
 */
export function configPage(defaults: Readonly<Record<string, unknown>>): string {
  return [INTRODUCTION, ...CONFIG_SECTIONS.map((section) => sectionTable(section, defaults))].join('\n')
}

function sectionTable(section: ConfigSection, defaults: Readonly<Record<string, unknown>>): string {
  const title = section.key === '' ? '' : `## [${section.key}]\n\n${section.description}\n\n`
  const head = '| key | default | unit | range | meaning |\n|---|---|---|---|---|\n'
  return `${title}${head}${section.fields.map((field) => row(field, defaults)).join('')}`
}

function row(field: ConfigField, defaults: Readonly<Record<string, unknown>>): string {
  const { unit, description } = noteOf(field.type)
  const name = field.key.slice(field.key.lastIndexOf('.') + 1)
  const cells = [
    `\`${name}\``,
    `\`${JSON.stringify(defaults[field.key])}\``,
    unit,
    rangeOf(field),
    description,
  ]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`
}
