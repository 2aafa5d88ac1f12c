/**
 * `POST /faucet` with `{"address": "0x…", "usd": 1000}`: play money on every DEX. For clients on this machine only; the public
 * venue has no such thing, so nothing of hypermake uses it.
 */
import { z } from 'zod'
import { MICRO_USD_PER_USD } from '../core/units.ts'
import { submit } from '../simulation/world.ts'
import type { VenueContext } from './context.ts'
import type { WireReply } from './faults/requests.ts'
import { address } from './wire/fields.ts'

export const FAUCET_USD_MAX = 1_000_000
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1'])
const schema = z.strictObject({ address, usd: z.number().positive().max(FAUCET_USD_MAX) })

/** @param reply called when the deposits have run, or at once with what is wrong */
export function handleFaucet(
  context: VenueContext,
  origin: string,
  body: unknown,
  reply: (answer: WireReply) => void,
): void {
  if (!isLoopback(origin)) return reply(jsonOf(403, { error: 'the faucet serves this machine only' }))
  const asked = schema.safeParse(body)
  if (!asked.success) return reply(jsonOf(400, { error: faultOf(body) }))
  const amountMicroUsd = Math.round(asked.data.usd * MICRO_USD_PER_USD)
  const { dexs } = context.directory.spec
  let waitingCount = dexs.length
  let refusal: string | null = null
  for (const dex of dexs) {
    const deposit = { account: asked.data.address, dexIndex: dex.index, amountMicroUsd }
    submit(context.world, { kind: 'deposit', ...deposit }, (answer) => {
      if (answer.kind === 'refused') refusal = answer.text
      waitingCount -= 1
      if (waitingCount > 0) return
      const done = { status: 'ok', address: asked.data.address, usd: asked.data.usd, dexs: dexs.length }
      reply(refusal === null ? jsonOf(200, done) : jsonOf(409, { error: refusal }))
    })
  }
}

/** No public client knows this door, so unlike the venue it says what it wants. */
function faultOf(body: unknown): string {
  const issue = schema.safeParse(body).error?.issues[0]
  const field = issue?.path[0]
  const fields: Readonly<Record<string, unknown>> =
    typeof body === 'object' && body !== null ? { ...body } : {}
  const given =
    field === undefined ? 'the body' : `${String(field)} = ${JSON.stringify(fields[String(field)])}`
  return `${given} does not do; write {"address": "0x and 40 hexadecimal digits", "usd": above 0, up to ${FAUCET_USD_MAX}} and nothing else`
}

/** True for a peer on this machine. */
export function isLoopback(origin: string): boolean {
  return LOOPBACK.has(origin)
}

export function jsonOf(status: number, value: unknown): WireReply {
  return { status, contentType: 'application/json', text: JSON.stringify(value) }
}
