/**
 * Nonces: per signer the 100 highest are kept; a new one must be unused, above the least kept, and near the block time.
 *
 * @see https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/nonces-and-api-wallets
 */
import { NONCE_FUTURE_MS_MAX, NONCE_PAST_MS_MAX, NONCES_KEPT_MAX } from './limits.ts'
import type { NonceWindow } from './state.ts'

/** Uses the nonce up. @returns null when it was taken, or the venue's refusal, and then nothing changed */
export function takeNonce(window: NonceWindow, nonce: number, tsMs: number): string | null {
  if (!Number.isSafeInteger(nonce) || nonce < 0)
    return `Invalid nonce: ${nonce} is not a whole number of milliseconds`
  const oldest = tsMs - NONCE_PAST_MS_MAX
  if (nonce <= oldest) return `Invalid nonce: nonce too low ${nonce} < ${oldest}`
  const newest = tsMs + NONCE_FUTURE_MS_MAX
  if (nonce >= newest) return `Invalid nonce: nonce too high ${nonce} > ${newest}`

  let place = window.length
  while (place > 0 && window[place - 1]! >= nonce) {
    place -= 1
    if (window[place] === nonce) return `Invalid nonce: duplicate nonce ${nonce}`
  }
  const full = window.length >= NONCES_KEPT_MAX
  if (full && place === 0) return `Invalid nonce: nonce too low ${nonce} < ${window[0]!}`
  window.splice(place, 0, nonce)
  if (full) window.shift()
  return null
}
