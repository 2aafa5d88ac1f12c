/** `hypermake config`: what holds, where it came from, whether it is right, and what there is. */
import type { Command } from 'commander'
import { exitCodes } from '../../compose/exit-codes.ts'
import type { EffectiveConfig } from '../../config/config.ts'
import { defaultValues } from '../../config/load.ts'
import { configDirectory } from '../../config/locate.ts'
import { configPage } from '../../config/page.ts'
import { CONFIG_SECTIONS, toJsonSchema } from '../../config/schema.ts'
import { camelOf } from '../../config/schema-walk.ts'
import { addConfigFlags, addMarketFlags, addVenueFlags, configOf } from '../flags.ts'
import { writeLine, type Finish } from '../output.ts'

export function addConfig(program: Command, finish: Finish): void {
  const config = program.command('config').description('show, check or describe the configuration')

  const show = addConfigFlags(addVenueFlags(addMarketFlags(config.command('show'))))
  show
    .description('print every effective value as TOML')
    .option('--origin', 'with each value, where it came from')
    .option('--json', 'one JSON object on stdout')
    .action((flags: { readonly origin?: true; readonly json?: true }) =>
      finish(() => showConfig(configOf({ ...flags }), flags.origin ?? false, flags.json ?? false)),
    )

  const validate = addConfigFlags(addVenueFlags(addMarketFlags(config.command('validate'))))
  validate
    .description('check the configuration; exit 2 with the reason when it is wrong')
    .argument('[files...]', 'TOML files, as with --config')
    .action((files: string[], flags: { readonly config?: string[] }) =>
      finish(() => validateConfig(configOf({ ...flags, config: [...(flags.config ?? []), ...files] }))),
    )

  config
    .command('schema')
    .description('print the JSON Schema of the files, for editors')
    .option('--markdown', 'print the table of docs/config.md instead')
    .action((flags: { readonly markdown?: true }) => finish(() => printSchema(flags.markdown ?? false)))
}

function printSchema(asMarkdown: boolean): number {
  const page = asMarkdown
    ? configPage(defaultValues(configDirectory))
    : JSON.stringify(toJsonSchema(), null, 2)
  writeLine(page.trimEnd())
  return exitCodes.ok
}

function showConfig(config: EffectiveConfig, withOrigin: boolean, json: boolean): number {
  if (json) {
    const { values, hash, origins, warnings } = config
    writeLine(JSON.stringify({ hash, values, warnings, ...(withOrigin ? { origins } : {}) }))
    return exitCodes.ok
  }
  writeLine(`# config ${config.hash}`)
  for (const warning of config.warnings) writeLine(`# warning: ${warning}`)
  for (const section of CONFIG_SECTIONS) {
    if (section.key !== '') writeLine(section.fields.length > 0 ? `\n[${section.key}]` : '')
    for (const { key } of section.fields) writeLine(lineOf(config, key, withOrigin))
  }
  return exitCodes.ok
}

/** Values line up, so that the origins behind them can be read as a column. */
const ORIGIN_COLUMN = 52

function lineOf(config: EffectiveConfig, key: string, withOrigin: boolean): string {
  const name = key.slice(key.lastIndexOf('.') + 1)
  const assignment = `${name} = ${JSON.stringify(valueAt(config.values, key))}`
  return withOrigin ? `${assignment.padEnd(ORIGIN_COLUMN)} # ${config.origins[key] ?? ''}` : assignment
}

function valueAt(values: object, key: string): unknown {
  let value: unknown = values
  for (const part of key.split('.')) value = (value as Record<string, unknown>)[camelOf(part)]
  return value
}

function validateConfig(config: EffectiveConfig): number {
  for (const warning of config.warnings) writeLine(`warning: ${warning}`)
  writeLine(`ok, config ${config.hash}`)
  return exitCodes.ok
}
