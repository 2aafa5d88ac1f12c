/**
 * The experiment of Avellaneda and Stoikov's article: many paths of one day, one lot a fill.
 *
 * in      parameters of the article, number of paths, a generator
 * out     averages over the paths: spread, profit, final inventory
 * source  Avellaneda & Stoikov (2008), section 3.3; docs/math/avellaneda-stoikov.md
 *
 * In each step both sides fill independently with probability min(λ(δ)·dt, 1), cash moves at the quote, and then the
 * price moves by ±σ√dt with equal chance. The symmetric benchmark quotes the time average of the spread around the mid.
 */
import { assert } from '../../src/core/assert.ts'
import { nextUnit } from '../../src/core/math/sfc32.ts'
import type { Sfc32 } from '../../src/core/math/sfc32.ts'
import { avellanedaStoikovQuote } from './quote.ts'

export interface AvellanedaStoikovExperiment {
  readonly price: number
  readonly horizon: number
  readonly sigma: number
  readonly dt: number
  readonly inventory: number
  readonly kappa: number
  /** A, fills per time at zero distance. */
  readonly fillRate: number
  readonly gamma: number
  readonly strategy: 'inventory' | 'symmetric'
  readonly paths: number
}

export interface ExperimentResult {
  readonly avgSpread: number
  readonly profitMean: number
  readonly profitStd: number
  /** Raw: 3 for a normal. */
  readonly profitKurtosis: number
  readonly finalInventoryMean: number
  readonly finalInventoryStd: number
  readonly finalInventoryKurtosis: number
  readonly fillsMean: number
}

export function simulateAvellanedaStoikov(of: AvellanedaStoikovExperiment, random: Sfc32): ExperimentResult {
  assert(of.paths >= 2, 'avellaneda-stoikov: at least two paths')
  assert(of.dt > 0 && of.horizon > 0, 'avellaneda-stoikov: time steps and horizon are positive')
  const steps = Math.round(of.horizon / of.dt)
  const avgSpread = averageSpread(of, steps)
  const profits: number[] = []
  const inventories: number[] = []
  let fills = 0
  for (let path = 0; path < of.paths; path += 1) {
    const end = runPath(of, steps, avgSpread, random)
    profits.push(end.profit)
    inventories.push(end.inventory)
    fills += end.fills
  }
  const profit = momentsOf(profits)
  const inventory = momentsOf(inventories)
  return {
    avgSpread,
    profitMean: profit.mean,
    profitStd: profit.std,
    profitKurtosis: profit.kurtosis,
    finalInventoryMean: inventory.mean,
    finalInventoryStd: inventory.std,
    finalInventoryKurtosis: inventory.kurtosis,
    fillsMean: fills / of.paths,
  }
}

function averageSpread(of: AvellanedaStoikovExperiment, steps: number): number {
  let sum = 0
  for (let step = 0; step < steps; step += 1) {
    sum += avellanedaStoikovQuote({ ...of, timeToHorizon: of.horizon - step * of.dt }).spread
  }
  return sum / steps
}

function runPath(
  of: AvellanedaStoikovExperiment,
  steps: number,
  avgSpread: number,
  random: Sfc32,
): { readonly profit: number; readonly inventory: number; readonly fills: number } {
  const { dt, kappa, fillRate } = of
  const move = of.sigma * Math.sqrt(dt)
  let { price, inventory } = of
  let cash = -inventory * price
  let fills = 0
  for (let step = 0; step < steps; step += 1) {
    const timeToHorizon = of.horizon - step * dt
    const quote =
      of.strategy === 'inventory'
        ? avellanedaStoikovQuote({ price, inventory, gamma: of.gamma, sigma: of.sigma, timeToHorizon, kappa })
        : { bid: price - avgSpread / 2, ask: price + avgSpread / 2 }
    if (nextUnit(random) < fillRate * Math.exp(-kappa * (price - quote.bid)) * dt) {
      inventory += 1
      cash -= quote.bid
      fills += 1
    }
    if (nextUnit(random) < fillRate * Math.exp(-kappa * (quote.ask - price)) * dt) {
      inventory -= 1
      cash += quote.ask
      fills += 1
    }
    price += nextUnit(random) < 0.5 ? move : -move
  }
  return { profit: cash + inventory * price, inventory, fills }
}

function momentsOf(values: readonly number[]): {
  readonly mean: number
  readonly std: number
  readonly kurtosis: number
} {
  const n = values.length
  const mean = values.reduce((sum, value) => sum + value, 0) / n
  const second = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n
  const fourth = values.reduce((sum, value) => sum + (value - mean) ** 4, 0) / n
  return {
    mean,
    std: Math.sqrt((second * n) / (n - 1)),
    kurtosis: second > 0 ? fourth / (second * second) : 0,
  }
}
