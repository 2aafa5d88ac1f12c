/**
 * The metrics of what the maker believes, and how it came to its last decision: estimates, markouts, edges, factors, floors.
 * A value that is not known is NaN, never 0. Each row has its line in docs/metrics.md.
 */
import { byName, type LabelledMetric } from './metric-rows.ts'

export const DECISION_GAUGES: readonly LabelledMetric[] = [
  {
    name: 'mm_estimate',
    help: 'Estimate of the last decision by its name in explain, in the unit named there; NaN when it cannot be used',
    labels: ['name'],
    read: ({ estimates }) =>
      Object.entries(estimates).map(([name, { value }]) => [[name], value ?? Number.NaN] as const),
  },
  {
    name: 'mm_estimate_confidence',
    help: 'Confidence of each estimate, 0 to 1',
    labels: ['name', 'status'],
    read: ({ estimates }) =>
      Object.entries(estimates).map(
        ([name, { status, confidence }]) => [[name, status], confidence] as const,
      ),
  },
  {
    name: 'mm_estimate_age_ms',
    help: 'Age of the data behind each estimate at the last decision, ms',
    labels: ['name'],
    read: ({ estimates }) =>
      Object.entries(estimates).map(([name, { ageMs }]) => [[name], ageMs ?? Number.NaN] as const),
  },
  {
    name: 'mm_kappa_95',
    help: 'Kappa lies between lower and upper with 95 percent, per unit fraction',
    labels: ['side', 'bound'],
    read: ({ kappaBid95, kappaAsk95 }) => [
      [['bid', 'lower'], kappaBid95?.[0] ?? Number.NaN],
      [['bid', 'upper'], kappaBid95?.[1] ?? Number.NaN],
      [['ask', 'lower'], kappaAsk95?.[0] ?? Number.NaN],
      [['ask', 'upper'], kappaAsk95?.[1] ?? Number.NaN],
    ],
  },
  {
    name: 'mm_markout_bps',
    help: 'Mean move against us after our fills, bps, cost positive, from the mid at the fill or at placement',
    labels: ['side', 'horizon_ms', 'since'],
    read: ({ pipelineFigures }) =>
      (pipelineFigures?.markouts ?? []).flatMap(({ quote, horizonMs, sinceFillBps, sincePlacementBps }) => [
        [[quote, String(horizonMs), 'fill'], sinceFillBps ?? Number.NaN] as const,
        [[quote, String(horizonMs), 'placement'], sincePlacementBps ?? Number.NaN] as const,
      ]),
  },
  {
    name: 'mm_markout_error_bps',
    help: 'Standard error of the markout since the fill, bps',
    labels: ['side', 'horizon_ms'],
    read: ({ pipelineFigures }) =>
      (pipelineFigures?.markouts ?? []).map(
        ({ quote, horizonMs, errorBps }) => [[quote, String(horizonMs)], errorBps ?? Number.NaN] as const,
      ),
  },
  {
    name: 'mm_edge_bps',
    help: 'What a fill earned on average, bps: spread less impact less fee is net',
    labels: ['side', 'part'],
    read: ({ pipelineFigures }) =>
      (pipelineFigures?.edges ?? []).flatMap(({ quote, spreadBps, impactBps, feeBps, netBps }) => [
        [[quote, 'spread'], spreadBps] as const,
        [[quote, 'impact'], impactBps ?? Number.NaN] as const,
        [[quote, 'fee'], feeBps] as const,
        [[quote, 'net'], netBps ?? Number.NaN] as const,
      ]),
  },
  {
    name: 'mm_risk_aversion_factor',
    help: 'Factors on the risk aversion at the last decision, 1 is neutral',
    labels: ['factor'],
    read: ({ strategyFigures }) => byName(strategyFigures?.riskFactors),
  },
  {
    name: 'mm_tight_quoting',
    help: '1 while quoting below the minimum spread is on',
    labels: [],
    read: ({ strategyFigures }) => (strategyFigures === null ? [] : [[[], strategyFigures.isTight ? 1 : 0]]),
  },
  {
    name: 'mm_knife',
    help: '1 while a falling or rising price keeps the side away that it would run over',
    labels: ['direction'],
    read: ({ strategyFigures }) => byName(strategyFigures?.knife),
  },
  {
    name: 'mm_tight_condition',
    help: '1 for each condition of tight quoting that holds, 0 for one that fails',
    labels: ['condition'],
    read: ({ strategyFigures }) => byName(strategyFigures?.tightConditions),
  },
  {
    name: 'mm_floor_share',
    help: 'Share of the time in which each floor, or the model above all, decided the innermost quote of a side',
    labels: ['side', 'floor'],
    read: ({ strategyFigures }) => [
      ...byName(strategyFigures?.bidFloorShares, 'bid'),
      ...byName(strategyFigures?.askFloorShares, 'ask'),
    ],
  },
]
