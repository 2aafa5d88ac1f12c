/**
 * Strategies by the names that comparisons use, each with its own configuration: `glft-ladder`, `fixed-spread`, `size-skew`,
 * and any of them with changed settings: `glft-ladder+risk.gamma_base=0.5+quoting.ladder.levels=3`.
 */
import { createFixedSpread, fixedSpreadDefaults } from '../../strategies/index.ts'
import type { Contender } from '../backtest/compare.ts'
import { toLots } from '../config/amounts.ts'
import type { Config } from '../config/config.ts'
import { ConfigError } from '../config/errors.ts'
import { createEngine } from '../core/engine.ts'
import type { EngineParts } from '../core/engine.ts'
import type { Strategy } from '../core/contracts.ts'
import type { MarketSpec } from '../core/market.ts'
import { nearNames } from '../core/near-names.ts'
import { enginePartsOf } from './engine-parts.ts'

export const CONTENDER_NAMES = ['glft-ladder', 'fixed-spread', 'size-skew'] as const
type ContenderName = (typeof CONTENDER_NAMES)[number]

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
  const config = configOf([...assignments, `strategy.name=${name === 'size-skew' ? 'fixed-spread' : name}`])
  return {
    name: text,
    engineOf: (market) =>
      createEngine(name === 'size-skew' ? sizeSkewParts(config, market) : enginePartsOf(config, market)),
  }
}

function isContenderName(name: string): name is ContenderName {
  return CONTENDER_NAMES.some((known) => known === name)
}

/** Symmetric prices; only the size of the adding side shrinks, to nothing at the position limit. */
function sizeSkewParts(config: Config, market: MarketSpec): EngineParts {
  const { risk, quoting } = config
  return {
    ...enginePartsOf(config, market),
    strategy: createFixedSpread({
      ...fixedSpreadDefaults,
      spreadBps: risk.minSpreadFloorBps,
      levels: quoting.ladder.levels,
      targetLots: toLots(quoting.targetLiquidity, market.grid),
      sizeSkewShare: 1,
      // The engine hands the state back to the strategy that made it.
    }) as Strategy<unknown>,
  }
}
