/**
 * The one HTTP server of the maker: /metrics for Prometheus, /health for watchdogs, /kill for emergencies.
 *
 *     GET /metrics   text format of Prometheus
 *     POST /kill     sets the kill switch, with the token of the run
 *     GET /health    200 {"status":"ok",…} or 503 {"status":"failing","because":"…",…}
 */
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { addControl } from './control.ts'
import type { ControlOptions } from './control.ts'
import { listenError, OTHER_METRICS_PORT } from './errors.ts'
import type { Health } from './health.ts'
import { createMetrics, type MetricsSource } from './metrics.ts'

export interface HttpOptions extends MetricsSource {
  readonly host: string
  /** 0: a free one. Whether there is a server at all is the caller's decision. */
  readonly port: number
  readonly health: () => Health
  /** Absent: nothing can be controlled. */
  readonly control?: ControlOptions
}

export interface OpsServer {
  /** With the port it got: `http://127.0.0.1:9090`. */
  readonly url: string
  close(): Promise<void>
}

/**
 * Starts to listen; nothing else of the maker needs to exist yet.
 * @throws OpsError PORT_TAKEN when another process listens there, CANNOT_LISTEN for any other reason
 */
export async function startHttp(options: HttpOptions): Promise<OpsServer> {
  const server = createAdaptorServer({ fetch: routesOf(options).fetch })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(listenError(cause, { ...options, remedy: OTHER_METRICS_PORT })),
    )
    server.listen(options.port, options.host, resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : options.port
  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  return {
    url: `http://${host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        // A scraper keeps its connection open; without this, closing would wait for it.
        if ('closeAllConnections' in server) server.closeAllConnections()
      }),
  }
}

function routesOf(options: HttpOptions): Hono {
  const metrics = createMetrics(options)
  const app = new Hono()
  app.get('/metrics', async (context) =>
    context.body(await metrics.metrics(), 200, { 'content-type': metrics.contentType }),
  )
  app.get('/health', (context) => {
    const { isHealthy, because } = options.health()
    const view = options.view()
    const body = {
      status: isHealthy ? 'ok' : 'failing',
      because,
      state: view?.state ?? 'starting',
      stateBecause: view?.because ?? null,
    }
    return context.json(body, isHealthy ? 200 : 503)
  })
  if (options.control !== undefined) addControl(app, options.control)
  app.notFound((context) => context.json({ error: 'there are /metrics and /health' }, 404))
  return app
}
