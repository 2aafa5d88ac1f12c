/**
 * Our account while a tape plays: it takes every order at once, cancels at once, and fills only when the tape says so. For
 * asking what a maker would do, not for what it would earn: nothing here depends on the quotes but their own fate.
 *
 * in      commands of the maker; fills of the tape, given to its innermost orders of that side and, beyond them, to none
 * out     the answers and fills as inputs
 * state   open orders, how ended ones ended, position and cash
 */
import type { Approved, NewOrder } from '../core/command.ts'
import type { AccountInput, FillInput, OrderStatusInput, RawInput } from '../core/input.ts'
import { signOf } from '../core/units.ts'
import type { MarketTape, TapeFill } from './market-tape.ts'

interface PaperOrder {
  readonly oid: number
  readonly order: NewOrder
  openLots: number
}

export interface PaperAccount {
  answer(command: Approved, tsMs: number): RawInput[]
  fill(fill: TapeFill, tsMs: number): RawInput[]
}

/** Fills beyond what the maker shows name an order that nobody knows. */
const NOBODYS_OID = 1

export function openPaperAccount(tape: MarketTape): PaperAccount {
  const open = new Map<string, PaperOrder>()
  const ended = new Map<string, OrderStatusInput['status']>()
  const book = { oid: NOBODYS_OID, tid: 0 }
  const account = { positionLots: tape.opening.positionLots, cashMicroUsd: tape.opening.cashMicroUsd }

  function place(order: NewOrder): RawInput {
    book.oid += 1
    open.set(order.cloid, { oid: book.oid, order, openLots: order.sizeLots })
    return { kind: 'orderResting', cloid: order.cloid, oid: book.oid }
  }

  function end(cloid: string, how: OrderStatusInput['status']): boolean {
    if (!open.delete(cloid)) return false
    ended.set(cloid, how)
    return true
  }

  function cancel(cloid: string): RawInput {
    if (end(cloid, 'cancelled')) return { kind: 'cancelDone', cloid }
    return { kind: 'cancelRefused', cloid, refusal: 'gone', text: 'not open' }
  }

  function modify(order: NewOrder, targetCloid: string): RawInput {
    if (end(targetCloid, 'cancelled')) return place(order)
    ended.set(order.cloid, 'rejected')
    return { kind: 'orderRefused', cloid: order.cloid, refusal: 'gone', text: 'not open' }
  }

  function status(cloid: string, tsMs: number): RawInput {
    const held = open.get(cloid)
    return {
      kind: 'orderStatus',
      cloid,
      oid: held?.oid ?? null,
      status: held === undefined ? (ended.get(cloid) ?? 'unknown') : 'open',
      remainingLots: held?.openLots ?? 0,
      venueTsMs: tsMs,
    }
  }

  function sample(tsMs: number): AccountInput {
    const openOrders = [...open.values()].map(({ oid, order, openLots }) => ({
      oid,
      cloid: order.cloid,
      side: order.side,
      priceTicks: order.priceTicks,
      remainingLots: openLots,
      reduceOnly: order.reduceOnly,
    }))
    return { ...tape.opening, ...account, openOrders, venueTsMs: tsMs }
  }

  function part(of: TapeFill, tsMs: number, lots: number, held: PaperOrder | null): FillInput {
    book.tid += 1
    const startPositionLots = account.positionLots
    const feeMicroUsd = Math.round((of.feeMicroUsd * lots) / of.sizeLots)
    account.positionLots += signOf(of.side) * lots
    account.cashMicroUsd -= signOf(of.side) * lots * of.priceTicks + feeMicroUsd
    return {
      kind: 'fill',
      tid: book.tid,
      oid: held?.oid ?? NOBODYS_OID,
      cloid: held?.order.cloid ?? null,
      side: of.side,
      priceTicks: of.priceTicks,
      sizeLots: lots,
      feeMicroUsd,
      closedPnlMicroUsd: 0,
      startPositionLots,
      crossed: false,
      liquidation: false,
      venueTsMs: tsMs,
    }
  }

  return {
    answer(command, tsMs) {
      switch (command.kind) {
        case 'place':
          return [place(command.order)]
        case 'modify':
          return [modify(command.order, command.targetCloid)]
        case 'cancel':
          return command.cloid === null ? [] : [cancel(command.cloid)]
        case 'queryOrder':
          return [status(command.cloid, tsMs)]
        case 'resync':
          return [sample(tsMs)]
        case 'addMargin':
          return []
      }
    },
    fill(of, tsMs) {
      const sign = signOf(of.side)
      const held = [...open.values()].filter(({ order }) => order.side === of.side)
      held.sort((a, b) => sign * (b.order.priceTicks - a.order.priceTicks))
      const inputs: RawInput[] = []
      let leftLots = of.sizeLots
      for (const order of held) {
        if (leftLots === 0) break
        const lots = Math.min(leftLots, order.openLots)
        inputs.push(part(of, tsMs, lots, order))
        order.openLots -= lots
        leftLots -= lots
        if (order.openLots === 0) end(order.order.cloid, 'filled')
      }
      if (leftLots > 0) inputs.push(part(of, tsMs, leftLots, null))
      return inputs
    },
  }
}
