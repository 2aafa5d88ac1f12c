/**
 * User-signed actions (transfers, approvals): EIP-712 over the listed fields of the action itself, under the chain
 * id that the action names. One row per action.
 * @see https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/exchange-endpoint
 */
import { type Hex, SigningError } from './bytes.ts'
import type { RawSignature } from './curve.ts'
import { recoverAddress, type Signature, signDigest } from './signature.ts'
import { typedDataDigest, type TypedField, ZERO_ADDRESS } from './typed-data.ts'

interface UserSignedType {
  readonly primaryType: string
  readonly fields: readonly TypedField[]
}

/** Action type → what is signed. */
export const USER_SIGNED_TYPES: Readonly<Record<string, UserSignedType>> = {
  usdSend: row('UsdSend', 'destination string, amount string, time uint64'),
  withdraw3: row('Withdraw', 'destination string, amount string, time uint64'),
  spotSend: row('SpotSend', 'destination string, token string, amount string, time uint64'),
  usdClassTransfer: row('UsdClassTransfer', 'amount string, toPerp bool, nonce uint64'),
  sendAsset: row(
    'SendAsset',
    'destination string, sourceDex string, destinationDex string, token string, amount string, fromSubAccount string, nonce uint64',
  ),
  approveAgent: row('ApproveAgent', 'agentAddress address, agentName string, nonce uint64'),
  approveBuilderFee: row('ApproveBuilderFee', 'maxFeeRate string, builder address, nonce uint64'),
  userDexAbstraction: row('UserDexAbstraction', 'user address, enabled bool, nonce uint64'),
  userSetAbstraction: row('UserSetAbstraction', 'user address, abstraction string, nonce uint64'),
  tokenDelegate: row('TokenDelegate', 'validator address, wei uint64, isUndelegate bool, nonce uint64'),
}

export type UserSignedAction = Readonly<Record<string, unknown>> & { readonly type: string }

/** @throws SigningError BAD_TYPE when the action is not a user-signed one, BAD_VALUE when a field is missing or wrong */
export function userSignedDigest(action: UserSignedAction): Uint8Array {
  const type = Object.hasOwn(USER_SIGNED_TYPES, action.type) ? USER_SIGNED_TYPES[action.type] : undefined
  if (type === undefined) throw new SigningError('BAD_TYPE', `${action.type} is not a user-signed action`)
  // An agent without a name is signed with the empty one.
  const message =
    action.type === 'approveAgent' ? { ...action, agentName: action['agentName'] ?? '' } : action
  return typedDataDigest({
    domain: {
      name: 'HyperliquidSignTransaction',
      version: '1',
      chainId: chainIdOf(action['signatureChainId']),
      verifyingContract: ZERO_ADDRESS,
    },
    types: { [type.primaryType]: type.fields },
    primaryType: type.primaryType,
    message,
  })
}

/** @param privateKey 32 bytes, as `parsePrivateKey` returns them */
export function signUserSignedAction(action: UserSignedAction, privateKey: Uint8Array): Signature {
  return signDigest(userSignedDigest(action), privateKey)
}

/** @returns the address whose key signed exactly this; null when the signature is of no key */
export function recoverUserSigner(action: UserSignedAction, signature: RawSignature): Hex | null {
  return recoverAddress(userSignedDigest(action), signature)
}

function chainIdOf(signatureChainId: unknown): number {
  const chainId =
    typeof signatureChainId === 'string' && /^0x[0-9a-f]{1,13}$/i.test(signatureChainId)
      ? Number(signatureChainId)
      : NaN
  if (!Number.isSafeInteger(chainId)) {
    throw new SigningError('BAD_VALUE', 'signatureChainId must be 0x and at most 13 hexadecimal digits')
  }
  return chainId
}

function row(name: string, fields: string): UserSignedType {
  const listed = fields.split(', ').map((field) => {
    const [fieldName = '', type = ''] = field.split(' ')
    return { name: fieldName, type }
  })
  return {
    primaryType: `HyperliquidTransaction:${name}`,
    fields: [{ name: 'hyperliquidChain', type: 'string' }, ...listed],
  }
}

/** True when the action is signed field by field instead of by its hash. */
export function isUserSigned(actionType: string): boolean {
  return Object.hasOwn(USER_SIGNED_TYPES, actionType)
}
