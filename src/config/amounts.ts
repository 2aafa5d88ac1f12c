/** Amounts as people write them in the configuration, on the grid: exact, with the rounding named. */
import { Decimal } from 'decimal.js'
import { MICRO_USD_PER_USD, type Grid } from '../core/units.ts'
import { ConfigError } from './errors.ts'

/**
 * Base units → whole lots, rounded down: never more than configured.
 * @throws ConfigError BAD_VALUE when a size above 0 is less than one lot, or more lots than a float64 counts exactly
 */
export function toLots(size: number, grid: Grid): number {
  // Decimal reads the shortest decimal form of the number, so 0.29 is 29 hundredths and not 28.999….
  const lots = toWhole(new Decimal(size).mul(new Decimal(10).pow(grid.szDecimals)), `size ${size}`)
  if (size > 0 && lots === 0) {
    const lot = (10 ** -grid.szDecimals).toFixed(grid.szDecimals)
    throw new ConfigError('BAD_VALUE', `size ${size} is less than the smallest size of this market, ${lot}`)
  }
  return lots
}

/** Whole lots → base units, as a person would write them. */
export function toSize(lots: number, grid: Grid): number {
  return new Decimal(lots).div(new Decimal(10).pow(grid.szDecimals)).toNumber()
}

/**
 * Dollars → whole micro-dollars, rounded towards zero.
 * @throws ConfigError BAD_VALUE beyond nine billion dollars
 */
export function toMicroUsd(usd: number): number {
  return toWhole(new Decimal(usd).mul(MICRO_USD_PER_USD), `amount ${usd}`)
}

function toWhole(scaled: Decimal, shown: string): number {
  const whole = scaled.trunc().toNumber()
  if (!Number.isSafeInteger(whole))
    throw new ConfigError('BAD_VALUE', `${shown} is too large to be counted exactly`)
  return whole
}
