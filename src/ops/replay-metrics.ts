/** What a replay or verification found, as Prometheus text: for the textfile collector of a node, since the process ends with its answer. */
import { Gauge, Registry } from 'prom-client'

export interface ReplayMetrics {
  readonly machine: 'maker' | 'exchange'
  /** Null when the bytes are damaged and nothing was replayed. */
  readonly replayed: {
    readonly records: number
    readonly recordsPerSec: number
    readonly isEqual: boolean
  } | null
}

/** One row each in docs/journal.md. */
export async function replayMetricsText(machines: readonly ReplayMetrics[]): Promise<string> {
  const registry = new Registry()
  const gauge = (name: string, help: string): Gauge =>
    new Gauge({ name, help, labelNames: ['machine'], registers: [registry] })
  const speed = gauge(
    'oracle_replay_records_per_sec',
    'Records replayed and compared per second of the clock',
  )
  const records = gauge('oracle_replay_records', 'Records of the journal that was replayed')
  const equal = gauge(
    'oracle_replay_equal',
    '1: every decision came out as recorded; 0: it parted, or is damaged',
  )
  for (const { machine, replayed } of machines) {
    speed.labels(machine).set(replayed?.recordsPerSec ?? NaN)
    records.labels(machine).set(replayed?.records ?? NaN)
    equal.labels(machine).set(replayed?.isEqual === true ? 1 : 0)
  }
  return await registry.metrics()
}
