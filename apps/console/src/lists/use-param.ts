import { useParams } from '@tanstack/react-router'

/** A parameter of the page's path: `useParam('assetId')` at `/assets/$assetId`. */
export function useParam(name: string): string {
  const parameters: Readonly<Record<string, string | undefined>> = useParams({ strict: false })
  return parameters[name] ?? ''
}
