import { writeFile } from 'node:fs/promises'
import { openApiFile, openApiText } from './openapi-file.js'

await writeFile(openApiFile, openApiText())
