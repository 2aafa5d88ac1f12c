/** `hypermake verify`: is a journal whole, and does it replay to the same hashes; for the maker, the exchange, or both. */
import type { Command } from 'commander'
import { parseOutFile } from '../flags.ts'
import type { Finish } from '../output.ts'

export function addVerify(program: Command, finish: Finish): void {
  program
    .command('verify')
    .description(
      'check every byte of a journal and replay it, the exchange of a rehearsal too; exit 1 damaged, 5 diverged',
    )
    .argument('<dir>', 'folder of a run, or of the journal of an exchange')
    .option(
      '--metrics <file>',
      'write speed and outcome as Prometheus text, for a textfile collector',
      parseOutFile,
    )
    .option('--json', 'one JSON object on stdout')
    .action((dir: string, flags: { readonly metrics?: string; readonly json?: true }) =>
      finish(async () => {
        const { verify } = await import('../../compose.ts')
        return verify({ dir, metrics: flags.metrics ?? null, json: flags.json ?? false })
      }),
    )
}
