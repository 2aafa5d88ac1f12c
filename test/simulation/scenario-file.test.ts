/** Scenarios of users: what ships can be written as a file, a file plays as it says, and what is wrong with one is said. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { printScenario, scenarioAt } from '../../src/compose/scenario.ts'
import { createExchangeJournal } from '../../src/compose/exchange-journal.ts'
import { ConfigError } from '../../src/config/errors.ts'
import { loadConfig } from '../../src/config/load.ts'
import { configDirectory } from '../../src/config/locate.ts'
import { AGENT_KINDS } from '../../src/config/scenario-fields.ts'
import { scenarioKeyTables } from '../../src/config/scenario-page.ts'
import { defaultVenue } from '../../src/config/venue-definitions.ts'
import type { ExchangeCommand } from '../../src/exchange/command.ts'
import { stateHash } from '../../src/exchange/exchange.ts'
import { touch } from '../../src/exchange/queries/book.ts'
import { buildWorld } from '../../src/simulation/default-market.ts'
import { addressOf } from '../../src/simulation/participant.ts'
import type { ScenarioPlan } from '../../src/simulation/scenario-plan.ts'
import { readJournal } from '../../src/journal/reader.ts'
import { planOf, SCENARIO_NAMES, SHIPPED_SCENARIOS } from '../../src/simulation/scenarios.ts'
import type { ScenarioChoice } from '../../src/simulation/scenarios.ts'
import { runUntil } from '../../src/simulation/world.ts'
import { instrumentOf, START_TS_MS } from './support.ts'

const folder = mkdtempSync(join(tmpdir(), 'hypermake-scenario-'))
afterAll(() => rmSync(folder, { recursive: true }))

let fileCount = 0
function fileOf(text: string, name = `s${(fileCount += 1)}`): string {
  const path = join(folder, `${name}.toml`)
  writeFileSync(path, text)
  return path
}

function planIn(text: string): ScenarioPlan {
  return planOf(scenarioAt(fileOf(text)))
}

interface Played {
  readonly hash: string
  readonly orders: ReadonlyMap<string, number>
  readonly bidTicks: number
}

/** Ten seconds of a world, and how many order commands each account sent. */
function play(scenario: ScenarioChoice, markets: readonly string[] = ['BTC'], seed = 5): Played {
  const orders = new Map<string, number>()
  const note = (command: ExchangeCommand): void => {
    if (command.kind !== 'action' || command.action.kind === 'updateLeverage') return
    orders.set(command.account, (orders.get(command.account) ?? 0) + 1)
  }
  const world = buildWorld({
    spec: defaultVenue(),
    seed,
    blockMs: 100,
    startTsMs: START_TS_MS,
    markets,
    scenario,
    onCommand: note,
  })
  runUntil(world, START_TS_MS + 10_000)
  const { bidTicks } = touch(world.exchange, instrumentOf(markets[0] ?? 'BTC').assetId)
  return { hash: stateHash(world.exchange), orders, bidTicks }
}

function errorOf(text: string): string {
  const path = fileOf(text)
  try {
    scenarioAt(path)
  } catch (error) {
    if (error instanceof ConfigError) return `${error.code}: ${error.message.replace(path, 'FILE')}`
    throw error
  }
  return 'no error'
}

describe('what ships', () => {
  test.each(SCENARIO_NAMES)('%s can be written as a file that says the same and plays the same', (name) => {
    const path = fileOf(printScenario(name), name)
    const plan = planOf(scenarioAt(path))
    expect({ ...plan, name }).toEqual(planOf(name))
    expect(plan.name).toMatch(new RegExp(`^${name}@[0-9a-f]{8}$`))
    expect(play(plan).hash).toBe(play(name).hash)
  })

  test('a file with nothing but a base is that scenario', () => {
    for (const { name, ...shipped } of SHIPPED_SCENARIOS) {
      expect(planIn(`base = "${name}"`)).toMatchObject(shipped)
    }
  })
})

