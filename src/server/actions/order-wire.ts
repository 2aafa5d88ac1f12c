/** Orders of requests into the exchange's units, and the exchange's answers into the venue's. */
import { z } from 'zod'
import { assert } from '../../core/assert.ts'
import type { CommandAnswer, OrderAnswer, OrderRequest } from '../../exchange/command.ts'
import { type Directory, instrumentOf } from '../directory.ts'
import { averagePrice, fromWhole, toWhole } from '../wire/decimals.ts'
import { cloid, decimal, maybe, whole } from '../wire/fields.ts'
import { toHex } from '../wire/hex.ts'
import {
  CLOID_DIGITS,
  hasKeyCount,
  isQuickWhole,
  keyed,
  quickDecimal,
  quickFields,
  quickHex,
} from '../wire/quick.ts'
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

/** As `wireOrder`; null for triggers too. */
export function quickWireOrder(raw: unknown): WireOrder | null {
  const fields = quickFields(raw)
  if (fields === null || !hasKeyCount(fields, 6 + keyed(fields, 'c'))) return null
  const { a, b, r } = fields
  const p = quickDecimal(fields['p'])
  const s = quickDecimal(fields['s'])
  const tif = quickTif(fields['t'])
  const c = fields['c'] ?? null
  const hexOfC = c === null ? null : quickHex(c, CLOID_DIGITS)
  if (p === null || s === null || tif === null || (c !== null && hexOfC === null)) return null
  if (!isQuickWhole(a) || typeof b !== 'boolean' || typeof r !== 'boolean') return null
  return { a, b, p, s, r, t: { limit: { tif } }, c: hexOfC ?? undefined }
}

type Tif = 'Gtc' | 'Ioc' | 'Alo' | 'FrontendMarket'

function quickTif(raw: unknown): Tif | null {
  const limit = quickOnly(raw, 'limit')
  const tif = quickOnly(limit, 'tif')
  return tif === 'Alo' || tif === 'Gtc' || tif === 'Ioc' || tif === 'FrontendMarket' ? tif : null
}

/** @returns the value under the one key; null when there are others */
function quickOnly(raw: unknown, key: string): unknown {
  const fields = quickFields(raw)
  return fields !== null && hasKeyCount(fields, 1) ? (fields[key] ?? null) : null
}

/** As `orderRef`. */
export function quickOrderRef(raw: unknown): number | string | null {
  return isQuickWhole(raw) ? raw : quickHex(raw, CLOID_DIGITS)
}

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

  const trigger = 'trigger' in wire.t ? decodeTrigger(wire.t.trigger, priceDecimals) : null
  if (trigger === 'off grid') return { kind: 'error', text: 'Order has invalid price.' }
  return {
    kind: 'order',
    order: {
      assetId: wire.a,
      side: wire.b ? 'buy' : 'sell',
      priceTicks,
      sizeLots,
      reduceOnly: wire.r,
      cloid: wire.c ?? null,
      tif: 'limit' in wire.t ? wire.t.limit.tif : tifOf(wire.t.trigger),
      trigger,
    },
  }
}

type WireTrigger = Extract<WireOrder['t'], { readonly trigger: unknown }>['trigger']

function decodeTrigger(
  { isMarket, triggerPx, tpsl }: WireTrigger,
  priceDecimals: number,
): OrderRequest['trigger'] | 'off grid' {
  const triggerTicks = toWhole(triggerPx, priceDecimals)
  return triggerTicks === null ? 'off grid' : { isMarket, triggerTicks, kind: tpsl }
}

/** A fired market trigger takes what it can within its limit; a fired limit trigger may rest. */
function tifOf({ isMarket }: WireTrigger): 'Ioc' | 'Gtc' {
  return isMarket ? 'Ioc' : 'Gtc'
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
  // One error for the whole batch is one entry, however many orders it had.
  if (answers.length !== sentCountOf(decoded)) {
    const first = decoded.find((entry) => entry.kind === 'order')
    return orderStatuses(answers.map((one) => toOrderAnswer(directory, one, first?.order)))
  }
  let next = 0
  const statuses: WireOrderAnswer[] = []
  for (const entry of decoded) {
    if (entry.kind === 'error') {
      statuses.push({ error: entry.text })
      continue
    }
    const one = answers[next]
    next += 1
    assert(one !== undefined, 'each order of the batch has its answer')
    statuses.push(toOrderAnswer(directory, one, entry.order))
  }
  return orderStatuses(statuses)
}

/** How many orders of the batch reach the exchange. */
export function sentCountOf(decoded: readonly DecodedOrder[]): number {
  let count = 0
  for (const entry of decoded) if (entry.kind === 'order') count += 1
  return count
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
  const { oid } = answer
  const id = answer.cloid === null ? { oid } : { oid, cloid: toHex(answer.cloid) }
  if (answer.kind === 'resting') return { resting: id }
  assert(order !== undefined, 'a fill answers an order of the batch')
  const { grid } = instrumentOf(directory, order.assetId)
  const totalSz = fromWhole(answer.totalLots, grid.szDecimals)
  const average = { notionalMicroUsd: answer.notionalMicroUsd, lots: answer.totalLots }
  return { filled: { totalSz, avgPx: averagePrice(average, grid.priceDecimals), ...id } }
}
