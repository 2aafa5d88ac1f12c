/** Colours and type of the report: the same hue means the same thing on every plot, and in grey print too. */
import type { Config } from 'vega-lite'

type Hue = 'ink' | 'soft' | 'axis' | 'grid' | 'mid' | 'bid' | 'ask' | 'gain' | 'loss'

export const COLOURS: Readonly<Record<Hue, string>> = {
  ink: '#1d2733',
  soft: '#66727f',
  axis: '#b8c0c8',
  grid: '#edf0f2',
  mid: '#8a949e',
  bid: '#1f77b4',
  ask: '#d8572a',
  gain: '#2e8b57',
  loss: '#c0392b',
}

/** Of strategies beside each other, in their order; told apart in grey print and by colour-blind readers too. */
export const STRATEGY_HUES: readonly string[] = [
  '#1f77b4',
  '#d8572a',
  '#2e8b57',
  '#8a949e',
  '#7a4fa3',
  '#b8860b',
]

/** Shared by all plots. */
export const PLOT_CONFIG: Config = {
  background: 'white',
  font: 'Helvetica, Arial, sans-serif',
  view: { stroke: null },
  axis: {
    labelColor: COLOURS.soft,
    titleColor: COLOURS.soft,
    titleFontWeight: 'normal',
    labelFontSize: 11,
    titleFontSize: 11,
    gridColor: COLOURS.grid,
    domainColor: COLOURS.axis,
    tickColor: COLOURS.axis,
  },
  // One width for all, so that the time axes of the plots stand under each other.
  axisY: { minExtent: 56 },
  legend: { labelFontSize: 11, labelColor: COLOURS.ink },
}

export const STYLE: string = `
body { font: 14px/1.45 Helvetica, Arial, sans-serif; color: ${COLOURS.ink}; max-width: 1060px; margin: 32px auto; padding: 0 20px; }
h1 { font-size: 24px; margin: 0 0 4px; } h2 { font-size: 17px; margin: 36px 0 2px; }
p { color: ${COLOURS.soft}; margin: 2px 0 10px; max-width: 900px; }
.tiles { display: grid; grid-template-columns: repeat(5, 1fr); gap: 12px; margin: 20px 0; }
.tile { border: 1px solid ${COLOURS.grid}; border-radius: 6px; padding: 10px 12px; }
.tile b { display: block; font-size: 20px; font-weight: 600; } .tile span { color: ${COLOURS.soft}; font-size: 12px; }
.tables { display: grid; grid-template-columns: 1fr 1fr; gap: 8px 40px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 600; } th, td { padding: 4px 6px; border-bottom: 1px solid ${COLOURS.grid}; }
td:not(:first-child), th:not(:first-child) { text-align: right; }
svg { max-width: 100%; height: auto; } code { font-size: 12px; }
`
