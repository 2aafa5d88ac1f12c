/** `hypermake exchange`: the embedded exchange alone, for a maker or any other client in another process. */
import { InvalidArgumentError, Option, type Command } from 'commander'
import { packageVersion } from '../../config/locate.ts'
import type { Deposit, RateLimitChoice, WireLatency } from '../../config/options.ts'
import { exitCodes } from '../../compose/exit-codes.ts'
import { addConfigFlags, addSimulationFlags, configOf, parsePort } from '../flags.ts'
import type { Finish } from '../output.ts'

interface ExchangeFlags {
  readonly host: string
  readonly port: number
  readonly seed: number
  readonly tape?: string
  readonly speed: number
  readonly scenario?: string
  readonly blockMs?: number
  readonly latencyMs: WireLatency
  readonly deposit: readonly Deposit[]
  readonly accounts?: string
  readonly coins?: readonly string[]
  readonly rateLimits?: true | RateLimitChoice
  readonly scheduleCancelVolume?: number
  readonly faults?: string
  readonly journal?: string
  readonly metricsPort: number
  readonly printScenario?: string
  readonly json?: true
}

const PORT_DEFAULT = 3001
const METRICS_PORT_DEFAULT = 9000
const BLOCK_MS_MIN = 10
const BLOCK_MS_MAX = 10_000
const LATENCY_MS_MAX = 60_000
const DEPOSIT_USD_MAX = 1e9
const NO_LATENCY: WireLatency = { actionsMs: null, feedsMs: null }

const EXAMPLES = `
Examples:
  hypermake exchange --port 3001 --seed 7
  hypermake exchange --markets my-dex.toml --coins mine:BTC
  hypermake exchange --print-scenario thin > mine.toml && hypermake exchange --scenario mine.toml
  hypermake exchange --block-ms 0 --coins BTC,hyna:BTC --deposit 0x00000000000000000000000000000000000a11ce=5000
  hypermake exchange --latency-ms actions:20..60 --latency-ms feeds:5 --faults test/scenarios/disconnect.toml
  hypermake run --asset BTC --dex hyna --api-url http://127.0.0.1:3001
`

export function addExchange(program: Command, finish: Finish): void {
  const command = program
    .command('exchange')
    .description('serve the embedded exchange over HTTP and WebSocket')
    .addHelpText('after', EXAMPLES)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <port>', 'port to listen on; 0: any free one', parsePort, PORT_DEFAULT)
    .option('--block-ms <ms>', 'time between two blocks; 0: a command runs at once', parseBlockMs)
    .addOption(
      new Option(
        '--latency-ms <delay>',
        'delay on the wire: 20, 5..40, actions:20..60 or feeds:5; may be repeated',
      )
        .argParser(parseLatency)
        .default(NO_LATENCY, 'none'),
    )
    .addOption(
      new Option('--deposit <address=usd>', 'play money on every DEX; may be repeated')
        .argParser(parseDeposit)
        .default([], 'none'),
    )
    .option(
      '--accounts <file>',
      'TOML with [[account]] tables of address, usd and protections (docs/exchange.md)',
    )
    .option('--coins <coins>', 'coins with traders, BTC,hyna:BTC; default: the configured one', parseCoins)
    .option(
      '--rate-limits [which]',
      'refuse what goes beyond the limits of the venue: all, or some of weight,budget,sockets',
      parseLimits,
    )
    .option(
      '--schedule-cancel-volume <usd>',
      'traded volume that scheduleCancel needs, as on the venue 1000000; 0: none',
      parseVolume,
    )
    .option('--faults <file>', 'fail as this script says (docs/faults.md)')
    .option(
      '--print-scenario <name>',
      'write a scenario, a name or a file.toml, as a whole file to stdout, and end',
    )
    .option('--journal <dir>', 'keep every command here, for hypermake verify; must be new or empty')
    .option('--metrics-port <port>', 'port of /metrics; 0: off', parsePort, METRICS_PORT_DEFAULT)
    .option('--json', 'JSON lines on stdout instead of text')
  addConfigFlags(command)
  addSimulationFlags(command)
  command.action((flags: ExchangeFlags) =>
    finish(async () => {
      const { printScenario, runExchange } = await import('../../compose.ts')
      if (flags.printScenario !== undefined) {
        process.stdout.write(printScenario(flags.printScenario))
        return exitCodes.ok
      }
      const { metricsPort, ...others } = flags
      return runExchange({
        // Its metrics page is not the maker's: the flag of the same name must not reach the configuration.
        config: configOf({ ...others }),
        host: flags.host,
        port: flags.port,
        seed: flags.seed,
        tape: flags.tape ?? null,
        speed: flags.speed,
        scenario: flags.scenario ?? null,
        blockMs: flags.blockMs ?? null,
        latency: flags.latencyMs,
        deposits: flags.deposit,
        accounts: flags.accounts ?? null,
        markets: flags.coins ?? null,
        rateLimits: flags.rateLimits === true ? parseLimits('all') : (flags.rateLimits ?? null),
        scheduleCancelUsd: flags.scheduleCancelVolume ?? null,
        faults: flags.faults ?? null,
        journalDir: flags.journal ?? null,
        metricsPort,
        json: flags.json ?? false,
        version: packageVersion(),
      })
    }),
  )
}

