/** Our signing against the SDK's own, on random actions: two implementations written apart must agree bit by bit. */
import * as sdkExchange from '@nktkas/hyperliquid/api/exchange'
import * as sdk from '@nktkas/hyperliquid/signing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hashAction } from '../../src/signing/action-hash.ts'
import { addressOf, parsePrivateKey } from '../../src/signing/address.ts'
import { bytesToHex, type Hex } from '../../src/signing/bytes.ts'
import { signL1Action } from '../../src/signing/l1-action.ts'
import { signUserSignedAction } from '../../src/signing/user-signed.ts'
import { walletOf } from '../../src/signing/wallet.ts'
import { VECTOR_KEY } from './vectors.ts'

const address = fc.uint8Array({ minLength: 20, maxLength: 20 }).map(bytesToHex)
const whole = fc.oneof(
  fc.integer({ min: -(2 ** 53) + 1, max: 2 ** 53 - 1 }),
  fc.constantFrom(0, 31, 32, 127, 128, 255, 256, 65535, 65536, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1),
  fc.constantFrom(-1, -32, -33, -128, -129, -32768, -32769, -(2 ** 31), -(2 ** 31) - 1),
)
const { tree: anyValue } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    fc.oneof(whole, fc.boolean(), fc.constant(null), fc.double({ noNaN: true, noDefaultInfinity: true })),
    fc.string({ unit: 'grapheme', maxLength: 300 }),
    fc.array(tie('tree'), { maxLength: 20 }),
    fc.dictionary(fc.string({ maxLength: 40 }), tie('tree'), { maxKeys: 20 }),
  ),
}))
const anyAction = fc.dictionary(
  fc.string({ minLength: 1 }).filter((key) => key !== '__proto__'),
  anyValue,
)
const nonce = fc.integer({ min: 0, max: 2 ** 53 - 1 })
const optional = { freq: 2, nil: null }

test('the action hash equals the SDK for any action, nonce, vault and expiry', () => {
  fc.assert(
    fc.property(
      anyAction,
      nonce,
      fc.option(address, optional),
      fc.option(nonce, optional),
      (action, n, vault, expiry) => {
        // The SDK writes integers that are also unsafe floats (1e300) as 64 bits; no action holds such a number.
        fc.pre(!holdsHugeNumber(action))
        const ours = hashAction({ action, nonce: n, vaultAddress: vault, expiresAfterMs: expiry })
        const theirs = sdk.createL1ActionHash({
          action,
          nonce: n,
          ...(vault === null ? {} : { vaultAddress: vault }),
          ...(expiry === null ? {} : { expiresAfter: expiry }),
        })
        expect(bytesToHex(ours)).toBe(theirs)
      },
    ),
    { numRuns: 300 },
  )
})

test('members that are undefined are not hashed, as in the SDK', () => {
  const action = { type: 'order', builder: undefined, orders: [{ a: 1, c: undefined }] }
  const ours = hashAction({ action, nonce: 5, vaultAddress: null, expiresAfterMs: null })
  expect(bytesToHex(ours)).toBe(sdk.createL1ActionHash({ action, nonce: 5 }))
})

test('texts and lists at every length boundary hash as in the SDK', () => {
  for (const length of [15, 16, 31, 32, 33, 255, 256, 65535, 65536]) {
    const action = {
      text: 'x'.repeat(length),
      wide: 'é'.repeat(length),
      list: Array.from({ length }, () => 1),
    }
    const ours = hashAction({ action, nonce: 7, vaultAddress: null, expiresAfterMs: null })
    expect(bytesToHex(ours)).toBe(sdk.createL1ActionHash({ action, nonce: 7 }))
  }
})

