/** A key as the SDK's clients want it: an address and a typed-data signer. The key stays in the closure. */
import { addressOf, parsePrivateKey } from './address.ts'
import type { Hex } from './bytes.ts'
import { signDigest, toCompactHex } from './signature.ts'
import { type TypedDomain, typedDataDigest, type TypedField } from './typed-data.ts'

export interface Wallet {
  /** `0x` and 40 lower-case digits. */
  readonly address: Hex
  /** @returns 65 bytes: r, s, v */
  signTypedData(data: {
    readonly domain: TypedDomain
    readonly types: Readonly<Record<string, readonly TypedField[]>>
    readonly primaryType: string
    readonly message: Readonly<Record<string, unknown>>
  }): Promise<Hex>
}

/**
 * @param privateKey `0x` and 64 hexadecimal digits
 * @throws SigningError BAD_KEY; the message never holds the key
 */
export function walletOf(privateKey: string): Wallet {
  const bytes = parsePrivateKey(privateKey)
  return {
    address: addressOf(privateKey),
    async signTypedData(data) {
      return Promise.resolve(toCompactHex(signDigest(typedDataDigest(data), bytes)))
    },
  }
}
