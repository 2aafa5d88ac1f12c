/** A simulated market whose every command is journalled, as `hypermake exchange --journal` does it, in virtual time. */
import { createExchangeJournal } from '../../src/compose/exchange-journal.ts'
import { defaultVenue } from '../../src/config/venue-definitions.ts'
import { stateHash } from '../../src/exchange/exchange.ts'
import { buildWorld } from '../../src/simulation/default-market.ts'
import { runUntil } from '../../src/simulation/world.ts'
import type { World } from '../../src/simulation/world.ts'

const START_TS_MS = 1_750_000_000_000
const BLOCK_MS = 100

export interface JournalledExchange {
  readonly dir: string
  readonly world: World
  readonly stateHash: string
}

export async function journalledExchange(
  dir: string,
  of: {
    readonly seed: number
    readonly seconds: number
    readonly scenario?: string
    readonly onSecond?: (world: World, second: number) => void
  },
): Promise<JournalledExchange> {
  const journal = createExchangeJournal()
  const world = buildWorld({
    spec: defaultVenue(),
    seed: of.seed,
    blockMs: BLOCK_MS,
    startTsMs: START_TS_MS,
    markets: ['BTC'],
    scenario: of.scenario ?? 'calm',
    onCommand: (command, exchange) => journal.note(command, exchange),
  })
  await journal.open({
    dir,
    exchange: world.exchange,
    source: 'test',
    scenario: null,
    blockMs: BLOCK_MS,
    sync: 'never',
    onFailure: (error) => {
      throw error
    },
    header: {
      build: 'test',
      dex: '',
      coin: 'BTC',
      configHash: '',
      seed: of.seed,
      epoch: START_TS_MS,
      createdTsMs: START_TS_MS,
    },
  })
  for (let second = 1; second <= of.seconds; second += 1) {
    runUntil(world, START_TS_MS + second * 1_000)
    of.onSecond?.(world, second)
    // Turns of the event loop let the writer drain; virtual seconds are far faster than a disk.
    await new Promise((resolve) => setImmediate(resolve))
  }
  await journal.close()
  return { dir, world, stateHash: stateHash(world.exchange) }
}
