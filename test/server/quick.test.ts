import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { z } from 'zod'
import {
  cancelSchema,
  cloidCancelSchema,
  quickCancel,
  quickCloidCancel,
} from '../../src/server/actions/cancels.ts'
import { envelope, quickEnvelope } from '../../src/server/actions/envelope.ts'
import {
  batchModifySchema,
  modifySchema,
  quickBatchModify,
  quickModify,
} from '../../src/server/actions/modifies.ts'
import { orderSchema, quickOrderAction } from '../../src/server/actions/orders.ts'
import { message, quickPost } from '../../src/server/message.ts'
import { postFrame } from '../../src/server/wire/post-frame.ts'
import type { WireOrderAnswer } from '../../src/server/wire/types.ts'

type Json = fc.Arbitrary<unknown>

/** What a client might write into a field that it got wrong. */
const wrong: Json = fc.oneof(
  fc.constantFrom(null, '', '0', -1, -0, 0.5, 2 ** 53, 1e400, true, [], {}, '0x', '0xzz', ' 1', '1e3', '٣'),
  fc.jsonValue({ maxDepth: 1 }),
)
const often = (right: Json): Json =>
  fc.oneof({ weight: 24, arbitrary: right }, { weight: 1, arbitrary: wrong })
const hexOf = (digitCount: number): Json =>
  fc
    .tuple(fc.constantFrom('0x', '0X'), fc.stringMatching(new RegExp(`^[0-9a-fA-F]{${digitCount}}$`)))
    .map(([head, digits]) => head + digits)
const whole = often(fc.oneof(fc.nat(200_000), fc.maxSafeNat()))
const decimal = often(fc.stringMatching(/^0{0,2}[0-9]{1,6}(\.[0-9]{1,6}0{0,2})?$/))
const flag = often(fc.boolean())

/** Keys in any order, some of them missing when they may be, now and then one that nobody knows. */
function shaped(required: Record<string, Json>, optional: Record<string, Json> = {}): Json {
  const known = fc.record({ ...required, ...optional }, { requiredKeys: Object.keys(required) })
  const stray = fc.oneof(
    { weight: 24, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.constantFrom('x', '', '__proto__', 'toString') },
  )
  return fc.tuple(known, stray, fc.nat()).map(([fields, extra, turn]) => {
    const entries = Object.entries(fields)
    const at = turn % entries.length
    const turned = [...entries.slice(at), ...entries.slice(0, at)]
    return Object.fromEntries(extra === null ? turned : [...turned, [extra, 1]])
  })
}

const limit = shaped({
  limit: often(shaped({ tif: often(fc.constantFrom('Alo', 'Gtc', 'Ioc', 'FrontendMarket')) })),
})
const trigger = shaped({
  trigger: shaped({ isMarket: flag, triggerPx: decimal, tpsl: often(fc.constantFrom('tp', 'sl')) }),
})
const order = shaped(
  {
    a: whole,
    b: flag,
    p: decimal,
    s: decimal,
    r: flag,
    t: fc.oneof({ weight: 9, arbitrary: limit }, trigger),
  },
  { c: often(fc.option(hexOf(32))) },
)
const listOf = (item: Json): Json => often(fc.array(often(item), { maxLength: 3 }))
const typed = (type: string): Json => often(fc.constant(type))
const orderRef = fc.oneof(whole, hexOf(32))
const always = often(fc.constantFrom(true, null, false))

const orderAction = shaped(
  {
    type: typed('order'),
    orders: listOf(order),
    grouping: often(fc.constantFrom('na', 'normalTpsl', { p: 1 })),
  },
  { builder: fc.oneof(fc.constant(null), shaped({ b: hexOf(40), f: whole })) },
)
const cancel = shaped(
  { type: typed('cancel'), cancels: listOf(shaped({ a: whole, o: whole })) },
  { f: always },
)
const cloidCancel = shaped(
  { type: typed('cancelByCloid'), cancels: listOf(shaped({ asset: whole, cloid: hexOf(32) })) },
  { f: always },
)
const modify = shaped({ type: typed('modify'), oid: orderRef, order }, { a: always })
const batchModify = shaped(
  { type: typed('batchModify'), modifies: listOf(shaped({ oid: orderRef, order })) },
  { a: always },
)
const signature = often(
  shaped({ r: often(hexOf(64)), s: often(hexOf(64)), v: often(fc.constantFrom(27, 28, 0, 1)) }),
)
const signed = shaped(
  { action: fc.jsonValue({ maxDepth: 1 }), nonce: whole, signature },
  { vaultAddress: often(fc.option(hexOf(40))), expiresAfter: often(fc.option(whole)), isFrontend: flag },
)
const post = shaped({
  method: typed('post'),
  id: whole,
  request: often(
    shaped({ type: often(fc.constantFrom('info', 'action')), payload: fc.jsonValue({ maxDepth: 1 }) }),
  ),
})

interface Pair {
  readonly name: string
  readonly input: Json
  readonly schema: z.ZodType
  readonly quick: (raw: unknown) => unknown
}
const pairs: readonly Pair[] = [
  { name: 'order', input: orderAction, schema: orderSchema, quick: quickOrderAction },
  { name: 'cancel', input: cancel, schema: cancelSchema, quick: quickCancel },
  { name: 'cancelByCloid', input: cloidCancel, schema: cloidCancelSchema, quick: quickCloidCancel },
  { name: 'modify', input: modify, schema: modifySchema, quick: quickModify },
  { name: 'batchModify', input: batchModify, schema: batchModifySchema, quick: quickBatchModify },
  { name: 'the signed envelope', input: signed, schema: envelope, quick: quickEnvelope },
  { name: 'the post', input: post, schema: message, quick: quickPost },
]

describe.each(pairs)('the quick decoder of $name', ({ input, schema, quick }) => {
  test('says what the schema says, keys in its order, or leaves it to the schema', () => {
    let quickCount = 0
    const law = fc.property(input, (raw) => {
      // What clients send went through JSON.
      const received: unknown = JSON.parse(JSON.stringify(raw))
      const read = quick(received)
      if (read === null) return
      quickCount += 1
      const known = schema.safeParse(received)
      expect(known.success).toBe(true)
      // As text: the order of keys is hashed, and undefined members are not.
      expect(JSON.stringify(read)).toBe(JSON.stringify(known.data))
    })
    fc.assert(law, { numRuns: 400 })
    expect(quickCount, 'inputs that were read quickly').toBeGreaterThan(40)
  })
})

test('the quick frame of an answer is the text that JSON.stringify writes', () => {
  const oid = fc.maxSafeNat()
  const cloid = fc.stringMatching(/^[0-9a-f]{32}$/).map((digits): `0x${string}` => `0x${digits}`)
  const status: fc.Arbitrary<WireOrderAnswer> = fc.oneof(
    oid.map((number) => ({ resting: { oid: number } })),
    fc.tuple(oid, cloid).map(([number, id]) => ({ resting: { oid: number, cloid: id } })),
    fc.string().map((error) => ({ error })),
    fc.constant('waitingForFill' as const),
    oid.map((number) => ({ filled: { totalSz: '1.0', avgPx: '2.5', oid: number } })),
  )
  const law = fc.property(fc.double({ noNaN: true }), fc.array(status, { maxLength: 3 }), (id, statuses) => {
    fc.pre(Number.isFinite(id))
    const payload = { status: 'ok' as const, response: { type: 'order' as const, data: { statuses } } }
    const response = { type: 'action' as const, payload }
    expect(postFrame(id, response)).toBe(JSON.stringify({ channel: 'post', data: { id, response } }))
  })
  fc.assert(law)
})
