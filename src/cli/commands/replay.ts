/** `hypermake replay`: the inputs of a journal through the maker again; equal commands and state hash, or the first difference. */
import { InvalidArgumentError, type Command } from 'commander'
import { parseOutFile, withAssignment } from '../flags.ts'
import type { Finish } from '../output.ts'

export function addReplay(program: Command, finish: Finish): void {
  program
    .command('replay')
    .description(
      'run the inputs of a journal again and compare commands and state hash; exit 5 on a difference',
    )
    .argument('<dir>', 'folder of the journal')
    .option(
      '--set <key=value...>',
      'counterfactual, not a check: what other settings would have decided on the same inputs',
      withAssignment,
    )
    .option(
      '--metrics <file>',
      'write speed and outcome as Prometheus text, for a textfile collector',
      parseOutFile,
    )
    .option('--json', 'one JSON object on stdout')
    .action(
      (
        dir: string,
        flags: { readonly set?: readonly string[]; readonly metrics?: string; readonly json?: true },
      ) =>
        finish(async () => {
          if (flags.metrics !== undefined && (flags.set ?? []).length > 0) {
            throw new InvalidArgumentError('error: --metrics tells of a check, and --set asks for none')
          }
          const { replay } = await import('../../compose.ts')
          return replay({
            dir,
            assignments: flags.set ?? [],
            metrics: flags.metrics ?? null,
            json: flags.json ?? false,
          })
        }),
    )
}
