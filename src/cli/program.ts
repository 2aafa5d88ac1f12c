/** The command tree, and what turns its outcome into an exit code. */
import { Command, CommanderError } from 'commander'
import { exitCodes } from '../compose/exit-codes.ts'
import { packageVersion } from '../config/locate.ts'
import { nearNames } from '../core/near-names.ts'
import { addBacktest } from './commands/backtest.ts'
import { addBias } from './commands/bias.ts'
import { addCalibrate } from './commands/calibrate.ts'
import { addCompare } from './commands/compare.ts'
import { addConfig } from './commands/config.ts'
import { addData } from './commands/data.ts'
import { addDoctor } from './commands/doctor.ts'
import { addExchange } from './commands/exchange.ts'
import { addExplain } from './commands/explain.ts'
import { addFidelity } from './commands/fidelity.ts'
import { addJournal } from './commands/journal.ts'
import { addKill } from './commands/kill.ts'
import { addKnobs } from './commands/knobs.ts'
import { addQueues } from './commands/queues.ts'
import { addRecord } from './commands/record.ts'
import { addReplay } from './commands/replay.ts'
import { addReport } from './commands/report.ts'
import { addRun } from './commands/run.ts'
import { addSweep } from './commands/sweep.ts'
import { addVerify } from './commands/verify.ts'
import { addWatchdog } from './commands/watchdog.ts'
import { describeFailure, exitCodeOf } from './exit-codes.ts'
import type { Finish } from './output.ts'

/**
 * Runs one command line.
 * @param args without the program's own name
 * @returns the exit code; failures were written to stderr
 */
export async function runProgram(args: readonly string[]): Promise<number> {
  let exitCode: number = exitCodes.ok
  const finish: Finish = async (body) => {
    exitCode = await body()
  }
  const program = buildProgram(finish)
  try {
    await program.parseAsync([...args], { from: 'user' })
    return exitCode
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      process.stderr.write(`${describeFailure(error)}\n`)
      return exitCodeOf(error)
    }
    if (error.exitCode === 0) return exitCodes.ok
    process.stderr.write(`${usageMessage(error, args, commandNames(program))}\n`)
    return exitCodes.usage
  }
}

/** The whole tree. @param finish what is done with the body of the command that a line names */
export function buildProgram(finish: Finish): Command {
  const program = new Command('hypermake')
    .description(
      'A market maker for Hyperliquid and its builder DEXs, with an embedded exchange to rehearse on.',
    )
    .version(packageVersion(), '--version', 'print the version')
    .showSuggestionAfterError(true)
    // Flags belong to the command that they stand behind: `sweep` and `sweep apply` have some of the same name.
    .enablePositionalOptions()
    .exitOverride()
    // The message is written once, by `runProgram`, which may know better what was meant.
    .configureOutput({ outputError: () => undefined })
  const run = addRun(program, finish)
  addExchange(program, finish)
  addDoctor(program, finish)
  addKill(program, finish)
  addWatchdog(program, finish)
  addFidelity(program, finish)
  addRecord(program, finish)
  addReplay(program, finish)
  addReport(program, finish)
  addVerify(program, finish)
  addExplain(program, finish)
  addJournal(program, finish)
  addConfig(program, finish)
  addBacktest(program, finish)
  addBias(program, finish)
  addQueues(program, finish)
  addCompare(program, finish)
  addData(program, finish)
  addKnobs(program, finish)
  addSweep(program, finish)
  addCalibrate(program, finish)
  // Commander does not list the flags of the default command by itself.
  program.addHelpText('after', () => `\nFlags of run, the default command:\n${flagsOf(run)}`)
  return program
}

/** The options part of a command's help. */
function flagsOf(command: Command): string {
  const help = command.createHelp()
  const width = help.longestOptionTermLength(command, help)
  return help
    .visibleOptions(command)
    .filter((option) => option.long !== '--help')
    .map((option) => `  ${help.optionTerm(option).padEnd(width)}  ${help.optionDescription(option)}`)
    .join('\n')
}

function commandNames(program: Command): string[] {
  return [...program.commands.map((command) => command.name()), 'help']
}

const NEAR_COMMANDS_MAX = 2

/** A misspelt command reaches the default one as an argument too many; say what was meant instead. */
function usageMessage(error: CommanderError, args: readonly string[], names: readonly string[]): string {
  const word = args[0] ?? ''
  if (error.code === 'commander.excessArguments' && !word.startsWith('-') && !names.includes(word)) {
    const near = nearNames(word, names, NEAR_COMMANDS_MAX)
    const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'see hypermake --help'
    return `error: there is no command '${word}'; ${hint}`
  }
  return error.message
}
