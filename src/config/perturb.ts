/**
 * Other values that a field might have, mild ones first: what `hypermake knobs` turns to see whether a setting matters.
 *
 *   number   twice and half, ten times and a tenth, the bounds of the schema; from zero: a millionth and 1 % of the way up, the
 *            bounds
 *   switch   the other way · word: every other word · hours: none, all
 *   steps    all three halved, doubled, a tenth, tenfold
 */
import { z } from 'zod'
import type { ConfigField } from './schema-walk.ts'

/** Turned up or down; switches, words and lists have no direction. */
export type PerturbDirection = 'up' | 'down' | 'other'

export interface Perturbation {
  readonly direction: PerturbDirection
  /** As it would be written after `key=`. */
  readonly text: string
}

const FACTORS = [2, 10] as const
const SHARES_FROM_ZERO = [1e-6, 0.01] as const
/** Digits that a perturbed number is written with: enough, and it reads well. */
const DIGITS = 6

/** @param value of the field now. @returns different values within the schema's bounds; relations are not looked at */
export function perturbationsOf(field: ConfigField, value: unknown): Perturbation[] {
  const { type } = field
  if (type instanceof z.ZodBoolean) return [{ direction: 'other', text: String(value !== true) }]
  if (type instanceof z.ZodEnum) {
    const others = type.options.filter((word) => word !== value)
    return others.map((word) => ({ direction: 'other', text: String(word) }))
  }
  if (type instanceof z.ZodNumber && typeof value === 'number') return ofNumber(type, value)
  if (type instanceof z.ZodTuple && Array.isArray(value)) {
    return [0.5, 2, 0.1, 10].map((factor) => ({
      direction: factor > 1 ? 'up' : 'down',
      text: JSON.stringify((value as number[]).map((step) => rounded(step * factor))),
    }))
  }
  if (type instanceof z.ZodArray && Array.isArray(value)) {
    const all = Array.from({ length: 24 }, (_, hour) => hour)
    return [[], all].map((list) => ({ direction: 'other', text: JSON.stringify(list) }))
  }
  return []
}

function ofNumber(type: z.ZodNumber, value: number): Perturbation[] {
  const min = type.minValue ?? value
  const max = type.maxValue ?? value
  const isWhole = type.format === 'safeint'
  const fit = (wished: number): number => {
    const inside = rounded(Math.min(Math.max(wished, min), max))
    return isWhole ? Math.round(inside) : inside
  }
  const up =
    value > 0
      ? FACTORS.map((factor) => value * factor)
      : SHARES_FROM_ZERO.map((share) => value + share * (max - value))
  const down = value > 0 ? FACTORS.map((factor) => value / factor) : []
  const wished: (readonly [PerturbDirection, number])[] = []
  for (let index = 0; index < FACTORS.length; index += 1) {
    if (up[index] !== undefined) wished.push(['up', fit(up[index] ?? max)])
    if (down[index] !== undefined) wished.push(['down', fit(down[index] ?? min)])
  }
  wished.push(['up', max], ['down', min])
  const seen = new Set([value])
  return wished.flatMap(([direction, number]) => {
    if (seen.has(number)) return []
    seen.add(number)
    return [{ direction, text: String(number) }]
  })
}

function rounded(value: number): number {
  return Number(value.toPrecision(DIGITS))
}
