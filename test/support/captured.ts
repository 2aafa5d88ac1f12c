/** What a command line writes and returns, caught in this process. */
export async function captured(
  body: () => Promise<number>,
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const texts = { out: '', err: '' }
  const { stdout, stderr } = process
  const writers = { out: stdout.write.bind(stdout), err: stderr.write.bind(stderr) }
  const into =
    (name: 'out' | 'err') =>
    (text: string | Uint8Array): boolean => {
      texts[name] += typeof text === 'string' ? text : Buffer.from(text).toString()
      return true
    }
  stdout.write = into('out')
  stderr.write = into('err')
  try {
    return { code: await body(), ...texts }
  } finally {
    stdout.write = writers.out
    stderr.write = writers.err
  }
}
