/**
 * The shipped scenarios: who trades, how much, and what happens. Data only; `default-market.ts` builds worlds from it.
 *
 * Distances are in bps, rates per second, sizes in dollars, so that one description serves every coin; what differs
 * between coins is its `CoinProfile`.
 */
import type { BasisConfig } from './basis-process.ts'
import type { HawkesConfig } from './hawkes-takers.ts'
import type { InformedConfig } from './informed-takers.ts'
import type { MakerConfig } from './background-makers.ts'
import type { NoiseConfig } from './noise-takers.ts'
import type { PriceConfig } from './price-process.ts'
import type { Burst } from './sweepers.ts'

/** What differs between coins. */
export interface CoinProfile {
  /** Of the log return per √second. */
  readonly sigmaPerSqrtSec: number
  /** Decay of fill intensity, per unit fraction. */
  readonly kappa: number
  /** Uninformed arrivals per second and side. */
  readonly arrivalsPerSec: number
}

export interface Scenario {
  readonly name: string
  /** One sentence for the list of scenarios. */
  readonly about: string
  readonly price: PriceConfig
  /** Of builder-DEX markets; the main market has none but the premium and its own lag. */
  readonly basis: BasisConfig
  /** The main DEX follows the coin's price so much later, seconds: above the lag of `basis` the builder DEXs lead. */
  readonly mainLagSec: number
  readonly makers: readonly MakerConfig[]
  readonly noise: NoiseConfig
  readonly hawkes: HawkesConfig | null
  readonly informed: InformedConfig | null
  readonly bursts: readonly Burst[]
}

const PROFILES: ReadonlyMap<string, CoinProfile> = new Map([
  ['BTC', { sigmaPerSqrtSec: 8e-5, kappa: 2500, arrivalsPerSec: 0.3 }],
  ['ETH', { sigmaPerSqrtSec: 1e-4, kappa: 2300, arrivalsPerSec: 0.3 }],
  ['SOL', { sigmaPerSqrtSec: 1.3e-4, kappa: 2000, arrivalsPerSec: 0.28 }],
  ['HYPE', { sigmaPerSqrtSec: 1.6e-4, kappa: 1700, arrivalsPerSec: 0.25 }],
])
const OTHER_PROFILE: CoinProfile = { sigmaPerSqrtSec: 1.5e-4, kappa: 1800, arrivalsPerSec: 0.2 }

/** @param coin without DEX prefix */
export function profileOf(coin: string): CoinProfile {
  return PROFILES.get(coin) ?? OTHER_PROFILE
}

/** Two quick makers near fair, a slower one behind, and an anchor so far out that no flow reaches its end. */
const MAKERS: readonly MakerConfig[] = [
  {
    halfSpreadBps: 1,
    levelCount: 6,
    levelStepBps: 0.8,
    levelGrowth: 0.25,
    levelUsd: 6_000,
    refreshBps: 0.4,
    latencyBlocks: 0,
    leanBpsPerMillionUsd: 0.5,
  },
  {
    halfSpreadBps: 1.4,
    levelCount: 6,
    levelStepBps: 1,
    levelGrowth: 0.25,
    levelUsd: 8_000,
    refreshBps: 0.5,
    latencyBlocks: 1,
    leanBpsPerMillionUsd: 0.5,
  },
  {
    halfSpreadBps: 3,
    levelCount: 6,
    levelStepBps: 1.5,
    levelGrowth: 0.3,
    levelUsd: 15_000,
    refreshBps: 1,
    latencyBlocks: 3,
    leanBpsPerMillionUsd: 0.5,
  },
  {
    halfSpreadBps: 12,
    levelCount: 8,
    levelStepBps: 8,
    levelGrowth: 0.5,
    levelUsd: 150_000,
    refreshBps: 2,
    latencyBlocks: 5,
    leanBpsPerMillionUsd: 0.2,
  },
]

const INFORMED: InformedConfig = { looksPerSec: 2, horizonSec: 15, edgeBps: 5, clipUsd: 15_000 }
const BASIS: BasisConfig = { premiumBps: 0, basisBps: 1, reversionSec: 60, lagSec: 0 }

