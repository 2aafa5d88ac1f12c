/**
 * Which public function answers which published test value: function name → call. Keys of the results are those of
 * `test/data/oracles.json`. A straight table, hence its length.
 *
 * A name that is neither here nor in `NOT_YET_BUILT` fails the test; that list is printed and may only shrink.
 */
import { expect } from 'vitest'
import { markoutOf } from '../../estimators/adverse-selection.ts'
import { classifyBulkVolume } from '../../estimators/bulk-volume.ts'
import { flowImbalance, initFlow, observeFlow, passFlowTime } from '../../estimators/flow-imbalance.ts'
import { hawkesLikelihood } from '../../estimators/hawkes.ts'
import {
  expectedClippedMean,
  exponentialMle,
  fitIntensity,
  gammaPosterior,
  kappaUnits,
  leftTruncatedMle,
  rightCensoredMle,
  rightTruncatedMle,
} from '../../estimators/kappa-fits.ts'
import { solveMicroprice } from '../../estimators/microprice-chain.ts'
import { touchImbalance, weightedMid } from '../../estimators/microprice.ts'
import { momentumScore } from '../../estimators/momentum.ts'
import { ofiIncrement } from '../../estimators/order-flow.ts'
import { absoluteMoment, computeRealisedMeasures, THETA } from '../../estimators/realised-measures.ts'
import { ringBack } from '../../estimators/ring.ts'
import { initToxicity, observeTrade, vpinOf } from '../../estimators/toxicity.ts'
import {
  annualToPerSqrtSecond,
  ewmaVariancePerSecond,
  sigmaPerSqrtSecond,
} from '../../estimators/volatility-units.ts'
import { initLadder } from '../../src/core/contracts.ts'
import { applyLedgerFill, initLedger, pnlOf } from '../../src/core/ledger/ledger.ts'
import { drawdownOf, hedgeEffectiveness, loEta, sharpeOf } from '../../src/core/math/performance.ts'
import { initSfc32 } from '../../src/core/math/sfc32.ts'
import { initMmp, recordFill } from '../../src/core/risk/mmp.ts'
import { gridOf } from '../../src/core/units.ts'
import { fundingAmount, hourlyRate, rateOf8h } from '../../src/exchange/funding.ts'
import { feeOf } from '../../src/exchange/integer-money.ts'
import { liquidationPrice, maintenanceOf } from '../../src/exchange/margin.ts'
import { mainPremium } from '../../src/exchange/oracle.ts'
import { avellanedaStoikovQuote } from '../../strategies/avellaneda-stoikov/quote.ts'
import { simulateAvellanedaStoikov } from '../../strategies/avellaneda-stoikov/simulate.ts'
import { asymmetricDepths, exactDepths, solveExact } from '../../strategies/glft/asymmetric.ts'
import type { AsymmetricModel } from '../../strategies/glft/asymmetric.ts'
import {
  asymptoticDepths,
  extendedDepths,
  inventoryFreeHalfSpread,
  riskScale,
} from '../../strategies/glft/closed-form.ts'
import { dynamicGamma, gammaFromTargetSkew } from '../../strategies/glft/risk-aversion.ts'
import { boundedDepths, solveFiniteHorizon, solveSpectral } from '../../strategies/glft/spectral.ts'
import { deltaGammaHedge, deltaGammaVegaHedge } from '../../strategies/hedging/delta-gamma.ts'
import { fitOu, predictOu } from '../../strategies/hedging/mean-reversion.ts'
import {
  contractsFor,
  initRollingHedge,
  minimumVarianceRatio,
  returnToUnitRatio,
  updateRollingHedge,
} from '../../strategies/hedging/minimum-variance.ts'
import { cleanSparkSpread, sparkHedgeVolumes, sparkSpread } from '../../strategies/hedging/spark-spread.ts'
import { allocateEntropy, allocateLinear, allocateQuadratic } from '../../strategies/ladder/allocate.ts'
import { writeDepths } from '../../strategies/ladder/depths.ts'
import { bestDepth, edgeRate, firstPassageProbability } from '../../strategies/ladder/fill-probability.ts'
import { latencyFloor, staleQuoteRisk, tickFloor } from '../../strategies/ladder/floors.ts'
import { kellyBinary, kellyContinuous } from '../../strategies/ladder/kelly.ts'
import { initTerms, TERM, writeLevel } from '../../strategies/ladder/waterfall.ts'
import { gaussians } from './mulberry32.ts'

