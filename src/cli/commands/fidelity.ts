/** `hypermake fidelity`: how far a backtest is from a run that happened. */
import type { Command } from 'commander'
import { parseSeed } from '../flags.ts'
import type { Finish } from '../output.ts'

interface FidelityFlags {
  readonly queue?: string
  readonly latency?: string
  readonly seed: number
  readonly json?: true
}

const EXAMPLES = `
Examples:
  hypermake fidelity journal/paper/hyna-BTC-20261121T160829Z-0001
  hypermake fidelity journal/BTC-20261121T160829Z-0001 --queue power:2 --latency constant:20,60 --json
`

export function addFidelity(program: Command, finish: Finish): void {
  program
    .command('fidelity')
    .description(
      'backtest a live or paper run on its own market data and split the gap: fees, latency, queue, missed data, other',
    )
    .argument('<folder>', 'journal of the run')
    .option(
      '--queue <model>',
      'pessimistic, proportional, power[:N] or optimistic; as the paper run, or pessimistic',
    )
    .option(
      '--latency <model>',
      'answers and orders, ms: constant:F,O, distribution:…; as the paper run, or constant:50,100',
    )
    .option('--seed <number>', 'of a distribution of latencies', parseSeed, 1)
    .option('--json', 'one JSON object on stdout, whole micro-dollars')
    .addHelpText('after', EXAMPLES)
    .action((dir: string, flags: FidelityFlags) =>
      finish(async () => {
        const { fidelity } = await import('../../compose.ts')
        const { queue, latency, seed, json } = flags
        return fidelity({ dir, queue: queue ?? null, latency: latency ?? null, seed, json: json ?? false })
      }),
    )
}
