/**
 * Client order ids: 0x + 32 hexadecimal digits = tag "hm" (4) + network (2) + run epoch in ms (12) + counter (14).
 * They come from the journal (epoch and counter), never from chance, so a restart cannot reuse one.
 */
import { assert, isWhole } from '../assert.ts'
import type { Network } from '../market.ts'

const TAG = '686d'
const NETWORK_BYTE: Readonly<Record<Network, string>> = { local: '01', testnet: '02', mainnet: '03' }
const EPOCH_DIGITS = 12
const COUNTER_DIGITS = 14

export function makeCloid(of: {
  readonly network: Network
  readonly epoch: number
  readonly counter: number
}): string {
  assert(isWhole(of.epoch) && of.epoch >= 0, 'the run epoch is a whole number')
  assert(isWhole(of.counter) && of.counter >= 0, 'the order counter is a whole number')
  const epoch = of.epoch.toString(16).padStart(EPOCH_DIGITS, '0')
  const counter = of.counter.toString(16).padStart(COUNTER_DIGITS, '0')
  assert(epoch.length === EPOCH_DIGITS, 'the run epoch fits twelve hexadecimal digits')
  return `0x${TAG}${NETWORK_BYTE[of.network]}${epoch}${counter}`
}

/** @returns the run epoch of an order that a hypermake of this network placed, or null for anybody else's */
export function epochOf(cloid: string | null, network: Network): number | null {
  const head = `0x${TAG}${NETWORK_BYTE[network]}`
  if (cloid === null || !cloid.startsWith(head)) return null
  const epoch = Number.parseInt(cloid.slice(head.length, head.length + EPOCH_DIGITS), 16)
  return Number.isNaN(epoch) ? null : epoch
}