/** Names of inputs and expected figures that the calls below read. */
type OracleName =
  | 'windowMode'
  | 'averagePremium'
  | 'interestRate'
  | 'position'
  | 'oraclePrice'
  | 'impactBid'
  | 'impactAsk'
  | 'oracle'
  | 'tiers'
  | 'notional'
  | 'size'
  | 'price'
  | 'mark'
  | 'fills'
  | 'config'
  | 'A'
  | 'A_ask'
  | 'A_bid'
  | 'Delta'
  | 'IV'
  | 'K'
  | 'Q'
  | 'R1'
  | 'R2'
  | 'T'
  | 'alpha'
  | 'annualVol'
  | 'ask'
  | 'askSize'
  | 'at'
  | 'base'
  | 'beta'
  | 'bid'
  | 'bidDepth'
  | 'bidSize'
  | 'bookDepth'
  | 'bucketVolume'
  | 'buckets'
  | 'budget'
  | 'cap'
  | 'capacity'
  | 'carbon'
  | 'contractSize'
  | 'costPerFill'
  | 'curvature'
  | 'depth'
  | 'depths'
  | 'depthsInsideBook'
  | 'drift'
  | 'dt'
  | 'durations'
  | 'emissionFactorFuel'
  | 'equity'
  | 'exposure'
  | 'fillPrice'
  | 'forgettingPerObservation'
  | 'fractionOfKelly'
  | 'futures'
  | 'futuresChanges'
  | 'gamma'
  | 'gas'
  | 'halfLife'
  | 'heatRate'
  | 'hedgedPnl'
  | 'hits'
  | 'horizon'
  | 'hours'
  | 'impactPerFill'
  | 'jumpAddsToBVExpected'
  | 'jumpAddsToRV'
  | 'k'
  | 'kappa'
  | 'kappaPerTick'
  | 'kappa_ask'
  | 'kappa_bid'
  | 'levels'
  | 'logReturns'
  | 'lossFraction'
  | 'lot'
  | 'makerFeePerUnit'
  | 'makerFeeRate'
  | 'marginBudget'
  | 'marginPerLot'
  | 'marginalValue'
  | 'max'
  | 'maxDepth'
  | 'maxInventory'
  | 'mean'
  | 'mid'
  | 'midAfter'
  | 'midAtFill'
  | 'min'
  | 'minDepth'
  | 'mu'
  | 'multipliers'
  | 'n'
  | 'option'
  | 'option1'
  | 'option2'
  | 'orderQty'
  | 'p'
  | 'paths'
  | 'periodsPerYear'
  | 'portfolio'
  | 'power'
  | 'priceChange'
  | 'priorRate'
  | 'priorShape'
  | 'q'
  | 'q0'
  | 'qty'
  | 'quotes'
  | 'returnBeta'
  | 'returns'
  | 'rho1'
  | 's'
  | 's0'
  | 'sdBV'
  | 'sdRV'
  | 'secondsPerYear'
  | 'seed'
  | 'series'
  | 'side'
  | 'sigma'
  | 'sigmaPerStep'
  | 'sigmaPriceChange'
  | 'spot'
  | 'spotChanges'
  | 'stdev'
  | 'strategy'
  | 'targetSkewAtMax'
  | 'tau'
  | 'temperature'
  | 'converged'
  | 'tick'
  | 'ticks'
  | 'timeToHorizon'
  | 'times'
  | 'trades'
  | 'unhedgedPnl'
  | 'volume'
  | 'winFraction'
  | 'winProbability'
  | 'window'
  | 'windowPerDepth'
  | 'x'
  | 'xi'
  | 'y'

// The file is data from outside: each function of it documents the shapes.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type OracleInputs = Readonly<Record<OracleName, any>>

/** Functions of the file that the product does not have yet, and where they will live. */
export const NOT_YET_BUILT: Readonly<Record<string, string>> = {
  'bs.price': 'options',
  'bs.delta': 'options',
  'bs.gamma': 'options',
  'bs.vega': 'options',
  'bs.theta': 'options',
  'bs.rho': 'options',
  'bs.greeks': 'options',
  'black76.all': 'options',
  'black76.price': 'options',
  'black76.impliedVol': 'options',
  'inverse.pnlUnderMove': 'options',
  'inverse.pnl': 'options',
  'inverse.optionQuote': 'options',
  'pm.volShock': 'portfolio margin',
  'pm.scenarioGrid': 'portfolio margin',
}

