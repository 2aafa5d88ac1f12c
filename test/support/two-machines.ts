/** The shipped maker against the shipped exchange in virtual time, both journalled as a rehearsal journals them. */
import { runClosedWorld } from '../../src/backtest/closed-world.ts'
import { openStage } from '../../src/backtest/stage.ts'
import { enginePartsOf } from '../../src/compose/engine-parts.ts'
import { createExchangeJournal } from '../../src/compose/exchange-journal.ts'
import { defaultVenue } from '../../src/config/venue-definitions.ts'
import { createEngine } from '../../src/core/engine.ts'
import { stateHash } from '../../src/exchange/exchange.ts'
import { FORMAT_VERSION } from '../../src/journal/format.ts'
import { exchangeFolderOf } from '../../src/journal/run-dir.ts'
import { openJournal } from '../../src/journal/writer.ts'
import { load } from './config.ts'

const COIN = 'hyna:BTC'
const BLOCK_MS = 100

export interface RunOf {
  readonly seed: number
  readonly seconds: number
  readonly scenario?: string
}

export interface TwoHashes {
  readonly maker: string
  readonly exchange: string
}

/** @param dir where both journals go; null: the same run without any */
export async function runTwoMachines(dir: string | null, of: RunOf): Promise<TwoHashes> {
  const config = load()
  const exchangeJournal = createExchangeJournal()
  const { world, venue, startTsMs } = openStage({
    spec: defaultVenue(),
    ...{ coin: COIN, scenario: of.scenario ?? 'calm', seed: of.seed, blockMs: BLOCK_MS },
    depositMicroUsd: 100_000_000_000,
    ...(dir === null ? {} : { onCommand: (command, exchange) => exchangeJournal.note(command, exchange) }),
  })
  const { market, account } = venue
  const named = { build: 'test', dex: market.dex, coin: market.coin, seed: of.seed, epoch: startTsMs }
  const onFailure = (error: unknown): never => {
    throw error
  }
  const common = { ...named, configHash: config.hash, createdTsMs: startTsMs }
  const header = {
    ...common,
    formatVersion: FORMAT_VERSION,
    network: market.network,
    account,
    config: config.values,
  }
  const journal = dir === null ? null : await openJournal({ dir, header, sync: 'never', onFailure })
  if (dir !== null) {
    const { exchange } = world
    const to = { dir: exchangeFolderOf(dir), exchange, header: common, source: 'test', scenario: null }
    await exchangeJournal.open({ ...to, blockMs: BLOCK_MS, sync: 'never', onFailure })
  }
  const engine = createEngine(enginePartsOf(config.values, market))
  let maker = ''
  for (let second = 1; second <= of.seconds; second += 1) {
    maker = runClosedWorld({
      ...{ engine, venue, world, untilTsMs: startTsMs + second * 1_000 },
      onStep(input, commands) {
        journal?.append({ kind: 'input', input })
        for (const command of commands) journal?.append({ kind: 'command', seq: input.seq, command })
      },
    })
    // Turns of the event loop let the writers drain; virtual seconds are far faster than a disk.
    if (dir !== null) await new Promise((resolve) => setImmediate(resolve))
  }
  journal?.append({ kind: 'checkpoint', seq: engine.state.seq, stateHash: maker })
  await journal?.close()
  if (dir !== null) await exchangeJournal.close()
  return { maker, exchange: stateHash(world.exchange) }
}