const OWN = `
about = "two makers, one of them slow; bursts; nobody who knows more"
[price]
sigma_factor = 1.5
jumps_per_sec = 0.02
jump_bps = 8
regimes = [{ sigma_multiplier = 1, mean_sec = 60 }, { sigma_multiplier = 3, mean_sec = 10 }]
trends = [{ from_sec = 0, to_sec = 30, bps = -20 }, { from_sec = 30, to_sec = 60, bps = 20 }]
[basis]
basis_bps = 6
lag_sec = 0.5
[[agent]]
kind = "maker"
name = "quick"
half_spread_bps = 2
level_count = 3
level_step_bps = 1
level_growth = 0
level_usd = 5000
refresh_bps = 0.5
lean_bps_per_million_usd = 1
[[agent]]
kind = "maker"
name = "slow"
on = "builder"
latency_blocks = 8
half_spread_bps = 6
level_count = 3
level_step_bps = 2
level_growth = 0
level_usd = 20000
refresh_bps = 1
lean_bps_per_million_usd = 1
[[agent]]
kind = "hawkes"
name = "crowd"
latency_blocks = 2
arrivals_factor = 4
excite_per_sec = 0.9
decay_per_sec = 1.2
kappa_factor = 1
depth_bps_max = 30
clip_usd = 500
`

describe('what a file says', () => {
  test('is who trades, and where', () => {
    const { orders } = play(planIn(OWN), ['BTC', 'hyna:BTC'])
    const sent = (name: string): number => orders.get(addressOf(name)) ?? 0
    expect(sent('quick BTC')).toBeGreaterThan(0)
    expect(sent('quick hyna:BTC')).toBeGreaterThan(0)
    expect(sent('slow hyna:BTC')).toBeGreaterThan(0)
    expect(sent('crowd BTC')).toBeGreaterThan(0)
    expect(sent('slow BTC')).toBe(0)
    expect(orders.size).toBe(5)
  })

  test('an agent’s commands arrive as many blocks late as it says', () => {
    const firstOf = (latencyBlocks: number): number => {
      const found: number[] = []
      const scenario = planIn(OWN.replace('latency_blocks = 2', `latency_blocks = ${latencyBlocks}`))
      const world = buildWorld({
        spec: defaultVenue(),
        seed: 5,
        blockMs: 100,
        startTsMs: START_TS_MS,
        markets: ['BTC'],
        scenario,
        onCommand: (command, exchange) => {
          if (command.kind === 'action' && command.account === addressOf('crowd BTC'))
            found.push(exchange.tsMs)
        },
      })
      runUntil(world, START_TS_MS + 20_000)
      return found[0] ?? 0
    }
    expect(firstOf(7) - firstOf(2)).toBe(500)
  })

  test('and the seed make the market: the same again, another with another seed or another figure', () => {
    const one = play(planIn(OWN))
    expect(play(planIn(OWN)).hash).toBe(one.hash)
    expect(play(planIn(OWN), ['BTC'], 6).hash).not.toBe(one.hash)
    expect(play(planIn(OWN.replace('level_usd = 5000', 'level_usd = 5001'))).hash).not.toBe(one.hash)
  })

  test('an own coin profile holds for that coin alone', () => {
    const { coins } = planIn(
      `base = "calm"\n[[coin]]\nname = "BTC"\nsigma_per_sqrt_sec = 2e-4\nkappa = 900\narrivals_per_sec = 1`,
    )
    expect(coins).toHaveLength(planOf('calm').coins.length)
    expect(coins[0]).toEqual({ name: 'BTC', sigmaPerSqrtSec: 2e-4, kappa: 900, arrivalsPerSec: 1 })
    expect(coins.slice(1)).toEqual(planOf('calm').coins.slice(1))
  })

  test('a base loses the agents of `without`, and one of the same name takes the place', () => {
    const { agents } = planIn(
      `base = "calm"\nwithout = ["informed", "maker 4"]\n[[agent]]\nkind = "noise"\nname = "noise"\narrivals_factor = 2\nkappa_factor = 1\ndepth_bps_max = 60\nclip_usd = 100`,
    )
    expect(agents.map(({ name }) => name)).toEqual(['maker 1', 'maker 2', 'maker 3', 'noise'])
    expect(agents[3]).toMatchObject({ arrivalsFactor: 2, on: 'all', latencyBlocks: 0 })
  })

  test('a market whose makers are all elsewhere has an empty book, and lives', () => {
    const plan = planIn(OWN.replace('name = "quick"', 'name = "quick"\non = "builder"'))
    expect(play(plan, ['BTC']).bidTicks).toBe(0)
    expect(play(plan, ['hyna:BTC']).bidTicks).toBeGreaterThan(0)
  })

  test('names the plan: two files of one name and other words are two scenarios, comments do not count', () => {
    const first = planOf(scenarioAt(fileOf(OWN, 'same'))).name
    expect(planOf(scenarioAt(fileOf(`# a comment\n${OWN}`, 'same'))).name).toBe(first)
    expect(planOf(scenarioAt(fileOf(OWN.replace('-20', '-21'), 'same'))).name).not.toBe(first)
    expect(first).toMatch(/^same@/)
  })
})

