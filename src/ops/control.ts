/**
 * The one thing that the HTTP server lets anybody do: `POST /kill`. Killing needs the token of this run and nothing else;
 * taking it back is not possible over HTTP.
 *
 * Only this machine is heard, under a name of its own (a page of another site that resolves to 127.0.0.1 is not), and never a
 * browser's page of another origin. Nothing of the state is read before all of that holds.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { getConnInfo } from '@hono/node-server/conninfo'
import type { Context, Hono } from 'hono'

export interface ControlOptions {
  /** 64 hexadecimal digits; null while the run is starting. */
  readonly token: () => string | null
  readonly kill: (reason: string) => void
}

const BODY_BYTES_MAX = 16_384
const REASON_LENGTH_MAX = 500
const LOOPBACK_PEERS = /^(?:::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$|^::1$/
const LOOPBACK_HOSTS = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i

export function addControl(app: Hono, control: ControlOptions): void {
  app.post('/kill', async (context) => {
    const refusal = refusalOf(context, control.token())
    if (refusal !== null) return context.json({ error: refusal.text }, refusal.status)
    const reason = reasonOf(await bodyOf(context))
    if (reason === null) {
      return context.json(
        { error: `the body must be {"reason": "…"} of at most ${REASON_LENGTH_MAX} characters` },
        400,
      )
    }
    control.kill(`HTTP: ${reason}`)
    return context.json({ killed: true, because: reason }, 202)
  })
}

interface Refusal {
  readonly status: 401 | 403 | 413 | 415 | 503
  readonly text: string
}

function refusalOf(context: Context, token: string | null): Refusal | null {
  const peer = getConnInfo(context).remote.address ?? ''
  if (!LOOPBACK_PEERS.test(peer)) return { status: 403, text: 'only this machine may do that' }
  if (!LOOPBACK_HOSTS.test(context.req.header('host') ?? '')) return { status: 403, text: 'wrong host' }
  if (context.req.header('origin') !== undefined) return { status: 403, text: 'not from a web page' }
  if (!/^application\/json\b/i.test(context.req.header('content-type') ?? '')) {
    return { status: 415, text: 'the content type must be application/json' }
  }
  const length = Number(context.req.header('content-length') ?? Number.NaN)
  if (!(length <= BODY_BYTES_MAX)) {
    return { status: 413, text: `a content length of at most ${BODY_BYTES_MAX} bytes is needed` }
  }
  if (token === null) return { status: 503, text: 'the run is starting' }
  const given = /^Bearer ([0-9a-f]{64})$/.exec(context.req.header('authorization') ?? '')?.[1] ?? ''
  if (!isEqual(given, token)) return { status: 401, text: 'the token of this run is needed' }
  return null
}

/** In constant time, whatever the lengths. */
function isEqual(left: string, right: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(left), digest(right))
}

async function bodyOf(context: Context): Promise<unknown> {
  try {
    return await context.req.json()
  } catch {
    return null
  }
}

function reasonOf(body: unknown): string | null {
  if (typeof body !== 'object' || body === null || !('reason' in body)) return null
  const { reason } = body
  if (typeof reason !== 'string' || reason.trim() === '' || reason.length > REASON_LENGTH_MAX) return null
  return reason.trim()
}
