/**
 * The shipped scenarios, by name. Data only: `hypermake exchange --print-scenario NAME` writes each as the file that a user
 * would write, and a test reads every one of them back.
 */
import { SimulationError } from './errors.ts'
import type { AgentPlan, CoinProfile, MakerPlan, ScenarioPlan } from './scenario-plan.ts'

const COINS: readonly CoinProfile[] = [
  { name: 'BTC', sigmaPerSqrtSec: 8e-5, kappa: 2500, arrivalsPerSec: 0.3 },
  { name: 'ETH', sigmaPerSqrtSec: 1e-4, kappa: 2300, arrivalsPerSec: 0.3 },
  { name: 'SOL', sigmaPerSqrtSec: 1.3e-4, kappa: 2000, arrivalsPerSec: 0.28 },
  { name: 'HYPE', sigmaPerSqrtSec: 1.6e-4, kappa: 1700, arrivalsPerSec: 0.25 },
  { name: '*', sigmaPerSqrtSec: 1.5e-4, kappa: 1800, arrivalsPerSec: 0.2 },
]

/** Two quick makers near fair, a slower one behind, and an anchor so far out that no flow reaches its end. */
const MAKERS: readonly MakerPlan[] = [
  {
    kind: 'maker',
    name: 'maker 1',
    on: 'all',
    latencyBlocks: 0,
    halfSpreadBps: 1,
    levelCount: 6,
    levelStepBps: 0.8,
    levelGrowth: 0.25,
    levelUsd: 6_000,
    refreshBps: 0.4,
    leanBpsPerMillionUsd: 0.5,
  },
  {
    kind: 'maker',
    name: 'maker 2',
    on: 'all',
    latencyBlocks: 1,
    halfSpreadBps: 1.4,
    levelCount: 6,
    levelStepBps: 1,
    levelGrowth: 0.25,
    levelUsd: 8_000,
    refreshBps: 0.5,
    leanBpsPerMillionUsd: 0.5,
  },
  {
    kind: 'maker',
    name: 'maker 3',
    on: 'all',
    latencyBlocks: 3,
    halfSpreadBps: 3,
    levelCount: 6,
    levelStepBps: 1.5,
    levelGrowth: 0.3,
    levelUsd: 15_000,
    refreshBps: 1,
    leanBpsPerMillionUsd: 0.5,
  },
  {
    kind: 'maker',
    name: 'maker 4',
    on: 'all',
    latencyBlocks: 5,
    halfSpreadBps: 12,
    levelCount: 8,
    levelStepBps: 8,
    levelGrowth: 0.5,
    levelUsd: 150_000,
    refreshBps: 2,
    leanBpsPerMillionUsd: 0.2,
  },
]

/** e^(−κ·60 bps) is one in three million at κ = 2500: the cut changes nothing but the certainty that a side stays. */
const DEPTH_BPS_MAX = 60

const NOISE: AgentPlan = {
  kind: 'noise',
  name: 'noise',
  on: 'all',
  latencyBlocks: 0,
  arrivalsFactor: 1,
  kappaFactor: 1,
  depthBpsMax: DEPTH_BPS_MAX,
  clipUsd: 1_500,
}

const INFORMED: AgentPlan = {
  kind: 'informed',
  name: 'informed',
  on: 'all',
  latencyBlocks: 0,
  looksPerSec: 2,
  horizonSec: 15,
  edgeBps: 5,
  clipUsd: 15_000,
}

/** What a file without `base` begins with: the coins as they are, a price that only diffuses, and nobody who trades. */
export const BARE_SCENARIO: ScenarioPlan = {
  name: '',
  about: '',
  coins: COINS,
  price: { sigmaFactor: 1, jumpsPerSec: 0, jumpBps: 0, regimes: [], trends: [], gaps: [] },
  basis: { premiumBps: 0, basisBps: 1, reversionSec: 60, lagSec: 0, mainLagSec: 0 },
  agents: [],
}

const CALM: ScenarioPlan = {
  ...BARE_SCENARIO,
  name: 'calm',
  about: 'a diffusion without drift, quick makers, Poisson takers, a few who know more',
  agents: [...MAKERS, NOISE, INFORMED],
}

