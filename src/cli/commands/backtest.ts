/** `hypermake backtest`: the shipped maker against a simulated or recorded market, in virtual time. */
import type { Command } from 'commander'
import {
  addAssetFlags,
  addConfigFlags,
  addDataFlags,
  configOf,
  parseOutFile,
  parseOutFolder,
  parseSeed,
  parseVirtualMinutes,
} from '../flags.ts'
import type { Finish } from '../output.ts'

interface BacktestFlags {
  readonly minutes?: number
  readonly seed: number
  readonly tape?: string
  readonly data?: string
  readonly queue?: string
  readonly latency?: string
  readonly rateLimits?: true
  readonly csv?: string
  readonly report?: string
  readonly json?: true
}

const EXAMPLES = `
Examples:
  hypermake backtest --scenario trend --minutes 30 --seed 7 --report out.html
  hypermake backtest --data recording.gz --asset BTC --csv figures --json
  hypermake backtest --data recorded --asset BTC --queue power:3
  hypermake backtest --strategy fixed-spread --set risk.min_spread_floor_bps=4
`

const MINUTES_DEFAULT = 10

export function addBacktest(program: Command, finish: Finish): void {
  const command = program
    .command('backtest')
    .description('run the maker in a simulated or recorded market in virtual time: figures, CSV, HTML report')
    .option('--scenario <name>', 'market that the embedded exchange plays: a name, or a file.toml')
    .option(
      '--minutes <number>',
      `virtual minutes; ${MINUTES_DEFAULT}, or to the end of the tape`,
      parseVirtualMinutes,
    )
    .option('--seed <number>', 'seed of the simulated market', parseSeed, 1)
    .option(
      '--queue <model>',
      'queue on a tape: pessimistic (default), proportional, power[:N] or optimistic',
    )
    .option(
      '--latency <model>',
      'feed and orders, ms: constant:20,30, distribution:P50/P99,P50/P99, or recorded:JOURNAL; none when left out',
    )
    .option('--rate-limits', 'the request limits of the venue hold, by account and by address')
    .option('--strategy <name>', 'glft-ladder, avellaneda-stoikov, fixed-spread or size-skew')
    .option('--csv <folder>', 'write samples, fills and sums as CSV files', parseOutFolder)
    .option('--report <file>', 'write one HTML page with plots, which needs no network', parseOutFile)
    .option('--json', 'one JSON object on stdout')
    .addHelpText('after', EXAMPLES)
  addDataFlags(
    command,
    'play a recorded market: a file (see hypermake data), or the folder of a recording or run',
  )
  addConfigFlags(addAssetFlags(command)).action((flags: BacktestFlags & Readonly<Record<string, unknown>>) =>
    finish(async () => {
      const { backtest } = await import('../../compose.ts')
      const tape = flags.data ?? flags.tape ?? null
      return backtest({
        config: configOf(flags),
        seed: flags.seed,
        minutes: flags.minutes ?? (tape === null ? MINUTES_DEFAULT : null),
        tape,
        queue: flags.queue ?? null,
        latency: flags.latency ?? null,
        rateLimits: flags.rateLimits ?? false,
        json: flags.json ?? false,
        csv: flags.csv ?? null,
        report: flags.report ?? null,
      })
    }),
  )
}