/** e^(−κ·60 bps) is one in three million at κ = 2500: the cut changes nothing but the certainty that a side stays. */
const DEPTH_BPS_MAX = 60

export const SCENARIO_DEFAULT = 'calm'

/** In the order in which they are listed. */
export const SCENARIO_NAMES = ['calm', 'trend', 'sweep', 'gap', 'thin', 'funding', 'basis'] as const
export type ScenarioName = (typeof SCENARIO_NAMES)[number]

export function isScenarioName(name: string): name is ScenarioName {
  return SCENARIO_NAMES.some((known) => known === name)
}

export function scenarioOf(name: ScenarioName, profile: CoinProfile): Scenario {
  const calm = calmOf(profile)
  switch (name) {
    case 'calm':
      return calm
    case 'trend':
      return {
        ...calm,
        name,
        about: 'the price climbs 38 bps in 20 minutes, beginning after one',
        price: { ...calm.price, trend: { fromSec: 60, toSec: 1260, bps: 38 } },
      }
    case 'sweep':
      return {
        ...calm,
        name,
        about: 'seven market sells through the book within a second, and again four minutes later',
        bursts: [60, 300].map((atSec) => ({
          atSec,
          side: 'sell' as const,
          orderCount: 7,
          overMs: 1000,
          depthBps: 14,
          clipUsd: 2_000,
        })),
      }
    case 'gap':
      return {
        ...calm,
        name,
        about: 'the price falls 80 bps in one block after a minute, and rises 60 bps three minutes later',
        price: {
          ...calm.price,
          gaps: [
            { atSec: 60, bps: -80 },
            { atSec: 240, bps: 60 },
          ],
        },
      }
    case 'thin':
      return {
        ...calm,
        name,
        about: 'a quiet market: wide makers with little size, few and bursty takers',
        makers: calm.makers.map((maker) => ({
          ...maker,
          halfSpreadBps: maker.halfSpreadBps * 4,
          levelStepBps: maker.levelStepBps * 2,
          levelUsd: maker.levelUsd / 6,
        })),
        noise: {
          ...calm.noise,
          arrivalsPerSec: profile.arrivalsPerSec / 8,
          kappa: profile.kappa / 2,
          depthBpsMax: 2 * DEPTH_BPS_MAX,
        },
        hawkes: {
          basePerSec: profile.arrivalsPerSec / 40,
          excitePerSec: 0.6,
          decayPerSec: 1,
          kappa: profile.kappa / 2,
          depthBpsMax: 2 * DEPTH_BPS_MAX,
          clipUsd: 300,
        },
      }
    case 'funding':
      return {
        ...calm,
        name,
        about: 'the market trades 25 bps above its oracle, so that longs pay funding',
        basis: { ...calm.basis, premiumBps: 25 },
      }
    case 'basis':
      return {
        ...calm,
        name,
        about: 'builder DEXs follow the main DEX two seconds late and wander 4 bps around it',
        price: { ...calm.price, sigmaPerSqrtSec: 2 * calm.price.sigmaPerSqrtSec },
        basis: { ...calm.basis, basisBps: 4, lagSec: 2 },
      }
  }
}

function calmOf(profile: CoinProfile): Scenario {
  return {
    name: 'calm',
    about: 'a diffusion without drift, quick makers, Poisson takers, a few who know more',
    price: {
      sigmaPerSqrtSec: profile.sigmaPerSqrtSec,
      jumpsPerSec: 0,
      jumpBps: 0,
      regimes: [],
      trend: null,
      gaps: [],
    },
    basis: BASIS,
    mainLagSec: 0,
    makers: MAKERS,
    noise: {
      arrivalsPerSec: profile.arrivalsPerSec,
      kappa: profile.kappa,
      depthBpsMax: DEPTH_BPS_MAX,
      clipUsd: 1_500,
    },
    hawkes: null,
    informed: INFORMED,
    bursts: [],
  }
}
