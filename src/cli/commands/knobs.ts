/** `hypermake knobs`: by how much each setting moves decisions; one that moves none is an error. */
import { InvalidArgumentError, Option, type Command } from 'commander'
import { addAssetFlags, addConfigFlags, configOf } from '../flags.ts'
import type { Finish } from '../output.ts'

interface KnobsFlags {
  readonly scenario: readonly string[]
  readonly section?: readonly string[]
  readonly minutes: number
  readonly asset?: string
  readonly dex?: string
  readonly quick?: true
  readonly json?: true
  readonly set?: readonly string[]
}

const MINUTES_DEFAULT = 2
const MINUTES_MAX = 60
const SECONDS_PER_MINUTE = 60

const SCENARIOS_DEFAULT = 'calm,sweep,gap,thin'

export function addKnobs(program: Command, finish: Finish): void {
  const command = program
    .command('knobs')
    .description('change every setting and show by how much decisions move; exit 1 when one moves nothing')
    .addOption(
      new Option('--scenario <names>', 'markets to record, names or files.toml, separated by commas')
        .argParser(parseNames)
        .default(parseNames(SCENARIOS_DEFAULT), SCENARIOS_DEFAULT),
    )
    .option('--minutes <number>', 'length of each recorded market', parseMinutes, MINUTES_DEFAULT)
    .option('--section <names>', 'only settings of these sections: risk,execution', parseNames)
    .option('--quick', 'only whether a setting matters, not by how much')
    .option('--json', 'one JSON object on stdout')
  addConfigFlags(addAssetFlags(command)).action((flags: KnobsFlags) =>
    finish(async () => {
      const { knobs } = await import('../../compose.ts')
      // `scenario` of this command is a list, so it is not the flag of the config key.
      const { scenario, ...ofConfig } = flags
      return knobs({
        configOf: (assignments) =>
          configOf({ ...ofConfig, set: [...(flags.set ?? []), ...assignments] }).values,
        scenarios: scenario,
        seconds: flags.minutes * SECONDS_PER_MINUTE,
        sections: flags.section ?? null,
        quick: flags.quick ?? false,
        json: flags.json ?? false,
      })
    }),
  )
}

function parseNames(text: string): string[] {
  const names = text.split(',').filter((name) => name !== '')
  if (names.length === 0) throw new InvalidArgumentError('Write at least one name.')
  return names
}

function parseMinutes(text: string): number {
  const minutes = Number(text)
  if (!/^\d*\.?\d+$/.test(text) || !(minutes >= 1 && minutes <= MINUTES_MAX)) {
    throw new InvalidArgumentError(`Write a number of minutes from 1 to ${MINUTES_MAX}.`)
  }
  return minutes
}
