/** The spot side as this venue has it: the tokens that DEXs keep their money in, and no pairs. */
import { createHash } from 'node:crypto'
import type { CollateralToken } from '../../exchange/instrument.ts'
import type { Hex } from '../../signing/bytes.ts'
import type { VenueContext } from '../context.ts'
import { toHex } from '../wire/hex.ts'
import type { WireSpotMeta } from '../wire/types.ts'

/** The venue's own id of USDC; other tokens get a stable one from their name. */
const USDC_TOKEN_ID: Hex = '0x6d1e7cde53ba9467b783cb7c530ce054'

export function spotMetaOf(context: VenueContext): WireSpotMeta {
  return {
    universe: [],
    tokens: context.directory.tokens.map((token) => ({
      name: token.name,
      szDecimals: 8,
      weiDecimals: 8,
      index: token.index,
      tokenId: tokenIdOf(token),
      isCanonical: true,
      evmContract: null,
      fullName: null,
      deployerTradingFeeShare: '0.0',
    })),
  }
}

/** `NAME:0x<token id>`, as transfers name a token. */
export function tokenText(token: CollateralToken): string {
  return `${token.name}:${tokenIdOf(token)}`
}

/** By name, or by name and id as `spotMeta` has it. */
export function tokenNamed(context: VenueContext, text: string): CollateralToken | null {
  return context.directory.tokens.find((token) => text === token.name || text === tokenText(token)) ?? null
}

function tokenIdOf(token: CollateralToken): Hex {
  if (token.name === 'USDC') return USDC_TOKEN_ID
  return toHex(`0x${createHash('sha256').update(`token ${token.name}`).digest('hex').slice(0, 32)}`)
}
