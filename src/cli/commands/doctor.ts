/** `hypermake doctor`: is everything in order for a run? */
import type { Command } from 'commander'
import { addConfigFlags, addMarketFlags, addVenueFlags, configOf } from '../flags.ts'
import type { Finish } from '../output.ts'

interface DoctorFlags {
  readonly json?: true
}

const EXAMPLES = `
Examples:
  hypermake doctor --network testnet --asset BTC
  hypermake doctor --api-url http://127.0.0.1:3001 --json

Looks at key, clock, margin, limits, sizes, request budget, what earlier runs left, orders and position. Changes nothing.
Exit code 3 when anything stands against trading.
`

export function addDoctor(program: Command, finish: Finish): void {
  const command = program
    .command('doctor')
    .description('check everything that decides whether a run may trade; each finding with its fix')
    .addHelpText('after', EXAMPLES)
  addMarketFlags(command)
  addVenueFlags(command)
  addConfigFlags(command)
  command.option('--json', 'one JSON object on stdout').action((flags: DoctorFlags) =>
    finish(async () => {
      const config = configOf({ ...flags })
      const { doctor } = await import('../../compose.ts')
      return doctor({ config, json: flags.json ?? false })
    }),
  )
}
