/** `hypermake watchdog`: cancels the maker's orders when its heartbeat stops. */
import type { Command } from 'commander'
import { addConfigFlags, addMarketFlags, addVenueFlags, configOf, parseDuration } from '../flags.ts'
import type { Finish } from '../output.ts'

interface WatchdogFlags {
  readonly grace: number
  readonly keyFile?: string
  readonly healthUrl?: string
  readonly once?: true
  readonly others?: true
  readonly json?: true
}

/** Ten beats missed. */
const GRACE_MS_DEFAULT = 10_000

const EXAMPLES = `
Examples:
  hypermake watchdog --network testnet --asset BTC --key-file watchdog.key
  hypermake watchdog --api-url http://127.0.0.1:3001 --asset BTC --grace 3s
  hypermake watchdog --network testnet --asset BTC --key-file watchdog.key --health-url http://127.0.0.1:9090/health
`

export function addWatchdog(program: Command, finish: Finish): void {
  const command = program
    .command('watchdog')
    .description(
      "cancel a maker's orders when its heartbeat stops: a process of its own, with a key of its own",
    )
    .addHelpText('after', EXAMPLES)
  addMarketFlags(command)
  addVenueFlags(command)
  addConfigFlags(command)
  command
    .option(
      '--grace <time>',
      'without a heartbeat for so long the maker is dead',
      parseDuration,
      GRACE_MS_DEFAULT,
    )
    .option(
      '--key-file <file>',
      'key of the watchdog: an API wallet of the account that the maker does not use',
    )
    .option(
      '--health-url <url>',
      'take answers of this page for the heartbeat, instead of the file beside the journals',
    )
    .option('--others', 'cancel the orders of others on this market as well')
    .option('--once', 'end after the first time; exit code 1 when orders still rest')
    .option('--json', 'JSON lines on stdout')
    .action((flags: WatchdogFlags) =>
      finish(async () => {
        const config = configOf({ ...flags })
        const { watchdog } = await import('../../compose.ts')
        return watchdog({
          config,
          graceMs: flags.grace,
          keyFile: flags.keyFile ?? null,
          healthUrl: flags.healthUrl ?? null,
          once: flags.once ?? false,
          others: flags.others ?? false,
          json: flags.json ?? false,
        })
      }),
    )
}
