/** The models of queue and latency that commands are given by name. */
import { LATENCY_TEXT, parseLatency } from '../backtest/latency.ts'
import type { LatencyModel } from '../backtest/latency.ts'
import { recordedLatency } from '../backtest/latency-recorded.ts'
import { ConfigError } from '../config/errors.ts'
import { parseQueueModel, QUEUE_MODELS_TEXT } from '../core/queue/queue-models.ts'
import type { QueueModel } from '../core/queue/queue-models.ts'

/** Before the folder of a journal. */
const RECORDED = 'recorded:'

/** @throws ConfigError for a text that names none */
export function queueModelOf(text: string): QueueModel {
  const model = parseQueueModel(text)
  if (model === null) throw new ConfigError('BAD_VALUE', `--queue ${text}: write ${QUEUE_MODELS_TEXT}`)
  return model
}

/** @throws ConfigError for an unknown model, JournalError or SimulationError for a journal that tells none */
export function latencyModelOf(text: string): LatencyModel {
  const model = text.startsWith(RECORDED) ? recordedLatency(text.slice(RECORDED.length)) : parseLatency(text)
  if (model === null) throw new ConfigError('BAD_VALUE', `--latency ${text}: write ${LATENCY_TEXT}`)
  return model
}
