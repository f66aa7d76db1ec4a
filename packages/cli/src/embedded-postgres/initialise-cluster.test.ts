import { chmod, cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { locateBinaries } from './binaries.js'
import { initialiseCluster } from './initialise-cluster.js'
import { cacheDirectory } from './locations.js'
import { prepareRuntimeImage } from './runtime-image.js'
import { findServiceUser } from './service-user.js'

test('a failing initdb is reported in its own words and leaves nothing behind', async () => {
  const scratch = await mkdtemp(join(tmpdir(), 'watertight-test-'))
  await chmod(scratch, 0o755)
  const image = await prepareRuntimeImage(locateBinaries(18), await cacheDirectory())
  const broken = join(scratch, 'image')
  await cp(image, broken, { recursive: true, verbatimSymlinks: true })
  await rm(join(broken, 'share', 'postgresql', 'postgres.bki'))
  try {
    await expect(
      initialiseCluster({
        image: broken,
        major: 18,
        dataDir: join(scratch, 'data'),
        auth: 'trust',
        password: 'unused',
        isEphemeral: true,
        user: await findServiceUser(),
      }),
    ).rejects.toMatchObject({
      code: 'EMBEDDED_POSTGRES_FAILED',
      message: expect.stringMatching(/postgres\.bki.* does not exist/),
    })
    expect(await readdir(scratch)).toEqual(['image'])
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
})
