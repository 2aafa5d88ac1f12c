/** One strategy in one market for some minutes of virtual time. */
import type { Engine } from '../core/engine.ts'
import type { MarketSpec } from '../core/market.ts'
import { runClosedWorld } from './closed-world.ts'
import { collectMetrics } from './run-metrics.ts'
import type { RunMetrics } from './run-metrics.ts'
import { openStage } from './stage.ts'
import type { StageOptions } from './stage.ts'

const MS_PER_MINUTE = 60_000

/**
 * @param engineOf makes a fresh engine for the market, as the venue describes it
 * @throws SimulationError UNKNOWN_MARKET, UNKNOWN_SCENARIO
 */
export function runOne(
  options: StageOptions & { readonly minutes: number },
  engineOf: (market: MarketSpec) => Engine,
): RunMetrics {
  const { world, venue, startTsMs } = openStage(options)
  const engine = engineOf(venue.market)
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
