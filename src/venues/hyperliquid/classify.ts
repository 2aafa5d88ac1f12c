/**
 * Texts of refusals -> one class with one treatment each. Live texts differ from the documented ones (most end in
 * ` asset=N`, percentages vary), so they are recognised by substrings; the first row that matches counts.
 */
import type { RefusalClass } from '../../core/input.ts'

/** Lower case. Narrow phrases stand above the words they contain (`margin tier limit` above `margin`). */
const PHRASES: readonly (readonly [phrase: string, refusal: RefusalClass])[] = [
  ['too many cumulative requests', 'rate'],
  ['too many requests', 'rate'],
  // After an upgrade only post-only orders are taken for a while: waiting is all that helps.
  ['only post-only orders allowed', 'rate'],
  ['never placed, already canceled, or filled', 'gone'],
  ['cannot modify canceled or filled', 'gone'],
  ['post only order would have immediately matched', 'postOnly'],
  ['reduce only order would increase', 'reduceOnly'],
  ['open interest', 'position'],
  ['margin tier limit', 'position'],
  ['switch leverage type with open position', 'position'],
  ['insufficient margin', 'margin'],
  ['insufficient spot balance', 'margin'],
  ['insufficient balance', 'margin'],
  ['insufficient delegatable balance', 'margin'],
  ['must deposit', 'margin'],
  ['invalid size', 'size'],
  ['zero size', 'size'],
  ['minimum value', 'size'],
  ['divisible by tick size', 'price'],
  ['invalid price', 'price'],
  ['zero price', 'price'],
  ['invalid tp/sl price', 'price'],
  ['too far from oracle', 'price'],
  ['reference price', 'price'],
  // A taker that met nobody within its limit: a further price would have.
  ['could not immediately match', 'price'],
  ['no liquidity available', 'price'],
  ['invalid nonce', 'nonce'],
  // The venue's clock ran past `expiresAfter`: like a nonce, a matter of clocks and delay.
  ['action already expired', 'nonce'],
]

export function classifyRefusal(text: string): RefusalClass {
  const lower = text.toLowerCase()
  for (const [phrase, refusal] of PHRASES) {
    if (lower.includes(phrase)) return refusal
  }
  return 'unknown'
}
