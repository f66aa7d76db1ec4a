import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './run-program.mjs'

// Test files that match a glob pattern of * (within a folder) and ** (any depth).
export function findTestFiles(pattern) {
  const expression = new RegExp(
    `^${pattern
      .split(/(\*\*\/|\*)/)
      .map(translate)
      .join('')}$`,
  )
  return ['packages', 'apps', 'test'].flatMap(listFiles).filter((file) => expression.test(file))
}

function translate(part) {
  if (part === '**/') return '(?:[^/]+/)*'
  if (part === '*') return '[^/]*'
  return part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`)
}

function listFiles(directory) {
  return readdirSync(join(root, directory), { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'node_modules' || entry.name === 'dist') return []
    const path = `${directory}/${entry.name}`
    if (entry.isDirectory()) return listFiles(path)
    return entry.name.endsWith('.test.ts') ? [path] : []
  })
}
