/** `hypermake queues`: the queue models against the true queue. */
import { InvalidArgumentError, Option, type Command } from 'commander'
import { parseQueueModel, QUEUE_MODELS_TEXT } from '../../core/queue/queue-models.ts'
import type { QueueModel } from '../../core/queue/queue-models.ts'
import { addAssetFlags, addConfigFlags, configOf, parseSeed, parseVirtualMinutes } from '../flags.ts'
import type { Finish } from '../output.ts'

const MINUTES_DEFAULT = 20
const MODELS_DEFAULT = 'pessimistic,proportional,power:2,power:4,optimistic'

export function addQueues(program: Command, finish: Finish): void {
  const command = program
    .command('queues')
    .description(
      'how far each queue model is from the true queue: probes in a simulated market, in virtual time',
    )
    .addOption(
      new Option('--models <names>', 'models, separated by commas')
        .argParser(parseModels)
        .default(parseModels(MODELS_DEFAULT), MODELS_DEFAULT),
    )
    .option('--scenario <name>', 'market that the embedded exchange plays: a name, or a file.toml')
    .option('--minutes <number>', 'virtual minutes', parseVirtualMinutes, MINUTES_DEFAULT)
    .option('--seed <number>', 'seed of the simulated market', parseSeed, 1)
    .option('--json', 'one JSON object on stdout')
  addConfigFlags(addAssetFlags(command)).action(
    (
      flags: { models: readonly QueueModel[]; minutes: number; seed: number; json?: true } & Readonly<
        Record<string, unknown>
      >,
    ) =>
      finish(async () => {
        const { queues } = await import('../../compose.ts')
        const { models, minutes, seed } = flags
        return queues({ config: configOf(flags), models, minutes, seed, json: flags.json ?? false })
      }),
  )
}

function parseModels(text: string): readonly QueueModel[] {
  return text.split(',').map((name) => {
    const model = parseQueueModel(name)
    if (model === null)
      throw new InvalidArgumentError(`'${name}' is no queue model; write ${QUEUE_MODELS_TEXT}.`)
    return model
  })
}
