/**
 * Margin of a gas power plant, with and without allowances, and the volumes that lock it in.
 *
 * in      power per MWh of power, gas per MWh of gas, carbon per tonne; heat rate in MWh gas per MWh power (≥ 1);
 *         emission factor in tonnes per MWh of GAS
 * out     money per MWh of power; volumes
 * source  EIA, An introduction to spark spreads (2013); docs/math/hedging.md
 *
 * Carbon intensity of the power is heat rate × emission factor: one that is already per MWh of power must not be
 * multiplied again. Gas is traded on gross calorific value, efficiencies are quoted on net: give both on one basis.
 */
import { assert } from '../../src/core/assert.ts'

export interface SparkInput {
  readonly power: number
  readonly gas: number
  readonly heatRate: number
}

/** P − HR·G. */
export function sparkSpread(of: SparkInput): number {
  assert(of.heatRate > 0, 'spark spread: the heat rate is positive')
  return of.power - of.heatRate * of.gas
}

export function cleanSparkSpread(
  of: SparkInput & { readonly carbon: number; readonly emissionFactorFuel: number },
): {
  readonly spark: number
  readonly cleanSpark: number
  /** Tonnes per MWh of power. */
  readonly carbonIntensity: number
  /** Heat rate at which nothing is earned. */
  readonly breakEvenHeatRate: number
} {
  const spark = sparkSpread(of)
  const carbonIntensity = of.heatRate * of.emissionFactorFuel
  return {
    spark,
    cleanSpark: spark - of.carbon * carbonIntensity,
    carbonIntensity,
    breakEvenHeatRate: of.power / (of.gas + of.carbon * of.emissionFactorFuel),
  }
}

/** Sell the power forward, buy gas and allowances for it. */
export function sparkHedgeVolumes(of: {
  readonly capacity: number
  readonly hours: number
  readonly heatRate: number
  readonly emissionFactorFuel: number
}): { readonly sellPower: number; readonly buyGas: number; readonly buyCarbon: number } {
  const sellPower = of.capacity * of.hours
  const buyGas = sellPower * of.heatRate
  return { sellPower, buyGas, buyCarbon: buyGas * of.emissionFactorFuel }
}
