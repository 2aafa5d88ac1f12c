/** What no single value of a scenario shows: values that do not go together. Keys are named as in a file. */
import { BPS } from '../core/units.ts'
import { ANY_COIN } from './scenario-plan.ts'
import type { AgentPlan, MakerPlan, ScenarioPlan } from './scenario-plan.ts'

/** A hundred basis points over one second: beyond it a price wanders off to nothing within a day. */
const SIGMA_MAX = 0.01
/** Scheduled moves of a price together: it stays above an eighth of where it began. */
const MOVES_BPS_MAX = 15_000
/** Outermost level of a maker: half the price. */
const LADDER_BPS_MAX = 5_000
/** Takers per second and side of one agent: more are no market, and one second of theirs takes minutes to play. */
const TAKERS_PER_SEC_MAX = 50
/** At 0.95, an arrival brings nineteen more in the mean. */
const BRANCHING_MAX = 0.95

/** @returns what is wrong, with the remedy; null when nothing is */
export function scenarioFault(plan: ScenarioPlan): string | null {
  return (
    namedTwice('coin', plan.coins) ??
    namedTwice('agent', plan.agents) ??
    (plan.coins.some(({ name }) => name === ANY_COIN)
      ? null
      : `coin: none is named "${ANY_COIN}"; write one for the coins without a table of their own`) ??
    priceFault(plan) ??
    first(plan.agents.map(agentFault)) ??
    first(plan.agents.map((agent) => crowdFault(agent, plan)))
  )
}

/** @returns what is wrong when two rows of a table have one name; else null */
export function namedTwice(table: string, rows: readonly { readonly name: string }[]): string | null {
  const names = rows.map(({ name }) => name)
  const name = names.find((one, index) => names.indexOf(one) !== index)
  return name === undefined ? null : `${table} "${name}" stands here twice; give each its own name`
}

function priceFault({ price, coins }: ScenarioPlan): string | null {
  const backward = price.trends.find(({ fromSec, toSec }) => toSec <= fromSec)
  if (backward !== undefined) {
    return `price.trends: to_sec = ${backward.toSec} is not after from_sec = ${backward.fromSec}; write a later end`
  }
  const movedBps = [...price.trends, ...price.gaps].reduce((sum, { bps }) => sum + Math.abs(bps), 0)
  if (movedBps > MOVES_BPS_MAX) {
    return `price: trends and gaps move by ${movedBps} bps together, at most ${MOVES_BPS_MAX}; take some out`
  }
  const multiplier = Math.max(1, ...price.regimes.map(({ sigmaMultiplier }) => sigmaMultiplier))
  const jumps = Math.sqrt(price.jumpsPerSec) * price.jumpBps * BPS
  return first(
    coins.map(({ name, sigmaPerSqrtSec }) => {
      const sigma = Math.hypot(sigmaPerSqrtSec * price.sigmaFactor * multiplier, jumps)
      return sigma <= SIGMA_MAX
        ? null
        : `price: ${name} moves by ${(sigma / BPS).toFixed(0)} bps a second with its factors and jumps, at most ${SIGMA_MAX / BPS}; lower sigma_factor, sigma_multiplier or jump_bps`
    }),
  )
}

function agentFault(agent: AgentPlan): string | null {
  if (agent.kind === 'hawkes') {
    const ratio = agent.excitePerSec / agent.decayPerSec
    return ratio <= BRANCHING_MAX
      ? null
      : `agent "${agent.name}": excite_per_sec = ${agent.excitePerSec} is ${ratio.toFixed(2)} of decay_per_sec, at most ${BRANCHING_MAX}, or excitement does not die out; lower it`
  }
  if (agent.kind !== 'maker' || ladderBps(agent) <= LADDER_BPS_MAX) return null
  return `agent "${agent.name}": its outermost level lies ${ladderBps(agent).toFixed(0)} bps from fair, at most ${LADDER_BPS_MAX}; lower level_count, level_step_bps or level_growth`
}

function crowdFault(agent: AgentPlan, { coins }: ScenarioPlan): string | null {
  if (agent.kind !== 'noise' && agent.kind !== 'hawkes') return null
  // Each arrival of a Hawkes process brings others: the mean is the base rate over one less the branching ratio.
  const echo = agent.kind === 'noise' ? 1 : 1 / (1 - agent.excitePerSec / agent.decayPerSec)
  return first(
    coins.map(({ name, arrivalsPerSec }) => {
      const perSec = arrivalsPerSec * agent.arrivalsFactor * echo
      return perSec <= TAKERS_PER_SEC_MAX
        ? null
        : `agent "${agent.name}": ${perSec.toFixed(0)} takers a second on each side of ${name}, at most ${TAKERS_PER_SEC_MAX}; lower arrivals_factor`
    }),
  )
}

function ladderBps({ halfSpreadBps, levelCount, levelStepBps, levelGrowth }: MakerPlan): number {
  const steps = levelCount - 1
  return halfSpreadBps + levelStepBps * (steps + (levelGrowth * steps * (steps - 1)) / 2)
}

function first(faults: readonly (string | null)[]): string | null {
  return faults.find((fault) => fault !== null) ?? null
}
