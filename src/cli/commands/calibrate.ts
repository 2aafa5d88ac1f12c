/** `hypermake calibrate`: volatility, fill intensity, toxicity, costs and latency of a market, as settings. */
import type { Command } from 'commander'
import { addConfigFlags, configOf, parseOutFile, parseSeed, parseVirtualMinutes } from '../flags.ts'
import type { Finish } from '../output.ts'

interface CalibrateFlags {
  readonly data?: string
  readonly tape?: string
  readonly journal?: string
  readonly asset?: string
  readonly seed: number
  readonly minutes: number
  readonly out?: string
  readonly report?: string
  readonly json?: true
  readonly set?: readonly string[]
}

const EXAMPLES = `
Examples:
  hypermake calibrate --data recording.gz --out btc.toml --report btc.html
  hypermake calibrate --journal data/journal/hyna-BTC-20261121T091500Z-0001 --out btc.toml
  hypermake calibrate --scenario trend --minutes 30
  hypermake run --config btc.toml
`

export function addCalibrate(program: Command, finish: Finish): void {
  const command = program
    .command('calibrate')
    .description(
      'fit sigma, kappa, A, toxicity, adverse selection, fees and latency to data; a TOML file for --config',
    )
    .option('--data <file>', 'recorded market')
    .option('--tape <file>', 'the same')
    .option('--journal <folder>', 'journal of a run: tells fees and latency as well')
    .option('--scenario <name>', 'simulated market, when neither is given: a name, or a file.toml')
    .option('--minutes <number>', 'virtual minutes of a scenario', parseVirtualMinutes, 20)
    .option('--seed <number>', 'seed of a scenario', parseSeed, 1)
    .option('--asset <name>', 'coin: BTC, or hyna:BTC; of data it is known, and must be the same')
    .option('--dex <name>', 'builder DEX; an asset without it is on the main DEX')
    .option('--out <file>', 'write the settings to a file; stdout has them when left out', parseOutFile)
    .option('--report <file>', 'write one HTML page with plots of the fits', parseOutFile)
    .option('--json', 'one JSON object on stdout')
    .addHelpText('after', EXAMPLES)
  addConfigFlags(command).action((flags: CalibrateFlags & Readonly<Record<string, unknown>>) =>
    finish(async () => {
      const { calibrate } = await import('../../compose.ts')
      return calibrate({
        configOf: (assignments) => configOf({ ...flags, set: [...(flags.set ?? []), ...assignments] }),
        tape: flags.data ?? flags.tape ?? null,
        journal: flags.journal ?? null,
        asset: flags.asset ?? null,
        seed: flags.seed,
        minutes: flags.minutes,
        out: flags.out ?? null,
        report: flags.report ?? null,
        json: flags.json ?? false,
      })
    }),
  )
}
