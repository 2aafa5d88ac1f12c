/** A small venue for tests of the exchange: two markets on the main DEX, two builder DEXs, helpers to write short stories. */
import { gridOf } from '../../src/core/units.ts'
import type {
  AccountAction,
  CommandAnswer,
  ExchangeCommand,
  OrderAnswer,
  OrderRequest,
} from '../../src/exchange/command.ts'
import type { ExchangeEvent, FillEvent, OrderEvent, TradeEvent } from '../../src/exchange/event.ts'
import { apply, createExchange, type Exchange, type ExchangeOptions } from '../../src/exchange/exchange.ts'
import type { Instrument, VenueSpec } from '../../src/exchange/instrument.ts'

export const START_MS: number = 1_700_000_000_000 - (1_700_000_000_000 % 86_400_000) + 1_000
export const BTC = 0
export const ETH = 1
export const HYNA_BTC = 110_000
export const FLX_GOLD = 120_000
export const DOLLAR = 1_000_000

const USDC = { name: 'USDC', index: 0 }

function instrument(of: Partial<Instrument> & Pick<Instrument, 'assetId' | 'coin'>): Instrument {
  return {
    dexIndex: 0,
    grid: gridOf(5),
    marginTableId: 40,
    marginTiers: [{ lowerBoundMicroUsd: 0, maxLeverage: 40 }],
    marginPolicy: 'normal',
    growthMode: false,
    isDelisted: false,
    impactNotionalMicroUsd: 20_000 * DOLLAR,
    interestPer8h: 0.0001,
    fundingMultiplier: 1,
    openInterestCapMicroUsd: null,
    initialOracleTicks: 950_000,
    ...of,
  }
}

export const SPEC: VenueSpec = {
  dexs: [
    { index: 0, name: '', fullName: 'Main', deployer: address('d0'), collateral: USDC, deployerFeeScale: 0 },
    {
      index: 1,
      name: 'hyna',
      fullName: 'Hyna',
      deployer: address('d1'),
      collateral: USDC,
      deployerFeeScale: 1,
    },
    {
      index: 2,
      name: 'flx',
      fullName: 'Felix',
      deployer: address('d2'),
      collateral: { name: 'USDH', index: 360 },
      deployerFeeScale: 0.5,
    },
  ],
  instruments: [
    instrument({
      assetId: BTC,
      coin: 'BTC',
      marginTiers: [
        { lowerBoundMicroUsd: 0, maxLeverage: 40 },
        { lowerBoundMicroUsd: 150_000_000 * DOLLAR, maxLeverage: 20 },
      ],
    }),
    instrument({
      assetId: ETH,
      coin: 'ETH',
      grid: gridOf(4),
      marginTiers: [{ lowerBoundMicroUsd: 0, maxLeverage: 25 }],
      initialOracleTicks: 300_000,
    }),
    instrument({ assetId: HYNA_BTC, coin: 'hyna:BTC', dexIndex: 1 }),
    instrument({
      assetId: FLX_GOLD,
      coin: 'flx:GOLD',
      dexIndex: 2,
      grid: gridOf(3),
      marginPolicy: 'strictIsolated',
      marginTiers: [{ lowerBoundMicroUsd: 0, maxLeverage: 10 }],
      growthMode: true,
      initialOracleTicks: 2_650_000,
    }),
  ],
}

/** An address of 40 hexadecimal digits made from a few. */
export function address(digits: string): string {
  return `0x${digits.padStart(40, '0')}`
}

export const ALICE: string = address('a1')
export const BOB: string = address('b0b')
export const CAROL: string = address('ca')
export const DAVE: string = address('da')

/** A spec with one instrument changed. */
export function specWith(assetId: number, change: Partial<Instrument>): VenueSpec {
  return {
    ...SPEC,
    instruments: SPEC.instruments.map((one) => (one.assetId === assetId ? { ...one, ...change } : one)),
  }
}

export interface World {
  readonly exchange: Exchange
  readonly events: ExchangeEvent[]
  readonly commands: ExchangeCommand[]
  run(command: ExchangeCommand): CommandAnswer
  act(account: string, action: AccountAction): CommandAnswer
  /** Places one order and returns its answer. */
  place(account: string, order: Partial<OrderRequest>): OrderAnswer
  /** Time passes, in one block. */
  wait(ms: number): void
  trades(): TradeEvent[]
  fillsOf(account: string): FillEvent[]
  /** The statuses an order went through. */
  statusesOf(oid: number): string[]
}

/** @param dollars credited on every DEX to each of the four accounts */
export function world(
  dollars = 1_000_000,
  options: Partial<ExchangeOptions> = {},
  spec: VenueSpec = SPEC,
): World {
  const exchange = createExchange(spec, { startTsMs: START_MS, ...options })
  const events: ExchangeEvent[] = []
  const commands: ExchangeCommand[] = []
  const run = (command: ExchangeCommand): CommandAnswer => {
    commands.push(command)
    const applied = apply(exchange, command)
    events.push(...applied.events)
    return applied.answer
  }
  const act = (account: string, action: AccountAction): CommandAnswer =>
    run({ kind: 'action', account, signer: account, nonce: null, expiresAfterMs: null, action })
  for (const account of dollars > 0 ? [ALICE, BOB, CAROL, DAVE] : []) {
    for (const dex of spec.dexs) {
      run({ kind: 'deposit', account, dexIndex: dex.index, amountMicroUsd: dollars * DOLLAR })
    }
  }
  return {
    exchange,
    events,
    commands,
    run,
    act,
    place(account, order) {
      const answer = act(account, { kind: 'order', grouping: 'na', orders: [orderOf(order)] })
      if (answer.kind !== 'orders') throw new Error(`expected order answers, got ${JSON.stringify(answer)}`)
      const first = answer.answers[0]
      if (first === undefined) throw new Error('expected one answer')
      return first
    },
    wait: (ms) => void run({ kind: 'block', tsMs: exchange.tsMs + ms }),
    trades: () => events.filter((event) => event.kind === 'trade'),
    fillsOf: (account) =>
      events.filter((event): event is FillEvent => event.kind === 'fill' && event.account === account),
    statusesOf: (oid) =>
      events
        .filter((event): event is OrderEvent => event.kind === 'order' && event.order.oid === oid)
        .map((event) => event.status),
  }
}

/** A plain order: buy 0.01 BTC at 95 000 $, good till cancelled, but for what is given. */
export function orderOf(order: Partial<OrderRequest> = {}): OrderRequest {
  return {
    assetId: BTC,
    side: 'buy',
    priceTicks: 950_000,
    sizeLots: 1_000,
    reduceOnly: false,
    tif: 'Gtc',
    trigger: null,
    cloid: null,
    ...order,
  }
}

/** The id of an accepted order. @throws when the answer is an error */
export function oidOf(answer: OrderAnswer): number {
  if (answer.kind === 'error') throw new Error(`order was refused: ${answer.text}`)
  return answer.oid
}