export function parseBlockMs(text: string): number {
  const ms = Number(text)
  if (!/^\d+$/.test(text) || (ms !== 0 && (ms < BLOCK_MS_MIN || ms > BLOCK_MS_MAX))) {
    throw new InvalidArgumentError(
      `Blocks take a whole number of ms from ${BLOCK_MS_MIN} to ${BLOCK_MS_MAX}; 0: commands run at once.`,
    )
  }
  return ms
}

/** `20`, `5..40`, each for both ways, or for one after `actions:` or `feeds:`. */
export function parseLatency(text: string, earlier: WireLatency): WireLatency {
  const match = /^(?:(actions|feeds):)?(\d+(?:\.\d+)?)(?:\.\.(\d+(?:\.\d+)?))?$/.exec(text)
  const from = Number(match?.[2])
  const to = Number(match?.[3] ?? match?.[2])
  if (match === null || from > to || to > LATENCY_MS_MAX) {
    throw new InvalidArgumentError(
      `Write ms up to ${LATENCY_MS_MAX}: 20, a range 5..40, or for one way actions:20..60, feeds:5.`,
    )
  }
  const drawn = [from, to] as const
  return {
    actionsMs: match[1] === 'feeds' ? earlier.actionsMs : drawn,
    feedsMs: match[1] === 'actions' ? earlier.feedsMs : drawn,
  }
}

export function parseDeposit(text: string, earlier: readonly Deposit[]): Deposit[] {
  const match = /^(0x[0-9a-fA-F]{40})=(\d+(?:\.\d+)?)$/.exec(text)
  const usd = Number(match?.[2])
  if (match === null || !(usd > 0 && usd <= DEPOSIT_USD_MAX)) {
    throw new InvalidArgumentError(
      `Write an address (0x and 40 hexadecimal digits), = and dollars above 0, up to ${DEPOSIT_USD_MAX}.`,
    )
  }
  return [...earlier, { address: (match[1] ?? '').toLowerCase(), usd }]
}

const LIMIT_NAMES = ['weight', 'budget', 'sockets'] as const

/** `all`, or names with commas between them. */
export function parseLimits(text: string): RateLimitChoice {
  const named = text === 'all' ? LIMIT_NAMES : text.split(',').map((name) => name.trim())
  const isOn = (name: (typeof LIMIT_NAMES)[number]): boolean => named.some((one) => one === name)
  if (named.some((one) => !LIMIT_NAMES.some((known) => known === one))) {
    throw new InvalidArgumentError(`Write all, or some of ${LIMIT_NAMES.join(',')}.`)
  }
  return { weight: isOn('weight'), budget: isOn('budget'), sockets: isOn('sockets') }
}

export function parseVolume(text: string): number {
  const usd = Number(text)
  if (!/^\d+$/.test(text) || usd > DEPOSIT_USD_MAX) {
    throw new InvalidArgumentError(`Write whole dollars from 0 (no gate) to ${DEPOSIT_USD_MAX}.`)
  }
  return usd
}

export function parseCoins(text: string): string[] {
  const coins = text.split(',').map((coin) => coin.trim())
  if (coins.some((coin) => coin === '')) {
    throw new InvalidArgumentError('Write coins with commas between them: BTC,hyna:BTC.')
  }
  return [...new Set(coins)]
}
