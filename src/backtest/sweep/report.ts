/** The page of a sweep: the front of PnL and drawdown, what each setting did, and how the search held up on held-out windows. */
import { MISSING, numberText } from '../../ops/format.ts'
import { scenarioNameOf } from '../../simulation/scenarios.ts'
import { escaped, tableSection } from '../report/html.ts'
import { COLOURS, STYLE } from '../report/look.ts'
import { renderSvg } from '../report/render.ts'
import type { Table } from '../report/tables.ts'
import type { SharpeWithError, SweepFindings, TrialFigures } from './evaluate.ts'
import type { SweepHead, SweepResults } from './results-file.ts'

/** Rows of the table of trials. */
const ROWS_MAX = 40
const WIDTH = 940

export async function sweepPage({ head }: SweepResults, findings: SweepFindings): Promise<string> {
  const parts: string[] = []
  for (const { title, about, spec } of plotsOf(head, findings)) {
    parts.push(`<h2>${escaped(title)}</h2><p>${escaped(about)}</p>${await renderSvg(spec)}`)
  }
  const tables = [frontTable(head, findings), trialTable(head, findings), foldTable(findings)]
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Sweep of ${escaped(head.market.coin)}</title>
<style>${STYLE}</style></head><body>
<h1>Sweep of ${head.space.length} settings on ${escaped(head.market.coin)}</h1>
<p>${escaped(marketText(head))} · ${escaped(head.method)}, objective ${escaped(head.objective)}, ${findings.ranked.length} trials · simulated money</p>
<div class="tiles">${tilesOf(findings)
    .map(([name, value]) => `<div class="tile"><b>${escaped(value)}</b><span>${escaped(name)}</span></div>`)
    .join('')}</div>
${parts.join('\n')}
${tables.map(tableSection).join('\n')}
<h2>What was run</h2>
<p>hypermake ${escaped(head.build)} · configuration <code>${escaped(head.configHash)}</code>. The same build, configuration, space and seed give the same results for any number of workers.</p>
</body></html>
`
}

/** The markets of a sweep in words. */
export function marketText({ market, heldOut }: SweepHead): string {
  const { tape, scenario, seed, windowCount, minutes } = market
  const searched = `${windowCount - heldOut} searched, ${heldOut} held out${market.rateLimits === true ? '; the venue’s request limits hold' : ''}`
  if (tape !== null) return `tape ${tape} in ${windowCount} windows (${searched})`
  const last = seed + windowCount - 1
  return `scenario ${scenarioNameOf(scenario)}, ${windowCount} windows of ${minutes ?? 0} min, seeds ${seed}…${last} (${searched})`
}

export function sharpeText(sharpe: SharpeWithError | null): string {
  return sharpe === null ? MISSING : `${numberText(sharpe.ratio, 3)} ± ${numberText(sharpe.stdErr, 3)}`
}

function tilesOf(findings: SweepFindings): (readonly [name: string, value: string])[] {
  const { best } = findings
  return [
    ['best trial', best === null ? MISSING : String(best.trial)],
    ['its Sharpe per interval, searched', sharpeText(findings.searchSharpe)],
    ['its Sharpe per interval, held out', sharpeText(findings.heldOutSharpe)],
    ['deflated Sharpe: probability of merit', numberText(findings.deflatedSharpe, 3)],
    ['walk-forward Sharpe per interval', sharpeText(findings.walkForwardSharpe)],
  ]
}

interface Plot {
  readonly title: string
  readonly about: string
  readonly spec: object
}

const SORTS = { domain: ['trial', 'front', 'as configured'], range: [COLOURS.mid, COLOURS.bid, COLOURS.ask] }

function plotsOf(head: SweepHead, findings: SweepFindings): Plot[] {
  const rows = findings.ranked.map((one) => ({
    trial: one.trial,
    pnl: one.pnlUsd,
    drawdown: one.drawdownUsd,
    search: one.searchScore,
    heldOut: one.heldOutScore,
    sort: sortOf(one),
    ...Object.fromEntries(head.space.map((_, index) => [`s${index}`, one.settings[index] ?? null])),
  }))
  const colour = { field: 'sort', type: 'nominal', scale: SORTS, legend: { title: null, orient: 'top' } }
  const quantity = (field: string, title: string): object => ({
    field,
    type: 'quantitative',
    scale: { zero: false },
    axis: { title },
  })
  const points = { type: 'point', filled: true, size: 55, opacity: 0.85 }
  const plots: Plot[] = [
    {
      title: 'PnL against drawdown',
      about:
        'Means over the searched windows, dollars. The front: no other trial earned as much with as small a drawdown.',
      spec: {
        ...{ width: WIDTH, height: 320, data: { values: rows }, mark: points },
        encoding: {
          x: quantity('drawdown', 'max drawdown, USD'),
          y: quantity('pnl', 'PnL, USD'),
          color: colour,
        },
      },
    },
  ]
  if (head.heldOut > 0) {
    plots.push({
      title: 'Searched against held out',
      about: `The objective (${head.objective}) on windows that were searched and on windows that were not. Points far below the line owe their score to chance.`,
      spec: {
        width: 420,
        height: 320,
        data: { values: rows.filter((row) => row.search !== null && row.heldOut !== null) },
        layer: [
          {
            mark: { type: 'line', color: COLOURS.axis, strokeDash: [4, 4] },
            encoding: { x: quantity('search', 'searched'), y: quantity('search', 'held out') },
          },
          {
            mark: points,
            encoding: {
              x: quantity('search', 'searched'),
              y: quantity('heldOut', 'held out'),
              color: colour,
            },
          },
        ],
      },
    })
  }
  plots.push({
    title: 'What each setting did',
    about: `The objective (${head.objective}) of each trial on the searched windows.`,
    spec: {
      columns: 3,
      data: { values: rows.filter((row) => row.search !== null && row.trial > 0) },
      concat: head.space.map((dimension, index) => ({
        ...{ width: 250, height: 170, mark: { ...points, size: 30 } },
        encoding: {
          x:
            dimension.kind === 'values'
              ? { field: `s${index}`, type: 'nominal', axis: { title: dimension.key, labelAngle: 0 } }
              : {
                  field: `s${index}`,
                  type: 'quantitative',
                  scale: dimension.isLog ? { type: 'log' } : { zero: false },
                  axis: { title: dimension.key, tickCount: 5 },
                },
          y: quantity('search', head.objective),
          color: colour,
        },
      })),
    },
  })
  return plots
}

function sortOf({ trial, isOnFront }: TrialFigures): string {
  return trial === 0 ? 'as configured' : isOnFront ? 'front' : 'trial'
}

function frontTable(head: SweepHead, { ranked }: SweepFindings): Table {
  const front = ranked
    .filter((one) => one.isOnFront)
    .toSorted((one, two) => one.drawdownUsd - two.drawdownUsd)
  return {
    title: 'The front',
    about: 'Trials that no other beats in PnL and drawdown both, by rising drawdown.',
    ...trialRows(head, front.slice(0, ROWS_MAX)),
  }
}

function trialTable(head: SweepHead, { ranked }: SweepFindings): Table {
  return {
    title: 'Trials',
    about: `The best ${Math.min(ROWS_MAX, ranked.length)} of ${ranked.length}, by the objective on the searched windows. Trial 0 is the configuration as it is.`,
    ...trialRows(head, ranked.slice(0, ROWS_MAX)),
  }
}

/** Trials as rows of text, for the page and the terminal. */
export function trialRows(
  { space, market }: SweepHead,
  trials: readonly TrialFigures[],
): { readonly head: string[]; readonly rows: string[][] } {
  const figures = ['searched', 'held out', 'PnL, USD', 'drawdown', 'inventory', 'fills']
  if (market.rateLimits === true) figures.push('refused')
  return {
    head: ['trial', ...space.map((dimension) => dimension.key), ...figures],
    rows: trials.map((one) => [
      `${one.trial}${one.isOnFront ? ' *' : ''}`,
      ...space.map((_, index) => String(one.settings[index] ?? MISSING)),
      numberText(one.searchScore, 4),
      numberText(one.heldOutScore, 4),
      numberText(one.pnlUsd, 2),
      numberText(one.drawdownUsd, 2),
      numberText(one.inventoryUsd, 0),
      numberText(one.fills, 1),
      ...(market.rateLimits === true ? [numberText(one.limits?.refusedCount ?? null, 0)] : []),
    ]),
  }
}

export function foldTable({ folds, objective }: SweepFindings): Table {
  return {
    title: 'Walk-forward',
    about: `For each held-out window: the best trial of all windows before it, its ${objective} there, and then on the window itself.`,
    head: ['window', 'trial', 'before', 'on the window', 'PnL, USD'],
    rows: folds.map((fold) => [
      String(fold.window),
      String(fold.trial),
      numberText(fold.scoreBefore, 4),
      numberText(fold.score, 4),
      numberText(fold.pnlUsd, 2),
    ]),
  }
}