const modelOf = (i: OracleInputs): Parameters<typeof asymptoticDepths>[0] => ({
  sigma: i.sigma,
  fillRate: i.A,
  kappa: i.kappa,
  gamma: i.gamma,
  executionGamma: i.xi ?? i.gamma,
  clip: i.Delta ?? i.lot ?? i.orderQty ?? 1,
})

const boundedOf = (i: OracleInputs): Parameters<typeof solveSpectral>[0] => ({
  sigma: i.sigma,
  fillRate: i.A,
  kappa: i.kappa,
  gamma: i.gamma,
  inventoryMax: i.Q,
})

const asymmetricOf = (i: OracleInputs): AsymmetricModel => ({
  sigma: i.sigma,
  gamma: i.gamma,
  executionGamma: i.gamma,
  bid: { fillRate: i.A_bid, kappa: i.kappa_bid },
  ask: { fillRate: i.A_ask, kappa: i.kappa_ask },
  drift: i.drift ?? 0,
})

/** Function name → call with the plain values of the inputs. A refusal is a throw, "undefined" a null. */
/** Deltas and vegas of the values have one decimal; the module counts whole units. */
function processMmp(i: OracleInputs): string[] {
  const SCALE = 100
  const { interval, frozen, qty, delta, vega } = i.config
  const state = initMmp()
  const config = {
    window: i.windowMode,
    windowMs: interval * 1_000,
    frozenMs: frozen * 1_000,
    quantityMax: qty,
    notionalMax: 0,
    deltaMax: Math.round(delta * SCALE),
    vegaMax: Math.round(vega * SCALE),
  }
  return i.fills.map(
    ([sec, side, quantity, unitDelta, unitVega]: [number, string, number, number, number]) => {
      const signed = side === 'buy' ? quantity : -quantity
      const greek = (unit: number): number => Math.round(signed * unit * SCALE)
      const fill = {
        tsMs: sec * 1_000,
        quantity,
        notional: 0,
        delta: greek(unitDelta),
        vega: greek(unitVega),
      }
      const met = recordFill(state, config, fill)
      if (met === null) return 'ignored'
      return met.length === 0 ? 'ok' : `trigger:${met.join('+')}`
    },
  )
}

/** Published amounts are in dollars; the functions are linear in money, so dollars stand for micro-dollars here. */
const tiersOf = (i: OracleInputs): Parameters<typeof maintenanceOf>[0] =>
  i.tiers.map(([lowerBoundMicroUsd, maxLeverage]: readonly [number, number]) => ({
    lowerBoundMicroUsd,
    maxLeverage,
  }))

function hourlyFunding(i: OracleInputs): unknown {
  const terms = { premium: i.averagePremium, interestPer8h: i.interestRate, multiplier: 1 }
  const rate = hourlyRate(terms)
  // Lots of 10⁻⁵ and ticks of 0.1 $, as BTC has them.
  const microUsd = fundingAmount(i.position * 1e5, i.oraclePrice * 10, rate)
  return { rate8h: rateOf8h(terms), hourlyRate: rate, cashflow: microUsd / 1e6 }
}

/** The exchange solves the exact price only; the documented shortcut at the current tier is written out here, from its margin. */
function liquidationOf(i: OracleInputs): unknown {
  const tiers = tiersOf(i)
  const now = maintenanceOf(tiers, i.size * i.price)
  const room = i.equity - now.maintenanceMicroUsd
  return {
    exact: liquidationPrice({
      tiers,
      sizeLots: i.size * i.side,
      priceTicks: i.price,
      equityMicroUsd: i.equity,
    }),
    documentedFormulaAtCurrentTier: Math.max(0, i.price - (i.side * room) / i.size / (1 - now.rate * i.side)),
    maintenanceNow: now.maintenanceMicroUsd,
  }
}

