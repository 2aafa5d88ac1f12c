#!/usr/bin/env node
/** The program `hypermake`. */
import { existsSync } from 'node:fs'
import { runProgram } from './program.ts'

/** Whatever still holds the event loop this long after the end is a leak, and must not keep the terminal. */
const EXIT_GRACE_MS = 2_000

// Variables that are already set win over the file.
if (existsSync('.env')) process.loadEnvFile('.env')

// Whoever read the output has left (`| head`): end in order, as at Ctrl-C, instead of dying with orders in the market.
process.stdout.once('error', () => process.kill(process.pid, 'SIGINT'))
process.stdout.on('error', () => undefined)

process.exitCode = await runProgram(process.argv.slice(2))
setTimeout(() => process.exit(), EXIT_GRACE_MS).unref()
