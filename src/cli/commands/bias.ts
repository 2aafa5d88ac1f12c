/** `hypermake bias`: proof that no decision looks ahead. */
import { InvalidArgumentError, type Command } from 'commander'
import {
  addAssetFlags,
  addConfigFlags,
  addDataFlags,
  configOf,
  parseSeed,
  parseVirtualMinutes,
} from '../flags.ts'
import type { Finish } from '../output.ts'

const MINUTES_DEFAULT = 4
const CUTS_DEFAULT = 3
const CUTS_MAX = 100

export function addBias(program: Command, finish: Finish): void {
  const command = program
    .command('bias')
    .description(
      'prove that no decision looks ahead: cut the market off, or shuffle what comes after, and compare every decision before; exit 5 when one differs',
    )
    .option('--scenario <name>', 'market that the embedded exchange plays: a name, or a file.toml')
    .option('--minutes <number>', 'virtual minutes', parseVirtualMinutes, MINUTES_DEFAULT)
    .option('--cuts <number>', 'times to cut at, evenly spread', parseCuts, CUTS_DEFAULT)
    .option('--seed <number>', 'seed of the simulated market and of the shuffle', parseSeed, 1)
    .option('--strategy <name>', 'glft-ladder, avellaneda-stoikov, fixed-spread or size-skew')
    .option('--json', 'one JSON object on stdout')
  addDataFlags(command, 'recorded market; without it, one is recorded from the scenario first')
  addConfigFlags(addAssetFlags(command)).action(
    (
      flags: {
        data?: string
        tape?: string
        minutes: number
        cuts: number
        seed: number
        json?: true
      } & Readonly<Record<string, unknown>>,
    ) =>
      finish(async () => {
        const { bias } = await import('../../compose.ts')
        const { minutes, cuts, seed } = flags
        const config = configOf(flags)
        return bias({
          config,
          seed,
          minutes,
          cuts,
          tape: flags.data ?? flags.tape ?? null,
          json: flags.json ?? false,
        })
      }),
  )
}

function parseCuts(text: string): number {
  const cuts = Number(text)
  if (!/^\d+$/.test(text) || cuts < 1 || cuts > CUTS_MAX) {
    throw new InvalidArgumentError(`Write a whole number from 1 to ${CUTS_MAX}.`)
  }
  return cuts
}
