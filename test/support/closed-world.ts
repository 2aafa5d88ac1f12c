/** The shipped maker against the shipped exchange and market in virtual time: real parts, no sockets, seconds for minutes. */
import { runClosedWorld } from '../../src/backtest/closed-world.ts'
import { openStage, START_TS_MS } from '../../src/backtest/stage.ts'
import { enginePartsOf } from '../../src/compose/engine-parts.ts'
import type { Approved } from '../../src/core/command.ts'
import { createEngine } from '../../src/core/engine.ts'
import type { Engine } from '../../src/core/engine.ts'
import type { Input } from '../../src/core/input.ts'
import { accountState } from '../../src/exchange/queries/account.ts'
import { openOrders } from '../../src/exchange/queries/orders.ts'
import { defaultVenue } from '../../src/config/venue-definitions.ts'
import { buildWorld } from '../../src/simulation/default-market.ts'
import type { PriceGap } from '../../src/simulation/price-process.ts'
import { advance, submit } from '../../src/simulation/world.ts'
import type { World } from '../../src/simulation/world.ts'
import { openLocalVenue } from '../../src/venues/local/local-venue.ts'
import type { LocalVenue } from '../../src/venues/local/local-venue.ts'
import { load } from './config.ts'

const DEPOSIT_MICRO_USD = 100_000_000_000
const COIN = 'hyna:BTC'

export interface Stage {
  readonly engine: Engine
  readonly world: World
  readonly venue: LocalVenue
  /** Runs for so many more seconds of virtual time. @returns the state hash */
  run(seconds: number, onStep?: (input: Input, commands: readonly Approved[]) => void): string
  /** The exchange's own figures of our account on our market. */
  truth(): { positionLots: number; cashMicroUsd: number; openOrderCount: number }
}

type Runnable = Pick<Stage, 'engine' | 'world' | 'venue' | 'run'>

function runnable(parts: Pick<Stage, 'engine' | 'world' | 'venue'>): Runnable {
  return {
    ...parts,
    run: (seconds, onStep) =>
      runClosedWorld({
        ...parts,
        untilTsMs: parts.world.nowTsMs + seconds * 1_000,
        ...(onStep === undefined ? {} : { onStep }),
      }),
  }
}

export function stageOf(of: {
  readonly seed: number
  readonly scenario?: string
  /** `key=value` of the configuration. */
  readonly set?: readonly string[]
}): Stage {
  const config = load({ assignments: of.set ?? [] })
  const spec = defaultVenue()
  const { world, venue } = openStage({
    spec,
    coin: COIN,
    reference: config.values.market.reference,
    scenario: of.scenario ?? 'calm',
    seed: of.seed,
    blockMs: 100,
    depositMicroUsd: DEPOSIT_MICRO_USD,
  })
  const instrument = spec.instruments.find((one) => one.coin === COIN)
  if (instrument === undefined) throw new Error(`${COIN} is shipped`)
  const { assetId, dexIndex } = instrument
  const engine = createEngine(enginePartsOf(config.values, venue.market))
  return {
    ...runnable({ engine, world, venue }),
    truth() {
      const state = accountState(world.exchange, venue.account, dexIndex)
      const held = state.positions.find((position) => position.assetId === assetId)
      return {
        positionLots: held?.sizeLots ?? 0,
        cashMicroUsd: state.whole.rawUsdMicroUsd,
        openOrderCount: openOrders(world.exchange, venue.account, dexIndex).length,
      }
    },
  }
}

/**
 * The shipped maker on a market of a world that no scenario has: other markets alive than ours, or leaps of the price at times of
 * our own.
 */
export function strangeStageOf(of: {
  readonly seed: number
  /** Markets with participants; ours is `hyna:BTC`. */
  readonly markets: readonly string[]
  readonly gaps?: readonly PriceGap[]
  readonly set?: readonly string[]
}): Runnable {
  const spec = defaultVenue()
  const instrument = spec.instruments.find((one) => one.coin === COIN)
  if (instrument === undefined) throw new Error(`${COIN} is shipped`)
  const { seed, markets, gaps = [] } = of
  const world = buildWorld({ spec, seed, blockMs: 100, startTsMs: START_TS_MS, markets, gaps })
  const account = `0x${'77'.repeat(20)}`
  const deposit = { account, dexIndex: instrument.dexIndex, amountMicroUsd: DEPOSIT_MICRO_USD }
  submit(world, { kind: 'deposit', ...deposit }, (answer) => {
    if (answer.kind !== 'done') throw new Error('the deposit is taken')
  })
  advance(world, START_TS_MS + world.blockMs)
  const venue = openLocalVenue({ world, instrument, account, dex: 'hyna', collateral: 'USDE' })
  const { values } = load({ assignments: [...(of.set ?? [])] })
  const engine = createEngine(enginePartsOf(values, venue.market))
  return runnable({ engine, world, venue })
}
