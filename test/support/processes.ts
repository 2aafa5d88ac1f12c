/** The program as real processes: an exchange, and makers on it that can be killed at any instant. */
import { type ChildProcess, spawn } from 'node:child_process'
import { PROGRAM } from './program.ts'
import { repositoryRoot } from './sources.ts'

const WAIT_MS_MAX = 60_000
const POLL_MS = 10

export interface Program {
  readonly child: ChildProcess
  /** JSON lines it has said so far. */
  lines(): Record<string, unknown>[]
  stderr(): string
  /** Waits for a line of a kind. */
  line(kind: string): Promise<Record<string, unknown>>
  /** Resolves with the exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>
}

export function start(...args: readonly string[]): Program {
  const child = spawn(process.execPath, [...PROGRAM, ...args], {
    cwd: repositoryRoot,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  })
  const said = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text))
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  const lines = (): Record<string, unknown>[] =>
    said.stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  return {
    child,
    lines,
    stderr: () => said.stderr,
    ended,
    async line(kind) {
      const deadline = performance.now() + WAIT_MS_MAX
      for (;;) {
        const found = lines().find((line) => line['kind'] === kind)
        if (found !== undefined) return found
        if (child.exitCode !== null || performance.now() > deadline) {
          throw new Error(`no line of kind ${kind}; stderr: ${said.stderr}`)
        }
        await new Promise((resolve) => setTimeout(resolve, POLL_MS))
      }
    },
  }
}
