/**
 * What every bench shares: interleaved passes in one process, medians and spreads of CPU time, percentiles net of an empty
 * timer, bytes allocated and collections seen. A bench is a file that exports `bench: Bench`; `main.ts` lists them.
 *
 * Run with `npm run bench -- NAME`. Load of the machine and every seed are printed, because without them no figure means much.
 */
import { loadavg } from 'node:os'
import { performance } from 'node:perf_hooks'
import { GCProfiler, getHeapStatistics } from 'node:v8'

/** One bench by name. */
export interface Bench {
  readonly about: string
  run(): void | Promise<void>
}

const NS_PER_US = 1_000
const NS_PER_MS = 1_000_000

/** What was computed; printed as a checksum, so that the compiler cannot leave the work out. */
let kept = 0

/** Takes note of a result of timed work. */
export function keep(value: number): void {
  kept = (kept + value) % CHECKSUM_MODULUS
}
const CHECKSUM_MODULUS = 1_000_003

/** @param sorted ascending, at least one value; @param share 0…1 */
export function quantile(sorted: readonly number[] | Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

export interface Latency {
  readonly p50Ns: number
  readonly p99Ns: number
  readonly p999Ns: number
}

/** Collects wall times of single operations, into memory that was there before. */
export interface Stopwatch {
  start(): void
  /** Since `start`, ms. */
  elapsedMs(): number
  note(elapsedMs: number): void
  /** `note` of the time since `start`. */
  stop(): void
  /** Percentiles with the median of an empty timer taken off; never negative. */
  netLatency(): Latency
}

/** @param countMax further operations are not kept */
export function stopwatch(countMax: number): Stopwatch {
  const times = new Float64Array(countMax)
  let count = 0
  let startMs = 0
  return {
    start() {
      startMs = performance.now()
    },
    elapsedMs: () => performance.now() - startMs,
    note(elapsedMs) {
      if (count < countMax) times[count++] = elapsedMs
    },
    stop() {
      const elapsedMs = performance.now() - startMs
      if (count < countMax) times[count++] = elapsedMs
    },
    netLatency() {
      const sorted = times.slice(0, count).sort()
      // Its median off every percentile: an interruption that fell on the empty timer says nothing of what was measured.
      const emptyMs = quantile(emptyTimes(Math.max(count, EMPTY_COUNT_MIN)), 0.5)
      const net = (share: number): number => Math.max(0, quantile(sorted, share) - emptyMs) * NS_PER_MS
      return { p50Ns: net(0.5), p99Ns: net(0.99), p999Ns: net(0.999) }
    },
  }
}

const EMPTY_COUNT_MIN = 1_000

/** What the timer alone shows around nothing, ascending. */
function emptyTimes(count: number): Float64Array {
  const times = new Float64Array(count)
  for (let index = 0; index < count; index += 1) {
    const startMs = performance.now()
    times[index] = performance.now() - startMs
  }
  return times.sort()
}

/** Percentile by percentile, the median over passes. */
export function medianLatency(passes: readonly Latency[]): Latency {
  const of = (field: keyof Latency): number => medianOf(passes.map((pass) => pass[field]))
  return { p50Ns: of('p50Ns'), p99Ns: of('p99Ns'), p999Ns: of('p999Ns') }
}

export function medianOf(values: readonly number[]): number {
  return quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  )
}

export interface Allocation {
  /** Heap taken while it ran, live or already collected. */
  readonly bytes: number
  readonly collections: number
}

/** What `run` allocates: growth of the heap, and what the collections during it gave back. */
export function allocationOf(run: () => number): Allocation {
  const profiler = new GCProfiler()
  profiler.start()
  const before = getHeapStatistics().used_heap_size
  keep(run())
  const after = getHeapStatistics().used_heap_size
  const { statistics } = profiler.stop()
  const freed = statistics.reduce(
    (sum, one) => sum + one.beforeGC.heapStatistics.usedHeapSize - one.afterGC.heapStatistics.usedHeapSize,
    0,
  )
  return { bytes: after - before + freed, collections: statistics.length }
}

/** One line with what the machine was doing meanwhile. */
export function machineLine(): string {
  const load = loadavg().map((one) => one.toFixed(2))
  return `node ${process.version} ${process.arch}, load average ${load.join(' ')}, checksum ${kept}`
}

/** A duration with the unit that suits it. */
export function nsText(ns: number): string {
  return ns >= 10_000 ? `${(ns / NS_PER_US).toFixed(1)} µs` : `${ns.toFixed(0)} ns`
}

export function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
