/** `hypermake sweep`: search for better settings in simulated or recorded markets, judged on what was not searched. */
import { availableParallelism } from 'node:os'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { OBJECTIVES } from '../../backtest/sweep/objective.ts'
import type { Objective } from '../../backtest/sweep/objective.ts'
import { SWEEP_METHODS } from '../../backtest/sweep/propose.ts'
import type { SweepMethod } from '../../backtest/sweep/propose.ts'
import {
  addAssetFlags,
  addConfigFlags,
  addDataFlags,
  configOf,
  parseOutFile,
  parseSeed,
  parseVirtualMinutes,
} from '../flags.ts'
import type { Finish } from '../output.ts'

interface SweepFlags {
  readonly space?: string
  readonly trials?: number
  readonly workers: number
  readonly method: SweepMethod
  readonly objective: Objective
  readonly seed: number
  readonly windows: number
  readonly heldOut: number
  readonly minutes?: number
  readonly data?: string
  readonly tape?: string
  readonly queue?: string
  readonly latency?: string
  readonly rateLimits?: true
  readonly out: string
  readonly report?: string
  readonly json?: true
  readonly set?: readonly string[]
}

interface ApplyFlags {
  readonly trial?: number
  readonly out?: string
}

const EXAMPLES = `
A space has the form of a configuration, with a range or a list where a value would stand:
  [risk]
  gamma_base = { min = 0.1, max = 2.0, scale = "log", steps = 5 }
  [quoting.ladder]
  levels = { values = [3, 5, 7] }

Examples:
  hypermake sweep --space space.toml --trials 64 --workers 2 --report sweep.html
  hypermake sweep --space space.toml --method grid --scenario trend --objective pnl-per-drawdown
  hypermake sweep --space space.toml --data recording.gz --asset BTC --windows 6 --held-out 2
  hypermake sweep apply sweep.jsonl --out better.toml && hypermake run --config better.toml

A sweep that was stopped goes on when the same command is given again.
`

const WORKERS_MAX = 64
const TRIALS_MAX = 10_000
const WINDOWS_MAX = 1_000
const MINUTES_DEFAULT = 10

export function addSweep(program: Command, finish: Finish): void {
  const command = program
    .command('sweep')
    // `apply` has flags of its own, some of the same name.
    .enablePositionalOptions()
    .description('try many settings in the same markets, search on some windows and judge on others')
    .option('--space <file>', 'TOML file of the settings to search')
    .option(
      '--trials <count>',
      'settings to try beside the present ones; 64, or the whole grid',
      parseCount(1, TRIALS_MAX),
    )
    .option(
      '--workers <count>',
      'threads; the results do not depend on them',
      parseCount(1, WORKERS_MAX),
      availableParallelism(),
    )
    .addOption(new Option('--method <name>', 'how to search').choices(SWEEP_METHODS).default('tpe'))
    .addOption(new Option('--objective <name>', 'what to search for').choices(OBJECTIVES).default('sharpe'))
    .option(
      '--windows <count>',
      'markets of a scenario, or stretches of a tape',
      parseCount(1, WINDOWS_MAX),
      6,
    )
    .option('--held-out <count>', 'last windows that are not searched', parseCount(0, WINDOWS_MAX), 2)
    .option('--scenario <name>', 'market that the embedded exchange plays: a name, or a file.toml')
    .option(
      '--minutes <number>',
      `virtual minutes of a window (${MINUTES_DEFAULT}), or of the tape (all)`,
      parseVirtualMinutes,
    )
    .option('--seed <number>', 'of the search, and of the first window', parseSeed, 1)
    .option(
      '--queue <model>',
      'queue on a tape: pessimistic (default), proportional, power[:N] or optimistic',
    )
    .option('--latency <model>', 'as in backtest')
    .option('--rate-limits', 'the request limits of the venue hold in every trial, by account and by address')
    .option('--strategy <name>', 'glft-ladder or fixed-spread')
    .option(
      '--out <file>',
      'results, one line per trial; an unfinished sweep in it goes on',
      parseOutFile,
      'sweep.jsonl',
    )
    .option('--report <file>', 'write one HTML page with plots', parseOutFile)
    .option('--json', 'one JSON object on stdout')
    .addHelpText('after', EXAMPLES)
  addDataFlags(command, 'recorded market instead')
  addConfigFlags(addAssetFlags(command)).action((flags: SweepFlags & Readonly<Record<string, unknown>>) =>
    finish(async () => {
      const { sweep } = await import('../../compose.ts')
      const { space } = flags
      const tape = flags.data ?? flags.tape ?? null
      if (space === undefined) return command.error("error: required option '--space <file>' not specified")
      return sweep({
        ...flags,
        space,
        configOf: (assignments) => configOf({ ...flags, set: [...(flags.set ?? []), ...assignments] }),
        trials: flags.trials ?? null,
        minutes: flags.minutes ?? (tape === null ? MINUTES_DEFAULT : null),
        tape,
        queue: flags.queue ?? null,
        latency: flags.latency ?? null,
        rateLimits: flags.rateLimits ?? false,
        report: flags.report ?? null,
        json: flags.json ?? false,
      })
    }),
  )
  command
    .command('apply')
    .description('write the settings of a trial as a TOML file for --config, with the evidence for them')
    .argument('<results>', 'file that sweep --out wrote')
    .option('--trial <number>', 'which; the best by the objective when left out', parseCount(0, TRIALS_MAX))
    .option('--out <file>', 'file to write instead of stdout', parseOutFile)
    .action((results: string, flags: ApplyFlags) =>
      finish(async () => {
        const { sweepApply } = await import('../../compose.ts')
        return sweepApply({ results, trial: flags.trial ?? null, out: flags.out ?? null })
      }),
    )
}

function parseCount(min: number, max: number): (text: string) => number {
  return (text) => {
    const count = Number(text)
    if (!/^\d+$/.test(text) || count < min || count > max) {
      throw new InvalidArgumentError(`Write a whole number from ${min} to ${max}.`)
    }
    return count
  }
}
