/**
 * A scenario as data: who trades, how much, and what happens, for every coin at once. The shipped ones are in
 * `scenarios.ts`; a TOML file makes the same data (docs/scenarios.md), so that whatever ships can be written by a user.
 *
 * Distances are in bps, rates per second, sizes in dollars; what differs between coins is its `CoinProfile`, and sigma, κ
 * and arrivals are factors of it.
 * in      plain JSON-safe data        out     what each participant of one coin is made with
 */
import { assert } from '../core/assert.ts'
import type { BasisConfig } from './basis-process.ts'
import type { HawkesConfig } from './hawkes-takers.ts'
import type { InformedConfig } from './informed-takers.ts'
import type { MakerConfig } from './background-makers.ts'
import type { NoiseConfig } from './noise-takers.ts'
import type { PriceConfig } from './price-process.ts'
import type { Burst } from './sweepers.ts'

/** What differs between coins. */
export interface CoinProfile {
  /** Without DEX prefix; `*` stands for all that have no profile of their own. */
  readonly name: string
  /** Of the log return per √second. */
  readonly sigmaPerSqrtSec: number
  /** Decay of fill intensity, per unit fraction. */
  readonly kappa: number
  /** Uninformed arrivals per second and side. */
  readonly arrivalsPerSec: number
}

/** Markets an agent trades in: every living one, those of the main DEX, or those of builder DEXs. */
export type AgentPlace = 'all' | 'main' | 'builder'

interface AgentHead {
  /** Unique in the scenario: names its account and its random stream. */
  readonly name: string
  readonly on: AgentPlace
  readonly latencyBlocks: number
}
export type MakerPlan = AgentHead & MakerConfig & { readonly kind: 'maker' }
export type NoisePlan = AgentHead &
  Pick<NoiseConfig, 'depthBpsMax' | 'clipUsd'> & {
    readonly kind: 'noise'
    /** Of the coin's arrivals and κ. */
    readonly arrivalsFactor: number
    readonly kappaFactor: number
  }
export type HawkesPlan = AgentHead &
  Pick<HawkesConfig, 'excitePerSec' | 'decayPerSec' | 'depthBpsMax' | 'clipUsd'> & {
    readonly kind: 'hawkes'
    /** μ as a factor of the coin's arrivals. */
    readonly arrivalsFactor: number
    readonly kappaFactor: number
  }
export type InformedPlan = AgentHead & InformedConfig & { readonly kind: 'informed' }
export type SweeperPlan = AgentHead & { readonly kind: 'sweeper'; readonly bursts: readonly Burst[] }
export type AgentPlan = MakerPlan | NoisePlan | HawkesPlan | InformedPlan | SweeperPlan

export interface ScenarioPlan {
  readonly name: string
  /** One sentence for the list of scenarios. */
  readonly about: string
  /** One is of `*`. */
  readonly coins: readonly CoinProfile[]
  readonly price: Omit<PriceConfig, 'sigmaPerSqrtSec'> & {
    /** Of the coin's sigma. */
    readonly sigmaFactor: number
  }
  /** Of builder-DEX markets; the main market has none but the premium and its own lag. */
  readonly basis: BasisConfig & {
    /** The main DEX follows the coin's price so much later, seconds: above `lagSec` the builder DEXs lead. */
    readonly mainLagSec: number
  }
  /** In the order in which they are asked after each block. */
  readonly agents: readonly AgentPlan[]
}

/** An agent of one coin, its factors multiplied out. */
export type Agent = AgentHead &
  (
    | { readonly kind: 'maker'; readonly config: MakerConfig }
    | { readonly kind: 'noise'; readonly config: NoiseConfig }
    | { readonly kind: 'hawkes'; readonly config: HawkesConfig }
    | { readonly kind: 'informed'; readonly config: InformedConfig }
    | { readonly kind: 'sweeper'; readonly bursts: readonly Burst[] }
  )

/** A scenario of one coin. */
export interface Scenario {
  readonly price: PriceConfig
  readonly basis: BasisConfig
  readonly mainLagSec: number
  readonly agents: readonly Agent[]
}

/** Stands for every coin without a profile. */
export const ANY_COIN = '*'

/** @param coin without DEX prefix; the plan has a profile of it, or of `*` */
export function scenarioOf(plan: ScenarioPlan, coin: string): Scenario {
  const profile =
    plan.coins.find(({ name }) => name === coin) ?? plan.coins.find(({ name }) => name === ANY_COIN)
  assert(profile !== undefined, `scenario ${plan.name} has a profile for every coin`)
  const { sigmaFactor, ...price } = plan.price
  const { mainLagSec, ...basis } = plan.basis
  return {
    price: { ...price, sigmaPerSqrtSec: sigmaFactor * profile.sigmaPerSqrtSec },
    basis,
    mainLagSec,
    agents: plan.agents.map((agent) => agentOf(agent, profile)),
  }
}

function agentOf(plan: AgentPlan, { kappa, arrivalsPerSec }: CoinProfile): Agent {
  const { name, on, latencyBlocks } = plan
  const head = { name, on, latencyBlocks }
  switch (plan.kind) {
    case 'maker':
      return { ...head, kind: 'maker', config: plan }
    case 'noise': {
      const { depthBpsMax, clipUsd } = plan
      const flow = { arrivalsPerSec: arrivalsPerSec * plan.arrivalsFactor, kappa: kappa * plan.kappaFactor }
      return { ...head, kind: 'noise', config: { ...flow, depthBpsMax, clipUsd } }
    }
    case 'hawkes': {
      const { excitePerSec, decayPerSec, depthBpsMax, clipUsd } = plan
      const flow = { basePerSec: arrivalsPerSec * plan.arrivalsFactor, kappa: kappa * plan.kappaFactor }
      return { ...head, kind: 'hawkes', config: { ...flow, excitePerSec, decayPerSec, depthBpsMax, clipUsd } }
    }
    case 'informed':
      return { ...head, kind: 'informed', config: plan }
    case 'sweeper':
      return { ...head, kind: 'sweeper', bursts: plan.bursts }
  }
}