/** At this scale every amount of the published fills is whole, so nothing is rounded on the way. */
function appliedFills(i: OracleInputs): unknown {
  const [PRICE, SIZE] = [100, 10_000]
  const MONEY = PRICE * SIZE
  const ledger = initLedger()
  const fills: readonly (readonly ['buy' | 'sell', number, number, number])[] = i.fills
  const closedPnlPerFill = fills.map(([side, price, size, rate]) => {
    const before = ledger.realisedMicroUsd
    const [priceTicks, sizeLots] = [price * PRICE, size * SIZE]
    const feeMicroUsd = feeOf(priceTicks * sizeLots, Math.round(rate * 1e9))
    applyLedgerFill(ledger, { side, priceTicks, sizeLots, feeMicroUsd, midTicks: null })
    return (ledger.realisedMicroUsd - before) / MONEY
  })
  const pnl = pnlOf(ledger, i.mark * PRICE)
  const { positionLots, costMicroUsd, feesMicroUsd } = ledger
  return {
    position: positionLots / SIZE,
    entryPrice: positionLots === 0 ? 0 : costMicroUsd / Math.abs(positionLots) / PRICE,
    realised: ledger.realisedMicroUsd / MONEY,
    fees: feesMicroUsd / MONEY,
    unrealised: pnl.unrealisedMicroUsd / MONEY,
    net: pnl.totalMicroUsd / MONEY,
    closedPnlPerFill,
  }
}

