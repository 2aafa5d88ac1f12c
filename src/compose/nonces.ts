/** The nonces of a key on this machine: the maker, `hypermake kill` and a watchdog with the maker's key share one mark on disk. */
import type { Log } from '../ops/log.ts'
import { nonceStorePath, openNonceStore } from '../runtime/nonce-store.ts'
import type { NonceStore } from '../runtime/nonce-store.ts'

/** @param of.root the folder that holds the journals */
export function noncesOf(of: {
  readonly root: string
  readonly signer: string
  readonly log: Log
}): NonceStore {
  const { root, signer, log } = of
  return openNonceStore(nonceStorePath({ root, signer: signer.toLowerCase() }), (error) =>
    log.warn('the next block of nonces could not be taken ahead', { because: String(error) }),
  )
}
