/**
 * What one run earned and what it risked for it, gathered while it runs.
 *
 * in      every input with the commands it led to; the engine, sampled once per timer input
 * out     `RunMetrics`; every number is of the whole run, undefined ones are null
 * state   one mid per timer input (for markouts and volatility), sums otherwise
 */
import type { Approved } from '../core/command.ts'
import type { Engine } from '../core/engine.ts'
import { midTicksOf } from '../core/exposure.ts'
import type { Input } from '../core/input.ts'
import { pnlOf } from '../core/ledger/ledger.ts'
import { isActive } from '../core/orders/order-state.ts'
import { openLots } from '../core/orders/tracker.ts'
import { BPS, MICRO_USD_PER_USD, signOf } from '../core/units.ts'

/** Figures of one run, in dollars, seconds, bps and shares. docs/compare.md has the definitions. */
export interface RunMetrics {
  readonly pnlUsd: number
  readonly spreadUsd: number
  readonly feesUsd: number
  /** Gain of the position by moves of the price. */
  readonly inventoryUsd: number
  /** Mean and largest |position| at the mid, dollars. */
  readonly meanAbsInventoryUsd: number
  readonly maxAbsInventoryUsd: number
  /** Standard deviation that holding this inventory gives the PnL: rms position × σ × √T, dollars. */
  readonly inventoryRiskUsd: number
  readonly fillCount: number
  readonly volumeUsd: number
  /** Lots filled over lots shown in orders, 0…1; null without orders. */
  readonly fillRatio: number | null
  /** Distance of fills from the mid of that moment, and the move against us within `MARKOUT_MS`, bps; null without fills. */
  readonly spreadCapturedBps: number | null
  readonly adverseSelectionBps: number | null
  readonly quoteCount: number
  /** Messages to the venue: places, modifies, cancels, questions. */
  readonly requestCount: number
  /** Share of the time with a quote of ours on both sides. */
  readonly uptimeShare: number
}

/** Markouts look this far ahead: longer than a bounce, shorter than a trend. */
export const MARKOUT_MS = 10_000
/** Returns over this long make the volatility of a run: the bounce of the touch counts little in them. */
const RETURN_MS = 10_000

interface NotedFill {
  readonly sampleIndex: number
  readonly sign: 1 | -1
  readonly midTicks: number
  readonly valueMicroUsd: number
}

export interface MetricsCollector {
  onStep(input: Input, commands: readonly Approved[]): void
  finish(): RunMetrics
}

/** @param engine the one that is being run; read after each step */
export function collectMetrics(engine: Engine): MetricsCollector {
  const { state } = engine
  const midsTicks: number[] = []
  const timesMs: number[] = []
  const fills: NotedFill[] = []
  const sums = { abs: 0, squares: 0, max: 0, twoSided: 0, shownLots: 0, filledLots: 0, requests: 0 }
  let midBeforeTicks: number | null = null

  function sample(tsMs: number): void {
    const midTicks = midTicksOf(state)
    if (midTicks === null) return
    const valueUsd = Math.abs(state.ledger.positionLots * midTicks) / MICRO_USD_PER_USD
    midsTicks.push(midTicks)
    timesMs.push(tsMs)
    sums.abs += valueUsd
    sums.squares += valueUsd * valueUsd
    sums.max = Math.max(sums.max, valueUsd)
    if (quotesBothSides(engine)) sums.twoSided += 1
  }

  return {
    onStep(input, commands) {
      if (input.kind === 'timer') sample(input.tsMs)
      if (input.kind === 'fill' && midBeforeTicks !== null) {
        sums.filledLots += input.sizeLots
        const sign = signOf(input.side)
        const valueMicroUsd = input.priceTicks * input.sizeLots
        fills.push({ sampleIndex: midsTicks.length, sign, midTicks: midBeforeTicks, valueMicroUsd })
      }
      for (const command of commands) {
        if (command.kind !== 'resync') sums.requests += 1
        if (command.kind === 'place' || command.kind === 'modify') sums.shownLots += command.order.sizeLots
      }
      midBeforeTicks = midTicksOf(state)
    },
    finish() {
      const { ledger, counters } = state
      const pnl = pnlOf(ledger, midTicksOf(state) ?? state.markTicks)
      const sampleCount = Math.max(midsTicks.length, 1)
      const elapsedSec = ((timesMs.at(-1) ?? 0) - (timesMs[0] ?? 0)) / 1000
      const rmsUsd = Math.sqrt(sums.squares / sampleCount)
      return {
        pnlUsd: pnl.totalMicroUsd / MICRO_USD_PER_USD,
        spreadUsd: pnl.spreadMicroUsd / MICRO_USD_PER_USD,
        feesUsd: pnl.feesMicroUsd / MICRO_USD_PER_USD,
        inventoryUsd: pnl.inventoryMicroUsd / MICRO_USD_PER_USD,
        meanAbsInventoryUsd: sums.abs / sampleCount,
        maxAbsInventoryUsd: sums.max,
        inventoryRiskUsd: rmsUsd * realisedSigma(midsTicks, timesMs) * Math.sqrt(elapsedSec),
        fillCount: ledger.fillCount,
        volumeUsd: ledger.volumeMicroUsd / MICRO_USD_PER_USD,
        fillRatio: sums.shownLots === 0 ? null : sums.filledLots / sums.shownLots,
        spreadCapturedBps:
          ledger.volumeMicroUsd === 0 ? null : ledger.spreadMicroUsd / ledger.volumeMicroUsd / BPS,
        adverseSelectionBps: adverseBps(fills, midsTicks, timesMs),
        quoteCount: counters.quotes,
        requestCount: sums.requests,
        uptimeShare: sums.twoSided / sampleCount,
      }
    },
  }
}

function quotesBothSides(engine: Engine): boolean {
  let hasBid = false
  let hasAsk = false
  for (const order of engine.state.tracker.live.values()) {
    if (!isActive(order.state) || openLots(order) === 0) continue
    if (order.side === 'buy') hasBid = true
    else hasAsk = true
  }
  return hasBid && hasAsk
}

/** Standard deviation of the log price per √second, from returns that do not overlap; drift is not taken out. */
export function realisedSigma(midsTicks: readonly number[], timesMs: readonly number[]): number {
  let squares = 0
  let seconds = 0
  let last = 0
  for (let index = 1; index < midsTicks.length; index += 1) {
    const elapsedMs = (timesMs[index] ?? 0) - (timesMs[last] ?? 0)
    if (elapsedMs < RETURN_MS) continue
    squares += Math.log((midsTicks[index] ?? 1) / (midsTicks[last] ?? 1)) ** 2
    seconds += elapsedMs / 1000
    last = index
  }
  return seconds === 0 ? 0 : Math.sqrt(squares / seconds)
}

/** Move against us after fills, weighed by value. Fills of the last `MARKOUT_MS` have no markout and are left out. */
function adverseBps(
  fills: readonly NotedFill[],
  midsTicks: readonly number[],
  timesMs: readonly number[],
): number | null {
  let cost = 0
  let value = 0
  for (const fill of fills) {
    const fromMs = timesMs[Math.max(fill.sampleIndex - 1, 0)] ?? 0
    let later = fill.sampleIndex
    while (later < timesMs.length && (timesMs[later] ?? 0) < fromMs + MARKOUT_MS) later += 1
    const midLater = midsTicks[later]
    if (midLater === undefined) continue
    cost += (fill.sign * (fill.midTicks - midLater) * fill.valueMicroUsd) / fill.midTicks
    value += fill.valueMicroUsd
  }
  return value === 0 ? null : cost / value / BPS
}
