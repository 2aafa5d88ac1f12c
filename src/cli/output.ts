/** How a command ends and speaks: data to stdout, its exit code to whoever started it. */

/** Runs the body of a command and keeps its exit code. */
export type Finish = (body: () => number | Promise<number>) => Promise<void>

export function writeLine(line: string): void {
  process.stdout.write(`${line}\n`)
}
