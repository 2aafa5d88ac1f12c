/** `activeAssetCtx` frame -> ContextInput: mark, oracle and the hourly funding rate. */
import type { ContextInput } from '../../core/input.ts'
import type { Grid } from '../../core/units.ts'
import { numberOf, realTicksOf } from './decimal.ts'
import { malformed, recordOf } from './wire.ts'

/** The venue caps the hourly rate at 4 %; ten times that is a garbled message, not a rate. */
const FUNDING_PER_HOUR_MAX = 0.4

export function decodeContext(data: unknown, grid: Grid): ContextInput {
  const context = recordOf(recordOf(data, 'activeAssetCtx')['ctx'], 'ctx')
  const markTicks = realTicksOf(context['markPx'], grid)
  const oracleTicks = realTicksOf(context['oraclePx'], grid)
  if (!(markTicks > 0) || !(oracleTicks > 0)) throw malformed('mark and oracle prices are positive', data)
  const fundingPerHour = numberOf(context['funding']).toNumber()
  if (Math.abs(fundingPerHour) > FUNDING_PER_HOUR_MAX)
    throw malformed('funding is an hourly rate', context['funding'])
  return { kind: 'context', markTicks, oracleTicks, fundingPerHour }
}
