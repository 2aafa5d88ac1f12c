/** Nonces of one key: milliseconds of the clock, but always above the last one. One allocator per key and process. */
import { assert, isWhole } from '../core/assert.ts'

/** Gives nonces that the key has never used. */
export interface NonceSource {
  /** @param nowMs the clock now, in ms */
  next(nowMs: number): number
}

export interface NonceAllocator {
  lastNonce: number
}

/** @param lastNonce the highest nonce this key has used before, 0 when there is none */
export function initNonceAllocator(lastNonce = 0): NonceAllocator {
  assert(isWhole(lastNonce) && lastNonce >= 0, 'the last nonce is a whole number of milliseconds')
  return { lastNonce }
}

/**
 * @param nowMs the clock now; when it stands still or goes back, nonces still rise by one
 * @returns a nonce that this allocator never returned before
 */
export function allocateNonce(allocator: NonceAllocator, nowMs: number): number {
  assert(isWhole(nowMs) && nowMs >= 0, 'the clock is a whole number of milliseconds')
  allocator.lastNonce = Math.max(nowMs, allocator.lastNonce + 1)
  return allocator.lastNonce
}
