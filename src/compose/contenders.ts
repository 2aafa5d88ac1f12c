/**
 * Strategies by the names that comparisons use, each with its own configuration, and any of them with changed settings:
 * `glft-ladder+risk.gamma_base=0.5+quoting.ladder.levels=3`.
 */
import type { Contender } from '../backtest/compare.ts'
import type { Config } from '../config/config.ts'
import { ConfigError } from '../config/errors.ts'
import { createEngine } from '../core/engine.ts'
import { nearNames } from '../core/near-names.ts'
import { enginePartsOf } from './engine-parts.ts'

/** Each strategy that a configuration can name, and the ladder with its exact solution, by the settings that make it. */
const CONTENDERS = {
  'glft-ladder': ['strategy.name=glft-ladder'],
  'glft-spectral': ['strategy.name=glft-ladder', 'strategy.glft.solution=spectral'],
  'avellaneda-stoikov': ['strategy.name=avellaneda-stoikov'],
  'fixed-spread': ['strategy.name=fixed-spread'],
  'size-skew': ['strategy.name=size-skew'],
} as const
type ContenderName = keyof typeof CONTENDERS
const CONTENDER_NAMES: readonly string[] = Object.keys(CONTENDERS)

const NEAR_NAMES_MAX = 2

/**
 * @param text name, with `+key=value` for each changed setting
 * @param configOf the configuration with these `key=value` on top of the command line's own
 * @throws ConfigError for a name that there is not, or a setting that may not be
 */
export function contenderOf(text: string, configOf: (assignments: readonly string[]) => Config): Contender {
  const [name = '', ...assignments] = text.split('+')
  if (!isContenderName(name)) {
    const near = nearNames(name, CONTENDER_NAMES, NEAR_NAMES_MAX)
    const hint =
      near.length > 0 ? `did you mean ${near.join(' or ')}?` : `known are ${CONTENDER_NAMES.join(', ')}`
    throw new ConfigError('BAD_VALUE', `--strategies ${text}: there is no strategy '${name}'; ${hint}`)
  }
  const config = configOf([...assignments, ...CONTENDERS[name]])
  return { name: text, engineOf: (market, capital) => createEngine(enginePartsOf(config, market, capital)) }
}

function isContenderName(name: string): name is ContenderName {
  return Object.hasOwn(CONTENDERS, name)
}
