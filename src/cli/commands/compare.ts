/** `hypermake compare`: what strategies earn and risk in the same simulated markets, with intervals over seeds. */
import { InvalidArgumentError, Option, type Command } from 'commander'
import { addAssetFlags, addConfigFlags, configOf, parseOutFile } from '../flags.ts'
import type { Finish } from '../output.ts'

interface CompareFlags {
  readonly strategies: readonly string[]
  readonly baseline?: string
  readonly scenario: readonly string[]
  readonly seeds: number
  readonly firstSeed: number
  readonly minutes: number
  readonly asset?: string
  readonly dex?: string
  readonly rateLimits?: true
  readonly csv?: string
  readonly report?: string
  readonly json?: true
  readonly set?: readonly string[]
}

const EXAMPLES = `
Examples:
  hypermake compare --seeds 30 --minutes 20
  hypermake compare --strategies glft-ladder,fixed-spread,size-skew --scenario calm,trend --seeds 30
  hypermake compare --strategies glft-ladder,glft-spectral,avellaneda-stoikov --scenario trend --report compare.html
  hypermake compare --scenario sweep --rate-limits --csv runs.csv
  hypermake compare --strategies glft-ladder,glft-ladder+risk.gamma_base=0.6 --baseline glft-ladder
`

const SEEDS_DEFAULT = 30
const SEEDS_MAX = 10_000
const MINUTES_DEFAULT = 10
const MINUTES_MAX = 10_000

const STRATEGIES_DEFAULT = 'glft-ladder,fixed-spread,size-skew'

export function addCompare(program: Command, finish: Finish): void {
  const command = program
    .command('compare')
    .description('compare strategies in simulated markets over many seeds; a table with 95 % intervals')
    .addOption(
      new Option(
        '--strategies <names>',
        'glft-ladder, glft-spectral, avellaneda-stoikov, fixed-spread, size-skew; NAME+key=value changes a setting',
      )
        .argParser(parseNames)
        .default(parseNames(STRATEGIES_DEFAULT), STRATEGIES_DEFAULT),
    )
    .option('--baseline <name>', 'the one to compare with; fixed-spread when it takes part')
    .addOption(
      new Option('--scenario <names>', 'markets to play, names or files.toml, separated by commas')
        .argParser(parseNames)
        .default(['calm'], 'calm'),
    )
    .option('--seeds <count>', 'how many markets of each scenario', parseCount(SEEDS_MAX), SEEDS_DEFAULT)
    .option(
      '--first-seed <number>',
      'seed of the first of them',
      parseCount(Number.MAX_SAFE_INTEGER - SEEDS_MAX),
      1,
    )
    .option('--minutes <number>', 'virtual minutes of each run', parseCount(MINUTES_MAX), MINUTES_DEFAULT)
    .option('--rate-limits', 'the request limits of the venue hold in every run, by account and by address')
    .option('--csv <file>', 'write the figures of every run to a file', parseOutFile)
    .option('--report <file>', 'write a page with plots and tables (HTML, self-contained)', parseOutFile)
    .option('--json', 'one JSON object on stdout')
    .addHelpText('after', EXAMPLES)
  addConfigFlags(addAssetFlags(command)).action((flags: CompareFlags) =>
    finish(async () => {
      const { compareStrategies } = await import('../../compose.ts')
      // `scenario` of this command is a list, so it is not the flag of the config key.
      const { scenario, ...ofConfig } = flags
      return compareStrategies({
        configOf: (assignments) =>
          configOf({ ...ofConfig, set: [...(flags.set ?? []), ...assignments] }).values,
        strategies: flags.strategies,
        baseline: flags.baseline ?? null,
        scenarios: scenario,
        seedCount: flags.seeds,
        firstSeed: flags.firstSeed,
        minutes: flags.minutes,
        rateLimits: flags.rateLimits ?? false,
        json: flags.json ?? false,
        csv: flags.csv ?? null,
        report: flags.report ?? null,
        configHash: configOf(ofConfig).hash,
      })
    }),
  )
}

function parseNames(text: string): string[] {
  const names = text.split(',').filter((name) => name !== '')
  if (names.length === 0) throw new InvalidArgumentError('Write at least one name.')
  return names
}

function parseCount(max: number): (text: string) => number {
  return (text) => {
    const count = Number(text)
    if (!/^\d+$/.test(text) || count < 1 || count > max) {
      throw new InvalidArgumentError(`Write a whole number from 1 to ${max}.`)
    }
    return count
  }
}