const TREND: ScenarioPlan = {
  ...CALM,
  name: 'trend',
  about: 'the price climbs 38 bps in 20 minutes, beginning after one',
  price: { ...CALM.price, trends: [{ fromSec: 60, toSec: 1260, bps: 38 }] },
}

const SWEEP: ScenarioPlan = {
  ...CALM,
  name: 'sweep',
  about: 'seven market sells through the book within a second, and again four minutes later',
  agents: [
    ...CALM.agents,
    {
      kind: 'sweeper',
      name: 'sweeper',
      on: 'all',
      latencyBlocks: 0,
      bursts: [60, 300].map((atSec) => ({
        atSec,
        side: 'sell' as const,
        orderCount: 7,
        overMs: 1000,
        depthBps: 14,
        clipUsd: 2_000,
      })),
    },
  ],
}

const GAP: ScenarioPlan = {
  ...CALM,
  name: 'gap',
  about: 'the price falls 80 bps in one block after a minute, and rises 60 bps three minutes later',
  price: {
    ...CALM.price,
    gaps: [
      { atSec: 60, bps: -80 },
      { atSec: 240, bps: 60 },
    ],
  },
}

const THIN: ScenarioPlan = {
  ...CALM,
  name: 'thin',
  about: 'a quiet market: wide makers with little size, few and bursty takers',
  agents: [
    ...MAKERS.map((maker) => ({
      ...maker,
      halfSpreadBps: maker.halfSpreadBps * 4,
      levelStepBps: maker.levelStepBps * 2,
      levelUsd: maker.levelUsd / 6,
    })),
    { ...NOISE, arrivalsFactor: 0.125, kappaFactor: 0.5, depthBpsMax: 2 * DEPTH_BPS_MAX },
    {
      kind: 'hawkes',
      name: 'hawkes',
      on: 'all',
      latencyBlocks: 0,
      arrivalsFactor: 0.025,
      excitePerSec: 0.6,
      decayPerSec: 1,
      kappaFactor: 0.5,
      depthBpsMax: 2 * DEPTH_BPS_MAX,
      clipUsd: 300,
    },
    INFORMED,
  ],
}

const FUNDING: ScenarioPlan = {
  ...CALM,
  name: 'funding',
  about: 'the market trades 25 bps above its oracle, so that longs pay funding',
  basis: { ...CALM.basis, premiumBps: 25 },
}

const BASIS: ScenarioPlan = {
  ...CALM,
  name: 'basis',
  about: 'builder DEXs follow the main DEX two seconds late and wander 4 bps around it',
  price: { ...CALM.price, sigmaFactor: 2 },
  basis: { ...CALM.basis, basisBps: 4, lagSec: 2 },
}

export const SCENARIO_DEFAULT = 'calm'

/** In the order in which they are listed. */
export const SHIPPED_SCENARIOS: readonly ScenarioPlan[] = [CALM, TREND, SWEEP, GAP, THIN, FUNDING, BASIS]
export const SCENARIO_NAMES = ['calm', 'trend', 'sweep', 'gap', 'thin', 'funding', 'basis'] as const
export type ScenarioName = (typeof SCENARIO_NAMES)[number]

/** A shipped scenario by its name, or one that was read from a file. */
export type ScenarioChoice = string | ScenarioPlan

/** @throws SimulationError UNKNOWN_SCENARIO */
export function planOf(choice: ScenarioChoice): ScenarioPlan {
  if (typeof choice !== 'string') return choice
  const plan = SHIPPED_SCENARIOS.find(({ name }) => name === choice)
  if (plan !== undefined) return plan
  const known = SCENARIO_NAMES.join(', ')
  const remedy = `there are ${known}, and files that end in .toml (docs/scenarios.md)`
  throw new SimulationError('UNKNOWN_SCENARIO', `scenario '${choice}' is not known; ${remedy}`)
}

/** How runs, tables and reports name it. */
export function scenarioNameOf(choice: ScenarioChoice): string {
  return typeof choice === 'string' ? choice : choice.name
}
