/** What may stand for a value in the file of a sweep: a range or a list. */
import { z } from 'zod'

export interface SweptRange {
  readonly min: number
  readonly max: number
  readonly scale: 'linear' | 'log'
  readonly steps: number
}

export interface SweptValues {
  readonly values: readonly (number | string | boolean)[]
}

const STEPS_DEFAULT = 5
export const SWEEP_STEPS_MAX = 1_000
const VALUES_MAX = 1_000

const range = z.strictObject({
  min: z.number(),
  max: z.number(),
  scale: z.enum(['linear', 'log']).default('linear'),
  steps: z.int().min(2).max(SWEEP_STEPS_MAX).default(STEPS_DEFAULT),
})
const list = z.strictObject({
  values: z
    .array(z.union([z.number(), z.string(), z.boolean()]))
    .min(1)
    .max(VALUES_MAX),
})

/** @returns null for anything else */
export function parseSwept(value: unknown): SweptRange | SweptValues | null {
  return list.safeParse(value).data ?? range.safeParse(value).data ?? null
}
