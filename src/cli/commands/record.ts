/** `hypermake record`: keep what a venue shows of one market. */
import type { Command } from 'commander'
import { packageVersion } from '../../config/locate.ts'
import { addAssetFlags, addConfigFlags, addVenueFlags, configOf, parseDuration } from '../flags.ts'
import type { Finish } from '../output.ts'

interface RecordFlags {
  readonly duration?: number
  readonly out?: string
  readonly json?: true
}

const EXAMPLES = `
Examples:
  hypermake record --network mainnet --asset BTC --duration 24h --out btc
  hypermake record --network testnet --asset BTC --dex hyna
  hypermake data verify btc
  hypermake backtest --data btc --asset BTC
`

export function addRecord(program: Command, finish: Finish): void {
  const command = program
    .command('record')
    .description('keep books, best prices, trades and contexts of a market; needs no key, Ctrl-C ends it')
    .addHelpText('after', EXAMPLES)
  addAssetFlags(command)
  addVenueFlags(command)
  addConfigFlags(command)
  command
    .option('--duration <time>', 'stop after this: 20s, 10m, 1h', parseDuration)
    .option('--out <folder>', 'where to; must be new or empty')
    .option('--json', 'one JSON object on stdout at the end')
    .action((flags: RecordFlags & Readonly<Record<string, unknown>>) =>
      finish(async () => {
        const { record } = await import('../../compose.ts')
        const { duration, out, json } = flags
        return record({
          config: configOf({ ...flags }),
          durationMs: duration ?? null,
          out: out ?? null,
          json: json ?? false,
          version: packageVersion(),
        })
      }),
    )
}
