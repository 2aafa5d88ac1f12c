/** `hypermake explain`: one decision of a journalled run, every number of it. */
import { InvalidArgumentError, type Command } from 'commander'
import { withAssignment } from '../flags.ts'
import type { Finish } from '../output.ts'

interface ExplainFlags {
  readonly seq?: number
  readonly oid?: number
  readonly last?: true
  readonly set?: readonly string[]
  readonly json?: true
}

export function addExplain(program: Command, finish: Finish): void {
  program
    .command('explain')
    .description('take one decision of a journal apart: estimates, terms, floors, risk, and each order')
    .argument('<dir>', 'folder of the journal')
    .option('--seq <number>', 'the last decision at or before this input', parseWhole)
    .option('--oid <number>', 'the decision that placed this order', parseWhole)
    .option('--last', 'the last decision of the journal (the default)')
    .option(
      '--set <key=value...>',
      'show beside it what other settings would have made of the same moment',
      withAssignment,
    )
    .option('--json', 'one JSON object on stdout')
    .action((dir: string, flags: ExplainFlags, command: Command) => {
      const moments = [flags.seq, flags.oid, flags.last].filter((moment) => moment !== undefined)
      if (moments.length > 1)
        command.error('error: --seq, --oid and --last exclude each other: give one of them')
      return finish(async () => {
        const { explain } = await import('../../compose.ts')
        return explain({
          dir,
          seq: flags.seq ?? null,
          oid: flags.oid ?? null,
          assignments: flags.set ?? [],
          json: flags.json ?? false,
        })
      })
    })
}

function parseWhole(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1) {
    throw new InvalidArgumentError('Write a whole number from 1.')
  }
  return value
}
