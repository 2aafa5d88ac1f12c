/** Small builders that several simulation tests share. */
import type { Address, ExchangeCommand, OrderRequest, OrderTif } from '../../src/exchange/command.ts'
import type { Instrument } from '../../src/exchange/instrument.ts'
import { toCommand } from '../../src/simulation/agent-account.ts'
import { defaultVenue } from '../../src/config/venue-definitions.ts'
import { addressOf } from '../../src/simulation/participant.ts'
import type { Participant } from '../../src/simulation/participant.ts'
import type { TapeRecord, TapeSource } from '../../src/simulation/tape.ts'

export const START_TS_MS = 1_750_000_000_000

export function instrumentOf(coin: string): Instrument {
  const instrument = defaultVenue().instruments.find((candidate) => candidate.coin === coin)
  if (instrument === undefined) throw new Error(`the default venue has no ${coin}`)
  return instrument
}

export function orderOf(
  order: Pick<OrderRequest, 'assetId' | 'side' | 'priceTicks' | 'sizeLots'>,
  tif: OrderTif = 'Alo',
  cloid: string | null = null,
): OrderRequest {
  return { ...order, reduceOnly: false, tif, trigger: null, cloid }
}

/** One order as a command of an account. */
export function placing(account: Address, ...orders: OrderRequest[]): ExchangeCommand {
  return toCommand(account, { kind: 'order', orders, grouping: 'na' })
}

export function depositing(account: Address, dexIndex = 0): ExchangeCommand {
  return { kind: 'deposit', account, dexIndex, amountMicroUsd: 1e12 }
}

/** A participant that does what a script says: at the n-th asking (0 is genesis) these commands. */
export function scripted(
  name: string,
  script: (account: Address) => Readonly<Record<number, readonly ExchangeCommand[]>>,
  options: { readonly latencyBlocks?: number; readonly dexIndex?: number } = {},
): Participant {
  const account = addressOf(name)
  const plan = script(account)
  let asked = 0
  return {
    name,
    account,
    genesis: [depositing(account, options.dexIndex ?? 0)],
    latencyBlocks: options.latencyBlocks ?? 0,
    onBlock(_view, out) {
      out.push(...(plan[asked] ?? []))
      asked += 1
    },
  }
}

/** A tape made of records, the first of which must be a touch. */
export function tapeOf(
  records: readonly TapeRecord[],
  coin = 'BTC',
  reference: string | null = null,
): TapeSource {
  const first = records[0]
  if (first?.kind !== 'touch') throw new Error('a test tape begins with a touch')
  let next = 0
  return {
    path: 'test tape',
    symbol: `${coin}USDT`,
    coin,
    reference,
    firstTsMs: first.tsMs,
    firstMidUsd: (first.bidE8 + first.askE8) / 2e8,
    counters: { lines: records.length, damagedLines: 0, foreignLines: 0, gaps: 0 },
    firstDamage: null,
    next: () => records[next++] ?? null,
  }
}
