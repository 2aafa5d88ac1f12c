/** Single values: from text to the type of their field, checked, with an error that names place, key, value and remedy. */
import { z } from 'zod'
import { ConfigError } from './errors.ts'
import { noteOf } from './fields.ts'
import type { ConfigField } from './schema-walk.ts'

/** The parts of a JSON Schema that our fields use. */
interface FieldShape {
  readonly type?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly enum?: readonly string[]
  readonly const?: unknown
  readonly items?: FieldShape
  readonly prefixItems?: readonly FieldShape[]
}

/**
 * Checks one value against its field.
 * @param origin where it stands: a file, a variable, a flag
 * @returns the value
 * @throws ConfigError BAD_VALUE when the type or the range is wrong
 */
export function checkValue(field: ConfigField, value: unknown, origin: string): unknown {
  const result = field.type.safeParse(value)
  if (result.success) return result.data
  const unitHint =
    typeof value === 'string' && isNumeric(field) ? '; write the number alone, without unit or quotes' : ''
  const issue = result.error.issues[0]
  const detail = issue?.code === 'custom' ? `: ${issue.message}` : ''
  throw new ConfigError(
    'BAD_VALUE',
    `${origin}: ${field.key} = ${shown(value)} is not ${expectationOf(field)}${detail}${unitHint}`,
  )
}

/** The value as written, without a password that somebody put into an address. */
function shown(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).replace(/\/\/[^/@\s]*@/, '//…@')
}

/**
 * Reads a value that arrived as text (a flag, a variable, `--set`) as the type of its field.
 * @throws ConfigError BAD_VALUE when it is not one
 */
export function parseText(field: ConfigField, text: string, origin: string): unknown {
  return checkValue(field, fromText(field, text.trim()), origin)
}

function fromText(field: ConfigField, text: string): unknown {
  const shape = shapeOf(field)
  if (shape.type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text
  if (shape.type === 'array') return listFromText(text)
  if (isNumeric(field)) return numberFromText(text)
  return text
}

const NUMBER = /^[+-]?(?:\d[\d_]*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/** The number, or the text itself so that the error can show it. */
function numberFromText(text: string): unknown {
  return NUMBER.test(text) ? Number(text.replaceAll('_', '')) : text
}

/** `7,14`, `[7, 14]` or `[]`. */
function listFromText(text: string): unknown {
  const inner = text.replace(/^\[|\]$/g, '').trim()
  return inner === '' ? [] : inner.split(',').map((part) => numberFromText(part.trim()))
}

/** What kind of number a field takes, or none. */
export function numberKindOf(field: ConfigField): 'whole' | 'real' | null {
  const { type } = shapeOf(field)
  return type === 'integer' ? 'whole' : type === 'number' ? 'real' : null
}

function isNumeric(field: ConfigField): boolean {
  const shape = shapeOf(field)
  return shape.type === 'number' || shape.type === 'integer' || typeof shape.const === 'number'
}

function shapeOf(field: ConfigField): FieldShape {
  return z.toJSONSchema(field.type) as FieldShape
}

/** What a field takes, in words: `a number (bps), 0 … 1000`. */
export function expectationOf(field: ConfigField): string {
  const shape = shapeOf(field)
  const { unit } = noteOf(field.type)
  const range = rangeOf(field)
  if (shape.const !== undefined) return range
  if (shape.enum !== undefined) return `one of ${range}`
  if (shape.type === 'boolean') return range
  if (shape.prefixItems !== undefined)
    return `a list of ${shape.prefixItems.length} rising numbers (${unit}), each ${range}`
  if (shape.type === 'array') return `a list of different ${unit}, each ${range}`
  if (shape.type === 'integer') return `a whole number (${unit}), ${range}`
  if (shape.type === 'number') return `a number (${unit}), ${range}`
  return `right. ${noteOf(field.type).description}`
}

/** The range alone, as it stands in the table of docs/config.md. */
export function rangeOf(field: ConfigField): string {
  const shape = shapeOf(field)
  if (shape.const !== undefined) return JSON.stringify(shape.const)
  if (shape.enum !== undefined) return shape.enum.join(', ')
  if (shape.type === 'boolean') return 'true or false'
  const bounds = shape.prefixItems?.[0] ?? shape.items ?? shape
  if (bounds.minimum !== undefined && bounds.maximum !== undefined)
    return `${bounds.minimum} … ${bounds.maximum}`
  return 'text'
}
