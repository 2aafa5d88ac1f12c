/** `hypermake kill`: the kill switch by hand. */
import { InvalidArgumentError, type Command } from 'commander'
import { addConfigFlags, addMarketFlags, addVenueFlags, configOf, parseReason } from '../flags.ts'
import type { Finish } from '../output.ts'

interface KillFlags {
  readonly reason?: string
  readonly reset?: true
  readonly status?: true
  readonly others?: true
  readonly paper?: true
  readonly json?: true
}

const EXAMPLES = `
Examples:
  hypermake kill --reason "the feed looks wrong"          set it, cancel, wait for the maker to end
  hypermake kill --status                                 exit code 4 while it is set
  hypermake kill --reset --reason "feed was late, fixed"  take it back; nothing else does
  hypermake kill --paper --network testnet                the paper runs alone; needs no key
`

export function addKill(program: Command, finish: Finish): void {
  const command = program
    .command('kill')
    .description('set the kill switch of a market and cancel its orders now, whether or not a maker runs')
    .addHelpText('after', EXAMPLES)
  addMarketFlags(command)
  addVenueFlags(command)
  addConfigFlags(command)
  command
    .option('--reason <text>', 'why; kept with the switch and in the journal', parseReason)
    .option('--status', 'only say whether it is set')
    .option('--reset', 'take it back; needs --reason')
    .option('--others', 'cancel the orders of others on this market as well')
    .option('--paper', 'the paper runs of this market alone; without it, they are stopped as well')
    .option('--json', 'one JSON object on stdout')
    .action((flags: KillFlags) =>
      finish(async () => {
        if (flags.status && flags.reset)
          throw new InvalidArgumentError('--status and --reset exclude each other')
        const config = configOf({ ...flags })
        const { kill } = await import('../../compose.ts')
        return kill({
          config,
          action: flags.status ? 'status' : flags.reset ? 'reset' : 'kill',
          reason: flags.reason ?? null,
          others: flags.others ?? false,
          paperOnly: flags.paper ?? false,
          json: flags.json ?? false,
        })
      }),
    )
}