export const ORACLE_FUNCTIONS: Readonly<Record<string, (i: OracleInputs) => unknown>> = {
  'funding.hyperliquidHourly': hourlyFunding,
  'funding.premium': (i) =>
    mainPremium({ impactBidTicks: i.impactBid, impactAskTicks: i.impactAsk, oracleTicks: i.oracle }),
  'margin.maintenance': (i) => {
    const { rate, deductionMicroUsd, maintenanceMicroUsd } = maintenanceOf(tiersOf(i), i.notional)
    return { rate, deduction: deductionMicroUsd, maintenance: maintenanceMicroUsd }
  },
  'margin.liquidationPrice': liquidationOf,
  'position.applyFills': appliedFills,
  'constants.mu': (i) => absoluteMoment(i.p),
  'constants.thetaMinus2': () => THETA,
  'rng.mulberry32BoxMuller': (i) => gaussians(i.seed, i.n),
  'mmp.process': processMmp,

  'vol.realisedMeasures': (i) => {
    const m = computeRealisedMeasures(i.logReturns)
    return {
      RV: m.realisedVariance,
      BVraw: m.bipowerRaw,
      BV: m.bipower,
      TP: m.tripower,
      QP: m.quadpower,
      jumpVariation: m.jumpVariation,
      RJ: m.relativeJump,
      zLinear: m.zLinear,
      zRatio: m.zRatio,
      zRatioMax: m.zRatioMax,
      MinRV: m.minRv,
      MedRV: m.medRv,
    }
  },
  'vol.annualToPerSqrtSecond': (i) => annualToPerSqrtSecond(i.annualVol, i.secondsPerYear),
  'vol.sigmaPerSqrtSecond': (i) => {
    const sigma = sigmaPerSqrtSecond({ logReturns: i.logReturns, durationsSec: i.durations })
    return { sigmaTimeWeighted: sigma.timeWeighted, sigmaMeanOfNormalised: sigma.meanOfNormalised }
  },
  'vol.ewmaVariancePerSecond': (i) => {
    const variance = ewmaVariancePerSecond(
      { logReturns: i.logReturns, durationsSec: i.durations },
      i.halfLife,
    )
    return { variancePerSecond: variance, sigma: Math.sqrt(variance) }
  },

  'kappa.exponentialMle': (i) => {
    const fit = exponentialMle(i.depths)
    return fit && { mle: fit.mle, unbiased: fit.unbiased, stdErrMle: fit.stdErr }
  },
  'kappa.leftTruncatedMle': (i) => leftTruncatedMle(i.depths, i.minDepth),
  'kappa.rightCensoredMle': (i) => {
    const fit = rightCensoredMle(i.depths, i.bookDepth)
    return fit && { mle: fit.mle, naiveOneOverMeanOfClipped: fit.naive, uncensored: fit.uncensored }
  },
  'kappa.rightTruncatedMle': (i) => ({ mle: rightTruncatedMle(i.depthsInsideBook, i.bookDepth) }),
  'kappa.gammaPosterior': (i) =>
    gammaPosterior({ priorShape: i.priorShape, priorRate: i.priorRate, depths: i.depths }),
  'kappa.gammaPosteriorWithForgetting': (i) =>
    gammaPosterior({
      priorShape: i.priorShape,
      priorRate: i.priorRate,
      depths: i.depths,
      forgetting: i.forgettingPerObservation,
    }),
  'kappa.fitIntensity': (i) => {
    const fit = fitIntensity({ depths: i.depths, hits: i.hits, secondsPerDepth: i.windowPerDepth })
    return {
      olsKappa: fit.ols.kappa,
      olsA: fit.ols.fillRate,
      weightedKappa: fit.weighted.kappa,
      weightedA: fit.weighted.fillRate,
      poissonKappa: fit.poisson.kappa,
      poissonA: fit.poisson.fillRate,
    }
  },
  'kappa.expectedClippedMean': (i) => {
    const clipped = expectedClippedMean(i.kappa, i.bookDepth)
    return { meanOfClipped: clipped.mean, impliedNaiveKappa: clipped.impliedKappa }
  },
  'kappa.unitConversion': (i) => kappaUnits({ kappaPerTick: i.kappaPerTick, mid: i.mid, tick: i.tick }),

  'microprice.weightedMid': (i) => {
    const touch = { bidTicks: i.bid, bidLots: i.bidSize, askTicks: i.ask, askLots: i.askSize }
    return { imbalance: (touchImbalance(touch) + 1) / 2, weightedMid: weightedMid(touch) }
  },
  'microprice.adjustment': (i) => {
    const solution = solveMicroprice({ noMove: i.Q, moves: i.R1, afterMove: i.R2, moveSizes: i.K })
    return (
      solution && { G1: solution.firstMove, B: solution.next, G6: solution.sixMoves, Gstar: solution.limit }
    )
  },

  'flow.ofi': (i) => {
    const touches = i.quotes.map((row: readonly number[]) => ({
      bidTicks: row[0],
      bidLots: row[1],
      askTicks: row[2],
      askLots: row[3],
    }))
    const increments = touches
      .slice(1)
      .map((touch: Parameters<typeof ofiIncrement>[0], index: number) => ofiIncrement(touches[index], touch))
    return { increments, total: increments.reduce((sum: number, value: number) => sum + value, 0) }
  },
  'flow.vpin': (i) => {
    const state = initToxicity(
      { bucketCount: i.buckets, bucketsMin: 1, bucketSec: 1e-9, bucketVolumeMin: i.bucketVolume },
      i.bucketVolume,
    )
    const buckets: number[][] = []
    for (const [side, volume] of i.trades as readonly (readonly ['B' | 'S', number])[]) {
      // One unit at a time, so that each bucket is seen at its closing.
      for (let unit = 0; unit < volume; unit += 1) {
        const before = { buy: state.buy, sell: state.sell }
        observeTrade(state, 0, side === 'B' ? 'buy' : 'sell', 1)
        if (before.buy + before.sell + 1 === i.bucketVolume) {
          buckets.push(side === 'B' ? [before.buy + 1, before.sell] : [before.buy, before.sell + 1])
          const [buy = 0, sell = 0] = buckets[buckets.length - 1] ?? []
          expect(ringBack(state.imbalances, 0)).toBe(Math.abs(buy - sell) / i.bucketVolume)
        }
      }
    }
    return { buckets, vpin: vpinOf(state), leftover: state.buy + state.sell }
  },
  'flow.bulkVolumeClassification': (i) =>
    classifyBulkVolume({
      priceChange: i.priceChange,
      sigmaPriceChange: i.sigmaPriceChange,
      volume: i.volume,
    }),
  'flow.ewmaImbalance': (i) => {
    const state = initFlow({ halfLifeSec: i.halfLife, tradesMin: 1 })
    for (const [timeSec, sign, volume] of i.trades as readonly (readonly [number, number, number])[]) {
      observeFlow(state, timeSec * 1000, sign > 0 ? 'buy' : 'sell', volume)
    }
    passFlowTime(state, i.at * 1000)
    return { buy: state.buy, sell: state.sell, imbalance: flowImbalance(state) }
  },
  'momentum.zScore': (i) =>
    momentumScore({ logReturns: i.logReturns, durationsSec: i.durations, sigmaPerSqrtSec: i.sigma }),
  'hawkes.intensityAndLogLik': (i) => {
    const fit = hawkesLikelihood({ timesSec: i.times, untilSec: i.T, mu: i.mu, alpha: i.alpha, beta: i.beta })
    return {
      intensityJustBeforeEvents: fit.intensityBefore,
      intensityAtT: fit.intensityAtEnd,
      logLikelihood: fit.logLikelihood,
      branchingRatio: fit.branchingRatio,
      stationaryRate: fit.stationaryRate,
    }
  },
  'fill.firstPassageProbability': (i) =>
    firstPassageProbability({
      depth: i.bidDepth,
      sigmaPerSqrtSec: i.sigma,
      horizonSec: i.tau,
      driftPerSec: i.drift,
    }),
  'edge.markout': (i) =>
    markoutOf({
      side: i.side,
      fillPrice: i.fillPrice,
      midAtFill: i.midAtFill,
      midAfter: i.midAfter,
      quantity: i.qty,
      makerFeeRate: i.makerFeeRate,
    }),

  'floors.latency': (i) => {
    const fraction = latencyFloor(i.sigma, i.tau)
    return { fraction, bps: fraction * 1e4 }
  },
  'floors.staleQuote': (i) => {
    const risk = staleQuoteRisk({ sigmaPerSqrtSec: i.sigma, latencySec: i.tau, depth: i.depth })
    return {
      probCrossAtEnd: risk.probCrossAtEnd,
      probTouchDuring: risk.probTouchDuring,
      expectedLossPerQuote: risk.expectedLoss,
    }
  },
  'floors.tick': (i) => {
    const half = tickFloor({ price: i.mid, step: i.tick, steps: i.ticks })
    return { halfSpreadFraction: half, fullSpreadBps: 2 * half * 1e4 }
  },

  'ladder.spacing': (i) => {
    const depthsOf = (spacing: 'geometric' | 'linear'): number[] => {
      const out = new Float64Array(i.levels)
      writeDepths({ spacing, inner: i.minDepth, outer: i.maxDepth, levels: i.levels }, out)
      return [...out]
    }
    return { geometric: depthsOf('geometric'), linear: depthsOf('linear') }
  },
  'ladder.roundOutward': (i) => ({ bid: placedPrice('bid', i), ask: placedPrice('ask', i) }),
  'ladder.allocateQuadratic': (i) => {
    const levels = i.marginalValue.length
    const sizes = new Float64Array(levels)
    const prices = { budget: 0, margin: 0 }
    const margin =
      i.marginPerLot === undefined ? {} : { margin: { perLot: i.marginPerLot, budget: i.marginBudget } }
    const problem = { value: i.marginalValue, curvature: i.curvature, cap: i.cap, levels, budget: i.budget }
    allocateQuadratic({ ...problem, ...margin }, sizes, prices)
    const objective = [...sizes].reduce(
      (sum, size, level) => sum + i.marginalValue[level] * size - (i.curvature[level] * size * size) / 2,
      0,
    )
    return {
      sizes: [...sizes],
      shadowPriceBudget: prices.budget,
      shadowPriceMargin: prices.margin,
      objective,
    }
  },
  'ladder.allocateLinear': (i) => {
    const sizes = new Float64Array(i.marginalValue.length)
    const problem = { value: i.marginalValue, cap: i.cap, levels: sizes.length, budget: i.budget }
    const unused = allocateLinear(problem, sizes)
    return { sizes: [...sizes], unused }
  },
  'ladder.allocateEntropy': (i) => {
    const sizes = new Float64Array(i.marginalValue.length)
    const { temperature, budget } = i
    allocateEntropy({ value: i.marginalValue, levels: sizes.length, temperature, budget }, sizes)
    return [...sizes]
  },
  'ladder.edgeRateMaximiser': (i) => {
    const best = bestDepth({ kappa: i.kappa, cost: i.costPerFill })
    const rateAt = (depth: number): number =>
      edgeRate({ fillRate: i.A, kappa: i.kappa, cost: i.costPerFill, depth })
    return { bestDepth: best, edgeRateAtBest: rateAt(best), edgeRateAtTwiceBest: rateAt(2 * best) }
  },

  'kelly.binary': (i) =>
    kellyBinary({
      winProbability: i.winProbability,
      winFraction: i.winFraction,
      lossFraction: i.lossFraction,
    }),
  'kelly.continuous': (i) =>
    kellyContinuous({ mean: i.mean, stdev: i.stdev, fractionOfKelly: i.fractionOfKelly }),

  'hedge.minimumVarianceRatio': (i) => {
    const fit = minimumVarianceRatio(i.spotChanges, i.futuresChanges)
    return fit && { ...fit, contracts: contractsFor(fit.ratio, i.exposure, i.contractSize) }
  },
  'hedge.rollingMinimumVarianceRatio': (i) => {
    const state = initRollingHedge(i.window)
    const ratios: (number | null)[] = []
    i.spotChanges.forEach((spot: number, index: number) => {
      updateRollingHedge(state, spot, i.futuresChanges[index])
      if (index + 1 >= i.window) ratios.push(state.ratio)
    })
    return ratios
  },
  'hedge.minimumVarianceRatioLargeOffset': (i) => minimumVarianceRatio(i.x, i.y),
  'hedge.returnToUnitRatio': (i) => returnToUnitRatio(i.returnBeta, i.spot, i.futures),
  'hedge.deltaGamma': (i) => deltaGammaHedge(i.portfolio, i.option),
  'hedge.deltaGammaVega': (i) => {
    const hedge = deltaGammaVegaHedge(i.portfolio, i.option1, i.option2)
    return hedge && { option1: hedge.first, option2: hedge.second, underlying: hedge.underlying }
  },
  'ou.fit': (i) => {
    const fit = fitOu(i.series, i.dt)
    return fit && { phi: fit.phi, intercept: fit.intercept, ...fit.reversion }
  },
  'ou.predict': (i) => predictOu({ x: i.x, mu: i.mu, sigma: i.sigma, kappa: i.kappa, horizon: i.horizon }),
  'spark.spread': (i) => sparkSpread({ power: i.power, gas: i.gas, heatRate: i.heatRate }),
  'spark.cleanSpread': (i) => ({
    ...cleanSparkSpread({
      power: i.power,
      gas: i.gas,
      carbon: i.carbon,
      heatRate: i.heatRate,
      emissionFactorFuel: i.emissionFactorFuel,
    }),
    gasPerMWh: sparkHedgeVolumes({ ...i, capacity: 1, hours: 1 } as Parameters<typeof sparkHedgeVolumes>[0])
      .buyGas,
  }),
  'spark.hedgeVolumes': (i) =>
    sparkHedgeVolumes({
      capacity: i.capacity,
      hours: i.hours,
      heatRate: i.heatRate,
      emissionFactorFuel: i.emissionFactorFuel,
    }),

  'risk.drawdown': (i) => {
    const { longestUnderwaterSamples: longestUnderwater, ...rest } = drawdownOf(i.equity)
    return { ...rest, longestUnderwater }
  },
  'metrics.sharpe': (i) => sharpeOf(i.returns, i.periodsPerYear),
  'metrics.loEta': (i) => loEta(i.q, [i.rho1]),
  'metrics.hedgeEffectiveness': (i) => hedgeEffectiveness(i.unhedgedPnl, i.hedgedPnl),

  'gamma.dynamic': (i) => dynamicGamma({ base: i.base, multipliers: i.multipliers, min: i.min, max: i.max }),
  'gamma.fromTargetSkew': (i) =>
    gammaFromTargetSkew({
      sigma: i.sigma,
      fillRate: i.A,
      kappa: i.kappa,
      inventoryMax: i.maxInventory,
      targetSkew: i.targetSkewAtMax,
    }),
  'glft.halfSpreadAndSkew': (i) => {
    const model = modelOf(i)
    const halfSpreadAtZeroInventory = asymptoticDepths(model, 0).bidDepth
    return { halfSpreadAtZeroInventory, skewPerLot: riskScale(model) }
  },
  'glft.inventoryFreeHalfSpread': (i) =>
    inventoryFreeHalfSpread({ gamma: i.gamma, kappa: i.kappa, clip: i.lot }),
  'glft.asymptoticDepths': (i) => {
    const model = modelOf(i)
    const depths = asymptoticDepths(model, i.q)
    return { ...depths, spread: depths.bidDepth + depths.askDepth, riskScaleC: riskScale(model) }
  },
  'glft.asymptoticDepthsGeneral': (i) => asymptoticDepths(modelOf(i), i.q),
  'glft.asymptoticDepthsExtended': (i) =>
    extendedDepths(modelOf({ ...i, xi: undefined }), i.q, {
      drift: i.drift,
      impactPerFill: i.impactPerFill,
      feePerUnit: i.makerFeePerUnit,
    }),
  'glft.spectralDepths': (i) => {
    const solution = solveSpectral(boundedOf(i))
    return { ...boundedDepths(solution, i.q), smallestEigenvalue: solution.eigenvalue }
  },
  'glft.finiteHorizonDepths': (i) => boundedDepths(solveFiniteHorizon(boundedOf(i), i.timeToHorizon), i.q),
  'glft.asymmetricDepthsClosedForm': (i) => asymmetricDepths(asymmetricOf(i), i.q),
  'glft.asymmetricDepthsExact': (i) => {
    const model = asymmetricOf(i)
    const solution = solveExact(model, i.Q)
    return { ...exactDepths(model, solution, i.q), ergodicConstant: solution.ergodicConstant }
  },
  'as.quote': (i) =>
    avellanedaStoikovQuote({
      price: i.s,
      inventory: i.q,
      gamma: i.gamma,
      sigma: i.sigma,
      timeToHorizon: i.timeToHorizon,
      kappa: i.k,
    }),
}

