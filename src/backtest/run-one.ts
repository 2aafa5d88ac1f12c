/** One strategy in one market for some minutes of virtual time. */
import { runClosedWorld } from './closed-world.ts'
import { collectMetrics } from './run-metrics.ts'
import type { RunMetrics } from './run-metrics.ts'
import { openStage } from './stage.ts'
import type { EngineMaker, StageOptions } from './stage.ts'

const MS_PER_MINUTE = 60_000

/** @throws SimulationError UNKNOWN_MARKET, UNKNOWN_SCENARIO */
export function runOne(
  options: StageOptions & { readonly minutes: number },
  engineOf: EngineMaker,
): RunMetrics {
  const { world, venue, startTsMs } = openStage(options)
  const engine = engineOf(venue.market, venue.capital)
  const metrics = collectMetrics(engine)
  runClosedWorld({
    engine,
    venue,
    world,
    untilTsMs: startTsMs + options.minutes * MS_PER_MINUTE,
    onStep: (input, commands) => metrics.onStep(input, commands),
  })
  return metrics.finish()
}
