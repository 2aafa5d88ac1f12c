import { describe, expect, test } from 'vitest'
import { classifyRefusal } from '../../src/venues/hyperliquid/classify.ts'

/** Every text of the venue that is known, as it comes: live ones carry the asset, amounts and addresses. */
const TEXTS = `
price      | Price must be divisible by tick size. asset=110000
price      | Order has invalid price.
size       | Order has invalid size.
size       | Order has zero size.
price      | Order has zero price.
size       | Order must have minimum value of $10. asset=0
size       | Order must have minimum value of 10 USDC.
margin     | Insufficient margin to place order. asset=110000
reduceOnly | Reduce only order would increase position. asset=0
postOnly   | Post only order would have immediately matched, bbo was 42900@42901. asset=0
price      | Order could not immediately match against any resting orders. asset=0
price      | Invalid TP/SL price. asset=0
price      | No liquidity available for market order. asset=0
position   | Order would increase open interest while open interest is capped
position   | Order rejected due to price more aggressive than oracle while at open interest cap
position   | Order would increase open interest too quickly
price      | Order price too far from oracle
price      | Price too far from oracle asset=7
price      | Order price cannot be more than 80% away from the reference price
price      | Order price cannot be more than 95% away from the reference price
position   | Order would cause position to exceed margin tier limit at current leverage
margin     | Insufficient spot balance asset=10107
rate       | Only post-only orders allowed immediately after network upgrade
margin     | Insufficient delegatable balance for priority order
gone       | Order was never placed, already canceled, or filled. asset=0
gone       | Cannot modify canceled or filled order
unknown    | User or API Wallet 0x0000000000000000000000000000000000000429 does not exist.
margin     | Must deposit before performing actions. User: 0x00000000000000000000000000000000000000aa
unknown    | Unable to recover signer.
nonce      | Invalid nonce: duplicate nonce 1708622398623
nonce      | Invalid nonce: nonce too low 5 < 17
rate       | Too many cumulative requests sent (10001 > 10000) for cumulative volume traded $0.00. Place taker orders to free up 1 request per USDC traded.
unknown    | Cannot set scheduled cancel time until enough volume traded. Required: $1000000. Traded: $0.
unknown    | Vault not registered: 0x00000000000000000000000000000000000000aa
unknown    | Vault may not perform this action.
unknown    | Sub-account 0xaa is not registered to 0xbb
unknown    | Too many sub-accounts.
unknown    | Invalid leverage value
position   | Cannot switch leverage type with open position.
margin     | Insufficient balance for withdrawal.
margin     | Insufficient balance for token transfer
unknown    | Builder fee has not been approved.
unknown    | Action disabled when unified account is active
unknown    | Signed action over weight limit of 200.
nonce      | Action already expired
unknown    |
`

const ROWS = TEXTS.trim()
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()) as [string, string])

describe('classes of refusals', () => {
  test.each(ROWS)('%s: %s', (refusal, text) => {
    expect(classifyRefusal(text)).toBe(refusal)
  })

  test('letter case does not matter', () => {
    expect(classifyRefusal('INSUFFICIENT MARGIN to place order')).toBe('margin')
  })
})
