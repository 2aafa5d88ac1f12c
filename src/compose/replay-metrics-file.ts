/** The outcome of a replay in a file that a collector of metrics may read at any moment: whole, or the one before. */
import { renameSync, writeFileSync } from 'node:fs'
import { replayMetricsText } from '../ops/replay-metrics.ts'
import type { ReplayMetrics } from '../ops/replay-metrics.ts'

/** @param path null: nothing is written */
export async function writeReplayMetrics(
  path: string | null,
  machines: readonly ReplayMetrics[],
): Promise<void> {
  if (path === null) return
  const draft = `${path}.new`
  writeFileSync(draft, await replayMetricsText(machines))
  renameSync(draft, path)
}
