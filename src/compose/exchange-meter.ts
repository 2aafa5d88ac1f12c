/** From the running exchange to its metrics page: what is counted on the way, and what is read at the scrape. */
import type { ExchangeCommand } from '../exchange/command.ts'
import { accountState } from '../exchange/queries/account.ts'
import { touch } from '../exchange/queries/book.ts'
import { instrumentContext } from '../exchange/queries/market.ts'
import { createExchangeMetrics, type ExchangeFacts, type ExchangeMetrics } from '../ops/exchange-metrics.ts'
import type { Instrument } from '../exchange/instrument.ts'
import { onBlock } from '../simulation/world.ts'
import type { Embedded, EmbeddedOptions } from './embedded.ts'

/** Equity below this many times the maintenance margin is near its liquidation, which comes at 1. */
const AT_RISK_RATIO = 1.5

export interface Meter {
  readonly hooks: Pick<EmbeddedOptions, 'onCommand' | 'onTook'> & object
  /** Begins with the first block after it. */
  follow(embedded: Embedded): ExchangeMetrics
}

/** @param journalled records that the journal of the exchange has so far */
export function createMeter(journalled: () => number = () => 0): Meter {
  let ordersProcessed = 0
  let metrics: ExchangeMetrics | null = null
  let coinOf = (_assetId: number): string | undefined => undefined
  return {
    hooks: {
      onCommand(command, travelledMs) {
        ordersProcessed += orderCountOf(command)
        if (command.kind !== 'oracle' || travelledMs === null) return
        metrics?.noteOracle(coinOf(command.assetId) ?? 'other', travelledMs)
      },
      onTook: (micros) => metrics?.noteTook(micros),
    },
    follow(embedded) {
      const { world } = embedded
      // Asked each time: a deployer may register markets while the exchange runs.
      const instrumentOf = (assetId: number): Instrument | undefined =>
        world.exchange.marketByAssetId.get(assetId)?.instrument
      coinOf = (assetId) => instrumentOf(assetId)?.coin
      let known: { readonly commands: number; readonly facts: ExchangeFacts } | null = null
      const facts = (): ExchangeFacts => {
        // One scrape asks for each gauge: the accounts are walked once for all of them.
        if (known?.commands !== world.counters.commands) {
          known = {
            commands: world.counters.commands,
            facts: { ...factsOf(embedded, ordersProcessed), eventsWritten: journalled() },
          }
        }
        return known.facts
      }
      const made = createExchangeMetrics({ instrumentOf, facts })
      onBlock(world, ({ events }) => made.noteBlock(events))
      metrics = made
      return made
    },
  }
}

function orderCountOf(command: ExchangeCommand): number {
  if (command.kind !== 'action') return 0
  const { action } = command
  return action.kind === 'order'
    ? action.orders.length
    : action.kind === 'modify'
      ? action.modifies.length
      : 0
}

function factsOf({ world }: Embedded, ordersProcessed: number): Omit<ExchangeFacts, 'eventsWritten'> {
  const { exchange } = world
  let accountsAtRisk = 0
  let lowestMarginRatio: number | null = null
  for (const { address } of exchange.accounts) {
    for (const { spec } of exchange.dexs) {
      const state = accountState(exchange, address, spec.index)
      const maintenance = state.crossMaintenanceMarginMicroUsd
      if (maintenance <= 0) continue
      const ratio = state.cross.accountValueMicroUsd / maintenance
      if (ratio < AT_RISK_RATIO) accountsAtRisk += 1
      lowestMarginRatio = Math.min(lowestMarginRatio ?? Infinity, ratio)
    }
  }
  return {
    ordersProcessed,
    accountCount: exchange.accounts.length,
    accountsAtRisk,
    lowestMarginRatio,
    markets: exchange.markets.map(({ instrument: { assetId, coin, grid } }) => {
      const { bidTicks, askTicks } = touch(exchange, assetId)
      const scale = 10 ** grid.priceDecimals
      const spreadTicks = bidTicks === 0 || askTicks === 0 ? null : askTicks - bidTicks
      return {
        coin,
        oracleUsd: instrumentContext(exchange, assetId).oracleTicks / scale,
        spreadUsd: spreadTicks === null ? null : spreadTicks / scale,
      }
    }),
  }
}
