/** Flags shared by commands: which of them stand for config keys, and how their values are read. */
import { existsSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { InvalidArgumentError, Option, type Command } from 'commander'
import type { EffectiveConfig } from '../config/config.ts'
import { keyOfAssignment } from '../config/layers.ts'
import type { FlagValue } from '../config/layers.ts'
import { loadConfig } from '../config/load.ts'
import { configDirectory } from '../config/locate.ts'

/** A flag that is another way to write a config key. Its value is checked by the schema, with the file values. */
interface KeyFlag {
  readonly flag: string
  /** `<size>`; empty for a switch. */
  readonly argument: string
  readonly key: string
  readonly help: string
}

const ASSET_FLAGS: readonly KeyFlag[] = [
  { flag: '--asset', argument: '<name>', key: 'market.asset', help: 'coin: BTC, or hyna:BTC' },
  {
    flag: '--dex',
    argument: '<name>',
    key: 'market.dex',
    help: 'builder DEX; an asset without it is on the main DEX',
  },
]

const MARKET_FLAGS: readonly KeyFlag[] = [
  ...ASSET_FLAGS,
  {
    flag: '--target-liquidity',
    argument: '<size>',
    key: 'quoting.target_liquidity',
    help: 'size on each side, base units',
  },
  {
    flag: '--risk-aversion',
    argument: '<gamma>',
    key: 'risk.gamma_base',
    help: 'dimensionless risk aversion',
  },
  {
    flag: '--max-bps-diff',
    argument: '<bps>',
    key: 'execution.max_bps_diff',
    help: 'smallest move worth a new quote',
  },
  {
    flag: '--max-position',
    argument: '<size>',
    key: 'risk.max_position',
    help: 'largest position, base units',
  },
  {
    flag: '--initial-isolated-margin',
    argument: '<USD>',
    key: 'market.initial_isolated_margin',
    help: 'margin of an isolated position',
  },
  {
    flag: '--force-isolated',
    argument: '',
    key: 'market.force_isolated',
    help: 'isolated margin even where cross is possible',
  },
  {
    flag: '--strategy',
    argument: '<name>',
    key: 'strategy.name',
    help: 'glft-ladder, avellaneda-stoikov, fixed-spread or size-skew',
  },
  {
    flag: '--metrics-port',
    argument: '<port>',
    key: 'metrics.port',
    help: 'port of /metrics and /health; 0: off',
  },
]

const VENUE_FLAGS: readonly KeyFlag[] = [
  {
    flag: '--network',
    argument: '<name>',
    key: 'venue.network',
    help: 'local (embedded exchange), testnet or mainnet',
  },
  {
    flag: '--api-url',
    argument: '<url>',
    key: 'venue.api_url',
    help: 'address of the exchange, instead of the network’s',
  },
]

const COMMON_FLAGS: readonly KeyFlag[] = [
  { flag: '--log-level', argument: '<level>', key: 'log.level', help: 'debug, info, warn, error or silent' },
]

const SCENARIO_FLAG: KeyFlag = {
  flag: '--scenario',
  argument: '<name>',
  key: 'exchange.scenario',
  help: 'market that the embedded exchange plays: a name, or a file.toml (docs/scenarios.md)',
}

const MARKETS_FLAG: KeyFlag = {
  flag: '--markets',
  argument: '<path>',
  key: 'exchange.markets',
  help: 'markets of the embedded exchange: a folder of TOML files, or one DEX on top of the shipped ones',
}

const KEY_FLAGS: readonly KeyFlag[] = [
  ...MARKET_FLAGS,
  ...VENUE_FLAGS,
  ...COMMON_FLAGS,
  SCENARIO_FLAG,
  MARKETS_FLAG,
]

/** What every command that loads the configuration takes. */
export function addConfigFlags(command: Command): Command {
  addKeyFlags(command, COMMON_FLAGS)
  return command
    .option('--config <file...>', 'TOML files on top of the built-in layers; the later wins')
    .option('--set <key=value...>', 'single config keys: risk.gamma_base=0.5', withAssignment)
    .addOption(
      new Option('--profile <name>', 'profile of config/profiles, or a TOML file').env('HYPERMAKE_PROFILE'),
    )
}

/**
 * Adds one `--set` to those before it. The later of two for one key wins, as with layers, and stderr says so: in a long command
 * line the other one is easily taken for what counts.
 */
export function withAssignment(assignment: string, before: readonly string[] = []): string[] {
  const key = keyOfAssignment(assignment)
  const lost = before.findLast((earlier) => earlier !== assignment && keyOfAssignment(earlier) === key)
  if (key !== '' && lost !== undefined) {
    process.stderr.write(`--set ${key} is given more than once: ${assignment} counts, ${lost} does not\n`)
  }
  return [...before, assignment]
}

/** Which market, and nothing of how it is quoted. */
export function addAssetFlags(command: Command): Command {
  return addKeyFlags(command, ASSET_FLAGS)
}

export function addMarketFlags(command: Command): Command {
  return addKeyFlags(command, MARKET_FLAGS)
}

export function addVenueFlags(command: Command): Command {
  return addKeyFlags(command, VENUE_FLAGS)
}

/** What the embedded exchange plays, and by which seed. */
export function addSimulationFlags(command: Command): Command {
  return addKeyFlags(command, [SCENARIO_FLAG, MARKETS_FLAG])
    .option(
      '--seed <number>',
      'seed of the simulated market: the same seed, the same market',
      parseSeed,
      SEED_DEFAULT,
    )
    .addOption(
      new Option(
        '--tape <path>',
        'play a recorded market instead: a file (see hypermake data), or the folder of a recording or run',
      )
        .argParser(parseExistingPath)
        .conflicts(['scenario']),
    )
    .option('--speed <factor>', 'play the tape this much faster than real time', parseSpeed, 1)
}

/** A recorded market instead of a scenario, by either of its names; together they would leave one of them unplayed. */
export function addDataFlags(command: Command, help: string): Command {
  return command
    .addOption(new Option('--data <path>', help).conflicts(['scenario', 'tape']))
    .addOption(new Option('--tape <path>', 'the same').conflicts(['scenario']))
}

/** Any would do; a fixed one makes the first run of everybody the same. */
const SEED_DEFAULT = 1

function addKeyFlags(command: Command, flags: readonly KeyFlag[]): Command {
  for (const { flag, argument, help } of flags)
    command.option(argument === '' ? flag : `${flag} ${argument}`, help)
  return command
}

/** The configuration of this command line and environment. @throws ConfigError */
export function configOf(options: Readonly<Record<string, unknown>>): EffectiveConfig {
  return loadConfig({
    directory: configDirectory,
    profile: (options['profile'] as string | undefined) ?? null,
    files: (options['config'] as string[] | undefined) ?? [],
    environment: process.env,
    assignments: (options['set'] as string[] | undefined) ?? [],
    flags: flagValues(options),
  })
}

function flagValues(options: Readonly<Record<string, unknown>>): FlagValue[] {
  return KEY_FLAGS.flatMap(({ flag, key }) => {
    const value = options[attributeOf(flag)]
    return typeof value === 'string' || typeof value === 'boolean' ? [{ flag, key, value }] : []
  })
}

/** `--max-bps-diff` → `maxBpsDiff`, as commander names it. */
function attributeOf(flag: string): string {
  return new Option(flag).attributeName()
}

const DURATION_UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** Beyond this, a timer of Node would fire at once. */
const DURATION_MS_MAX = 2 ** 31 - 1

/** `20s`, `1.5h` → milliseconds. */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text)
  const ms =
    match === null
      ? Number.NaN
      : Math.round(Number(match[1]) * (DURATION_UNITS_MS[match[2] ?? ''] ?? Number.NaN))
  if (!(ms >= 1 && ms <= DURATION_MS_MAX)) {
    throw new InvalidArgumentError('Write a number with its unit, up to 24 days: 500ms, 20s, 10m, 1h.')
  }
  return ms
}

