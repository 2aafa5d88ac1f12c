/** Orders of requests into the exchange's units, and the exchange's answers into the venue's. */
import { z } from 'zod'
import { assert } from '../../core/assert.ts'
import type { CommandAnswer, OrderAnswer, OrderRequest } from '../../exchange/command.ts'
import { type Directory, instrumentOf } from '../directory.ts'
import { averagePrice, fromWhole, toWhole } from '../wire/decimals.ts'
import { cloid, decimal, maybe, whole } from '../wire/fields.ts'
import { toHex } from '../wire/hex.ts'
import type { WireAnswer, WireOrderAnswer } from '../wire/types.ts'

export interface WireOrder {
  readonly a: number
  readonly b: boolean
  readonly p: string
  readonly s: string
  readonly r: boolean
  readonly t:
    | { readonly limit: { readonly tif: 'Gtc' | 'Ioc' | 'Alo' | 'FrontendMarket' } }
    | {
        readonly trigger: {
          readonly isMarket: boolean
          readonly triggerPx: string
          readonly tpsl: 'tp' | 'sl'
        }
      }
  readonly c?: string | undefined
}

export const wireOrder: z.ZodType<WireOrder> = z.strictObject({
  a: whole,
  b: z.boolean(),
  p: decimal,
  s: decimal,
  r: z.boolean(),
  t: z.union([
    z.strictObject({ limit: z.strictObject({ tif: z.enum(['Gtc', 'Ioc', 'Alo', 'FrontendMarket']) }) }),
    z.strictObject({
      trigger: z.strictObject({ isMarket: z.boolean(), triggerPx: decimal, tpsl: z.enum(['tp', 'sl']) }),
    }),
  ]),
  c: maybe(cloid),
})

/** An oid or a client id. */
export const orderRef: z.ZodType<number | string> = z.union([whole, cloid])

export function toOrderRef(ref: number | string): { readonly oid: number } | { readonly cloid: string } {
  return typeof ref === 'number' ? { oid: ref } : { cloid: ref }
}

export type DecodedOrder =
  { readonly kind: 'order'; readonly order: OrderRequest } | { readonly kind: 'error'; readonly text: string }

/** Decimals end here. An order whose digits do not fit the market's grid never reaches the exchange. */
export function decodeOrder(directory: Directory, wire: WireOrder): DecodedOrder {
  const instrument = directory.byAssetId.get(wire.a)
  if (instrument === undefined) return { kind: 'error', text: `Invalid asset. asset=${wire.a}` }
  const { priceDecimals, szDecimals } = instrument.grid
  const priceTicks = toWhole(wire.p, priceDecimals)
  if (priceTicks === null) return { kind: 'error', text: 'Order has invalid price.' }
  const sizeLots = toWhole(wire.s, szDecimals)
  if (sizeLots === null) return { kind: 'error', text: 'Order has invalid size.' }

  const base = {
    assetId: wire.a,
    side: wire.b ? 'buy' : 'sell',
    priceTicks,
    sizeLots,
    reduceOnly: wire.r,
    cloid: wire.c ?? null,
  } as const
  if ('limit' in wire.t) return { kind: 'order', order: { ...base, tif: wire.t.limit.tif, trigger: null } }

  const { isMarket, triggerPx, tpsl } = wire.t.trigger
  const triggerTicks = toWhole(triggerPx, priceDecimals)
  if (triggerTicks === null) return { kind: 'error', text: 'Order has invalid price.' }
  // A fired market trigger takes what it can within its limit; a fired limit trigger may rest.
  const tif = isMarket ? 'Ioc' : 'Gtc'
  return { kind: 'order', order: { ...base, tif, trigger: { isMarket, triggerTicks, kind: tpsl } } }
}

/**
 * The answers of a batch in which some orders never reached the exchange.
 * @param decoded the whole batch
 * @param answer  to those that did reach it
 */
export function toOrdersAnswer(
  directory: Directory,
  decoded: readonly DecodedOrder[],
  answer: CommandAnswer,
): WireAnswer {
  const answers = answer.kind === 'orders' ? answer.answers : []
  const sent = decoded.flatMap((entry) => (entry.kind === 'order' ? [entry.order] : []))
  // One error for the whole batch is one entry, however many orders it had.
  if (answers.length !== sent.length)
    return orderStatuses(answers.map((one) => toOrderAnswer(directory, one, sent[0])))

  let next = 0
  return orderStatuses(
    decoded.map((entry) => {
      if (entry.kind === 'error') return { error: entry.text }
      const one = answers[next]
      next += 1
      assert(one !== undefined, 'each order of the batch has its answer')
      return toOrderAnswer(directory, one, entry.order)
    }),
  )
}

export function orderStatuses(statuses: WireOrderAnswer[]): WireAnswer {
  return { status: 'ok', response: { type: 'order', data: { statuses } } }
}

function toOrderAnswer(
  directory: Directory,
  answer: OrderAnswer,
  order: OrderRequest | undefined,
): WireOrderAnswer {
  if (answer.kind === 'error') return { error: answer.text }
  if (answer.kind === 'waitingForFill' || answer.kind === 'waitingForTrigger') return answer.kind
  const id = { oid: answer.oid, ...(answer.cloid === null ? {} : { cloid: toHex(answer.cloid) }) }
  if (answer.kind === 'resting') return { resting: id }
  assert(order !== undefined, 'a fill answers an order of the batch')
  const { grid } = instrumentOf(directory, order.assetId)
  const totalSz = fromWhole(answer.totalLots, grid.szDecimals)
  const average = { notionalMicroUsd: answer.notionalMicroUsd, lots: answer.totalLots }
  return { filled: { totalSz, avgPx: averagePrice(average, grid.priceDecimals), ...id } }
}
