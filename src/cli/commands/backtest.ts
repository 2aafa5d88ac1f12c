/** `hypermake backtest`: the shipped maker against a simulated or recorded market, in virtual time. */
import { InvalidArgumentError, type Command } from 'commander'
import { addConfigFlags, configOf } from '../flags.ts'
import type { Finish } from '../output.ts'

interface BacktestFlags {
  readonly minutes?: number
  readonly seed: number
  readonly tape?: string
  readonly csv?: string
  readonly report?: string
  readonly json?: true
}

const EXAMPLES = `
Examples:
  hypermake backtest --scenario trend --minutes 30 --seed 7 --report out.html
  hypermake backtest --tape recording.gz --asset BTC --csv figures --json
  hypermake backtest --strategy fixed-spread --set risk.min_spread_floor_bps=4
`

const MINUTES_DEFAULT = 10
const MINUTES_MAX = 10_000

export function addBacktest(program: Command, finish: Finish): void {
  const command = program
    .command('backtest')
    .description('run the maker in a simulated or recorded market in virtual time: figures, CSV, HTML report')
    .option('--scenario <name>', 'market that the embedded exchange plays')
    .option('--tape <file>', 'play a recorded market instead (see hypermake data)')
    .option(
      '--minutes <number>',
      `virtual minutes; ${MINUTES_DEFAULT}, or to the end of the tape`,
      parseMinutes,
    )
    .option('--seed <number>', 'seed of the simulated market', parseSeed, 1)
    .option('--strategy <name>', 'glft-ladder or fixed-spread')
    .option('--asset <name>', 'coin to quote: BTC, or hyna:BTC')
    .option('--dex <name>', 'builder DEX; an asset without it is on the main DEX')
    .option('--csv <folder>', 'write samples, fills and sums as CSV files')
    .option('--report <file>', 'write one HTML page with plots, which needs no network')
    .option('--json', 'one JSON object on stdout')
    .addHelpText('after', EXAMPLES)
  addConfigFlags(command).action((flags: BacktestFlags & Readonly<Record<string, unknown>>) =>
    finish(async () => {
      const { backtest } = await import('../../compose.ts')
      const tape = flags.tape ?? null
      return backtest({
        config: configOf(flags),
        seed: flags.seed,
        minutes: flags.minutes ?? (tape === null ? MINUTES_DEFAULT : null),
        tape,
        json: flags.json ?? false,
        csv: flags.csv ?? null,
        report: flags.report ?? null,
      })
    }),
  )
}

function parseMinutes(text: string): number {
  const minutes = Number(text)
  if (!/^\d*\.?\d+$/.test(text) || !(minutes > 0 && minutes <= MINUTES_MAX)) {
    throw new InvalidArgumentError(`Write a number of minutes above 0, up to ${MINUTES_MAX}.`)
  }
  return minutes
}

function parseSeed(text: string): number {
  const seed = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(seed)) {
    throw new InvalidArgumentError('A seed is a whole number from 0 to 9007199254740991.')
  }
  return seed
}