export function parseSeed(text: string): number {
  const seed = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(seed)) {
    throw new InvalidArgumentError('A seed is a whole number from 0 to 9007199254740991.')
  }
  return seed
}

const SPEED_MAX = 1_000

function parseSpeed(text: string): number {
  const speed = Number(text)
  if (!/^\d*\.?\d+$/.test(text) || !(speed > 0 && speed <= SPEED_MAX)) {
    throw new InvalidArgumentError(`A speed is a number above 0, up to ${SPEED_MAX}.`)
  }
  return speed
}

/** Longest run in virtual time that one command plays, minutes. */
const VIRTUAL_MINUTES_MAX = 10_000

/** Minutes of virtual time, above 0; parts of a minute are allowed. */
export function parseVirtualMinutes(text: string): number {
  const minutes = Number(text)
  if (!/^\d*\.?\d+$/.test(text) || !(minutes > 0 && minutes <= VIRTUAL_MINUTES_MAX)) {
    throw new InvalidArgumentError(`Write a number of minutes above 0, up to ${VIRTUAL_MINUTES_MAX}.`)
  }
  return minutes
}

export function parsePort(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535) {
    throw new InvalidArgumentError('A port is a whole number from 0 (any free one) to 65535.')
  }
  return port
}

function parseExistingPath(path: string): string {
  if (!existsSync(path)) throw new InvalidArgumentError('There is no such file or folder.')
  return path
}

/** A file to write, known to have a folder before the work begins that fills it. */
export function parseOutFile(path: string): string {
  const folder = dirname(resolve(path))
  if (!isFolder(folder))
    throw new InvalidArgumentError(`There is no folder ${folder}: make it, or name another file.`)
  if (isFolder(path)) throw new InvalidArgumentError('It is a folder: name a file in it.')
  return path
}

/** A folder to write into, which can be made if it is not there. */
export function parseOutFolder(path: string): string {
  let nearest = resolve(path)
  while (!existsSync(nearest)) nearest = dirname(nearest)
  if (!isFolder(nearest)) throw new InvalidArgumentError(`${nearest} is not a folder: name another one.`)
  return path
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

const ACCOUNT_TAIL = /^[0-9a-fA-F]{6}$/

export function parseAccountTail(text: string): string {
  if (!ACCOUNT_TAIL.test(text)) {
    throw new InvalidArgumentError('Write the last six characters of the account that trades.')
  }
  return text.toLowerCase()
}

export function parseReason(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('Say why, in a few words.')
  return text.trim()
}