describe('signatures through the SDK with our wallet equal our own', () => {
  const wallet = walletOf(VECTOR_KEY)
  const key = parsePrivateKey(VECTOR_KEY)

  test('the SDK takes our wallet for a local account and reads its address', async () => {
    expect(await sdk.getWalletAddress(wallet)).toBe(addressOf(VECTOR_KEY))
  })

  test('L1 actions', async () => {
    const keys = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(bytesToHex)
    await fc.assert(
      fc.asyncProperty(nonce, fc.boolean(), keys, async (n, isTestnet, privateKey) => {
        const action = { type: 'scheduleCancel', time: n }
        const theirs = await sdk.signL1Action({ wallet: walletOf(privateKey), action, nonce: n, isTestnet })
        const envelope = { action, nonce: n, vaultAddress: null, expiresAfterMs: null }
        expect(
          signL1Action(envelope, isTestnet ? 'testnet' : 'mainnet', parsePrivateKey(privateKey)),
        ).toEqual(theirs)
      }),
      { numRuns: 20 },
    )
  })

  const common = { signatureChainId: '0x66eee', hyperliquidChain: 'Testnet' } as const
  const user = '0x5e9ee1089755c3435139848e47e6635505d5a13a'
  const transfer = { destination: user, token: 'USDC:0x6d1e7cde53ba9467b783cb7c530ce054', amount: '1.5' }
  const dexs = { sourceDex: '', destinationDex: 'hyna', fromSubAccount: '' }
  const cases: readonly [
    { type: string; signatureChainId: Hex },
    Record<string, { name: string; type: string }[]>,
  ][] = [
    [
      { type: 'usdSend', ...common, ...{ destination: user, amount: '1', time: 17 } },
      sdkExchange.UsdSendTypes,
    ],
    [
      { type: 'withdraw3', ...common, ...{ destination: user, amount: '1', time: 17 } },
      sdkExchange.Withdraw3Types,
    ],
    [{ type: 'spotSend', ...common, ...transfer, ...{ time: 17 } }, sdkExchange.SpotSendTypes],
    [
      { type: 'usdClassTransfer', ...common, ...{ amount: '1', toPerp: true, nonce: 17 } },
      sdkExchange.UsdClassTransferTypes,
    ],
    [{ type: 'sendAsset', ...common, ...transfer, ...dexs, ...{ nonce: 17 } }, sdkExchange.SendAssetTypes],
    [
      { type: 'approveAgent', ...common, ...{ agentAddress: user, agentName: 'bot', nonce: 17 } },
      sdkExchange.ApproveAgentTypes,
    ],
    [
      { type: 'approveAgent', ...common, ...{ agentAddress: user, nonce: 17 } },
      sdkExchange.ApproveAgentTypes,
    ],
    [
      { type: 'approveAgent', ...common, ...{ agentAddress: user, agentName: null, nonce: 17 } },
      sdkExchange.ApproveAgentTypes,
    ],
    [
      { type: 'approveBuilderFee', ...common, ...{ maxFeeRate: '0.001%', builder: user, nonce: 17 } },
      sdkExchange.ApproveBuilderFeeTypes,
    ],
    [
      { type: 'userDexAbstraction', ...common, ...{ user, enabled: true, nonce: 17 } },
      sdkExchange.UserDexAbstractionTypes,
    ],
    [
      { type: 'userSetAbstraction', ...common, ...{ user, abstraction: 'disabled', nonce: 17 } },
      sdkExchange.UserSetAbstractionTypes,
    ],
    [
      { type: 'tokenDelegate', ...common, ...{ validator: user, wei: 5, isUndelegate: false, nonce: 17 } },
      sdkExchange.TokenDelegateTypes,
    ],
  ]
  test.each(cases)('user-signed $type', async (action, types) => {
    const theirs = await sdk.signUserSignedAction({ wallet, action, types })
    expect(signUserSignedAction(action, key)).toEqual(theirs)
  })
})

function holdsHugeNumber(value: unknown): boolean {
  if (typeof value === 'number') return Number.isInteger(value) && !Number.isSafeInteger(value)
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsHugeNumber)
}
