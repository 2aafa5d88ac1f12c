/** `hypermake report`: the figures and plots of a backtest for a run that happened. */
import type { Command } from 'commander'
import { parseOutFile, parseOutFolder } from '../flags.ts'
import type { Finish } from '../output.ts'

interface ReportFlags {
  readonly out?: string
  readonly csv?: string
  readonly json?: true
}

const EXAMPLES = `
Examples:
  hypermake report journal/paper/hyna-BTC-20261121T160829Z-0001 --out paper.html
  hypermake report journal/BTC-20261121T160829Z-0001 --csv figures --json
`

export function addReport(program: Command, finish: Finish): void {
  program
    .command('report')
    .description(
      'figures, plots and CSV of a live, paper or rehearsed run from its journal, as of a backtest; exit 5 when it does not replay',
    )
    .argument('<dir>', 'journal of the run')
    .option('--out <file>', 'write one HTML page with plots, which needs no network', parseOutFile)
    .option('--csv <folder>', 'write samples, fills and sums as CSV files', parseOutFolder)
    .option('--json', 'one JSON object on stdout, whole micro-dollars')
    .addHelpText('after', EXAMPLES)
    .action((dir: string, flags: ReportFlags) =>
      finish(async () => {
        const { report } = await import('../../compose.ts')
        return report({ dir, out: flags.out ?? null, csv: flags.csv ?? null, json: flags.json ?? false })
      }),
    )
}
