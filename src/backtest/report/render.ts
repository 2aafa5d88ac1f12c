/** From a specification to inline SVG, without a browser and without the network. The packages are large, so they load on use. */
import type { TopLevelSpec } from 'vega-lite'
import { PLOT_CONFIG } from './look.ts'

/** @throws Error when the specification is none */
export async function renderSvg(spec: object): Promise<string> {
  const [{ compile }, { parse, View, Warn }] = await Promise.all([import('vega-lite'), import('vega')])
  const compiled = compile(spec as TopLevelSpec, { config: PLOT_CONFIG }).spec
  const view = new View(parse(compiled), { renderer: 'none', logLevel: Warn })
  try {
    return await view.toSVG()
  } finally {
    view.finalize()
  }
}