/** The price of a quote at `depth` bps through the whole way of a level: waterfall, rounding, grid. */
function placedPrice(quote: 'bid' | 'ask', i: OracleInputs): string {
  const decimals = Math.round(-Math.log10(i.tick))
  const level = initLadder(1).bids[0]
  if (level === undefined) throw new Error('a ladder of one level has one')
  const terms = initTerms()
  terms[TERM.liquidity] = i.depth / 1e4
  const fairMicroTicks = Math.round((i.mid / i.tick) * 1e6)
  const touch = { bestBidTicks: 0, bestAskTicks: 0 }
  if (!writeLevel(quote, fairMicroTicks, terms, gridOf(6 - decimals), touch, level))
    throw new Error('no valid price')
  return String(level.priceTicks / 10 ** decimals)
}

/** Values that only a simulation can meet: the call asserts its own tolerance, which the entry's note states. */
export const STATISTICAL_CHECKS: Readonly<Record<string, (i: OracleInputs, expected: OracleInputs) => void>> =
  {
    'as.simulate': (i, expected) => {
      const result = simulateAvellanedaStoikov(
        {
          price: i.s0,
          horizon: i.T,
          sigma: i.sigma,
          dt: i.dt,
          inventory: i.q0,
          kappa: i.k,
          fillRate: i.A,
          gamma: i.gamma,
          strategy: i.strategy,
          paths: i.paths,
        },
        initSfc32(20_080_401),
      )
      const { converged } = expected
      const root = Math.sqrt(i.paths)
      const stdError = (std: number, kurtosis: number): number => (std * Math.sqrt((kurtosis + 2) / 4)) / root
      expect(result.avgSpread).toBeCloseTo(converged.avgSpread, 9)
      within(result.profitMean, converged.profitMean, (4 * converged.profitStd) / root)
      within(result.profitStd, converged.profitStd, 4 * stdError(converged.profitStd, result.profitKurtosis))
      within(result.finalInventoryMean, converged.finalQMean, (4 * converged.finalQStd) / root)
      within(
        result.finalInventoryStd,
        converged.finalQStd,
        4 * stdError(converged.finalQStd, result.finalInventoryKurtosis),
      )
      expect(result.fillsMean / converged.fillsMean).toBeCloseTo(1, 1)
    },
    'vol.simulationBands': (i, expected) => {
      const returns = gaussians(7, i.n).map((value) => value * i.sigmaPerStep)
      const plain = computeRealisedMeasures(returns)
      const jump = 20 * i.sigmaPerStep
      const jumped = computeRealisedMeasures(
        returns.map((value, index) => (index === i.n / 2 ? value + jump : value)),
      )
      within(plain.realisedVariance, expected.IV, 4 * expected.sdRV)
      within(plain.bipower, expected.IV, 4 * expected.sdBV)
      // The jump rides on a return r of its own: RV rises by J² + 2rJ, and BV by J(|r₋|+|r₊|)π/2, a random figure.
      within(
        jumped.realisedVariance - plain.realisedVariance,
        expected.jumpAddsToRV,
        0.5 * expected.jumpAddsToRV,
      )
      const bipowerRise = jumped.bipower - plain.bipower
      expect(bipowerRise).toBeGreaterThan(0)
      expect(bipowerRise).toBeLessThan(4 * expected.jumpAddsToBVExpected)
    },
  }

function within(actual: number, wanted: number, band: number): void {
  expect(Math.abs(actual - wanted), `${actual} within ${band} of ${wanted}`).toBeLessThanOrEqual(band)
}
