/**
 * The kinds of fields that requests consist of. Addresses and client ids come out in lower case, numbers normalised,
 * objects with their keys in the order of the schema: what comes out is what the venue hashes.
 */
import { z } from 'zod'
import { isHexOf } from '../../signing/bytes.ts'
import { isUnsignedDecimal, normaliseDecimal } from './decimals.ts'

/** The body is not a request this venue knows: 422, and nothing more is said, as at the venue. */
export class MalformedRequest extends Error {
  override readonly name = 'MalformedRequest'

  constructor() {
    super('Failed to deserialize the JSON body into the target type')
  }
}

/** A request that the venue itself fails on: 500 with `null`. */
export class FailedRequest extends Error {
  override readonly name = 'FailedRequest'
}

export const address: z.ZodType<string> = hexField(40)
export const cloid: z.ZodType<string> = hexField(32)
export const decimal: z.ZodType<string> = z.string().refine(isUnsignedDecimal).transform(normaliseDecimal)
/** With a sign in front when it is negative. */
export const signedDecimal: z.ZodType<string> = z
  .string()
  .refine((text) => isUnsignedDecimal(text.startsWith('-') ? text.slice(1) : text))
  .transform((text) =>
    text.startsWith('-') ? `-${normaliseDecimal(text.slice(1))}` : normaliseDecimal(text),
  )

/** 0 … 2^53 − 1. */
export const whole: z.ZodNumber = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
/** Negative ones too. */
export const integer: z.ZodType<number> = z.number().int()

/** Absent and null are the same to the venue: both come out as undefined. */
export function maybe<Value>(schema: z.ZodType<Value>): z.ZodType<Value | undefined> {
  return schema.nullish().transform((value) => value ?? undefined)
}

/** @throws MalformedRequest when the value does not fit */
export function parseWith<Value>(schema: z.ZodType<Value>, value: unknown): Value {
  const result = schema.safeParse(value)
  if (!result.success) throw new MalformedRequest()
  return result.data
}

function hexField(digitCount: number): z.ZodType<string> {
  return z
    .string()
    .refine((text) => isHexOf(text, digitCount))
    .transform((text) => text.toLowerCase())
}
