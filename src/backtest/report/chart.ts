/** What the plots of the report share: their form, their time axis, their width, and how many points a picture can show. */
import { cell } from '../columns.ts'
import type { SampleColumn } from '../recording.ts'
import type { ReportedRun } from '../result.ts'

export interface Chart {
  readonly title: string
  /** What to see in it, one or two sentences. */
  readonly about: string
  /** In vega-lite's language; its own types cannot follow axes that several plots share, so `renderSvg` checks it by compiling. */
  readonly spec: object
}

export const WIDTH = 940
export const POINTS_MAX = 1_200

export type Row = Readonly<Record<string, number | string | null>>

/** Times are UTC. */
export function timeAxis(title: string | null = null): Record<string, unknown> {
  return {
    field: 't',
    type: 'temporal',
    scale: { type: 'utc' },
    axis: { title, format: '%H:%M:%S', tickCount: 10 },
  }
}

/** About `POINTS_MAX` evenly spaced samples, the last one always among them. */
export function thinned(run: ReportedRun, rowOf: (at: (name: SampleColumn) => number) => Row): Row[] {
  const { samples } = run.recording
  const stride = Math.max(1, Math.ceil(samples.length / POINTS_MAX))
  const rows: Row[] = []
  for (let row = (samples.length - 1) % stride; row < samples.length; row += stride) {
    rows.push({ t: cell(samples, 'tsMs', row), ...rowOf((name) => cell(samples, name, row)) })
  }
  return rows
}
