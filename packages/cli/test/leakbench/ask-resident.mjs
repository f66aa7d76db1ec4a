// Hands a command line to the process that holds the CLI in memory, as if it were `watertight`.
const [address, ...args] = process.argv.slice(2)
const response = await fetch(address, { method: 'POST', body: JSON.stringify(args) })
const { exit, stdout, stderr } = await response.json()
process.stderr.write(stderr)
process.stdout.write(stdout)
process.exitCode = exit
