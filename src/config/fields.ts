/** Builders of schema fields: a zod type with its unit and its sentence, which also make docs/config.md. */
import { z } from 'zod'

/** What a field says of itself; kept in zod's metadata. */
export interface FieldNote {
  /** `bps`, `ms`, `USD`, `base units`, `share 0…1`, …; empty for names and switches. */
  readonly unit: string
  readonly description: string
}

interface Bounds {
  readonly min: number
  readonly max: number
}

/** A finite real number within bounds, both ends allowed. */
export function real(unit: string, bounds: Bounds, description: string): z.ZodNumber {
  return z.number().min(bounds.min).max(bounds.max).meta({ unit, description })
}

/** A whole number within bounds, both ends allowed. */
export function whole(unit: string, bounds: Bounds, description: string): z.ZodInt {
  return z.int().min(bounds.min).max(bounds.max).meta({ unit, description })
}

/** A whole number from one on. */
export function counted(unit: string, description: string): z.ZodInt {
  return whole(unit, { min: 1, max: 100_000 }, description)
}

/** A dimensionless number 0…1. */
export function share(description: string): z.ZodNumber {
  return real('share 0…1', { min: 0, max: 1 }, description)
}

/** Time after which a memory weighs half. */
export function halfLife(description: string): z.ZodNumber {
  return real('s', { min: 0.1, max: 86_400 }, description)
}

export function flag(description: string): z.ZodBoolean {
  return z.boolean().meta({ unit: '', description })
}

export function text(pattern: RegExp, description: string): z.ZodString {
  return z.string().regex(pattern).meta({ unit: '', description })
}

/** One of a few words. */
export function word<const Words extends readonly [string, ...string[]]>(
  words: Words,
  description: string,
): z.ZodEnum<{ [Word in Words[number]]: Word }> {
  return z.enum(words).meta({ unit: '', description }) as z.ZodEnum<{ [Word in Words[number]]: Word }>
}

/** A list of different hours of the day. `[7, 14]` is two hours, not the range between them. */
export function hours(description: string): z.ZodArray<z.ZodInt> {
  return z
    .array(z.int().min(0).max(23))
    .max(24)
    .refine((list) => new Set(list).size === list.length, 'names an hour twice')
    .meta({ unit: 'hours UTC', description })
}

/** A list of exactly three numbers, each larger than the one before. */
export function steps(
  unit: string,
  bounds: Bounds,
  description: string,
): z.ZodTuple<[z.ZodNumber, z.ZodNumber, z.ZodNumber], null> {
  const step = z.number().min(bounds.min).max(bounds.max)
  return z
    .tuple([step, step, step])
    .refine(([first, second, third]) => first < second && second < third, 'must rise')
    .meta({ unit, description })
}

/** @throws TypeError when a schema field was made without `FieldNote`: a bug of `schema.ts`, caught by its test */
export function noteOf(field: z.ZodType): FieldNote {
  const meta = field.meta()
  const unit = meta?.['unit']
  if (typeof unit !== 'string' || meta?.description === undefined) {
    throw new TypeError('a schema field has a unit and a description')
  }
  return { unit, description: meta.description }
}