describe('a file is part of what identifies a run', () => {
  const hashWith = (path: string): string =>
    loadConfig({
      directory: configDirectory,
      profile: null,
      files: [],
      environment: {},
      assignments: [],
      flags: [{ flag: '--scenario', key: 'exchange.scenario', value: path }],
    }).hash

  test('the configuration hash counts what it says, not where it lies', () => {
    const path = fileOf(OWN, 'hashed')
    const hash = hashWith(path)
    expect(hashWith(fileOf(OWN, 'elsewhere'))).toBe(hash)
    writeFileSync(path, OWN.replace('-20', '-21'))
    expect(hashWith(path)).not.toBe(hash)
    expect(hashWith('calm')).not.toBe(hash)
  })

  test('a configuration whose file is gone still loads: stopping a maker must not need it', () => {
    expect(hashWith(join(folder, 'gone.toml'))).toMatch(/^[0-9a-f]{64}$/)
  })

  test('the journal of the exchange keeps the whole scenario', async () => {
    const plan = planIn(OWN)
    const world = buildWorld({
      spec: defaultVenue(),
      seed: 5,
      blockMs: 100,
      startTsMs: START_TS_MS,
      markets: ['BTC'],
      scenario: plan,
    })
    const journal = createExchangeJournal()
    const dir = join(folder, 'journal')
    await journal.open({
      dir,
      exchange: world.exchange,
      header: { build: 'test', dex: '', coin: 'BTC', configHash: '', seed: 5, epoch: 1, createdTsMs: 1 },
      source: 'test',
      scenario: plan,
      blockMs: 100,
      sync: 'never',
      onFailure: (error) => {
        throw error
      },
    })
    await journal.close()
    expect(readJournal(dir).header.config).toMatchObject({ scenario: plan })
  })
})

const MAKER = OWN.slice(OWN.indexOf('[[agent]]'), OWN.indexOf('[[agent]]', OWN.indexOf('[[agent]]') + 1))

