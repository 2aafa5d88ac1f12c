/** Identifiers on the wire. */
import type { Side } from '../../core/units.ts'
import type { Hex } from '../../signing/bytes.ts'
import type { WireSide } from './types.ts'

/** Addresses and client ids are `0x` + digits wherever they come from; this tells the compiler. */
export function toHex(text: string): Hex {
  return text as Hex
}

export function toWireSide(side: Side): WireSide {
  return side === 'buy' ? 'B' : 'A'
}

/** What has no transaction (liquidations, funding): all zeros, as at the venue. */
export const NO_HASH: Hex = `0x${'0'.repeat(64)}`

/** A stable 32-byte name for what happened at `tsMs` under the number `id`. This exchange has no transactions to hash. */
export function eventHash(of: { readonly tsMs: number; readonly id: number }): Hex {
  return `0x${of.tsMs.toString(16).padStart(32, '0')}${of.id.toString(16).padStart(32, '0')}`
}
