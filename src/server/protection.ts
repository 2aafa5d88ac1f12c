/**
 * `POST /protection`: market maker protection of an account in a market, in the market's own units. For clients on this machine
 * only: the public venue has neither the protection nor a request for it, so nothing of hypermake uses it.
 *
 *   set     {"user", "coin", "window", "windowMs", "frozenMs", "quantity", "notional", "delta"}
 *   reset   {"user", "coin", "reset": true}    ends a freeze and forgets the window
 *   remove  {"user", "coin", "remove": true}
 *   read    {"user", "read": true}             what is set, and where each window stands; with a coin, of that alone
 */
import type { Instrument } from '../exchange/instrument.ts'
import { type ProtectionView, protectionsOf } from '../exchange/mmp.ts'
import { submit } from '../simulation/world.ts'
import type { VenueContext } from './context.ts'
import { instrumentOf } from './directory.ts'
import { isLoopback, jsonOf } from './faucet.ts'
import type { WireReply } from './faults/requests.ts'
import { readProtection } from './protection-fields.ts'
import { fromMicroUsd, fromWhole } from './wire/decimals.ts'

/** @param reply called when the command has run, or at once with what is wrong or what was asked */
export function handleProtection(
  context: VenueContext,
  origin: string,
  body: unknown,
  reply: (answer: WireReply) => void,
): void {
  if (!isLoopback(origin)) return reply(jsonOf(403, { error: 'protection is set from this machine only' }))
  const asked = readProtection(context.directory, body)
  if (typeof asked === 'string') return reply(jsonOf(400, { error: asked }))
  if (asked.kind === 'read') {
    const protections = protectionsOf(context.exchange, asked.account)
      .filter(({ assetId }) => asked.instrument === null || assetId === asked.instrument.assetId)
      .map((view) => toWire(view, instrumentOf(context.directory, view.assetId)))
    return reply(jsonOf(200, { status: 'ok', protections }))
  }
  submit(context.world, asked.command, (answer) => {
    reply(answer.kind === 'refused' ? jsonOf(409, { error: answer.text }) : jsonOf(200, { status: 'ok' }))
  })
}

/** As it is set, but for a limit that there is not: `null`. */
function toWire(view: ProtectionView, { coin, grid }: Instrument): object {
  const { limits, window, frozen } = view
  const size = (lots: number): string => fromWhole(lots, grid.szDecimals)
  return {
    coin,
    window: limits.window,
    windowMs: limits.windowMs,
    frozenMs: limits.frozenMs,
    quantity: limits.quantityMaxLots === 0 ? null : size(limits.quantityMaxLots),
    notional: limits.notionalMaxMicroUsd === 0 ? null : fromMicroUsd(limits.notionalMaxMicroUsd),
    delta: limits.deltaMaxLots === 0 ? null : size(limits.deltaMaxLots),
    traded: {
      fills: window.fillCount,
      quantity: size(window.quantityLots),
      notional: fromMicroUsd(window.notionalMicroUsd),
      delta: size(window.deltaLots),
    },
    isFrozen: frozen !== null,
    frozenUntil: frozen?.untilTsMs ?? null,
  }
}
