import { readFile } from 'node:fs/promises'

/** Microseconds of processor time that processes have used; 0 where the system does not tell. */
export async function backendTime(pids: readonly number[]): Promise<number> {
  const times = pids.map(async (pid) => {
    const text = await readFile(`/proc/${pid}/schedstat`, 'utf8').catch(() => '0')
    return Number(text.split(' ')[0]) / 1000
  })
  return (await Promise.all(times)).reduce((sum, time) => sum + time, 0)
}
