/** `hypermake run`: quote one market. The default command: its flags also follow `hypermake` alone. */
import type { Command } from 'commander'
import type { EffectiveConfig } from '../../config/config.ts'
import { packageVersion } from '../../config/locate.ts'
import {
  addConfigFlags,
  addMarketFlags,
  addSimulationFlags,
  addVenueFlags,
  configOf,
  parseAccountTail,
  parseDuration,
  parseReason,
} from '../flags.ts'
import type { Finish } from '../output.ts'

/** What commander hands over beside the config flags. */
interface RunFlags {
  readonly seed: number
  readonly duration?: number
  readonly tape?: string
  readonly speed: number
  readonly scenario?: string
  readonly faults?: string
  readonly journal?: string
  readonly live?: true
  readonly iAcceptRealMoney?: string
  readonly resetKill?: string
  readonly adopt?: true
  readonly queue?: string
  readonly latency?: string
  readonly json?: true
  readonly listDexs?: true
  readonly listDexes?: true
}

const EXAMPLES = `
Examples:
  hypermake                                     quote hyna:BTC on the embedded exchange
  hypermake --asset ETH --dex hyna --duration 60s --seed 7
  hypermake --asset BTC --tape recorded.gz --speed 10
  hypermake --network testnet --asset BTC       paper trading: live data, no key, no order is sent
  hypermake --list-dexs
`

export function addRun(program: Command, finish: Finish): Command {
  const command = program
    .command('run', { isDefault: true })
    .description('quote one market (default command)')
    .addHelpText('after', EXAMPLES)
  addMarketFlags(command)
  addVenueFlags(command)
  addConfigFlags(command)
  addSimulationFlags(command)
  command
    .option('--duration <time>', 'stop after this: 20s, 10m, 1h', parseDuration)
    .option('--faults <file>', 'make the embedded exchange fail as this script says (docs/faults.md)')
    .option('--journal <dir>', 'folder of the journal of this run; must be new or empty')
    .option('--json', 'JSON lines on stdout instead of text')
    .option('--list-dexs', 'print the builder DEXs of the network and exit')
    .option('--adopt', 'take in a position that no earlier run explains, with a cause in the journal')
    .addOption(command.createOption('--list-dexes', 'the same').hideHelp())
    .option('--live', 'send orders to testnet or mainnet; without it a run there is paper trading')
    .option('--queue <model>', 'paper trading: pessimistic (default), proportional, power[:N] or optimistic')
    .option(
      '--latency <model>',
      'paper trading: way of answers and orders, ms: constant:50,100 (default), distribution:…, recorded:JOURNAL',
    )
    .option(
      '--i-accept-real-money <last six>',
      'mainnet: the last six characters of the account',
      parseAccountTail,
    )
    .option(
      '--reset-kill <reason>',
      'take back the kill switch of an earlier run; the reason is journalled',
      parseReason,
    )
  return command.action((flags: RunFlags) => finish(() => run(configOf({ ...flags }), flags)))
}

async function run(config: EffectiveConfig, flags: RunFlags): Promise<number> {
  // Loaded only now: help and errors of the command line need no exchange.
  const { listDexs, runMaker } = await import('../../compose.ts')
  const version = packageVersion()
  const json = flags.json ?? false
  if (flags.listDexs ?? flags.listDexes) return listDexs({ config, json, version })
  return runMaker({
    config,
    seed: flags.seed,
    durationMs: flags.duration ?? null,
    tape: flags.tape ?? null,
    speed: flags.speed,
    scenario: flags.scenario ?? null,
    faults: flags.faults ?? null,
    journalDir: flags.journal ?? null,
    isLive: flags.live ?? false,
    acceptRealMoney: flags.iAcceptRealMoney ?? null,
    resetKill: flags.resetKill ?? null,
    adopt: flags.adopt ?? false,
    paperQueue: flags.queue ?? null,
    paperLatency: flags.latency ?? null,
    json,
    version,
  })
}