describe('what is wrong with a file', () => {
  test.each<[string, string, string]>([
    ['a misspelt key', 'bsae = "calm"', 'UNKNOWN_KEY: FILE: the file has no key bsae; did you mean base?'],
    [
      'an unknown base',
      'base = "clam"',
      'BAD_VALUE: FILE: base = "clam" is no shipped scenario; there are calm, ',
    ],
    [
      'a wrong number',
      '[price]\nsigma_factor = -1',
      'BAD_VALUE: FILE: price.sigma_factor = -1 is not a number (factor), 0 … 100',
    ],
    [
      'text for a number',
      '[price]\njump_bps = "5 bps"',
      'BAD_VALUE: FILE: price.jump_bps = "5 bps" is not a number (bps), 0 … 500; write the number alone',
    ],
    [
      'a key of no table',
      '[price]\nsigma = 1',
      'UNKNOWN_KEY: FILE: price has no key sigma; did you mean sigma_factor?',
    ],
    [
      'no kind',
      '[[agent]]\nname = "a"',
      'BAD_VALUE: FILE: agent[1].kind is missing; there are maker, noise, hawkes, informed, sweeper',
    ],
    [
      'no such kind',
      '[[agent]]\nkind = "makr"',
      'BAD_VALUE: FILE: agent[1].kind = "makr" is no kind of agent; there are maker,',
    ],
    [
      'an inherited word as kind',
      '[[agent]]\nkind = "constructor"',
      'BAD_VALUE: FILE: agent[1].kind = "constructor" is no kind of agent',
    ],
    [
      'a missing key',
      MAKER.replace('level_usd = 5000\n', ''),
      'MISSING_KEY: FILE: agent[1].level_usd is missing; see docs/scenarios.md',
    ],
    ['a key of another kind', `${MAKER}edge_bps = 5`, 'UNKNOWN_KEY: FILE: agent[1] has no key edge_bps'],
    [
      'a row out of range',
      '[price]\ngaps = [{ at_sec = 1, bps = 5 }, { at_sec = 2, bps = 6000 }]',
      'BAD_VALUE: FILE: price.gaps[2].bps = 6000 is not a number (bps), -5000 … 5000',
    ],
    [
      'a row without a key',
      '[price]\ngaps = [{ at_sec = 1 }]',
      'MISSING_KEY: FILE: price.gaps[1].bps is missing',
    ],
    ['a value for a list', '[price]\ntrends = 3', 'BAD_VALUE: FILE: price.trends = 3 is not a list'],
    ['a value for a table', 'price = 3', 'BAD_VALUE: FILE: price = 3 is not a table of keys'],
    [
      'a reserved name',
      MAKER.replace('"quick"', '"price"'),
      'BAD_VALUE: FILE: agent[1].name = "price" is not right. Its own among the agents',
    ],
    [
      'a name twice',
      `${MAKER}${MAKER}`,
      'BAD_VALUE: FILE: agent "quick" stands here twice; give each its own name',
    ],
    [
      'a name twice over a base',
      `base = "calm"\n${MAKER}${MAKER}`.replaceAll('"quick"', '"maker 1"'),
      'BAD_VALUE: FILE: agent "maker 1" stands here twice',
    ],
    [
      'without what is not there',
      'base = "calm"\nwithout = ["maker 9"]',
      'BAD_VALUE: FILE: without names "maker 9", which calm has not; there are maker 1, maker 2',
    ],
    [
      'without a base',
      'without = ["maker 1"]',
      'BAD_VALUE: FILE: without names "maker 1", which no base brings; there are none',
    ],
    [
      'a trend backwards',
      '[price]\ntrends = [{ from_sec = 9, to_sec = 3, bps = 1 }]',
      'BAD_VALUE: FILE: price.trends: to_sec = 3 is not after from_sec = 9',
    ],
    [
      'moves to nothing',
      `[price]\ngaps = [${'{ at_sec = 1, bps = -5000 }, '.repeat(4)}]`,
      'BAD_VALUE: FILE: price: trends and gaps move by 20000 bps together, at most 15000',
    ],
    [
      'too wild a price',
      '[price]\nsigma_factor = 100\nregimes = [{ sigma_multiplier = 2, mean_sec = 1 }]',
      'BAD_VALUE: FILE: price: BTC moves by 160 bps a second',
    ],
    [
      'excitement without end',
      OWN.replace('excite_per_sec = 0.9', 'excite_per_sec = 1.2'),
      'BAD_VALUE: FILE: agent "crowd": excite_per_sec = 1.2 is 1.00 of decay_per_sec, at most 0.95',
    ],
    [
      'a crowd',
      OWN.replace('arrivals_factor = 4', 'arrivals_factor = 60'),
      'BAD_VALUE: FILE: agent "crowd": 72 takers a second on each side of BTC, at most 50; lower arrivals_factor',
    ],
    [
      'a ladder below zero',
      MAKER.replace('level_growth = 0', 'level_growth = 10').replace('level_count = 3', 'level_count = 50'),
      'BAD_VALUE: FILE: agent "quick": its outermost level lies 11811 bps from fair',
    ],
    ['no TOML', 'base = ', 'BAD_TOML: FILE'],
  ])('%s', (_what, text, wanted) => {
    expect(errorOf(text).slice(0, wanted.length)).toBe(wanted)
  })

  test('a file that is not there', () => {
    expect(() => scenarioAt(join(folder, 'none.toml'))).toThrow(/none\.toml.*no such file/)
  })
})

describe('docs/scenarios.md', () => {
  const PAGE = new URL('../../docs/scenarios.md', import.meta.url).pathname
  const [BEGIN, END] = ['<!-- keys -->\n', '<!-- /keys -->\n']

  test('has the tables of every key (UPDATE_DOCS=1 rewrites them)', () => {
    const page = readFileSync(PAGE, 'utf8')
    const made = `${page.slice(0, page.indexOf(BEGIN) + BEGIN.length)}\n${scenarioKeyTables()}\n${page.slice(page.indexOf(END))}`
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(PAGE, made)
    expect(readFileSync(PAGE, 'utf8')).toBe(made)
  })

  test('describes every kind of agent, and its example is a scenario', () => {
    const page = readFileSync(PAGE, 'utf8')
    for (const kind of Object.keys(AGENT_KINDS)) expect(page).toContain(`kind = "${kind}"`)
    const [example] = [...page.matchAll(/```toml\n([\s\S]*?)```/g)].map(([, toml]) => toml ?? '')
    const { orders } = play(planIn(example ?? ''), ['BTC', 'hyna:BTC'])
    expect(orders.size).toBeGreaterThan(4)
  })
})
