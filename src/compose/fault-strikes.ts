/** How often the faults of a script have struck, for the last words of `hypermake exchange`. */
import type { WireLatency } from '../config/options.ts'
import type { FaultPlan } from '../server/faults/plan.ts'
import type { Fault } from '../server/faults/script.ts'

export interface FaultStrikes {
  /** From 1, as in the file. */
  readonly number: number
  readonly kind: Fault['kind']
  /** Null: part of the market, which is not asked whether it strikes. */
  readonly count: number | null
}

/** They happen in the price and the oracle, not to a request or a frame. */
const OF_MARKET: ReadonlySet<Fault['kind']> = new Set<Fault['kind']>(['oracle-gap', 'price-jump'])

/**
 * @param plan    null: nothing fails on purpose
 * @param latency of `--latency-ms`, whose delays stand behind the faults of the file
 */
export function strikesOf(plan: FaultPlan | null, latency: WireLatency): FaultStrikes[] {
  if (plan === null) return []
  const delayCount = (latency.actionsMs === null ? 0 : 1) + (latency.feedsMs === null ? 0 : 1)
  const faults = plan.script.fault.slice(0, plan.script.fault.length - delayCount)
  return faults.map(({ kind }, index) => ({
    number: index + 1,
    kind,
    count: OF_MARKET.has(kind) ? null : (plan.strikeCounts[index] ?? 0),
  }))
}

/** One line each. */
export function strikeLines(strikes: readonly FaultStrikes[]): string[] {
  return strikes.map(({ number, kind, count }) => {
    if (count === null) return `  fault ${number}   ${kind}, in the market`
    return `  fault ${number}   ${kind} struck ${count === 1 ? 'once' : `${count} times`}`
  })
}
