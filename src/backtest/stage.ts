/**
 * A market with our account in it, in virtual time: the embedded venue, its participants by scenario and seed, a deposit, and
 * the local venue that the maker trades through. The same options give the same market.
 */
import { assert } from '../core/assert.ts'
import type { Engine } from '../core/engine.ts'
import type { MarketSpec } from '../core/market.ts'
import type { QueueModel } from '../core/queue/queue-models.ts'
import type { Capital } from '../core/risk/limits.ts'
import type { VenueSpec } from '../exchange/instrument.ts'
import { buildWorld } from '../simulation/default-market.ts'
import { SimulationError } from '../simulation/errors.ts'
import type { TapeSource } from '../simulation/tape.ts'
import { advance, submit } from '../simulation/world.ts'
import type { CommandListener, World } from '../simulation/world.ts'
import type { ScenarioChoice } from '../simulation/scenarios.ts'
import { openLocalVenue } from '../venues/local/local-venue.ts'
import type { LocalVenue, LocalVenueOptions } from '../venues/local/local-venue.ts'

export interface StageOptions {
  /** DEXs and markets of the exchange. */
  readonly spec: VenueSpec
  /** As the venue names it: `BTC`, `hyna:BTC`. */
  readonly coin: string
  /** Market whose mid the maker sees besides; '' or left out: none. */
  readonly reference?: string
  /** A shipped name, or what a file says. */
  readonly scenario: ScenarioChoice
  readonly seed: number
  readonly blockMs: number
  readonly depositMicroUsd: number
  /** A recorded market in place of the scenario; the run then begins at its time. */
  readonly tape?: TapeSource
  /** Where the tape's cancels happen around our orders; pessimistic when left out. A scenario has true queues and takes none. */
  readonly queue?: QueueModel
  /** Hears every command just before the exchange applies it, those of the genesis included. */
  readonly onCommand?: CommandListener
}

/** Makes a fresh engine for the market as the venue describes it, with sizes for what the account has. */
export type EngineMaker = (market: MarketSpec, capital: Capital) => Engine

export interface Stage {
  readonly world: World
  readonly venue: LocalVenue
  /** Virtual time of the first block. */
  readonly startTsMs: number
}

/** 2023-11-14 22:13:20 UTC: fixed, so that a run never depends on the day; outside the hours that are toxic by default. */
export const START_TS_MS = 1_700_000_000_000
const ACCOUNT = `0x${'77'.repeat(20)}`

/** @throws SimulationError UNKNOWN_MARKET, UNKNOWN_SCENARIO; TAPE_COIN for a reference market that the tape has not */
export function openStage(options: StageOptions): Stage {
  const { spec, coin, blockMs, tape, reference = '' } = options
  checkReference(coin, reference, tape)
  const startTsMs = tape === undefined ? START_TS_MS : Math.floor(tape.firstTsMs)
  const world = buildWorld({
    spec,
    seed: options.seed,
    blockMs,
    startTsMs,
    // The reference of a tape is its mid alone: no market of the world.
    markets: [
      ...new Set([
        ...withMainMarket(spec, coin),
        ...(reference === '' || tape !== undefined ? [] : [reference]),
      ]),
    ],
    ...(tape === undefined ? { scenario: options.scenario } : { tape }),
    ...(options.queue === undefined ? {} : { queue: options.queue }),
    ...(options.onCommand === undefined ? {} : { onCommand: options.onCommand }),
  })
  const instrument = spec.instruments.find((one) => one.coin === coin)
  assert(instrument !== undefined, 'the world was built for a coin that is traded')
  const dex = spec.dexs.find((one) => one.index === instrument.dexIndex)
  assert(dex !== undefined, 'every instrument stands on a DEX of the venue')
  const heard = reference === '' ? undefined : referenceOf(world, spec, reference)
  const deposit = { account: ACCOUNT, dexIndex: dex.index, amountMicroUsd: options.depositMicroUsd }
  submit(world, { kind: 'deposit', ...deposit }, (answer) =>
    assert(answer.kind === 'done', 'the deposit of the account is taken'),
  )
  advance(world, startTsMs + blockMs)
  const venue = openLocalVenue({
    world,
    instrument,
    account: ACCOUNT,
    dex: dex.name,
    collateral: dex.collateral.name,
    ...(heard === undefined ? {} : { reference: heard }),
  })
  return { world, venue, startTsMs: world.nowTsMs }
}

/** The reference that the world has: the mid that a tape plays, or a market. */
function referenceOf(world: World, spec: VenueSpec, reference: string): LocalVenueOptions['reference'] {
  const player = world.participants.find(({ referenceUsd }) => referenceUsd !== undefined)
  return player?.referenceUsd ?? spec.instruments.find((one) => one.coin === reference)
}

/** A builder DEX's coin moves with its sibling on the main DEX, so that one is alive too. */
function withMainMarket(spec: VenueSpec, coin: string): string[] {
  const base = coin.slice(coin.indexOf(':') + 1)
  return coin !== base && spec.instruments.some((one) => one.coin === base) ? [coin, base] : [coin]
}

/**
 * One tape played into two markets would show a reference that never leads: a tape plays the reference that was recorded with
 * it, or none.
 * @throws SimulationError UNKNOWN_MARKET, TAPE_COIN
 */
export function checkReference(coin: string, reference: string, tape: TapeSource | undefined): void {
  if (reference === '') return
  if (reference === coin) {
    const message = `market.reference = "${reference}" is the quoted market itself; name another market, or leave it empty`
    throw new SimulationError('UNKNOWN_MARKET', message)
  }
  if (tape === undefined || tape.reference === reference) return
  const what =
    tape.reference === null
      ? `is of ${tape.symbol} alone and has no reference market; a backtest of what hypermake record --set market.reference=${reference} kept has one, or give --set market.reference=`
      : `was recorded with the reference market ${tape.reference}; give --set market.reference=${tape.reference}, or an empty one`
  throw new SimulationError('TAPE_COIN', `market.reference = "${reference}": tape ${tape.path} ${what}`)
}
