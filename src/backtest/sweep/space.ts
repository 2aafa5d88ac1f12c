/**
 * A space of settings: dimensions with a map from the unit interval to the values of each. Every way of drawing works on the
 * unit cube, so that a logarithmic scale, steps and lists of values are matters of this file alone.
 */
import { assert } from '../../core/assert.ts'

export type Dimension =
  | {
      readonly kind: 'range'
      /** Dotted, as in the files: `risk.gamma_base`. */
      readonly key: string
      readonly min: number
      /** Above `min`. */
      readonly max: number
      /** True: equal steps are equal factors; `min` is then above 0. */
      readonly isLog: boolean
      /** True: whole numbers only. */
      readonly isWhole: boolean
      /** Points that a grid takes, both ends included; ≥ 2. */
      readonly steps: number
    }
  | { readonly kind: 'values'; readonly key: string; readonly values: readonly SettingValue[] }

export type SettingValue = number | string | boolean

/** One value per dimension, in their order. */
export type Settings = readonly SettingValue[]

/** Real values are cut to so many digits, so that they can be read, written down and set again. */
const DIGITS = 6

/** @param unit 0 … 1 (1 included) */
export function valueAt(dimension: Dimension, unit: number): SettingValue {
  assert(unit >= 0 && unit <= 1, 'a place in the unit cube lies between 0 and 1')
  if (dimension.kind === 'values') {
    const value =
      dimension.values[Math.min(Math.floor(unit * dimension.values.length), dimension.values.length - 1)]
    assert(value !== undefined, 'a list of values has at least one')
    return value
  }
  const { min, max, isLog, isWhole } = dimension
  if (isWhole && !isLog) return Math.min(min + Math.floor(unit * (max - min + 1)), max)
  const value = isLog ? min * (max / min) ** unit : min + unit * (max - min)
  if (isWhole) return Math.round(value)
  return Math.min(Math.max(Number(value.toPrecision(DIGITS)), min), max)
}

/** Where a value stands: in the middle of what `valueAt` maps to it. */
export function unitOf(dimension: Dimension, value: SettingValue): number {
  if (dimension.kind === 'values') {
    const index = dimension.values.indexOf(value)
    assert(index >= 0, 'the value is one of the list')
    return (index + 0.5) / dimension.values.length
  }
  const { min, max, isLog, isWhole } = dimension
  assert(typeof value === 'number' && value >= min && value <= max, 'the value lies in its range')
  if (isWhole && !isLog) return (value - min + 0.5) / (max - min + 1)
  return isLog ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min)
}

/** The values that a grid takes in this dimension, rising. */
export function gridValues(dimension: Dimension): SettingValue[] {
  if (dimension.kind === 'values') return [...dimension.values]
  const { steps } = dimension
  if (dimension.isWhole && steps >= dimension.max - dimension.min + 1) {
    return Array.from({ length: dimension.max - dimension.min + 1 }, (_, index) => dimension.min + index)
  }
  const values = Array.from({ length: steps }, (_, index) => {
    const { min, max, isLog, isWhole } = dimension
    const share = index / (steps - 1)
    const value = isLog ? min * (max / min) ** share : min + share * (max - min)
    return isWhole ? Math.round(value) : Math.min(Math.max(Number(value.toPrecision(DIGITS)), min), max)
  })
  return [...new Set(values)]
}

export function gridCount(space: readonly Dimension[]): number {
  return space.reduce((product, dimension) => product * gridValues(dimension).length, 1)
}

/** @param index 0 … gridCount − 1; the last dimension turns fastest */
export function gridPoint(space: readonly Dimension[], index: number): Settings {
  const point: SettingValue[] = []
  let rest = index
  for (const dimension of space.toReversed()) {
    const values = gridValues(dimension)
    const value = values[rest % values.length]
    assert(value !== undefined, 'every dimension of a grid has values')
    point.unshift(value)
    rest = Math.floor(rest / values.length)
  }
  assert(rest === 0, 'the point is one of the grid')
  return point
}
