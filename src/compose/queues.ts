/** `hypermake queues`: how far each queue model is from the true queue, measured in a simulated market. */
import { studyQueues } from '../backtest/queue-study.ts'
import type { ModelScore } from '../backtest/queue-study.ts'
import { toMicroUsd } from '../config/amounts.ts'
import type { EffectiveConfig } from '../config/config.ts'
import { readVenue } from '../config/venue-definitions.ts'
import type { QueueModel } from '../core/queue/queue-models.ts'
import { scenarioNameOf } from '../simulation/scenarios.ts'
import { startProgress } from './data-progress.ts'
import { exitCodes } from './exit-codes.ts'
import { scenarioAt } from './scenario.ts'
import { tableText } from './text-table.ts'

export interface QueuesCommand {
  readonly config: EffectiveConfig
  readonly seed: number
  readonly minutes: number
  readonly models: readonly QueueModel[]
  readonly json: boolean
}

/** @throws ConfigError, SimulationError */
export function queues({ config, seed, minutes, models, json }: QueuesCommand): number {
  const { exchange, market } = config.values
  const { blockMs, depositUsd } = exchange
  const choice = scenarioAt(exchange.scenario)
  const scenario = scenarioNameOf(choice)
  const progress = startProgress('queues', minutes * 60, 's')
  const coin =
    market.dex === '' || market.asset.includes(':') ? market.asset : `${market.dex}:${market.asset}`
  const spec = readVenue(exchange.markets)
  const depositMicroUsd = toMicroUsd(depositUsd)
  const stage = { spec, coin, scenario: choice, seed, blockMs, depositMicroUsd, minutes }
  const study = studyQueues(stage, models, (playedMs) => progress.at(Math.floor(playedMs / 1000)))
  progress.end()
  if (json) {
    process.stdout.write(`${JSON.stringify({ kind: 'queues', coin, scenario, seed, minutes, ...study })}\n`)
    return exitCodes.ok
  }
  const percent = (share: number): string => (share * 100).toFixed(1)
  const row = (score: ModelScore): string[] => [
    ...[score.model, percent(score.filledShare), `${percent(score.bias)} ± ${percent(score.biasStdErr)}`],
    ...[percent(score.falseShare), percent(score.missedShare)],
  ]
  const lines = [
    `${study.probeCount} probes on ${coin}, scenario ${scenario}, seed ${seed}, ${minutes} minutes`,
    ...tableText(
      ['model', 'filled %', 'bias %', 'false %', 'missed %'],
      [['the true queue', percent(study.trueShare), '', '', ''], ...study.models.map(row)],
      [1, 2, 3, 4],
    ),
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
  return exitCodes.ok
}
