/**
 * A fault script under way: which faults are on now, how often each has struck, and its random draws.
 *
 * in     the script, exchange time
 * state  one count per fault and one seeded generator; timers of what is on its way, cleared by `close`
 */
import { type Sfc32, initSfc32, nextUnit } from '../../core/math/sfc32.ts'
import type { Fault, FaultScript } from './script.ts'

export interface FaultPlan {
  readonly script: FaultScript
  /** Times each fault of the script has struck, in its order. */
  readonly strikeCounts: readonly number[]
  /** The first client has connected: times count from here. Later calls change nothing. */
  begin(): void
  /** True while the fault is on, whether or not it strikes. */
  isOn(fault: Fault): boolean
  /** Decides whether this fault strikes now, and counts it. */
  strikes(fault: Fault): boolean
  /** A delay of the fault, milliseconds. */
  delayMs(of: number | readonly [number, number]): number
  /** A whole number from 0 to `count` − 1. */
  pick(count: number): number
  /** Runs `work` after so many ms of exchange time; never after `close`. */
  after(ms: number, work: () => void): void
  close(): void
}

/**
 * Until `begin`, time stands at 0: what is on from the start is on, and all else waits for a client.
 * @param speed seconds of exchange time per real second
 */
export function startFaults(of: {
  readonly script: FaultScript
  readonly nowTsMs: () => number
  readonly speed: number
}): FaultPlan {
  const { script, nowTsMs, speed } = of
  let startTsMs: number | null = null
  const random: Sfc32 = initSfc32(script.seed, 0)
  const counts = script.fault.map(() => 0)
  const timers = new Set<NodeJS.Timeout>()
  const isOn = (fault: Fault): boolean =>
    isWithin(fault, startTsMs === null ? 0 : (nowTsMs() - startTsMs) / 1_000)
  return {
    script,
    strikeCounts: counts,
    begin() {
      startTsMs ??= nowTsMs()
    },
    isOn,
    strikes(fault) {
      const index = script.fault.indexOf(fault)
      const struck = counts[index] ?? 0
      if (!isOn(fault) || struck >= limitOf(fault)) return false
      const share = 'share' in fault ? fault.share : 1
      if (share < 1 && nextUnit(random) >= share) return false
      counts[index] = struck + 1
      return true
    },
    delayMs: (ms) => (typeof ms === 'number' ? ms : ms[0] + (ms[1] - ms[0]) * nextUnit(random)),
    pick: (count) => Math.floor(nextUnit(random) * count),
    after(ms, work) {
      const timer = setTimeout(() => {
        timers.delete(timer)
        work()
      }, ms / speed)
      timers.add(timer)
    },
    close() {
      for (const timer of timers) clearTimeout(timer)
      timers.clear()
    },
  }
}

const ONCE: ReadonlySet<string> = new Set<Fault['kind']>([
  'disconnect',
  'price-jump',
  'margin-table',
  'liquidate',
])

/** @param sec exchange time since the start */
export function isWithin(fault: Fault, sec: number): boolean {
  const forSec = 'for_sec' in fault ? (fault.for_sec ?? Infinity) : Infinity
  return sec >= fault.at_sec && sec < fault.at_sec + forSec
}

function limitOf(fault: Fault): number {
  if (ONCE.has(fault.kind)) return 1
  return 'count' in fault ? (fault.count ?? Infinity) : Infinity
}
