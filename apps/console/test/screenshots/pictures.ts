import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'

/** How a page is looked at. */
const views = [
  { scheme: 'light', width: 1440 },
  { scheme: 'light', width: 1024 },
  { scheme: 'light', width: 390 },
  { scheme: 'dark', width: 1440 },
  { scheme: 'dark', width: 390 },
] as const

type View = (typeof views)[number]

/** Pictures on one contact sheet, and how many pixels wide each is there. */
const sheetOf = (view: View): Readonly<Record<'columns' | 'rows' | 'size', number>> => {
  if (view.width === 390) return { columns: 5, rows: 1, size: 390 }
  const columns = view.scheme === 'dark' ? 3 : 2
  return { columns, rows: columns, size: view.scheme === 'dark' ? 620 : 940 }
}

/** A page is shown down to here at most, in pixels. */
const tallest = (view: View): number => (view.width === 390 ? 1500 : 1000)

const folder = process.env['E2E_SCREENSHOTS'] ?? ''

/** Pictures of pages in every width and scheme, under one name of who looks. */
export interface Album {
  /** Takes a page as it is now; `name` says which it is. */
  take(page: Page, name: string): Promise<void>
  /** How many pages were taken. */
  count(): number
  /** Puts all of them on contact sheets. */
  bind(browser: Browser): Promise<void>
}

/** An album in the folder that the tests were asked to write to. */
export function openAlbum(title: string): Album {
  const taken: string[] = []
  const fileOf = (view: View, name: string): string =>
    join(folder, `${view.scheme}-${String(view.width)}`, `${title}-${name}.jpeg`)
  return {
    async take(page, name) {
      const plain = name.replaceAll(/[^a-zA-Z0-9]+/g, '-').replaceAll(/^-|-$/g, '') || 'start'
      taken.push(plain)
      const before = page.viewportSize()
      for (const view of views) {
        await page.emulateMedia({ colorScheme: view.scheme })
        await page.setViewportSize({ width: view.width, height: 900 })
        await page.waitForTimeout(80)
        const whole = await page.evaluate(() => document.documentElement.scrollHeight)
        const height = Math.min(Math.max(whole, 900), tallest(view))
        await page.setViewportSize({ width: view.width, height })
        await page.screenshot({
          path: fileOf(view, plain),
          type: 'jpeg',
          quality: 85,
          animations: 'disabled',
        })
      }
      if (before !== null) await page.setViewportSize(before)
    },
    count: () => taken.length,
    async bind(browser) {
      const page = await browser.newPage()
      await mkdir(join(folder, 'sheets'), { recursive: true })
      for (const view of views) {
        const { columns, rows, size } = sheetOf(view)
        for (let from = 0; from < taken.length; from += columns * rows) {
          const names = taken.slice(from, from + columns * rows)
          const pictures = await Promise.all(
            names.map(async (name) => {
              const bytes = await readFile(fileOf(view, name))
              return `<figure><figcaption>${name}</figcaption><img src="data:image/jpeg;base64,${bytes.toString('base64')}"></figure>`
            }),
          )
          await page.setViewportSize({ width: columns * (size + 8) + 8, height: 200 })
          await page.setContent(
            `<style>body{margin:8px;background:#888;display:grid;gap:8px;align-items:start;grid-template-columns:repeat(${String(columns)},${String(size)}px);font:14px sans-serif}figure{margin:0}img{width:100%;display:block}figcaption{background:#ff0}</style>${pictures.join('')}`,
          )
          const number = String(from / (columns * rows) + 1).padStart(2, '0')
          await page.screenshot({
            path: join(
              folder,
              'sheets',
              `${title}-${view.scheme}-${String(view.width)}-${number}.png`,
            ),
            fullPage: true,
          })
        }
      }
      await page.close()
    },
  }
}
