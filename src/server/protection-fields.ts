/**
 * What a market maker protection is in words: the fields of `POST /protection` and of an accounts file, read into a command or into
 * what is wrong with them, in the market's own units.
 */
import { z } from 'zod'
import { assert } from '../core/assert.ts'
import type { Address, ExchangeCommand, ProtectionLimits } from '../exchange/command.ts'
import type { Instrument } from '../exchange/instrument.ts'
import { limitsFault, PROTECTION_MS_MAX } from '../exchange/mmp.ts'
import type { Directory } from './directory.ts'
import { isUnsignedDecimal, toWhole, USD_DECIMALS } from './wire/decimals.ts'
import { address } from './wire/fields.ts'

/** What people write: 0.5 or "0.5". Left out: no limit. */
const amount = z.union([z.number(), z.string()]).transform(String).refine(isUnsignedDecimal).optional()
const ms = z.number().int().max(PROTECTION_MS_MAX)
const who = { user: address, coin: z.string() }
const shapes = {
  read: z.strictObject({ user: address, coin: z.string().optional(), read: z.literal(true) }),
  set: z.strictObject({
    ...who,
    window: z.enum(['sliding', 'tumbling']).default('tumbling'),
    windowMs: ms.min(1),
    frozenMs: ms.min(0),
    quantity: amount,
    notional: amount,
    delta: amount,
  }),
  reset: z.strictObject({ ...who, reset: z.literal(true) }),
  remove: z.strictObject({ ...who, remove: z.literal(true) }),
}
type Given = z.infer<typeof shapes.set>

/** What each field is to be, for the answer to one that is not. */
const REMEDIES: Readonly<Record<string, string>> = {
  user: 'write 0x and 40 hexadecimal digits',
  coin: 'write a coin of this venue, such as "BTC" or "hyna:BTC"',
  window: 'write "sliding" or "tumbling", or leave it out: tumbling',
  windowMs: `write whole milliseconds from 1 to ${PROTECTION_MS_MAX}`,
  frozenMs: `write whole milliseconds from 0 (frozen until a reset) to ${PROTECTION_MS_MAX}`,
  quantity: 'write an amount of the coin, 0.5 or "0.5", or leave it out: no limit',
  notional: 'write dollars, 1000 or "1000", or leave it out: no limit',
  delta: 'write an amount of the coin, 0.5 or "0.5", or leave it out: no limit',
  reset: 'write true beside user and coin and nothing else',
  remove: 'write true beside user and coin and nothing else',
  read: 'write true beside user, and perhaps coin, and nothing else',
}
const SETTABLE = ['window', 'windowMs', 'frozenMs', 'quantity', 'notional', 'delta'] as const

/** What a body asks for. */
export type ProtectionRequest =
  | { readonly kind: 'command'; readonly command: ProtectionCommand }
  /** Null: every coin. */
  | { readonly kind: 'read'; readonly account: Address; readonly instrument: Instrument | null }
export type ProtectionCommand = Extract<ExchangeCommand, { readonly kind: 'protect' | 'resetProtection' }>

/** @returns what is asked for, or what is wrong with the body in words */
export function readProtection(directory: Directory, body: unknown): ProtectionRequest | string {
  const fields = fieldsOf(body)
  const kind = 'reset' in fields ? 'reset' : 'remove' in fields ? 'remove' : 'read' in fields ? 'read' : 'set'
  const asked = shapes[kind].safeParse(body)
  if (!asked.success) return faultOf(asked.error.issues[0], fields)
  const { user: account, coin } = asked.data
  const instrument = coin === undefined ? null : (directory.byCoin.get(coin) ?? null)
  if (coin !== undefined && instrument === null) return wrong('coin', coin)
  if ('read' in asked.data || instrument === null) return { kind: 'read', account, instrument }
  const command = commandOf(asked.data, account, instrument)
  return typeof command === 'string' ? command : { kind: 'command', command }
}

/**
 * A protection as files write it: the names of the fields in snake case, the account apart.
 * @returns the command, or what is wrong with the fields in words
 */
export function readFileProtection(
  directory: Directory,
  account: Address,
  row: unknown,
): ProtectionCommand | string {
  const fields = fieldsOf(row)
  const names = new Map(['coin', ...SETTABLE].map((name) => [snakeCase(name), name]))
  const body: Record<string, unknown> = { user: account }
  for (const [key, value] of Object.entries(fields)) {
    const name = names.get(key)
    if (name === undefined) return `there is no key ${key}; write ${[...names.keys()].join(', ')}`
    body[name] = value
  }
  const asked = readProtection(directory, body)
  // The file has its own spelling of the field that is at fault, which is the first word.
  if (typeof asked === 'string') return asked.replace(/^\w+/, snakeCase)
  assert(asked.kind === 'command', 'without `read`, a body is a command')
  return asked.command
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function commandOf(
  asked: Given | { readonly reset: true } | { readonly remove: true },
  account: Address,
  instrument: Instrument,
): ProtectionCommand | string {
  const { assetId } = instrument
  if ('reset' in asked) return { kind: 'resetProtection', account, assetId }
  if ('remove' in asked) return { kind: 'protect', account, assetId, limits: null }
  const limits = limitsOf(asked, instrument)
  return typeof limits === 'string' ? limits : { kind: 'protect', account, assetId, limits }
}

/** @returns the limits in lots and micro-dollars, or what is wrong in words */
function limitsOf(given: Given, instrument: Instrument): ProtectionLimits | string {
  const { szDecimals } = instrument.grid
  const quantityMaxLots = toWhole(given.quantity ?? '0', szDecimals)
  const notionalMaxMicroUsd = toWhole(given.notional ?? '0', USD_DECIMALS)
  const deltaMaxLots = toWhole(given.delta ?? '0', szDecimals)
  if (quantityMaxLots === null) return tooFine('quantity', given.quantity, szDecimals)
  if (notionalMaxMicroUsd === null) return tooFine('notional', given.notional, USD_DECIMALS)
  if (deltaMaxLots === null) return tooFine('delta', given.delta, szDecimals)
  const { window, windowMs, frozenMs } = given
  const limits = { window, windowMs, frozenMs, quantityMaxLots, notionalMaxMicroUsd, deltaMaxLots }
  const fault = limitsFault(limits)
  return fault === null ? limits : `the limits do not do: ${fault}`
}

function tooFine(field: string, value: unknown, decimals: number): string {
  return `${field} = ${JSON.stringify(value)} does not do; write at most ${decimals} decimals and less than 2^53 of the last one`
}

function wrong(field: string, value: unknown): string {
  return `${field} = ${JSON.stringify(value)} does not do; ${REMEDIES[field] ?? 'there is no such field'}`
}

/** No public client knows this door, so unlike the venue it says what it wants. */
function faultOf(issue: z.core.$ZodIssue | undefined, fields: Readonly<Record<string, unknown>>): string {
  const [stranger] = issue?.code === 'unrecognized_keys' ? issue.keys : []
  const field = stranger ?? issue?.path[0]
  if (field !== undefined) {
    const name = String(field)
    return stranger === undefined || REMEDIES[name] !== undefined
      ? wrong(name, fields[name])
      : `there is no field ${name}; write user, coin, window, windowMs, frozenMs, quantity, notional and delta`
  }
  return 'the body does not do; write {"user": "0x…", "coin": "BTC", "windowMs": 1000, "frozenMs": 5000, "quantity": 0.5}'
}
