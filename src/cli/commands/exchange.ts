/** `hypermake exchange`: the embedded exchange alone, for a maker or any other client in another process. */
import type { Command } from 'commander'
import { packageVersion } from '../../config/locate.ts'
import { addConfigFlags, addSimulationFlags, configOf, parsePort } from '../flags.ts'
import type { Finish } from '../output.ts'

interface ExchangeFlags {
  readonly host: string
  readonly port: number
  readonly seed: number
  readonly tape?: string
  readonly speed: number
  readonly scenario?: string
  readonly json?: true
}

const PORT_DEFAULT = 3001

const EXAMPLES = `
Examples:
  hypermake exchange --port 3001 --seed 7
  hypermake run --asset BTC --dex hyna --api-url http://127.0.0.1:3001
`

export function addExchange(program: Command, finish: Finish): void {
  const command = program
    .command('exchange')
    .description('serve the embedded exchange over HTTP and WebSocket')
    .addHelpText('after', EXAMPLES)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <port>', 'port to listen on; 0: any free one', parsePort, PORT_DEFAULT)
    .option('--json', 'JSON lines on stdout instead of text')
  addConfigFlags(command)
  addSimulationFlags(command)
  command.action((flags: ExchangeFlags) =>
    finish(async () => {
      const { runExchange } = await import('../../compose.ts')
      return runExchange({
        config: configOf({ ...flags }),
        host: flags.host,
        port: flags.port,
        seed: flags.seed,
        tape: flags.tape ?? null,
        speed: flags.speed,
        scenario: flags.scenario ?? null,
        json: flags.json ?? false,
        version: packageVersion(),
      })
    }),
  )
}
