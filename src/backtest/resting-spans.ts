/** When orders of a maker rested and where, by looking at it after every step: spans to ask whether it stood somewhere at a time. */
import type { Engine } from '../core/engine.ts'
import { isActive } from '../core/orders/order-state.ts'
import type { Side } from '../core/units.ts'

export interface RestingSpans {
  readonly open: Map<string, Span>
  /** Ended ones by side and price. */
  readonly ended: Map<string, Span[]>
}

interface Span {
  readonly key: string
  readonly fromTsMs: number
  toTsMs: number
}

export function initRestingSpans(): RestingSpans {
  return { open: new Map(), ended: new Map() }
}

export function noteSpans(spans: RestingSpans, engine: Engine, tsMs: number): void {
  const { open } = spans
  const { live } = engine.state.tracker
  for (const [cloid, order] of live) {
    if (!isActive(order.state)) continue
    const span = open.get(cloid)
    if (span === undefined) open.set(cloid, { key: keyOf(order), fromTsMs: tsMs, toTsMs: tsMs })
    else span.toTsMs = tsMs
  }
  for (const [cloid, span] of open) {
    const order = live.get(cloid)
    if (order !== undefined && isActive(order.state)) continue
    // What ended with this step rested until it.
    span.toTsMs = tsMs
    open.delete(cloid)
    const others = spans.ended.get(span.key)
    if (others === undefined) spans.ended.set(span.key, [span])
    else others.push(span)
  }
}

/** @param slackMs the two makers whose spans are compared live by slightly different clocks */
export function hasRested(
  spans: RestingSpans,
  of: { readonly side: Side; readonly priceTicks: number; readonly tsMs: number },
  slackMs: number,
): boolean {
  const key = keyOf(of)
  const isAround = (span: Span): boolean =>
    span.key === key && span.fromTsMs - slackMs <= of.tsMs && of.tsMs <= span.toTsMs + slackMs
  return (spans.ended.get(key) ?? []).some(isAround) || [...spans.open.values()].some(isAround)
}

function keyOf({ side, priceTicks }: { readonly side: Side; readonly priceTicks: number }): string {
  return `${side} ${priceTicks}`
}
