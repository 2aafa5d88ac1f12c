/** `hypermake data …`: recorded markets. */
import { InvalidArgumentError, Option, type Command } from 'commander'
import { addConfigFlags, configOf, parseSeed, parseVirtualMinutes } from '../flags.ts'
import type { Finish } from '../output.ts'

const MINUTES_DEFAULT = 10

export function addData(program: Command, finish: Finish): void {
  const data = program.command('data').description('recorded markets: make, check, import and export them')

  const gen = data
    .command('gen')
    .description('record a simulated market; backtest --tape plays it')
    .option('--scenario <name>', 'market that the embedded exchange plays')
    .option('--minutes <number>', 'virtual minutes', parseVirtualMinutes, MINUTES_DEFAULT)
    .option('--seed <number>', 'seed of the simulated market', parseSeed, 1)
    .option('--asset <name>', 'coin: BTC, or hyna:BTC')
    .option('--dex <name>', 'builder DEX; an asset without it is on the main DEX')
    .requiredOption('--out <file>', 'file to write; gzip when it ends in .gz')
  addConfigFlags(gen).action(
    (flags: { minutes: number; seed: number; out: string } & Readonly<Record<string, unknown>>) =>
      finish(async () => {
        const { dataGenerate } = await import('../../compose.ts')
        const { minutes, seed, out } = flags
        return dataGenerate({ values: configOf(flags).values, minutes, seed, out })
      }),
  )

  data
    .command('verify')
    .description(
      'read a recording to its end: gaps, crossed books, time going back, damaged lines; exit 1 when any',
    )
    .argument('<file>', 'recording')
    .option('--json', 'one JSON object on stdout')
    .action((path: string, flags: { json?: true }) =>
      finish(async () => {
        const { dataVerify } = await import('../../compose.ts')
        return dataVerify({ path, json: flags.json ?? false })
      }),
    )

  data
    .command('import')
    .description('bring a recording of others into the format that backtest --tape plays')
    .argument('<file>', 'what was recorded, plain or gzip')
    .addOption(
      new Option('--from <kind>', 'binance: futures streams; hyperliquid: l2Book JSON lines')
        .choices(['binance', 'hyperliquid'])
        .makeOptionMandatory(),
    )
    .requiredOption('--out <file>', 'file to write; gzip when it ends in .gz')
    .action((path: string, flags: { from: 'binance' | 'hyperliquid'; out: string }) =>
      finish(async () => {
        const { dataImport } = await import('../../compose.ts')
        return dataImport({ source: flags.from, path, out: flags.out })
      }),
    )

  data
    .command('export')
    .description('a recording as a table: one row per level, best price and trade')
    .argument('<file>', 'recording')
    .option('--csv <file>', 'write CSV')
    .option('--parquet <file>', 'write Parquet')
    .action((path: string, flags: { csv?: string; parquet?: string }) =>
      finish(async () => {
        const { dataExport } = await import('../../compose.ts')
        const { csv, parquet } = flags
        if ((csv === undefined) === (parquet === undefined)) {
          throw new InvalidArgumentError('error: give one of --csv FILE and --parquet FILE')
        }
        if (csv !== undefined) return dataExport({ path, format: 'csv', out: csv })
        return dataExport({ path, format: 'parquet', out: parquet ?? '' })
      }),
    )
}
