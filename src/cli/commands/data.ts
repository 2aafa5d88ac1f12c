/** `hypermake data …`: recorded markets. */
import { InvalidArgumentError, Option, type Command } from 'commander'
import {
  addAssetFlags,
  addConfigFlags,
  configOf,
  parseOutFile,
  parseSeed,
  parseVirtualMinutes,
} from '../flags.ts'
import type { Finish } from '../output.ts'

const MINUTES_DEFAULT = 10

interface ImportFlags {
  readonly from: 'binance' | 'hyperliquid' | 'csv'
  readonly out: string
  readonly map?: string[]
  readonly timeUnit?: 's' | 'ms' | 'us' | 'ns'
  readonly only?: string
  readonly name?: string
  readonly quotesFromTrades?: true
}

export function addData(program: Command, finish: Finish): void {
  const data = program.command('data').description('recorded markets: make, check, import and export them')

  const gen = data
    .command('gen')
    .description('record a simulated market; backtest --tape plays it')
    .option('--scenario <name>', 'market that the embedded exchange plays: a name, or a file.toml')
    .option('--minutes <number>', 'virtual minutes', parseVirtualMinutes, MINUTES_DEFAULT)
    .option('--seed <number>', 'seed of the simulated market', parseSeed, 1)
    .requiredOption('--out <file>', 'file to write; gzip when it ends in .gz', parseOutFile)
  addConfigFlags(addAssetFlags(gen)).action(
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
    .argument(
      '<files...>',
      'what was recorded, plain, gzip or Zstandard; several CSV files of one market are joined',
    )
    .addOption(
      new Option(
        '--from <kind>',
        'binance: futures streams; hyperliquid: l2Book JSON lines; csv: with a header line',
      )
        .choices(['binance', 'hyperliquid', 'csv'])
        .makeOptionMandatory(),
    )
    .requiredOption('--out <file>', 'file to write; gzip when it ends in .gz', parseOutFile)
    .option('--map <pairs...>', 'CSV: meaning=column, where the usual names are not used (docs/data.md)')
    .addOption(
      new Option('--time-unit <unit>', 'CSV: of the time column; told by its digits when left out').choices([
        's',
        'ms',
        'us',
        'ns',
      ]),
    )
    .option('--only <symbol>', 'CSV: take the rows of this symbol alone')
    .option('--name <symbol>', 'CSV: what the recording is of, BTCUSD; else as the symbol column says')
    .option('--quotes-from-trades', 'CSV of trades alone: infer best prices from the last buyer and seller')
    .action((paths: string[], flags: ImportFlags) =>
      finish(async () => {
        const { dataImport, dataImportCsv } = await import('../../compose.ts')
        const { from, out, map, timeUnit, only, name, quotesFromTrades } = flags
        if (from === 'csv') {
          return dataImportCsv({
            ...{ paths, out, mapping: map ?? [], timeUnit: timeUnit ?? null, symbol: only ?? null },
            ...{ name: name ?? null, quotesFromTrades: quotesFromTrades ?? false },
          })
        }
        const [path, more] = paths
        if (path === undefined || more !== undefined)
          throw new InvalidArgumentError(`error: --from ${from} takes one file at a time`)
        return dataImport({ source: from, path, out })
      }),
    )

  data
    .command('export')
    .description('a recording as a table: one row per level, best price and trade')
    .argument('<file>', 'recording')
    .option('--csv <file>', 'write CSV', parseOutFile)
    .option('--parquet <file>', 'write Parquet', parseOutFile)
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
