/** One strategy in one market for some minutes of virtual time. */
import { runClosedWorld } from './closed-world.ts'
import { limitedVenue } from './limited-venue.ts'
import type { LimitFigures } from './limited-venue.ts'
import { collectMetrics } from './run-metrics.ts'
import type { RunMetrics } from './run-metrics.ts'
import { openStage } from './stage.ts'
import type { EngineMaker, StageOptions } from './stage.ts'

const MS_PER_MINUTE = 60_000

export interface OneRun {
  readonly metrics: RunMetrics
  /** What was used of the venue's limits; null when they did not hold. */
  readonly limits: LimitFigures | null
}

/**
 * @param options.rateLimits the venue's limits on requests hold; left out: they do not
 * @throws SimulationError UNKNOWN_MARKET, UNKNOWN_SCENARIO
 */
export function runOne(
  options: StageOptions & { readonly minutes: number; readonly rateLimits?: boolean },
  engineOf: EngineMaker,
): OneRun {
  const stage = openStage(options)
  const { world, startTsMs } = stage
  const limited = options.rateLimits === true ? limitedVenue(stage.venue, world) : null
  const venue = limited ?? stage.venue
  const engine = engineOf(venue.market, venue.capital)
  const metrics = collectMetrics(engine)
  runClosedWorld({
    engine,
    venue,
    world,
    untilTsMs: startTsMs + options.minutes * MS_PER_MINUTE,
    onStep: (input, commands) => metrics.onStep(input, commands),
  })
  return { metrics: metrics.finish(), limits: limited?.figures() ?? null }
}
