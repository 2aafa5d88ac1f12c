/**
 * Builds a world from a venue, a scenario or a tape, and the markets that are alive. All other markets have an oracle price and
 * an empty book.
 */
import type { QueueModel } from '../core/queue/queue-models.ts'
import { createExchange } from '../exchange/exchange.ts'
import type { ExchangeOptions } from '../exchange/exchange.ts'
import type { Instrument, VenueSpec } from '../exchange/instrument.ts'
import { sharingDex } from './agent-account.ts'
import { SimulationError } from './errors.ts'
import type { Participant } from './participant.ts'
import type { PriceGap } from './price-process.ts'
import { oracleSourceOf, scenarioParticipants } from './scenario-participants.ts'
import { SCENARIO_DEFAULT } from './scenarios.ts'
import type { ScenarioChoice } from './scenarios.ts'
import type { TapeSource } from './tape.ts'
import { createTapePlayer } from './tape-player.ts'
import { createWorld } from './world.ts'
import type { CommandListener, ParticipantFilter, World } from './world.ts'

export interface BuildOptions {
  readonly spec: VenueSpec
  /** Decides every random draw of this world. */
  readonly seed: number
  readonly blockMs: number
  readonly startTsMs: number
  /** Coins that are alive, as the venue names them: `BTC`, `hyna:BTC`. */
  readonly markets: readonly string[]
  /** One of `SCENARIO_NAMES`, or what a file says; `calm` when left out. Not used with a tape. */
  readonly scenario?: ScenarioChoice
  readonly tape?: TapeSource
  /**
   * The market that shows the recorded middle of the tape's reference as a touch, for clients that listen to it there; left out:
   * the middle is heard from the player alone.
   */
  readonly tapeReference?: string
  /** Seconds of tape per second of the world; 1 when left out. */
  readonly tapeSpeed?: number
  /** Queue model of the tape's orders around ours; pessimistic when left out. */
  readonly queue?: QueueModel
  /** Jumps of every latent price beside those of the scenario; a tape has its own price and takes none. */
  readonly gaps?: readonly PriceGap[]
  /** Switchable rules of the exchange; left out: the venue's. */
  readonly rules?: Omit<ExchangeOptions, 'startTsMs'>
  /** Submitted commands run at once instead of in the next block. */
  readonly isImmediate?: boolean
  /** Commands of participants for which it is false are lost on the way. */
  readonly lets?: ParticipantFilter
  /** Asked after all others. */
  readonly extra?: readonly Participant[]
  /** Sees every command that is applied, from genesis on. */
  readonly onCommand?: CommandListener
}

/**
 * The exchange of `options.spec` with the participants of a scenario, or of a tape, in the asked-for markets.
 * @throws SimulationError UNKNOWN_MARKET, UNKNOWN_SCENARIO, or TAPE_COIN when tape and markets are of different coins
 */
export function buildWorld(options: BuildOptions): World {
  const spec = options.tape === undefined ? options.spec : specAtTape(options.spec, options.tape)
  const alive = options.markets.map((coin) => instrumentOf(spec, coin))
  const participants =
    options.tape === undefined
      ? scenarioParticipants({ ...options, scenario: options.scenario ?? SCENARIO_DEFAULT }, spec, alive)
      : [tapeParticipant(options, options.tape, spec, alive)]
  participants.push(...(options.extra ?? []))
  const exchange = createExchange(spec, { ...options.rules, startTsMs: options.startTsMs })
  return createWorld({ ...options, exchange, participants: sharingDex(participants) })
}

function tapeParticipant(
  options: BuildOptions,
  tape: TapeSource,
  spec: VenueSpec,
  alive: readonly Instrument[],
): Participant {
  for (const instrument of alive) {
    if (oracleSourceOf(instrument) !== tape.coin) {
      const { coin } = instrument
      const message = `tape ${tape.path} is of ${tape.symbol}, the market is ${coin}; choose a market of ${tape.coin} or another tape`
      throw new SimulationError('TAPE_COIN', message)
    }
  }
  const player = createTapePlayer({
    tape,
    startTsMs: options.startTsMs,
    blockMs: options.blockMs,
    markets: alive,
    instruments: spec.instruments.filter((instrument) => oracleSourceOf(instrument) === tape.coin),
    ...(options.tapeReference === undefined ? {} : { reference: instrumentOf(spec, options.tapeReference) }),
    ...(options.tapeSpeed === undefined ? {} : { speed: options.tapeSpeed }),
    ...(options.queue === undefined ? {} : { queue: options.queue }),
  })
  return player.participant
}

/** Oracles begin where the tape does, so that nothing jumps in the first seconds. */
function specAtTape(spec: VenueSpec, tape: TapeSource): VenueSpec {
  return {
    ...spec,
    instruments: spec.instruments.map((instrument) =>
      oracleSourceOf(instrument) === tape.coin
        ? {
            ...instrument,
            initialOracleTicks: Math.round(tape.firstMidUsd * 10 ** instrument.grid.priceDecimals),
          }
        : instrument,
    ),
  }
}

function instrumentOf(spec: VenueSpec, coin: string): Instrument {
  const instrument = spec.instruments.find((candidate) => candidate.coin === coin && !candidate.isDelisted)
  if (instrument === undefined) {
    const known = spec.instruments
      .filter((candidate) => !candidate.isDelisted)
      .map((candidate) => candidate.coin)
    throw new SimulationError(
      'UNKNOWN_MARKET',
      `market '${coin}' is not traded here; there are ${known.join(', ')}`,
    )
  }
  return instrument
}
