/**
 * `POST /protection`: market maker protection of an account in a market, in the market's own units. For clients on this machine
 * only: the public venue has neither the protection nor a request for it, so nothing of hypermake uses it.
 *
 *   set     {"user", "coin", "window", "windowMs", "frozenMs", "quantity", "notional", "delta"}
 *   reset   {"user", "coin", "reset": true}    ends a freeze and forgets the window
 *   remove  {"user", "coin", "remove": true}
 */
import { z } from 'zod'
import type { ExchangeCommand, ProtectionLimits } from '../exchange/command.ts'
import type { Instrument } from '../exchange/instrument.ts'
import { limitsFault, PROTECTION_MS_MAX } from '../exchange/mmp.ts'
import { submit } from '../simulation/world.ts'
import type { VenueContext } from './context.ts'
import { isLoopback, jsonOf } from './faucet.ts'
import type { WireReply } from './faults/requests.ts'
import { isUnsignedDecimal, toWhole, USD_DECIMALS } from './wire/decimals.ts'
import { address } from './wire/fields.ts'

/** What people write: 0.5 or "0.5". Left out: no limit. */
const amount = z.union([z.number(), z.string()]).transform(String).refine(isUnsignedDecimal).optional()
const ms = z.number().int().max(PROTECTION_MS_MAX)
const who = { user: address, coin: z.string() }
const shapes = {
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
}

/** @param reply called when the command has run, or at once with what is wrong */
export function handleProtection(
  context: VenueContext,
  origin: string,
  body: unknown,
  reply: (answer: WireReply) => void,
): void {
  if (!isLoopback(origin)) return reply(jsonOf(403, { error: 'protection is set from this machine only' }))
  const command = commandOf(context, body)
  if (typeof command === 'string') return reply(jsonOf(400, { error: command }))
  submit(context.world, command, (answer) => {
    reply(answer.kind === 'refused' ? jsonOf(409, { error: answer.text }) : jsonOf(200, { status: 'ok' }))
  })
}

/** @returns the command, or what is wrong with the body in words */
function commandOf(context: VenueContext, body: unknown): ExchangeCommand | string {
  const fields: Readonly<Record<string, unknown>> =
    typeof body === 'object' && body !== null ? { ...body } : {}
  const kind = 'reset' in fields ? 'reset' : 'remove' in fields ? 'remove' : 'set'
  const asked = shapes[kind].safeParse(body)
  if (!asked.success) return faultOf(asked.error.issues[0], fields)
  const { user: account, coin } = asked.data
  const instrument = context.directory.byCoin.get(coin)
  if (instrument === undefined) return wrong('coin', coin)
  const { assetId } = instrument
  if ('reset' in asked.data) return { kind: 'resetProtection', account, assetId }
  if ('remove' in asked.data) return { kind: 'protect', account, assetId, limits: null }
  const limits = limitsOf(asked.data, instrument)
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
