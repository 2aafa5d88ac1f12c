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

/** Three hexadecimal digits of each number below 4096: a counter is put together of them and never printed. */
const THREE_DIGITS: readonly string[] = Array.from({ length: 0x1000 }, (_, number) =>
  number.toString(16).padStart(3, '0'),
)
/** A counter below this is six of the digits; the others are zeros. */
const SMALL_COUNTER = 0x1000000
const HIGH_ZEROS = '0'.repeat(COUNTER_DIGITS - 6)

/** What the ids of a run begin with: there is one run at a time, and an epoch is long to print. */
const lastHead: { network: Network; epoch: number; head: string } = { network: 'local', epoch: -1, head: '' }

export function makeCloid(of: {
  readonly network: Network
  readonly epoch: number
  readonly counter: number
}): string {
  const { network, epoch, counter } = of
  assert(isWhole(counter) && counter >= 0, 'the order counter is a whole number')
  if (epoch !== lastHead.epoch || network !== lastHead.network) {
    lastHead.head = headOf(network, epoch)
    lastHead.epoch = epoch
    lastHead.network = network
  }
  if (counter >= SMALL_COUNTER) return lastHead.head + counter.toString(16).padStart(COUNTER_DIGITS, '0')
  return `${lastHead.head}${HIGH_ZEROS}${THREE_DIGITS[counter >>> 12]}${THREE_DIGITS[counter & 0xfff]}`
}

function headOf(network: Network, epoch: number): string {
  assert(isWhole(epoch) && epoch >= 0, 'the run epoch is a whole number')
  const digits = epoch.toString(16).padStart(EPOCH_DIGITS, '0')
  assert(digits.length === EPOCH_DIGITS, 'the run epoch fits twelve hexadecimal digits')
  return `0x${TAG}${NETWORK_BYTE[network]}${digits}`
}

/** @returns the run epoch of an order that a hypermake of this network placed, or null for anybody else's */
export function epochOf(cloid: string | null, network: Network): number | null {
  const head = `0x${TAG}${NETWORK_BYTE[network]}`
  if (cloid === null || !cloid.startsWith(head)) return null
  const epoch = Number.parseInt(cloid.slice(head.length, head.length + EPOCH_DIGITS), 16)
  return Number.isNaN(epoch) ? null : epoch
}
