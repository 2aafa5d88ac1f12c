/**
 * What `--scenario` names: a shipped scenario, or a TOML file. A file becomes a plan whose name ends in the digest of what it
 * says, so that tables, reports, results and journals tell two files of one name apart.
 */
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { ConfigError } from '../config/errors.ts'
import {
  isScenarioFile,
  readScenarioTables,
  type ScenarioTables,
  type ScenarioValues,
} from '../config/scenario-file.ts'
import { scenarioText } from '../config/scenario-text.ts'
import { namedTwice, scenarioFault } from '../simulation/scenario-fault.ts'
import type { AgentPlan, CoinProfile, ScenarioPlan } from '../simulation/scenario-plan.ts'
import { BARE_SCENARIO, planOf, SCENARIO_NAMES, type ScenarioChoice } from '../simulation/scenarios.ts'

/** Of the SHA-256, in hexadecimal digits. */
const DIGEST_DIGITS = 8

/**
 * @param named name or path; a name that there is not is refused where the scenario is played
 * @throws ConfigError for a file that cannot be read or says something wrong
 */
export function scenarioAt(named: string): ScenarioChoice {
  return isScenarioFile(named) ? readScenario(named) : named
}

/** @throws ConfigError; SimulationError UNKNOWN_SCENARIO */
export function printScenario(named: string): string {
  return scenarioText(planOf(scenarioAt(named)))
}

function readScenario(file: string): ScenarioPlan {
  const tables = readScenarioTables(file)
  const plan = onBase(file, tables)
  const fault = scenarioFault(plan)
  if (fault !== null) throw new ConfigError('BAD_VALUE', `${file}: ${fault}; see docs/scenarios.md`)
  const digest = createHash('sha256').update(scenarioText(plan)).digest('hex').slice(0, DIGEST_DIGITS)
  return { ...plan, name: `${basename(file, '.toml')}@${digest}` }
}

/** What the file says on top of what its base says. */
function onBase(file: string, { about, base: named, without, ...tables }: ScenarioTables): ScenarioPlan {
  const base = named === null ? BARE_SCENARIO : baseOf(file, named)
  const missing = without.find((name) => base.agents.every((agent) => agent.name !== name))
  if (missing !== undefined) {
    const names = base.agents.map(({ name }) => name).join(', ')
    throw new ConfigError(
      'BAD_VALUE',
      `${file}: without names "${missing}", which ${named === null ? 'no base brings' : `${named} has not`}; there ${names === '' ? 'are none' : `are ${names}`}`,
    )
  }
  // The tables were checked field by field; from here on they have the types of a plan.
  const coins = tables.coins as readonly ScenarioValues[] as readonly (ScenarioValues & CoinProfile)[]
  const agents = tables.agents as readonly ScenarioValues[] as readonly (ScenarioValues & AgentPlan)[]
  const twice = namedTwice('coin', coins) ?? namedTwice('agent', agents)
  if (twice !== null) throw new ConfigError('BAD_VALUE', `${file}: ${twice}`)
  const kept = base.agents.filter(({ name }) => !without.includes(name))
  return {
    name: '',
    about: about ?? base.about,
    coins: inPlace(base.coins, coins),
    price: { ...base.price, ...tables.price },
    basis: { ...base.basis, ...tables.basis },
    agents: inPlace(kept, agents),
  }
}

function baseOf(file: string, named: string): ScenarioPlan {
  if (SCENARIO_NAMES.some((name) => name === named)) return planOf(named)
  const known = SCENARIO_NAMES.join(', ')
  throw new ConfigError('BAD_VALUE', `${file}: base = "${named}" is no shipped scenario; there are ${known}`)
}

/** One of a name that the base has takes its place; the others come after. */
function inPlace<Named extends { readonly name: string }>(
  base: readonly Named[],
  own: readonly Named[],
): Named[] {
  const replaced = base.map((one) => own.find(({ name }) => name === one.name) ?? one)
  return [...replaced, ...own.filter(({ name }) => base.every((one) => one.name !== name))]
}
